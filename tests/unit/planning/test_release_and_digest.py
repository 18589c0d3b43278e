"""What a release brings back, and the short name of some changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from promo_scheduler.errors import Problem
from promo_scheduler.order import Order, OrderKind, Scope
from promo_scheduler.plan import Finding, Standing
from promo_scheduler.planning import DiffRequest, ReviveRequest, diff, digest, revive
from promo_scheduler.when import EachDay

HOUR = timedelta(hours=1)
START, END = datetime(2026, 11, 11, 10, tzinfo=UTC), datetime(2026, 11, 11, 14, tzinfo=UTC)
BEFORE, DURING = START - 3 * HOUR, START + HOUR
NOTHING = ([], [])


# ── release ─────────────────────────────────────────────────────────────────────────────────────
def revived(world, stands, now, *, given_at=BEFORE, plan=None):
    order = Order(7, OrderKind.STOP, Scope(), "wrong price", "ana", given_at)
    plan = plan or world.plan()
    return revive(ReviveRequest(order, plan, (stands,), world.workspace, world.abilities, now))


def back(world, stands, now, **given):
    found = revived(world, stands, now, **given)
    return (
        [(c.kind.value, c.policy, c.generation, c.reason) for c in found.changes],
        [(e.key.action.value, f"{e.due_at:%d %H:%M}", e.generation) for e in found.events],
    )


@pytest.fixture
def taken(utc):
    return utc.standing(Standing.ENDED, taken_by=7, touched=True)


def test_a_release_stages_again_what_an_order_took_back(utc, taken):
    assert back(utc.sale(), taken, BEFORE) == (
        [("create", "create", 2, "comes back")],
        [("stage", "11 07:00", 2), ("activate", "11 10:00", 2), ("deactivate", "11 14:00", 2)],
    )


def test_a_release_in_mid_window_starts_now_as_held_time_is_not_lateness(utc, taken):
    assert back(utc.sale(), taken, DURING) == (
        [("create", "starts-late", 2, "comes back")],
        [("activate", "11 11:00", 2), ("deactivate", "11 14:00", 2)],
    )


def test_a_release_brings_nothing_back_that_is_past_or_was_not_taken_down_by_the_order(utc, taken):
    assert back(utc.sale(), taken, END) == NOTHING
    assert back(utc.sale(), utc.standing(Standing.ENDED), BEFORE) == NOTHING
    assert back(utc.sale(), replace(taken, taken_by=8), BEFORE) == NOTHING


def test_a_release_leaves_out_a_channel_that_is_gone(utc, taken):
    assert back(replace(utc, channels=()).sale(), taken, BEFORE) == NOTHING


def test_a_release_leaves_out_what_the_plan_does_not_have_any_more(utc, taken):
    assert back(utc, taken, BEFORE) == NOTHING


@pytest.mark.parametrize("region", ["gb", ""])
def test_a_release_leaves_out_what_has_an_error(utc, taken, region):
    finding = Finding(Problem("E119", "no"), "sale", region)
    plan = replace(utc.sale().plan(), findings=(finding,))

    assert back(utc.sale(), taken, BEFORE, plan=plan) == NOTHING


def test_a_release_leaves_out_what_should_be_over_by_now(utc, taken):
    assert back(utc.sale(end="11:00"), taken, DURING) == NOTHING


def test_a_release_brings_the_corrected_offer_and_end(utc, taken):
    world = utc.sale(end="15:00", percent=9)
    (change,) = revived(world, taken, DURING).changes

    assert change.after == world.plan().windows[0]
    assert back(world, taken, DURING)[1] == [
        ("activate", "11 11:00", 2),
        ("deactivate", "11 15:00", 2),
    ]


def test_a_release_brings_back_what_would_be_over_but_for_its_corrected_end(utc, taken):
    assert back(utc.sale(end="18:00"), taken, END)[1] == [
        ("activate", "11 14:00", 2),
        ("deactivate", "11 18:00", 2),
    ]


def test_what_had_begun_before_the_order_keeps_its_start(utc, taken):
    world, later = utc.sale("10:30", percent=9), START + 2 * HOUR
    (change,) = revived(world, taken, later, given_at=DURING).changes

    assert (change.after.start, change.after.offer) == (START, world.offer(9))


def test_what_had_not_begun_before_the_order_has_its_corrected_start(utc, taken):
    (change,) = revived(utc.sale("09:00"), taken, DURING, given_at=BEFORE).changes

    assert change.after.start == START - HOUR


def test_what_is_wanted_only_later_does_not_come_back_before(utc, taken):
    assert back(utc.sale("13:00"), taken, DURING, given_at=START) == (
        [("create", "create", 2, "comes back")],
        [("stage", "11 11:00", 2), ("activate", "11 13:00", 2), ("deactivate", "11 14:00", 2)],
    )


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
    assert digest(found(utc.sale())) != digest(found(utc.sale(percent=20)))
    assert digest(()) == digest([])
