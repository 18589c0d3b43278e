"""The world timeline."""

from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from promo_scheduler.views.paper import written
from promo_scheduler.views.timeline import NIGHT, Scale, Timeline, phase_marks
from promo_scheduler.views.tracks import tracks


def _drawn(windows, width=100):
    return written(Timeline(tuple(windows), {}), width).splitlines()


def test_the_easternmost_region_comes_first(make_window):
    windows = [make_window("us"), make_window("jp"), make_window("de")]

    lines = tracks(windows)

    assert [line.region for line in lines] == ["jp", "de", "us"]


def test_a_window_fills_the_columns_of_its_hours(make_window):
    # Given an axis of one column an hour from midnight UTC, and Berlin's 11 November
    scale = Scale(datetime(2026, 11, 10, tzinfo=UTC), timedelta(hours=1), 48)

    # Then it fills the 24 columns from 23:00 UTC on
    assert scale.covered(make_window("de", "2026-11-10T23:00", 24)) == range(23, 47)


def test_the_hours_above_stand_over_the_columns_they_name(make_window):
    windows = [make_window("de", "2026-11-10T06:00", 6), make_window("de", "2026-11-11T12:00", 6)]

    _, hours, row, *_ = _drawn(windows, 80)

    assert row.index("▄") == hours.index("╷06")
    assert row.rindex(" ▄") + 1 == hours.rindex("╷12")


def test_local_night_is_shaded_from_22_to_6_on_the_regions_own_clock(make_window):
    # Given one hour at noon in Berlin and another 23 hours later
    windows = [
        make_window("de", "2026-11-10T11:00", 1),
        make_window("de", "2026-11-11T11:00", 1, phase="late"),
    ]

    row = next(line for line in _drawn(windows, 60) if line.startswith("de"))

    # Then between the two bars the night takes 8 of the 24 hours
    cells = row[row.index("▄") : row.rindex("█")]
    assert cells.count(NIGHT) * 24 == pytest.approx(8 * len(cells), abs=24)


def test_phases_are_told_apart_without_colour(make_window):
    windows = [make_window(phase=f"p{n}", rank=(0, n)) for n in range(6)]

    glyphs = [glyph for glyph, _ in phase_marks(windows).values()]

    assert len(set(glyphs)) == 6
    assert NIGHT not in glyphs


def test_a_later_phase_is_drawn_over_an_earlier_one(make_window):
    windows = [
        make_window(phase="launch", rank=(0, 0)),
        make_window("de", "2026-11-11T18:00", 5, phase="last-call", rank=(0, 1)),
    ]

    row = next(line for line in _drawn(windows) if line.startswith("de"))

    assert row.rstrip().endswith("█")
    assert "▄█" in row


@pytest.mark.parametrize("width", [60, 80, 140, 300])
@pytest.mark.parametrize("hours", [0.1, 3, 60, 24 * 9, 24 * 400])
def test_it_fits_into_every_width_and_no_window_vanishes(make_window, width, hours):
    windows = [make_window("de"), make_window("jp", "2026-11-11T00:00", hours, phase="other")]

    lines = _drawn(windows, width)

    assert max(map(len, lines)) <= width
    rows = {line[:2]: line for line in lines}
    assert "▄" in rows["de"]
    assert "█" in rows["jp"]


def test_a_window_shorter_than_a_column_still_shows(make_window):
    windows = [make_window("de", "2026-01-01T00:00", 0.5), make_window("us", "2026-12-31T00:00", 1)]

    scale = Scale.over(windows, 60)

    assert all(len(scale.covered(window)) == 1 for window in windows)


def test_channels_with_the_same_hours_share_a_line_and_others_get_their_own(make_window):
    same = [make_window(channel=name) for name in ("storefront", "marketplace")]
    other = make_window("de", "2026-11-11T08:00", 3, channel="outlet")

    lines = tracks([*same, other])

    assert [line.detail for line in lines] == ["outlet", "storefront, marketplace"]
    assert [line.detail for line in tracks(same)] == [""]


def test_zones_that_a_channel_targets_get_a_line_each(make_window):
    windows = [
        make_window("us", key_zone=zone, zone_name=zone)
        for zone in ("America/New_York", "America/Los_Angeles")
    ]

    assert [line.detail for line in tracks(windows)] == ["New York", "Los Angeles"]


def test_no_windows_draw_nothing():
    assert written(Timeline((), {})) == ""


def test_colours_are_there_in_a_terminal(make_window):
    console = Console(force_terminal=True, color_system="standard", width=80, record=True)
    with console.capture() as captured:
        console.print(Timeline((make_window(),), {}))
    assert "\x1b[36m" in captured.get()
