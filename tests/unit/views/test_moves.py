"""What new zone data moves, for people."""

from dataclasses import replace
from datetime import timedelta

from promo_scheduler.clock import Versions, WallTime
from promo_scheduler.plan import Change, ChangeKind, LeftAlone, Standing
from promo_scheduler.views.moves import move_grid, move_problems, verdict, versions_line
from promo_scheduler.views.paper import written

HOUR = timedelta(hours=1)


def moved(window, by=HOUR, **given):
    """A window that stood `by` later before: its wall says what its zone does now."""
    before = replace(window, start=window.start + by, end=window.end + by)
    change = Change(ChangeKind.MOVE, window.key, before, window, Standing.PLANNED, 1, "move")
    return replace(change, **given)


def told(changes, regions, by_calendar=()):
    return written(move_grid(changes, regions, by_calendar)).splitlines()


def on_the_wall(make_window, **given):
    walls = {"start_wall": "2026-11-11T00:00", "end_wall": "2026-11-11T24:00"}
    return make_window(**{name: WallTime.parse(text) for name, text in walls.items()}, **given)


def test_a_move_shows_the_wall_the_instants_and_the_zone_s_rule(make_window, regions):
    windows = [on_the_wall(make_window, channel=name) for name in ("fair", "storefront")]
    assert told([moved(window) for window in windows], regions) == [
        "de Germany · Europe/Berlin UTC+1",
        "  → double-11/launch  Wed 11 Nov 00:00–24:00  fair, storefront",
        (
            "      starts Wed 11 Nov 00:00 → Tue 10 Nov 23:00 UTC · 1 hour earlier"
            " · Europe/Berlin UTC+0 → UTC+1"
        ),
        (
            "      ends Thu 12 Nov 00:00 → Wed 11 Nov 23:00 UTC · 1 hour earlier"
            " · Europe/Berlin UTC+0 → UTC+1"
        ),
    ]


def test_without_a_wall_time_no_rule_is_claimed_and_what_a_calendar_did_is_said(
    make_window, regions
):
    live = {"standing": Standing.LIVE, "policy": "move-live-end"}
    change = moved(make_window(), by=-HOUR, **live)
    text = "\n".join(told([change], regions, [change.key]))
    assert "1 hour later" in text and "UTC+0" not in text
    assert "is live now · by a calendar" in text


def test_what_is_taken_back_says_why(make_window, regions):
    window = make_window()
    reason = "its start was missed"
    change = Change(
        ChangeKind.WITHDRAW, window.key, window, None, Standing.STAGED, 1, "end-now", reason
    )
    assert told([change], regions)[1:] == [
        "  − double-11/launch  Wed 11 Nov 00:00–24:00  storefront",
        "      is staged now · its start was missed",
    ]


def test_the_lines_around_it():
    before, after = Versions("2026a", "0.109"), Versions("2026f", "0.109")
    assert versions_line(before, after).plain == "tzdata 2026a → 2026f"
    assert versions_line(after, after).plain == "tzdata 2026f, holidays 0.109, as it was applied"
    assert verdict([]).plain == "Nothing moves."


def test_where_problems_are_listed_each_move_is_a_warning(make_window):
    change = moved(make_window("de", "2026-11-10T23:00", 24))
    left = LeftAlone(change.key, "the clocks skip it")
    one, other = move_problems([change], [left])
    assert (one.code, one.severity, other.code) == ("W140", "warn", "W141")
    assert "2026-11-11T00:00Z to 2026-11-12T00:00Z → 2026-11-10T23:00Z" in one.message
    assert "the clocks skip it" in other.message
