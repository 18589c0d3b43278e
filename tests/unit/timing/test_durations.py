"""Durations as people write them (T7)."""

from datetime import timedelta

import pytest

from promo_scheduler.timing import parse_duration
from promo_scheduler.timing.durations import duration_text
from promo_scheduler.when import Duration

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("2h", Duration(0, 2 * HOUR)),
        ("90m", Duration(0, 1.5 * HOUR)),
        ("1h30m", Duration(0, 1.5 * HOUR)),
        ("30s", Duration(0, timedelta(seconds=30))),
        ("PT24H", Duration(0, 24 * HOUR)),
        ("24h", Duration(0, 24 * HOUR)),
        ("1d", Duration(1)),
        ("P1D", Duration(1)),
        ("2w", Duration(14)),
        ("P2W", Duration(14)),
        ("1d12h", Duration(1, 12 * HOUR)),
        ("P1DT12H", Duration(1, 12 * HOUR)),
        ("0s", Duration()),
    ],
)
def test_days_are_the_wall_clocks_and_hours_are_elapsed(text, duration):
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    ["", "2", "h", "P", "PT", "P1DT", "1.5h", "1d 2h", "-2h", "P1M", "1y", "2H", "h2", "٢h"],
)
def test_anything_else_says_what_was_expected(text):
    with pytest.raises(ValueError, match="expected a duration like"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["999999999d", "999999999h", "PT999999999M999999999S"])
def test_what_is_longer_than_a_century_is_a_slip(text):
    with pytest.raises(ValueError, match="at most 36600 days"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["2h", "1d12h", "14d", "1h30m", "45s", "0s"])
def test_a_duration_is_written_as_it_is_read(text):
    assert duration_text(parse_duration(text)) == text
