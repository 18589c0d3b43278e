"""What a release brings back, and the short name of some changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from promo_scheduler.campaign import EachDay
from promo_scheduler.plan import Standing
from promo_scheduler.planning import DiffRequest, ReviveRequest, diff, digest, revive

HOUR = timedelta(hours=1)
START, END = datetime(2026, 11, 11, 10, tzinfo=UTC), datetime(2026, 11, 11, 14, tzinfo=UTC)
BEFORE, DURING = START - 3 * HOUR, START + HOUR
NOTHING = ([], [])


# ── release ─────────────────────────────────────────────────────────────────────────────────────
def back(world, stands, now):
    found = revive(ReviveRequest((stands,), world.workspace, world.abilities, now))
    return (
        [(c.kind.value, c.policy, c.generation, c.reason) for c in found.changes],
        [(e.key.action.value, f"{e.due_at:%d %H:%M}", e.generation) for e in found.events],
    )


def test_a_release_stages_again_what_an_order_took_back(utc):
    assert back(utc.sale(), utc.standing(Standing.ENDED, taken_by=7), BEFORE) == (
        [("create", "create", 2, "comes back")],
        [("stage", "11 07:00", 2), ("activate", "11 10:00", 2), ("deactivate", "11 14:00", 2)],
    )


def test_a_release_in_mid_window_starts_now_as_held_time_is_not_lateness(utc):
    assert back(utc.sale(), utc.standing(Standing.ENDED, taken_by=7), DURING) == (
        [("create", "starts-late", 2, "comes back")],
        [("activate", "11 11:00", 2), ("deactivate", "11 14:00", 2)],
    )


def test_a_release_brings_nothing_back_that_is_past_or_was_not_taken_down(utc):
    assert back(utc.sale(), utc.standing(Standing.ENDED, taken_by=7), END) == NOTHING
    assert back(utc.sale(), utc.standing(Standing.ENDED), BEFORE) == NOTHING


def test_a_release_leaves_out_a_channel_that_is_gone(utc):
    stands = utc.standing(Standing.ENDED, taken_by=7)

    assert back(replace(utc, channels=()), stands, BEFORE) == NOTHING


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
