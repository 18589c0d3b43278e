"""A window's hours on a date in a zone: the checked answers, and the rules T4, T6, T7 and T8."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from promo_scheduler.clock import TimeOfDay
from promo_scheduler.region import Peak, Peaks, Region
from promo_scheduler.timing import parse_duration
from promo_scheduler.timing.days import Days
from promo_scheduler.timing.hours import Hours, hours_in
from promo_scheduler.timing.notices import Dropped, Impossible
from promo_scheduler.timing.walls import WallsRequest, walls_of
from promo_scheduler.when import (
    AtPeak,
    AtTime,
    ClockChange,
    Fold,
    For,
    Gap,
    LocalWhen,
    OnDates,
    Until,
    WholePeak,
)

CASES = Path(__file__).parents[2] / "cases"
HOUR = timedelta(hours=1)


def checked(name):
    with (CASES / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def until(text):
    days, _, rest = text.partition("d ") if text.startswith("+") else ("0", "", text)
    return Until(TimeOfDay.parse(rest), int(days))


def peak(text):
    start, _, end = text.partition("-")
    return Peak(TimeOfDay.parse(start), TimeOfDay.parse(end))


def hours(zone, day, start, end, **given):
    """`given`: the last date of a range, the region's peaks, or policies for clock changes."""
    last, peaks = given.pop("last", day), given.pop("peaks", Peaks())
    first = date.fromisoformat(day)
    start = AtTime(TimeOfDay.parse(start)) if isinstance(start, str) else start
    end = until(end) if isinstance(end, str) else end
    when = LocalWhen(OnDates((first,)), start, end, ClockChange(**given))
    region = Region("x", "X", (zone,), zone, "EUR", peaks=peaks)
    walls = walls_of(WallsRequest(when, Days(first, date.fromisoformat(last), day), region))
    return walls if isinstance(walls, Impossible) else hours_in(zone, walls, when.changes)


def span(outcome):
    assert isinstance(outcome, Hours), outcome
    return outcome.start.strftime("%m-%dT%H:%M"), outcome.end.strftime("%m-%dT%H:%M")


def codes(outcome):
    return [notice.code for notice in outcome.notices]


WINDOWS = checked("window_cases.csv")


def name_of(row):
    return f"{row['zone']} {row['date']} {row['start']}-{row['end']}"


@pytest.mark.parametrize("row", WINDOWS, ids=name_of)
def test_a_window_is_the_checked_one(row):
    outcome = hours(row["zone"], row["date"], row["start"], row["end"])

    if row["empty"] == "True":
        assert isinstance(outcome, Dropped)
        assert outcome.notice.code == "W114"
        return
    assert outcome.start == datetime.fromisoformat(row["expected_start_utc"])
    assert outcome.end == datetime.fromisoformat(row["expected_end_utc"])
    assert (outcome.end - outcome.start) / timedelta(minutes=1) == float(row["elapsed_min"])


@pytest.mark.parametrize("row", WINDOWS, ids=name_of)
def test_a_window_under_the_policies_of_rfc_5545_is_the_checked_one(row):
    outcome = hours(
        row["zone"], row["date"], row["start"], row["end"], gap=Gap.SHIFT, end_fold=Fold.FIRST
    )

    start = datetime.fromisoformat(row["rfc5545_start"])
    end = datetime.fromisoformat(row["rfc5545_end"])
    if row["empty"] == "True" or end <= start:
        assert isinstance(outcome, Dropped)
    else:
        assert (outcome.start, outcome.end) == (start, end)


@pytest.mark.parametrize("row", [r for r in WINDOWS if r["empty"] != "True"], ids=name_of)
def test_a_window_that_ends_at_the_first_reading_is_the_checked_one(row):
    outcome = hours(row["zone"], row["date"], row["start"], row["end"], end_fold=Fold.FIRST)

    assert outcome.end == datetime.fromisoformat(row["end_if_first"])


def test_a_window_whose_start_is_skipped_lasts_what_the_clocks_show_of_it():
    outcome = hours("America/New_York", "2026-03-08", "02:30", "03:15")

    assert span(outcome) == ("03-08T07:00", "03-08T07:15")
    assert codes(outcome) == ["W110"]
    assert "starts at 03:00" in outcome.notices[0].message


# ── until ───────────────────────────────────────────────────────────────────────────────────────
def test_of_two_plain_times_an_earlier_end_means_the_next_day():
    outcome = hours("Asia/Kathmandu", "2026-11-08", "22:00", "02:00")

    assert span(outcome) == ("11-08T16:15", "11-08T20:15")
    assert str(outcome.written.end) == "2026-11-09T02:00"


def test_equal_times_are_an_error_that_names_24_00():
    outcome = hours("Europe/Berlin", "2026-11-11", "00:00", "00:00")

    assert isinstance(outcome, Impossible)
    assert outcome.notice.code == "E111"
    assert '"24:00"' in outcome.notice.help


def test_an_end_days_later_does_not_wrap_on_top():
    outcome = hours("Europe/Berlin", "2026-11-11", "20:00", "+1d 03:00")

    assert span(outcome) == ("11-11T19:00", "11-12T02:00")
    assert span(hours("Europe/Berlin", "2026-11-11", "20:00", "+2d 03:00"))[1] == "11-13T02:00"


def test_24_00_is_no_start():
    assert hours("Europe/Berlin", "2026-11-11", "24:00", "23:00").notice.code == "E111"


def test_an_end_at_23_59_gets_a_warning_that_suggests_24_00():
    outcome = hours("Europe/Berlin", "2026-11-11", "20:00", "23:59")

    assert codes(outcome) == ["W113"]
    assert '"24:00"' in outcome.notices[0].help
    assert codes(hours("Europe/Berlin", "2026-11-11", "20:00", "24:00")) == []


def test_through_30_november_ends_on_1_december_at_midnight():
    outcome = hours("Europe/Berlin", "2026-11-27", "00:00", "24:00", last="2026-11-30")

    assert span(outcome) == ("11-26T23:00", "11-30T23:00")


def test_a_range_of_dates_does_not_wrap():
    outcome = hours("Europe/Berlin", "2026-11-27", "20:00", "08:00", last="2026-11-30")

    assert span(outcome) == ("11-27T19:00", "11-30T07:00")
    assert outcome.written.words == "20:00 to +3d 08:00"


# ── durations ───────────────────────────────────────────────────────────────────────────────────
def test_24_hours_are_elapsed_time_and_1_day_is_the_wall_clocks():
    elapsed = hours("Africa/Cairo", "2026-04-24", "00:00", For(parse_duration("24h")))
    wall = hours("Africa/Cairo", "2026-04-24", "00:00", For(parse_duration("1d")))

    assert elapsed.end - elapsed.start == 24 * HOUR
    assert wall.end - wall.start == 23 * HOUR
    assert wall.written.end is None
    assert wall.written.words == "00:00 for 1d"


def test_a_day_and_hours_count_the_day_on_the_wall_and_then_the_hours():
    outcome = hours("America/New_York", "2026-10-31", "12:00", For(parse_duration("1d12h")))

    assert span(outcome) == ("10-31T16:00", "11-02T05:00")  # noon to noon is 25 h, then 12 h


def test_no_time_at_all_is_dropped():
    assert isinstance(hours("UTC", "2026-11-11", "12:00", For(parse_duration("0h"))), Dropped)


def test_a_duration_does_not_end_a_range_of_dates():
    outcome = hours("UTC", "2026-11-11", "12:00", For(parse_duration("2h")), last="2026-11-13")

    assert outcome.notice.code == "E111"


# ── peaks ───────────────────────────────────────────────────────────────────────────────────────
EVENING = Peaks(weekday=(peak("19:30-21:30"), peak("22:00-01:00")), weekend=(peak("11:00-13:00"),))


def test_a_bare_peak_means_the_whole_of_it():
    outcome = hours("Europe/Berlin", "2026-11-11", AtPeak(), WholePeak(), peaks=EVENING)

    assert span(outcome) == ("11-11T18:30", "11-11T20:30")
    assert outcome.written.words == "peak weekday 19:30-21:30"


def test_a_peak_across_midnight_belongs_to_the_day_it_starts():
    outcome = hours("Europe/Berlin", "2026-11-11", AtPeak(2), WholePeak(), peaks=EVENING)

    assert span(outcome) == ("11-11T21:00", "11-12T00:00")


def test_a_peak_until_an_earlier_time_never_wraps():
    outcome = hours("Europe/Berlin", "2026-11-11", AtPeak(), "03:00", peaks=EVENING)

    assert isinstance(outcome, Impossible)
    assert outcome.notice.code == "E111"
    later = hours("Europe/Berlin", "2026-11-11", AtPeak(), "+1d 03:00", peaks=EVENING)
    assert span(later) == ("11-11T18:30", "11-12T02:00")


def test_a_peak_for_a_while_starts_with_it():
    outcome = hours(
        "Europe/Berlin", "2026-11-14", AtPeak(), For(parse_duration("30m")), peaks=EVENING
    )

    assert span(outcome) == ("11-14T10:00", "11-14T10:30")
    assert outcome.written.words == "peak weekend 11:00-13:00 for 30m"


def test_a_peak_that_the_region_does_not_have_is_an_error():
    outcome = hours("Europe/Berlin", "2026-11-14", AtPeak(2), WholePeak(), peaks=EVENING)

    assert outcome.notice.code == "E112"
    assert "1 peak on a weekend" in outcome.notice.message


def test_no_end_without_a_peak_is_an_error():
    assert hours("UTC", "2026-11-14", "10:00", WholePeak()).notice.code == "E111"


# ── clock changes ───────────────────────────────────────────────────────────────────────────────
def test_a_window_inside_a_repeated_hour_covers_both_readings_and_says_so():
    outcome = hours("America/New_York", "2026-11-01", "01:15", "01:45")

    assert span(outcome) == ("11-01T05:15", "11-01T06:45")
    assert codes(outcome) == ["W112"]


def test_a_policy_that_asks_for_one_reading_gets_it_and_hears_which():
    outcome = hours("America/New_York", "2026-11-01", "01:15", "01:45", fold=Fold.LAST)

    assert span(outcome) == ("11-01T06:15", "11-01T06:45")
    assert codes(outcome) == ["W111", "W111"]


def test_the_gap_and_fold_policies_that_refuse_are_errors():
    gap = hours("Europe/Berlin", "2026-03-29", "02:30", "12:00", gap=Gap.ERROR)
    fold = hours("Europe/Berlin", "2026-10-25", "02:30", "12:00", fold=Fold.ERROR)

    assert (gap.notice.code, fold.notice.code) == ("E110", "E110")
    assert isinstance(gap, Impossible)
    assert isinstance(fold, Impossible)


def test_gap_skip_leaves_the_date_out():
    outcome = hours("Europe/Berlin", "2026-03-29", "02:30", "12:00", gap=Gap.SKIP)

    assert outcome == Dropped(outcome.notice, wanted=True)


def test_a_full_day_needs_no_warning_for_a_change_inside_it():
    assert codes(hours("Europe/Berlin", "2026-03-29", "00:00", "24:00")) == []
    assert codes(hours("Europe/Berlin", "2026-10-25", "00:00", "24:00")) == []


def test_a_date_that_does_not_exist_is_left_out_even_where_its_hours_reach_the_next():
    outcome = hours("Pacific/Apia", "2011-12-30", "22:00", "02:00")

    assert isinstance(outcome, Dropped)
    assert "no 2011-12-30" in outcome.notice.message


def test_a_range_that_starts_on_a_date_that_does_not_exist_begins_with_the_next():
    outcome = hours("Pacific/Apia", "2011-12-30", "00:00", "24:00", last="2011-12-31")

    assert outcome.end - outcome.start == 24 * HOUR


def test_11_11_lasts_50_hours_on_earth():
    first = hours("Pacific/Kiritimati", "2026-11-11", "00:00", "24:00")
    last = hours("Etc/GMT+12", "2026-11-11", "00:00", "24:00")

    assert last.end - first.start == 50 * HOUR


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_date_at_the_edge_of_the_calendar_is_an_error_and_no_traceback(day):
    outcomes = [hours(zone, day, "00:00", "24:00") for zone in ("Asia/Tokyo", "America/Adak")]

    assert any(isinstance(outcome, Impossible) for outcome in outcomes)
