"""Diff under new zone data: nobody edited, so what then lies in the past is fired or missed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from promo_scheduler.campaign import Lateness
from promo_scheduler.plan import Standing
from promo_scheduler.planning import DiffRequest, diff

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
START, END = datetime(2026, 11, 11, 10, tzinfo=UTC), datetime(2026, 11, 11, 14, tzinfo=UTC)


def changes(world, stands, now, **given):
    request = DiffRequest(
        world.plan(), (stands,), world.workspace, world.abilities, now, **{"anew": True, **given}
    )
    found = diff(request)
    return (
        [(change.kind.value, change.policy, change.generation) for change in found.changes],
        [(e.key.action.value, f"{e.due_at:%d %H:%M}", e.generation) for e in found.events],
    )


def resolved(stands, by, **given):
    """The same window as other zone data resolved it: the wall stays, the instants are others."""
    window = stands.window
    moved = replace(window, start=window.start + by, end=window.end + by, **given)
    return replace(stands, window=moved)


NOTHING = ([], [])


@pytest.mark.parametrize("late", [Lateness(), Lateness(start_within=30 * MINUTE)])
@pytest.mark.parametrize("by", [HOUR, -HOUR])
def test_an_untouched_window_moves_in_place_also_where_its_start_lies_behind(utc, by, late):
    world = utc.replacing("sale", utc.phase("p", "2026-11-11", "10:00", "14:00"), late=late)
    (window,) = world.plan().windows
    stands = resolved(replace(utc.standing(Standing.PLANNED), window=window), by)
    found, events = changes(world, stands, START + MINUTE)
    assert found == [("move", "move", 1)]
    assert events == [("activate", "11 10:00", 1), ("deactivate", "11 14:00", 1)]


def test_an_untouched_window_that_is_past_as_a_whole_is_left_to_be_missed(utc):
    stands = resolved(utc.standing(Standing.PLANNED), 5 * HOUR)
    assert changes(utc.sale(), stands, END + MINUTE)[0] == [("move", "move", 1)]
    assert changes(utc.sale(), stands, END + MINUTE, anew=False)[0] == [("cancel", "cancel", 1)]


@pytest.mark.parametrize(
    ("late", "after", "expected"),
    [
        (Lateness(), 3 * HOUR, ("move", "move", 2)),
        (Lateness(start_within=20 * MINUTE), 20 * MINUTE, ("move", "move", 2)),
        (Lateness(start_within=20 * MINUTE), 21 * MINUTE, ("withdraw", "end-now", 1)),
        (Lateness(min_remaining=2 * HOUR), 2 * HOUR, ("move", "move", 2)),
        (Lateness(min_remaining=2 * HOUR), 2 * HOUR + MINUTE, ("withdraw", "end-now", 1)),
    ],
)
def test_a_staged_start_in_the_past_begins_now_or_is_missed_by_its_lateness(
    utc, late, after, expected
):
    world = utc.replacing("sale", utc.phase("p", "2026-11-11", "10:00", "14:00"), late=late)
    (window,) = world.plan().windows
    stands = resolved(replace(utc.standing(Standing.STAGED), window=window), 3 * HOUR + 30 * MINUTE)
    assert changes(world, stands, START + after)[0] == [expected]
    assert changes(world, stands, START + after, anew=False)[0] == [("move", "move", 2)]


@pytest.mark.parametrize("anew", [True, False])
def test_a_live_window_of_a_duration_keeps_the_end_that_counts_from_its_start(utc, anew):
    world = utc.sale("10:00", "for 4h")
    (window,) = world.plan().windows
    stands = resolved(replace(utc.standing(Standing.LIVE), window=window), -HOUR)
    assert changes(world, stands, START, anew=anew) == NOTHING


def test_a_live_window_of_another_duration_ends_by_it(utc):
    world = utc.sale("10:00", "for 4h")
    (window,) = world.plan().windows
    stands = replace(utc.standing(Standing.LIVE), window=replace(window, end=END - HOUR))
    assert changes(world, stands, START + HOUR)[0] == [("move", "move-live-end", 2)]


@pytest.mark.parametrize("anew", [True, False])
def test_what_has_ended_by_itself_is_not_started_again_by_zone_data(utc, anew):
    stands = resolved(utc.standing(Standing.ENDED), -5 * HOUR)
    assert changes(utc.sale(), stands, START - HOUR / 2, anew=anew) == NOTHING


def test_what_has_ended_comes_back_where_an_edit_gives_it_other_hours(utc):
    stands = utc.standing(Standing.ENDED)
    found, _ = changes(utc.sale("10:00", "18:00"), stands, END + HOUR, anew=False)
    assert found == [("create", "starts-late", 2)]


def test_a_window_whose_time_is_over_is_left_to_be_missed_where_the_plan_has_the_next_one(utc):
    stands = utc.standing(Standing.PLANNED)
    assert changes(utc, stands, END) == NOTHING
    assert changes(utc, stands, END - MINUTE)[0] == [("cancel", "cancel", 1)]


def test_only_windows_of_the_same_wall_read_alike(utc):
    (window,) = utc.sale().plan().windows
    assert window.reads_as(replace(window, start=START + HOUR, end=END + 2 * HOUR))
    assert not window.reads_as(replace(window, zone_name="Europe/Paris"))
    assert not window.reads_as(replace(window, end_wall=None))
    lasting = replace(window, end_wall=None)
    assert lasting.reads_as(replace(lasting, start=START + HOUR, end=END + HOUR))
    assert not lasting.reads_as(replace(lasting, end=END + HOUR))
    fixed = replace(window, start_wall=None, end_wall=None)
    assert not fixed.reads_as(fixed)
