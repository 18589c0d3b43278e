"""The Hijri calendar: Ramadan, Eid, what is announced, and the borders of years (T12)."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from promo_scheduler.region import Region
from promo_scheduler.timing.hijri import hijri_dates, in_ramadan, ramadans

EID_AL_FITR = (10, 1)
EID_AL_ADHA = (12, 10)
NEW_YEAR = (1, 1)


def a_region(offset=0, announced=()):
    said = tuple((date.fromisoformat(a), date.fromisoformat(b)) for a, b in announced)
    return Region(
        name="sa",
        title="Saudi Arabia",
        zones=("Asia/Riyadh",),
        anchor="Asia/Riyadh",
        currency="SAR",
        hijri_offset=offset,
        ramadans=said,
    )


COMPUTED = a_region()


def ramadans_of(region, year):
    return [(first.isoformat(), last.isoformat()) for first, last in ramadans(region, year)]


def dates_of(region, month_day, year):
    return [day.isoformat() for day in hijri_dates(region, *month_day, year)]


@pytest.mark.parametrize(
    ("year", "ramadan_start", "eid_al_fitr", "eid_al_adha"),
    [  # by hijridate and by ICU's islamic-umalqura
        (2025, "2025-03-01", "2025-03-30", "2025-06-06"),
        (2026, "2026-02-18", "2026-03-20", "2026-05-27"),
        (2032, "2032-12-04", "2032-01-14", "2032-03-22"),
        (2034, "2034-11-12", "2034-12-12", "2034-03-01"),
    ],
)
def test_the_computed_dates_of_a_year(year, ramadan_start, eid_al_fitr, eid_al_adha):
    assert [first for first, _ in ramadans_of(COMPUTED, year)] == [ramadan_start]
    assert dates_of(COMPUTED, EID_AL_FITR, year) == [eid_al_fitr]
    assert dates_of(COMPUTED, EID_AL_ADHA, year) == [eid_al_adha]


def test_a_ramadan_has_29_or_30_days_and_eid_is_the_day_after():
    assert ramadans_of(COMPUTED, 2026) == [("2026-02-18", "2026-03-19")]  # 30 days
    assert ramadans_of(COMPUTED, 2027) == [("2027-02-08", "2027-03-08")]  # 29 days
    assert dates_of(COMPUTED, EID_AL_FITR, 2027) == ["2027-03-09"]


def test_the_30th_of_ramadan_is_there_only_in_a_long_one():
    assert dates_of(COMPUTED, (9, 30), 2026) == ["2026-03-19"]
    assert dates_of(COMPUTED, (9, 30), 2027) == []


def test_2030_has_two_ramadans_and_2031_one():
    assert ramadans_of(COMPUTED, 2030) == [
        ("2030-01-05", "2030-02-03"),
        ("2030-12-26", "2031-01-23"),
    ]
    assert [first for first, _ in ramadans_of(COMPUTED, 2031)] == ["2031-12-15"]


def test_2000_has_two_eids_and_2008_two_new_years():
    assert dates_of(COMPUTED, EID_AL_FITR, 2000) == ["2000-01-08", "2000-12-27"]
    assert dates_of(COMPUTED, NEW_YEAR, 2008) == ["2008-01-10", "2008-12-29"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2030-12-25", False),
        ("2030-12-26", True),
        ("2030-12-31", True),
        ("2031-01-01", True),
        ("2031-01-23", True),
        ("2031-01-24", False),
        ("2031-12-15", True),
    ],
)
def test_a_ramadan_runs_on_over_new_years_eve(day, expected):
    assert in_ramadan(COMPUTED, date.fromisoformat(day)) is expected


@pytest.mark.parametrize(
    ("offset", "first", "last", "eid", "adha"),
    [
        (-1, "2026-02-17", "2026-03-18", "2026-03-19", "2026-05-26"),
        (1, "2026-02-19", "2026-03-20", "2026-03-21", "2026-05-28"),
    ],
)
def test_an_offset_moves_every_computed_date(offset, first, last, eid, adha):
    region = a_region(offset)

    assert ramadans_of(region, 2026) == [(first, last)]
    assert dates_of(region, EID_AL_FITR, 2026) == [eid]
    assert dates_of(region, EID_AL_ADHA, 2026) == [adha]
    assert in_ramadan(region, date.fromisoformat(last))
    assert not in_ramadan(region, date.fromisoformat(first) - timedelta(days=1))


def test_an_offset_can_move_a_date_into_the_next_gregorian_year():
    assert dates_of(COMPUTED, (9, 6), 2030)[-1:] == ["2030-12-31"]

    later = a_region(1)

    assert dates_of(later, (9, 6), 2030) == ["2030-01-11"]
    assert dates_of(later, (9, 6), 2031) == ["2031-01-01", "2031-12-21"]


def test_an_announced_ramadan_wins_over_the_offset_in_its_year_only():
    region = a_region(1, [("2026-02-18", "2026-03-18")])

    assert ramadans_of(region, 2026) == [("2026-02-18", "2026-03-18")]
    assert ramadans_of(region, 2027) == [("2027-02-09", "2027-03-09")]
    assert in_ramadan(region, date(2026, 2, 18))
    assert not in_ramadan(region, date(2026, 3, 19))


def test_eid_and_the_later_days_of_shawwal_follow_an_announced_ramadan():
    region = a_region(0, [("2026-02-19", "2026-03-20")])  # computed: a day earlier

    assert dates_of(region, EID_AL_FITR, 2026) == ["2026-03-21"]
    assert dates_of(region, (10, 3), 2026) == ["2026-03-23"]
    assert dates_of(region, EID_AL_ADHA, 2026) == ["2026-05-27"]  # announced by itself


def test_the_30th_of_an_announced_ramadan_is_there_if_it_was_announced():
    short = a_region(0, [("2026-02-18", "2026-03-18")])
    long = a_region(0, [("2027-02-08", "2027-03-09")])

    assert dates_of(short, (9, 30), 2026) == []
    assert dates_of(long, (9, 30), 2027) == ["2027-03-09"]


def test_of_two_ramadans_in_a_year_the_announced_one_replaces_its_own():
    region = a_region(0, [("2030-12-27", "2031-01-24")])

    assert ramadans_of(region, 2030) == [
        ("2030-01-05", "2030-02-03"),
        ("2030-12-27", "2031-01-24"),
    ]
    assert not in_ramadan(region, date(2030, 12, 26))
    assert in_ramadan(region, date(2031, 1, 24))
    assert dates_of(region, EID_AL_FITR, 2031) == ["2031-01-25"]


def test_plain_dates_come_out_not_those_of_the_library():
    first, last = ramadans(COMPUTED, 2026)[0]

    assert {type(first), type(last), type(hijri_dates(COMPUTED, 1, 1, 2026)[0])} == {date}


@pytest.mark.parametrize("year", [1924, 2077])
def test_beyond_the_table_it_says_what_it_covers(year):
    for ask in (
        lambda: ramadans(COMPUTED, year),
        lambda: hijri_dates(COMPUTED, 10, 1, year),
        lambda: in_ramadan(COMPUTED, date(year, 6, 1)),
    ):
        with pytest.raises(ValueError, match=f"covers the years 1925 to 2076, not {year}"):
            ask()


def test_an_announced_ramadan_beyond_the_table_is_refused_with_its_date():
    with pytest.raises(ValueError, match="does not reach 2090-08-01"):
        ramadans(a_region(0, [("2090-08-01", "2090-08-30")]), 2027)


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_every_date_is_one_day_of_the_calendar(offset):
    region = a_region(offset)
    found = sorted(
        each
        for year in range(1950, 2077)
        for month in range(1, 13)
        for day in range(1, 31)
        for each in hijri_dates(region, month, day, year)
    )

    assert (found[0], found[-1]) == (date(1950, 1, 1), date(2076, 12, 31))
    assert all(later - day == timedelta(days=1) for day, later in pairwise(found))


def test_the_days_in_ramadan_are_those_between_its_first_and_last_date():
    region = a_region(-1, [("2027-02-08", "2027-03-09")])
    spans = [span for year in range(2026, 2035) for span in ramadans(region, year)]
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(9 * 365 + 2)]

    for day in days:
        assert in_ramadan(region, day) == any(a <= day <= b for a, b in spans), day
