"""Recurrence: the dates of a rule (T8)."""

from datetime import date, timedelta
from itertools import islice

import pytest

from promo_scheduler.timing.recurrence import dates_of


def dates(rule, first="2026-01-01", last="2026-12-31", most=1000):
    found = dates_of(rule, date.fromisoformat(first), date.fromisoformat(last))
    return [day.isoformat() for day in islice(found, most)]


def test_every_friday_of_a_month():
    fridays = dates("FREQ=WEEKLY;BYDAY=FR", "2026-05-01", "2026-05-31")

    assert fridays == ["2026-05-01", "2026-05-08", "2026-05-15", "2026-05-22", "2026-05-29"]


def test_both_ends_of_the_range_are_included():
    assert dates("FREQ=DAILY", "2026-05-01", "2026-05-03") == [
        "2026-05-01",
        "2026-05-02",
        "2026-05-03",
    ]


def test_black_friday_is_the_day_after_the_fourth_thursday():
    thursdays = dates("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "2024-01-01", "2030-12-31")

    fridays = [date.fromisoformat(day) + timedelta(days=1) for day in thursdays]
    assert [day.day for day in fridays] == [29, 28, 27, 26, 24, 23, 29]


def test_a_last_date_in_the_rule_is_included():
    assert dates("FREQ=DAILY;UNTIL=20260103") == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert dates("FREQ=DAILY;UNTIL=20260102T235959") == ["2026-01-01", "2026-01-02"]


def test_a_count_starts_at_the_ranges_first_date():
    assert dates("RRULE:FREQ=WEEKLY;COUNT=2", "2026-05-04") == ["2026-05-04", "2026-05-11"]


def test_29_february_comes_in_leap_years_only():
    found = dates("FREQ=YEARLY", "2024-02-29", "2040-12-31")

    assert found == ["2024-02-29", "2028-02-29", "2032-02-29", "2036-02-29", "2040-02-29"]


def test_no_more_dates_are_made_than_asked_for():
    assert len(dates("FREQ=DAILY", last="9999-12-31", most=10)) == 10


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"]
)
def test_a_rule_that_never_matches_comes_to_an_end(rule):
    assert dates(rule) == []


def test_a_range_that_ends_before_it_starts_has_no_dates():
    assert dates("FREQ=DAILY", "2026-05-02", "2026-05-01") == []


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY;UNTIL=20260103T000000Z", "write the last date, UNTIL=20260103"),
        ("FREQ=DAILY;UNTIL=20261399", "there is no such date"),
        ("FREQ=DAILY;UNTIL=20260103;COUNT=2", "not both"),
        ("FREQ=HOURLY", "HOURLY"),
        ("FREQ=DAILY;BYHOUR=3", "BYHOUR"),
        ("BYDAY=FR", 'expected a rule like "FREQ=WEEKLY;BYDAY=FR"'),
        ("every friday", "expected one of FREQ"),
        ("", "expected one of FREQ"),
        ("FREQ=DAILY;FREQ=WEEKLY", "FREQ once"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=1--2", "BYMONTHDAY"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH"),
        ("FREQ=WEEKLY;BYDAY=2MO", "never comes"),
        ("FREQ=MONTHLY;BYDAY=6MO", "never comes"),
        ("FREQ=YEARLY;BYDAY=60MO", "BYDAY"),
        ("FREQ=DAILY\nDTSTART:20260101", "FREQ"),
    ],
)
def test_a_rule_that_cannot_be_followed_says_why(rule, words):
    with pytest.raises(ValueError, match=words):
        dates(rule)
