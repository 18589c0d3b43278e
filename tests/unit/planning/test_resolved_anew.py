"""Diff under new zone data: nobody edited, so what then lies in the past is fired or missed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from promo_scheduler.campaign import Lateness
from promo_scheduler.clock import WallTime
from promo_scheduler.plan import Standing
from promo_scheduler.planning import AnewRequest, DiffRequest, diff, resolved_anew
from promo_scheduler.when import ClockChange, Fold

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
    last = replace(window.span, changes=ClockChange(fold=Fold.LAST))
    assert not window.reads_as(replace(window, span=last))


def test_windows_that_were_kept_without_a_span_read_alike_by_their_walls_and_length(utc):
    (window,) = utc.sale().plan().windows
    window = replace(window, span=None)
    assert not window.reads_as(replace(window, end_wall=None))
    lasting = replace(window, end_wall=None)
    assert lasting.reads_as(replace(lasting, start=START + HOUR, end=END + HOUR))
    assert not lasting.reads_as(replace(lasting, end=END + HOUR))
    fixed = replace(window, start_wall=None, end_wall=None)
    assert not fixed.reads_as(fixed)


# ── by their own walls alone ────────────────────────────────────────────────────────────────────
def anew(world, stands, now):
    request = AnewRequest((stands,), world.workspace, world.abilities, now)
    found = resolved_anew(request)
    return [(c.kind.value, c.policy, c.generation) for c in found.difference.changes], found.left


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (Standing.PLANNED, [("move", "move", 1)]),
        (Standing.STAGED, [("move", "move", 2)]),
        (Standing.LIVE, [("move", "move-live-end", 2)]),
        *((over, []) for over in (Standing.ENDING, Standing.ENDED, Standing.MISSED)),
        (Standing.CANCELLED, []),
    ],
)
def test_what_is_not_over_goes_where_its_walls_are(utc, state, expected):
    stands = resolved(utc.standing(state), HOUR)
    assert anew(utc.sale(), stands, START - HOUR)[0] == expected
    assert anew(utc.sale(), utc.standing(state), START - HOUR) == ([], ())


def test_a_window_without_walls_of_its_own_stays(utc):
    stands = resolved(utc.standing(Standing.PLANNED), HOUR, span=None)
    assert anew(utc.sale(), stands, START - HOUR) == ([], ())


def test_a_window_on_a_channel_that_is_gone_stays_and_is_said(utc):
    stands = resolved(utc.standing(Standing.STAGED), HOUR)
    world = replace(utc, channels=())
    changes, (left,) = anew(world, stands, START - HOUR)
    assert (changes, "no channel shop" in left.reason) == ([], True)


def test_a_zone_that_the_data_have_no_more_is_said(utc):
    span = replace(utc.standing(Standing.PLANNED).window.span)
    stands = resolved(utc.standing(Standing.PLANNED), HOUR, zone_name="Mars/Base", span=span)
    changes, (left,) = anew(utc.sale(), stands, START - HOUR)
    assert (changes, "no Mars/Base" in left.reason) == ([], True)


# ── dates by their names that have moved on ─────────────────────────────────────────────────────
def slot(stands, occurrence, day):
    """The window as the slot of a named date, on another day than the plan's."""
    window, wall = stands.window, WallTime(day, stands.window.start_wall.time)
    by = datetime.combine(day, START.timetz()) - window.start
    end_wall = WallTime(day, window.end_wall.time)
    hours = {"start": window.start + by, "end": window.end + by}
    walls = {"start_wall": wall, "end_wall": end_wall, "span": replace(window.span, start=wall)}
    key = window.key._replace(occurrence=occurrence)
    return replace(stands, window=replace(window, key=key, **hours, **walls))


def against(world, stands, planned, now):
    plan = replace(world.plan(), windows=tuple(planned))
    request = DiffRequest(plan, (stands,), world.workspace, world.abilities, now)
    return [(change.kind.value, change.policy) for change in diff(request).changes]


@pytest.mark.parametrize("planned", [date(2026, 11, 12), date(2026, 11, 10)])
def test_a_live_slot_whose_date_moves_keeps_its_own_end(utc, planned):
    live = slot(utc.standing(Standing.LIVE), "ramadan-2026", date(2026, 11, 11))
    wanted = slot(live, "ramadan-2026", planned).window
    assert against(utc, live, [wanted], START + HOUR) == []


def test_a_live_range_whose_first_date_moves_ends_as_the_plan_says(utc):
    live = slot(utc.standing(Standing.LIVE), "ramadan-2026", date(2026, 11, 11))
    later = slot(live, "ramadan-2026", date(2026, 11, 12)).window
    live = replace(live, window=replace(live.window, end=END + 48 * HOUR))
    wanted = replace(later, end=END + 72 * HOUR)
    assert against(utc, live, [wanted], START + HOUR) == [("move", "move-live-end")]


def test_a_slot_that_has_ended_does_not_come_back_because_its_date_moves(utc):
    ended = slot(utc.standing(Standing.ENDED), "ramadan-2026", date(2026, 11, 11))
    wanted = slot(ended, "ramadan-2026", date(2026, 11, 12)).window
    assert against(utc, ended, [wanted], END + HOUR) == []


@pytest.mark.parametrize(
    ("occurrence", "next_one", "policy"),
    [
        ("black-friday-2026", "black-friday-2027", "end-now"),
        ("ramadan-2030", "ramadan-2030.2", "end-now"),
        ("black-friday-2026", "cyber-monday-2027", "withdraw"),
        ("2026-11-11", "2026-11-12", "withdraw"),
    ],
)
def test_a_live_window_that_an_edit_ended_is_ended_also_where_its_name_means_next_year(
    utc, occurrence, next_one, policy
):
    live = slot(utc.standing(Standing.LIVE), occurrence, date(2026, 11, 11))
    wanted = slot(live, next_one, date(2027, 11, 11)).window
    assert against(utc, live, [wanted], START + HOUR)[-1] == ("withdraw", policy)
