"""Diff: what changes, for a window that is new, untouched, staged, live or over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from promo_scheduler.campaign import EachDay
from promo_scheduler.errors import Problem
from promo_scheduler.order import Scope
from promo_scheduler.plan import Finding, Standing, StandingWindow
from promo_scheduler.planning import DiffRequest, ReviveRequest, diff, digest, revive
from promo_scheduler.settings import POLICIES

DAY = "2026-11-11"
HOUR = timedelta(hours=1)
START, END = datetime(2026, 11, 11, 10, tzinfo=UTC), datetime(2026, 11, 11, 14, tzinfo=UTC)
BEFORE, DURING, AFTER = START - 3 * HOUR, START + HOUR, END + HOUR
LONG_BEFORE = START - 240 * HOUR


@pytest.fixture
def utc(world):
    return world.region("gb", "UTC").channel()


def sale(world, start="10:00", end="14:00", **given):
    """A world with one window, from 10:00 to 14:00 UTC unless said otherwise."""
    return world.replacing("sale", world.phase("p", DAY, start, end, **given))


def standing(world, state, generation=1, **given):
    (window,) = sale(world).plan().windows
    touched = state in (Standing.STAGED, Standing.LIVE, Standing.ENDING)
    return StandingWindow(window, state, generation, **{"touched": touched, **given})


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
    assert changes(sale(utc), None, LONG_BEFORE) == (
        [("create", "create", 1)],
        [("stage", "10 10:00", 1), ("activate", "11 10:00", 1), ("deactivate", "11 14:00", 1)],
    )


def test_a_staging_that_lies_behind_is_due_now(utc):
    _, events = changes(sale(utc), None, BEFORE)

    assert events[0] == ("stage", "11 07:00", 1)


def test_a_window_that_has_begun_starts_late_and_is_judged_by_its_own_start(utc):
    assert changes(sale(utc), None, DURING) == (
        [("create", "starts-late", 1)],
        [("activate", "11 10:00", 1), ("deactivate", "11 14:00", 1)],
    )


def test_a_window_that_is_past_is_not_created(utc):
    assert changes(sale(utc), None, END) == NOTHING


# ── untouched ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("state", [Standing.PLANNED, Standing.STAGED, Standing.LIVE])
@pytest.mark.parametrize("now", [BEFORE, DURING, AFTER])
def test_what_stands_as_it_is_planned_does_not_change(utc, state, now):
    world = sale(utc)
    (window,) = world.plan().windows
    said = replace(window, decided_by="other words", warnings=("a warning",), place=None)
    stands = replace(standing(utc, state), window=said)

    assert changes(world, stands, now) == NOTHING


def test_other_hours_move_an_untouched_window_in_place(utc):
    assert changes(sale(utc, "11:00", "15:00"), standing(utc, Standing.PLANNED), LONG_BEFORE) == (
        [("move", "move", 1)],
        [("stage", "10 11:00", 1), ("activate", "11 11:00", 1), ("deactivate", "11 15:00", 1)],
    )


def test_another_offer_amends_an_untouched_window_in_place(utc):
    found, events = changes(
        sale(utc, percent=20), standing(utc, Standing.PLANNED, generation=3), LONG_BEFORE
    )

    assert found == [("amend", "amend", 3)]
    assert {generation for *_, generation in events} == {3}


def test_a_change_says_what_was_and_what_will_be(utc):
    world, stands = sale(utc, percent=20), standing(utc, Standing.PLANNED)
    request = DiffRequest(world.plan(), (stands,), world.workspace, world.abilities, BEFORE)
    (change,) = diff(request).changes

    assert (change.before, change.after) == (stands.window, world.plan().windows[0])
    assert change.standing is Standing.PLANNED


def test_an_untouched_window_that_now_ends_in_the_past_is_cancelled(utc):
    stands = standing(utc, Standing.PLANNED)

    assert changes(sale(utc, "06:00", "07:00"), stands, BEFORE) == ([("cancel", "cancel", 1)], [])


def test_an_untouched_window_that_is_gone_is_cancelled(utc):
    assert changes(utc, standing(utc, Standing.PLANNED), BEFORE) == (
        [("cancel", "cancel", 1)],
        [],
    )


# ── staged ──────────────────────────────────────────────────────────────────────────────────────
def test_what_is_staged_is_staged_again_at_once_when_it_moves(utc):
    assert changes(sale(utc, "11:00", "15:00"), standing(utc, Standing.STAGED), BEFORE) == (
        [("move", "move", 2)],
        [("stage", "11 07:00", 2), ("activate", "11 11:00", 2), ("deactivate", "11 15:00", 2)],
    )


def test_what_is_staged_is_staged_again_at_once_when_its_offer_changes(utc):
    found, events = changes(sale(utc, percent=20), standing(utc, Standing.STAGED), BEFORE)

    assert found == [("amend", "amend", 2)]
    assert events[0] == ("stage", "11 07:00", 2)


def test_what_is_staged_and_moved_into_the_present_starts_now(utc):
    stands = standing(utc, Standing.STAGED)

    assert changes(sale(utc, "06:00", "15:00"), stands, BEFORE) == (
        [("move", "move", 2)],
        [("activate", "11 07:00", 2), ("deactivate", "11 15:00", 2)],
    )


def test_what_is_in_flight_counts_as_staged(utc):
    stands = standing(utc, Standing.PLANNED, touched=True)

    assert changes(sale(utc, percent=20), stands, BEFORE)[0] == [("amend", "amend", 2)]


def test_what_is_staged_and_gone_is_withdrawn_in_its_generation(utc):
    assert changes(utc, standing(utc, Standing.STAGED, generation=2), BEFORE) == (
        [("withdraw", "withdraw", 2)],
        [("deactivate", "11 07:00", 2)],
    )


def test_what_is_staged_and_now_ends_in_the_past_is_withdrawn(utc):
    stands = standing(utc, Standing.STAGED)

    assert changes(sale(utc, "05:00", "06:00"), stands, BEFORE) == (
        [("withdraw", "end-now", 1)],
        [("deactivate", "11 07:00", 1)],
    )


# ── live ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("start", ["09:00", "10:30", "13:00"])
def test_what_has_begun_is_not_started_again(utc, start):
    assert changes(sale(utc, start), standing(utc, Standing.LIVE), DURING) == NOTHING


def test_a_live_end_that_moves_is_ensured_again_and_keeps_its_start(utc):
    world = sale(utc, "09:00", "16:00")
    request = DiffRequest(
        world.plan(), (standing(utc, Standing.LIVE),), world.workspace, world.abilities, DURING
    )

    assert diff(request).changes[0].after.start == START
    assert changes(world, standing(utc, Standing.LIVE), DURING) == (
        [("move", "move-live-end", 2)],
        [("activate", "11 11:00", 2), ("deactivate", "11 16:00", 2)],
    )


def test_a_live_offer_that_changes_is_ensured_again(utc):
    assert changes(sale(utc, percent=20), standing(utc, Standing.LIVE), DURING) == (
        [("amend", "amend-live", 2)],
        [("activate", "11 11:00", 2), ("deactivate", "11 14:00", 2)],
    )


def test_a_live_end_put_into_the_past_ends_it_now(utc):
    assert changes(sale(utc, end="10:30"), standing(utc, Standing.LIVE), DURING) == (
        [("withdraw", "end-now", 1)],
        [("deactivate", "11 11:00", 1)],
    )


def test_what_is_live_and_gone_is_withdrawn(utc):
    assert changes(utc, standing(utc, Standing.LIVE), DURING) == (
        [("withdraw", "withdraw", 1)],
        [("deactivate", "11 11:00", 1)],
    )


def test_what_should_have_begun_counts_as_live(utc):
    stands = standing(utc, Standing.STAGED)

    assert changes(sale(utc, "12:00"), stands, DURING) == NOTHING


def test_an_ending_that_is_due_anyway_is_not_asked_for_again(utc):
    stands = standing(utc, Standing.LIVE)

    assert changes(utc, stands, AFTER) == NOTHING
    assert changes(sale(utc, end="13:00"), stands, AFTER) == NOTHING


@pytest.mark.parametrize("taken_by", [None, 7])
def test_what_is_ending_already_needs_no_withdrawal(utc, taken_by):
    stands = standing(utc, Standing.ENDING, taken_by=taken_by)

    assert changes(utc, stands, DURING) == NOTHING


# ── over ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("state", [Standing.CANCELLED, Standing.ENDED, Standing.ENDING])
def test_what_was_taken_out_comes_back_with_the_plan(utc, state):
    world, stands = sale(utc), standing(utc, state, generation=2)
    request = DiffRequest(world.plan(), (stands,), world.workspace, world.abilities, BEFORE)
    (change,) = diff(request).changes

    assert (change.before, change.reason, change.standing) == (None, "comes back", state)
    assert changes(world, stands, BEFORE)[0] == [("create", "create", 3)]
    assert changes(world, stands, DURING)[0] == [("create", "starts-late", 3)]


@pytest.mark.parametrize("state", [Standing.CANCELLED, Standing.ENDED, Standing.MISSED])
def test_what_is_over_and_past_stays_over(utc, state):
    assert changes(sale(utc), standing(utc, state), AFTER) == NOTHING
    assert changes(utc, standing(utc, state), BEFORE) == NOTHING


def test_what_ended_comes_back_where_its_end_moved_on(utc):
    stands = standing(utc, Standing.ENDED)

    assert changes(sale(utc, end="18:00"), stands, AFTER) == (
        [("create", "starts-late", 2)],
        [("activate", "11 10:00", 2), ("deactivate", "11 18:00", 2)],
    )


def test_what_was_missed_stays_on_record_as_that(utc):
    assert changes(sale(utc), standing(utc, Standing.MISSED), DURING) == NOTHING


def test_what_an_order_took_down_waits_for_its_release(utc):
    for state in (Standing.ENDED, Standing.ENDING, Standing.CANCELLED):
        assert changes(sale(utc), standing(utc, state, taken_by=7), BEFORE) == NOTHING


# ── release ─────────────────────────────────────────────────────────────────────────────────────
def back(world, stands, now):
    found = revive(ReviveRequest((stands,), world.workspace, world.abilities, now))
    return (
        [(c.kind.value, c.policy, c.generation, c.reason) for c in found.changes],
        [(e.key.action.value, f"{e.due_at:%d %H:%M}", e.generation) for e in found.events],
    )


def test_a_release_stages_again_what_an_order_took_back(utc):
    assert back(sale(utc), standing(utc, Standing.ENDED, taken_by=7), BEFORE) == (
        [("create", "create", 2, "comes back")],
        [("stage", "11 07:00", 2), ("activate", "11 10:00", 2), ("deactivate", "11 14:00", 2)],
    )


def test_a_release_in_mid_window_starts_now_as_held_time_is_not_lateness(utc):
    assert back(sale(utc), standing(utc, Standing.ENDED, taken_by=7), DURING) == (
        [("create", "starts-late", 2, "comes back")],
        [("activate", "11 11:00", 2), ("deactivate", "11 14:00", 2)],
    )


def test_a_release_brings_nothing_back_that_is_past_or_was_not_taken_down(utc):
    assert back(sale(utc), standing(utc, Standing.ENDED, taken_by=7), END) == NOTHING
    assert back(sale(utc), standing(utc, Standing.ENDED), BEFORE) == NOTHING


def test_a_release_leaves_out_a_channel_that_is_gone(utc):
    stands = standing(utc, Standing.ENDED, taken_by=7)

    assert back(replace(utc, channels=()), stands, BEFORE) == NOTHING


# ── limits ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("region", "expected"), [("gb", []), ("", []), ("fr", ["amend"])])
def test_a_campaign_and_region_with_an_error_is_left_out_on_both_sides(utc, region, expected):
    error = Finding(Problem("E116", "a tie"), "sale", region)

    def kinds(world, stands):
        plan = replace(world.plan(), findings=(error,))
        return [kind for kind, *_ in changes(world, stands, BEFORE, plan=plan)[0]]

    assert kinds(sale(utc, percent=20), standing(utc, Standing.PLANNED)) == expected
    assert (kinds(sale(utc), None) == []) is not bool(expected)
    assert (kinds(utc, standing(utc, Standing.LIVE)) == []) is not bool(expected)


def test_a_warning_leaves_nothing_out(utc):
    warning = Finding(Problem("W110", "a gap", "warn"), "sale", "gb")
    plan = replace(sale(utc).plan(), findings=(warning,))

    assert changes(sale(utc), None, BEFORE, plan=plan)[0] == [("create", "create", 1)]


def test_a_scope_limits_both_sides(utc):
    assert changes(sale(utc), None, BEFORE, scope=Scope(region="fr")) == NOTHING
    assert changes(utc, standing(utc, Standing.LIVE), DURING, scope=Scope(campaign="x")) == NOTHING
    assert changes(utc, standing(utc, Standing.LIVE), DURING, scope=Scope(region="gb")) != NOTHING


def test_an_offer_that_leaves_a_skus_scope_is_a_change_in_it(utc):
    stands = standing(utc, Standing.PLANNED)

    found, _ = changes(sale(utc, skus=["B"]), stands, BEFORE, scope=Scope(sku="A"))

    assert found == [("amend", "amend", 1)]


# ── digest ──────────────────────────────────────────────────────────────────────────────────────
def found(world, stands=(), now=BEFORE):
    return diff(DiffRequest(world.plan(), stands, world.workspace, world.abilities, now)).changes


def test_a_digest_names_the_changes_at_any_time_and_in_any_order(utc):
    days = EachDay(START.date(), START.date() + 24 * HOUR)
    world = utc.campaign("x", utc.phase("p", days, "10:00", "12:00"))
    now = found(world, now=BEFORE)

    assert digest(now) == digest(reversed(now)) == digest(found(world, now=START))
    assert digest(now) != digest(now[:1])


def test_a_digest_differs_with_the_offer(utc):
    assert digest(found(sale(utc))) != digest(found(sale(utc, percent=20)))
    assert digest(()) == digest([])
