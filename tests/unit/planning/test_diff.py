"""Diff: what changes, for a window that is new, untouched, staged, live or over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from promo_scheduler.errors import Problem
from promo_scheduler.order import Scope
from promo_scheduler.plan import Finding, Standing
from promo_scheduler.planning import DiffRequest, diff
from promo_scheduler.settings import POLICIES

DAY = "2026-11-11"
HOUR = timedelta(hours=1)
START, END = datetime(2026, 11, 11, 10, tzinfo=UTC), datetime(2026, 11, 11, 14, tzinfo=UTC)
BEFORE, DURING, AFTER = START - 3 * HOUR, START + HOUR, END + HOUR
LONG_BEFORE = START - 240 * HOUR


def changes(world, stands, now, plan=None, **given):
    """Every change as (kind, policy, generation), and every event as (action, time, generation)."""
    request = DiffRequest(
        plan or world.plan(),
        (stands,) if stands else (),
        world.workspace,
        world.abilities,
        now,
        **given,
    )
    found = diff(request)
    assert all(change.policy in POLICIES for change in found.changes)
    return (
        [(change.kind.value, change.policy, change.generation) for change in found.changes],
        [(e.key.action.value, f"{e.due_at:%d %H:%M}", e.generation) for e in found.events],
    )


NOTHING = ([], [])


# ── new ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_new_window_is_created_with_its_events(utc):
    assert changes(utc.sale(), None, LONG_BEFORE) == (
        [("create", "create", 1)],
        [("stage", "10 10:00", 1), ("activate", "11 10:00", 1), ("deactivate", "11 14:00", 1)],
    )


def test_a_staging_that_lies_behind_is_due_now(utc):
    _, events = changes(utc.sale(), None, BEFORE)

    assert events[0] == ("stage", "11 07:00", 1)


def test_a_window_that_has_begun_starts_late_and_is_judged_by_its_own_start(utc):
    assert changes(utc.sale(), None, DURING) == (
        [("create", "starts-late", 1)],
        [("activate", "11 10:00", 1), ("deactivate", "11 14:00", 1)],
    )


def test_a_window_that_is_past_is_not_created(utc):
    assert changes(utc.sale(), None, END) == NOTHING


# ── untouched ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("state", [Standing.PLANNED, Standing.STAGED, Standing.LIVE])
@pytest.mark.parametrize("now", [BEFORE, DURING, AFTER])
def test_what_stands_as_it_is_planned_does_not_change(utc, state, now):
    world = utc.sale()
    (window,) = world.plan().windows
    said = replace(window, decided_by="other words", warnings=("a warning",), place=None)
    stands = replace(utc.standing(state), window=said)

    assert changes(world, stands, now) == NOTHING


def test_other_hours_move_an_untouched_window_in_place(utc):
    assert changes(utc.sale("11:00", "15:00"), utc.standing(Standing.PLANNED), LONG_BEFORE) == (
        [("move", "move", 1)],
        [("stage", "10 11:00", 1), ("activate", "11 11:00", 1), ("deactivate", "11 15:00", 1)],
    )


def test_another_offer_amends_an_untouched_window_in_place(utc):
    found, events = changes(
        utc.sale(percent=20), utc.standing(Standing.PLANNED, generation=3), LONG_BEFORE
    )

    assert found == [("amend", "amend", 3)]
    assert {generation for *_, generation in events} == {3}


def test_a_change_says_what_was_and_what_will_be(utc):
    world, stands = utc.sale(percent=20), utc.standing(Standing.PLANNED)
    request = DiffRequest(world.plan(), (stands,), world.workspace, world.abilities, BEFORE)
    (change,) = diff(request).changes

    assert (change.before, change.after) == (stands.window, world.plan().windows[0])
    assert change.standing is Standing.PLANNED


def test_an_untouched_window_that_now_ends_in_the_past_is_cancelled(utc):
    stands = utc.standing(Standing.PLANNED)

    assert changes(utc.sale("06:00", "07:00"), stands, BEFORE) == ([("cancel", "cancel", 1)], [])


def test_an_untouched_window_that_is_gone_is_cancelled(utc):
    assert changes(utc, utc.standing(Standing.PLANNED), BEFORE) == (
        [("cancel", "cancel", 1)],
        [],
    )


# ── staged ──────────────────────────────────────────────────────────────────────────────────────
def test_what_is_staged_is_staged_again_at_once_when_it_moves(utc):
    assert changes(utc.sale("11:00", "15:00"), utc.standing(Standing.STAGED), BEFORE) == (
        [("move", "move", 2)],
        [("stage", "11 07:00", 2), ("activate", "11 11:00", 2), ("deactivate", "11 15:00", 2)],
    )


def test_what_is_staged_is_staged_again_at_once_when_its_offer_changes(utc):
    found, events = changes(utc.sale(percent=20), utc.standing(Standing.STAGED), BEFORE)

    assert found == [("amend", "amend", 2)]
    assert events[0] == ("stage", "11 07:00", 2)


def test_what_is_staged_and_moved_into_the_present_starts_now(utc):
    stands = utc.standing(Standing.STAGED)

    assert changes(utc.sale("06:00", "15:00"), stands, BEFORE) == (
        [("move", "move", 2)],
        [("activate", "11 07:00", 2), ("deactivate", "11 15:00", 2)],
    )


def test_what_is_in_flight_counts_as_staged(utc):
    stands = utc.standing(Standing.PLANNED, touched=True)

    assert changes(utc.sale(percent=20), stands, BEFORE)[0] == [("amend", "amend", 2)]


def test_what_is_staged_and_gone_is_withdrawn_in_its_generation(utc):
    assert changes(utc, utc.standing(Standing.STAGED, generation=2), BEFORE) == (
        [("withdraw", "withdraw", 2)],
        [("deactivate", "11 07:00", 2)],
    )


def test_what_is_staged_and_now_ends_in_the_past_is_withdrawn(utc):
    stands = utc.standing(Standing.STAGED)

    assert changes(utc.sale("05:00", "06:00"), stands, BEFORE) == (
        [("withdraw", "end-now", 1)],
        [("deactivate", "11 07:00", 1)],
    )


# ── live ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("start", ["09:00", "10:30", "13:00"])
def test_what_has_begun_is_not_started_again(utc, start):
    assert changes(utc.sale(start), utc.standing(Standing.LIVE), DURING) == NOTHING


def test_a_live_end_that_moves_is_ensured_again_and_keeps_its_start(utc):
    world = utc.sale("09:00", "16:00")
    request = DiffRequest(
        world.plan(), (utc.standing(Standing.LIVE),), world.workspace, world.abilities, DURING
    )

    assert diff(request).changes[0].after.start == START
    assert changes(world, utc.standing(Standing.LIVE), DURING) == (
        [("move", "move-live-end", 2)],
        [("activate", "11 11:00", 2), ("deactivate", "11 16:00", 2)],
    )


def test_a_live_end_that_moves_on_just_after_it_was_due_is_ensured_again(utc):
    assert changes(utc.sale(end="18:00"), utc.standing(Standing.LIVE), AFTER) == (
        [("move", "move-live-end", 2)],
        [("activate", "11 15:00", 2), ("deactivate", "11 18:00", 2)],
    )


def test_a_live_offer_that_changes_is_ensured_again(utc):
    assert changes(utc.sale(percent=20), utc.standing(Standing.LIVE), DURING) == (
        [("amend", "amend-live", 2)],
        [("activate", "11 11:00", 2), ("deactivate", "11 14:00", 2)],
    )


def test_a_live_end_put_into_the_past_ends_it_now(utc):
    assert changes(utc.sale(end="10:30"), utc.standing(Standing.LIVE), DURING) == (
        [("withdraw", "end-now", 1)],
        [("deactivate", "11 11:00", 1)],
    )


def test_what_is_live_and_gone_is_withdrawn(utc):
    assert changes(utc, utc.standing(Standing.LIVE), DURING) == (
        [("withdraw", "withdraw", 1)],
        [("deactivate", "11 11:00", 1)],
    )


def test_what_should_have_begun_counts_as_live(utc):
    stands = utc.standing(Standing.STAGED)

    assert changes(utc.sale("12:00"), stands, DURING) == NOTHING


def test_an_ending_that_is_due_anyway_is_not_asked_for_again(utc):
    stands = utc.standing(Standing.LIVE)

    assert changes(utc, stands, AFTER) == NOTHING
    assert changes(utc.sale(end="13:00"), stands, AFTER) == NOTHING


@pytest.mark.parametrize("taken_by", [None, 7])
def test_what_is_ending_already_needs_no_withdrawal(utc, taken_by):
    stands = utc.standing(Standing.ENDING, taken_by=taken_by)

    assert changes(utc, stands, DURING) == NOTHING


# ── over ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("state", [Standing.CANCELLED, Standing.ENDED, Standing.ENDING])
def test_what_was_taken_out_comes_back_with_the_plan(utc, state):
    world, stands = utc.sale(), utc.standing(state, generation=2)
    request = DiffRequest(world.plan(), (stands,), world.workspace, world.abilities, BEFORE)
    (change,) = diff(request).changes

    assert (change.before, change.reason, change.standing) == (None, "comes back", state)
    assert changes(world, stands, BEFORE)[0] == [("create", "create", 3)]
    assert changes(world, stands, DURING)[0] == [("create", "starts-late", 3)]


@pytest.mark.parametrize("state", [Standing.CANCELLED, Standing.ENDED, Standing.MISSED])
def test_what_is_over_and_past_stays_over(utc, state):
    assert changes(utc.sale(), utc.standing(state), AFTER) == NOTHING
    assert changes(utc, utc.standing(state), BEFORE) == NOTHING


def test_what_ended_comes_back_where_its_end_moved_on(utc):
    stands = utc.standing(Standing.ENDED)

    assert changes(utc.sale(end="18:00"), stands, AFTER) == (
        [("create", "starts-late", 2)],
        [("activate", "11 10:00", 2), ("deactivate", "11 18:00", 2)],
    )


def test_what_was_missed_stays_on_record_as_that(utc):
    assert changes(utc.sale(), utc.standing(Standing.MISSED), DURING) == NOTHING


def test_what_an_order_took_down_waits_for_its_release(utc):
    for state in (Standing.ENDED, Standing.ENDING, Standing.CANCELLED):
        assert changes(utc.sale(), utc.standing(state, taken_by=7), BEFORE) == NOTHING


# ── limits ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("region", "expected"), [("gb", []), ("", []), ("fr", ["amend"])])
def test_a_campaign_and_region_with_an_error_is_left_out_on_both_sides(utc, region, expected):
    error = Finding(Problem("E116", "a tie"), "sale", region)

    def kinds(world, stands):
        plan = replace(world.plan(), findings=(error,))
        return [kind for kind, *_ in changes(world, stands, BEFORE, plan=plan)[0]]

    assert kinds(utc.sale(percent=20), utc.standing(Standing.PLANNED)) == expected
    assert (kinds(utc.sale(), None) == []) is not bool(expected)
    assert (kinds(utc, utc.standing(Standing.LIVE)) == []) is not bool(expected)


def test_a_warning_leaves_nothing_out(utc):
    warning = Finding(Problem("W110", "a gap", "warn"), "sale", "gb")
    plan = replace(utc.sale().plan(), findings=(warning,))

    assert changes(utc.sale(), None, BEFORE, plan=plan)[0] == [("create", "create", 1)]


def test_a_scope_limits_both_sides(utc):
    assert changes(utc.sale(), None, BEFORE, scope=Scope(region="fr")) == NOTHING
    assert changes(utc, utc.standing(Standing.LIVE), DURING, scope=Scope(campaign="x")) == NOTHING
    assert changes(utc, utc.standing(Standing.LIVE), DURING, scope=Scope(region="gb")) != NOTHING


def test_an_offer_that_leaves_a_skus_scope_is_a_change_in_it(utc):
    stands = utc.standing(Standing.PLANNED)

    found, _ = changes(utc.sale(skus=["B"]), stands, BEFORE, scope=Scope(sku="A"))

    assert found == [("amend", "amend", 1)]
