"""When peak hours really are, and how intervals add up."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from promo_scheduler.clock import TimeOfDay
from promo_scheduler.region import Holidays, Peak, Peaks, Region
from promo_scheduler.timing.bands import lasting, merged, peak_bands, shared

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def peak(text):
    start, _, end = text.partition("-")
    return Peak(TimeOfDay.parse(start), TimeOfDay.parse(end))


def region(zone="Europe/Berlin", holidays=None, **peaks):
    kinds = {kind: (peak(text),) for kind, text in peaks.items()}
    return Region("x", "X", (zone,), zone, "EUR", holidays=holidays, peaks=Peaks(**kinds))


def bands(region, first, last, zone=None):
    found = peak_bands(region, zone or region.anchor, at(first), at(last))
    return [(f"{start:%m-%dT%H:%M}", f"{end:%m-%dT%H:%M}") for start, end in found]


def test_each_date_has_the_peak_of_its_own_type():
    # Given a Thursday holiday (1 January 2026), a Friday and a Saturday in Germany
    germany = region(
        holidays=Holidays("DE"), weekday="20:00-21:00", weekend="10:00-11:00", holiday="12:00-13:00"
    )

    found = bands(germany, "2026-01-01T00:00", "2026-01-03T23:00")

    assert found == [
        ("01-01T11:00", "01-01T12:00"),
        ("01-02T19:00", "01-02T20:00"),
        ("01-03T09:00", "01-03T10:00"),
    ]


def test_a_peak_that_crosses_midnight_belongs_to_the_day_before():
    late = region("UTC", weekday="22:00-02:00")

    assert bands(late, "2026-01-06T00:00", "2026-01-06T23:00") == [
        ("01-06T00:00", "01-06T02:00"),
        ("01-06T22:00", "01-06T23:00"),
    ]


def test_a_peak_in_the_hour_that_comes_twice_lasts_an_hour_longer():
    night = region(weekend="02:00-03:00", weekday="20:00-21:00")

    assert bands(night, "2026-10-25T00:00", "2026-10-25T12:00") == [("10-25T00:00", "10-25T02:00")]


def test_another_zone_has_the_peak_on_its_own_clock():
    east = region("America/New_York", weekday="20:00-22:00")

    found = bands(east, "2026-11-10T00:00", "2026-11-10T12:00", "Pacific/Honolulu")

    assert found == [("11-10T06:00", "11-10T08:00")]


def test_a_region_without_peaks_has_no_bands():
    assert bands(region(), "2026-01-01T00:00", "2026-01-08T00:00") == []


minutes = st.integers(0, 200)
intervals = st.lists(st.tuples(minutes, minutes), max_size=12)


def spans(numbers):
    return [(START + timedelta(minutes=a), START + timedelta(minutes=b)) for a, b in numbers]


def covered(found):
    return {
        minute
        for minute in range(201)
        for start, end in found
        if start <= START + timedelta(minutes=minute) < end
    }


@given(intervals)
def test_merged_intervals_lie_apart_and_hold_the_same_instants(numbers):
    found = merged(spans(numbers))

    assert covered(found) == covered(spans(numbers))
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))
    assert lasting(found) == timedelta(minutes=len(covered(found)))


@given(intervals, intervals)
def test_what_two_share_lies_in_both(some, others):
    one, other = merged(spans(some)), merged(spans(others))

    assert covered(shared(one, other)) == covered(one) & covered(other)
