"""How long windows last, by the clock and really."""

from datetime import timedelta

import pytest

from promo_scheduler.timing.durations import parse_duration
from promo_scheduler.views.lengths import iso_duration, length_words


def test_a_plain_window_has_one_length(make_window):
    assert length_words([make_window(hours=2)]) == "2 hours"


def test_where_the_clocks_go_forward_both_lengths_are_said(make_window):
    # Given 00:00 to 24:00 in Berlin on 29 March 2026
    window = make_window("de", "2026-03-28T23:00", 23)

    assert length_words([window]) == "1 day by the clock, 23 hours elapsed"


def test_where_the_clocks_go_back_it_is_longer_than_it_looks(make_window):
    window = make_window("de", "2026-10-25T00:00", 2)

    assert length_words([window]) == "1 hour by the clock, 2 hours elapsed"


def test_zones_of_one_row_may_differ_in_what_elapses(make_window):
    # Given midnight to midnight on 8 March 2026 in New York, and as long by the wall in Phoenix
    changing = make_window("us", "2026-03-08T05:00", 23)
    steady = make_window("us", "2026-03-08T07:00", 24, zone_name="America/Phoenix")

    assert length_words([changing, steady]) == ("1 day by the clock, 23 hours or 1 day elapsed")


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "PT0S"), (90, "PT1H30M"), (1440, "PT24H"), (0.5, "PT30S")]
)
def test_lengths_for_programs_are_iso_8601(minutes, text):
    length = timedelta(minutes=minutes)

    assert iso_duration(length) == text
    if length:
        assert parse_duration(text).elapsed == length
