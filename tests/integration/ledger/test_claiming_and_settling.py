"""Claims, fences and answers: each event is done by one, and ends in one recorded state."""

import asyncio
from datetime import timedelta

import pytest

from promo_scheduler.connector import Observed, ObservedState, Receipt, RemoteRef
from promo_scheduler.engine.books import Books, Room
from promo_scheduler.errors import LedgerUnavailable
from promo_scheduler.firing import EventState, Settlement
from promo_scheduler.ledger import ClaimRequest
from promo_scheduler.order import OrderKind
from promo_scheduler.plan import Action, ChangeKind, Key, Standing

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
STAGE, ACTIVATE, DEACTIVATE = Action.STAGE, Action.ACTIVATE, Action.DEACTIVATE


# ── claiming ────────────────────────────────────────────────────────────────────────────────────
def test_nothing_is_claimed_before_it_is_due(desk, window):
    made = desk.create(window())
    assert desk.ledger.next_due() == made.start
    assert desk.at(made.start - timedelta(microseconds=1)).claim() == []
    assert [f.action for f in desk.at(made.start).claim()] == [ACTIVATE]


def test_a_firing_carries_all_that_doing_it_takes(desk, window):
    made = desk.create(window(rank=(50, 1), stack=True))
    firing = desk.at(made.start).claim_one()
    assert firing.window == made
    assert firing.event.key == Key(made.key, ACTIVATE) and firing.event.due_at == made.start
    assert (firing.attempt, firing.fence, firing.touched) == (1, 1, False)


def test_in_one_lane_what_creates_in_advance_comes_before_a_start_of_the_same_instant(desk, window):
    now = desk.now
    desk.create(window("starts", target="de", start=now, end=now + HOUR))
    ahead = window("is staged", target="de", start=now + HOUR, end=now + 2 * HOUR)
    desk.create(ahead, stage_ahead=HOUR)
    assert [f.action for f in desk.at(now).claim()] == [STAGE, ACTIVATE]


def test_of_equal_windows_the_longest_due_comes_first_and_the_limit_holds(desk, window):
    made = [desk.create(window(f"c{n}", start=desk.now - n * SECOND)) for n in range(5)]
    assert [f.window for f in desk.claim(limit=3)] == [made[4], made[3], made[2]]
    assert [f.window for f in desk.claim(limit=3)] == [made[1], made[0]]
    assert desk.claim(limit=3) == []


def test_one_event_of_a_window_is_done_at_a_time(desk, window):
    made = desk.create(window(), stage_ahead=HOUR)
    stage = desk.at(made.end + HOUR).claim_one()  # the daemon was away: all three are due
    assert stage.action is STAGE and desk.claim() == []
    assert desk.ledger.next_due() is None  # the settlement will be the wake-up
    desk.settle(stage, EventState.MISSED)
    assert [f.action for f in desk.claim()] == [ACTIVATE]


def test_what_waits_for_its_next_try_is_due_then(desk, window):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    desk.settle(firing, EventState.PENDING, reason="503", retry_at=made.start + 5 * SECOND)
    assert desk.ledger.next_due() == made.start + 5 * SECOND and desk.claim() == []
    again = desk.at(made.start + 5 * SECOND).claim_one()
    assert (again.attempt, again.fence, again.event.due_at) == (2, 2, made.start)


# ── fences ──────────────────────────────────────────────────────────────────────────────────────
def test_an_answer_counts_once(desk, window):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    assert desk.settle(firing) and not desk.settle(firing, EventState.FAILED)
    assert desk.state(made, ACTIVATE) is EventState.DONE
    assert desk.kinds()[-2:] == ["firing.done", "firing.late-answer"]


def test_an_older_fence_settles_nothing_even_for_the_same_owner(desk, window):
    """The claim that stands is its second one; the answer belongs to the first."""
    made = desk.create(window())
    first = desk.at(made.start).claim_one()
    desk.ledger.release_owner(desk.owner, desk.now)
    second = desk.claim_one()
    assert not desk.settle(first)
    assert desk.state(made, ACTIVATE) is EventState.CLAIMED
    assert desk.settle(second)


def test_another_owner_s_name_does_not_settle(desk, window):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    assert not desk.settle(firing, owner="daemon-2")
    assert desk.state(made, ACTIVATE) is EventState.CLAIMED


def test_a_dead_owner_s_claims_are_free_at_once_and_nobody_else_s(desk, window):
    made = [desk.create(window(name)) for name in ("one", "two", "three")]
    desk.at(made[0].start)
    for owner in ("host-1/4711", "host-1/4712", "host-10/1"):
        assert len(desk.claim(limit=1, owner=owner)) == 1
    assert desk.ledger.release_owner("host-1/", desk.now) == 2
    assert [r.owner for r in desk.events(states=frozenset({EventState.CLAIMED}))] == ["host-10/1"]
    assert len(desk.claim(owner="host-2/1")) == 2
    assert desk.ledger.release_owner("", desk.now) == 3


# ── where answers lead ──────────────────────────────────────────────────────────────────────────
def test_a_window_goes_through_its_life_and_each_event_leaves_one_entry(desk, window):
    made = desk.create(window(), stage_ahead=HOUR)
    seen = []
    for at in (made.start - HOUR, made.start, made.end):
        desk.at(at).done(desk.claim_one())
        seen.append(desk.standing(made).standing)
    assert seen == [Standing.STAGED, Standing.LIVE, Standing.ENDED]
    for action in Action:
        assert desk.kinds(f"{made.key}/{action}") == ["firing.done"]
    assert desk.ledger.verify() == [] and desk.ledger.next_due() is None


def test_the_entry_says_what_happened(desk, window):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    receipt = Receipt(
        RemoteRef("remote-7", firing.natural_key), ObservedState(Observed.ACTIVE), ("remote-6",)
    )
    handed = made.start + timedelta(milliseconds=12)
    desk.settle(firing, reason="found one more", handed_at=handed, receipt=receipt)
    entry = list(desk.ledger.audit())[-1]
    assert (entry.kind, entry.key, entry.actor) == ("firing.done", str(firing.event.key), "daemon")
    assert entry.detail == {
        "state": "done",
        "attempt": 1,
        "generation": 1,
        "reason": "found one more",
        "due": "2026-11-10T12:00:00.000000Z",
        "handed": "2026-11-10T12:00:00.012000Z",
        "lag_ms": 12,
        "ref": "remote-7",
        "observed": "active",
        "removed": ["remote-6"],
    }


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (EventState.MISSED, "firing.missed"),
        (EventState.FAILED, "firing.failed"),
        (EventState.SKIPPED, "firing.skipped"),
    ],
)
def test_a_start_that_is_given_up_leaves_the_window_on_record_as_missed(desk, window, state, kind):
    """Law 1; and nothing may create it in advance afterwards."""
    made = desk.create(window(), stage_ahead=HOUR)
    stage = desk.at(made.start - HOUR).claim_one()
    desk.settle(stage, EventState.PENDING, reason="503", retry_at=made.start + HOUR)
    start = desk.at(made.start).claim_one()
    desk.settle(start, state, reason="not eligible")
    assert desk.standing(made).standing is Standing.MISSED
    assert desk.state(made, STAGE) is EventState.SKIPPED
    assert desk.kinds()[-2:] == [kind, "firing.skipped"]
    ending = desk.at(made.end).claim_one()  # it looks whether something is there
    desk.settle(ending)
    assert desk.standing(made).standing is Standing.MISSED


def test_a_start_that_fails_after_something_was_created_stays_to_be_ended(desk, window):
    made = desk.create(window(), stage_ahead=HOUR)
    desk.at(made.start - HOUR).done(desk.claim_one())
    desk.settle(desk.at(made.start).claim_one(), EventState.FAILED, reason="forbidden")
    assert desk.standing(made).standing is Standing.STAGED
    desk.done(desk.at(made.end).claim_one())
    assert desk.standing(made).standing is Standing.ENDED


def test_a_stage_still_open_is_skipped_once_the_window_is_live(desk, window):
    made = desk.create(window(), stage_ahead=HOUR)
    stage = desk.at(made.start - HOUR).claim_one()
    desk.settle(stage, EventState.PENDING, reason="503", retry_at=made.start + HOUR)
    desk.done(desk.at(made.start).claim_one())
    record = desk.record(made, STAGE)
    assert (record.state, record.reason) == (EventState.SKIPPED, "already activated")
    assert desk.kinds(f"{made.key}/stage") == ["firing.retry", "firing.skipped"]


def test_what_was_handed_over_counts_as_touched_whatever_came_of_it(desk, window):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    retry_at = desk.now + SECOND
    desk.settle(firing, EventState.PENDING, reason="503", retry_at=retry_at, handed_at=desk.now)
    assert desk.standing(made).touched
    assert desk.record(made, ACTIVATE).handed_at == desk.now


def test_a_stage_that_was_found_done_counts_as_touched(desk, window):
    """Nothing had to be handed over: it was there already."""
    made = desk.create(window(), stage_ahead=HOUR)
    desk.settle(desk.at(made.start - HOUR).claim_one())
    assert desk.standing(made).touched


def test_in_flight_counts_as_touched(desk, window):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    assert desk.standing(made).touched
    desk.settle(firing, EventState.PENDING, retry_at=desk.now + SECOND)
    assert not desk.standing(made).touched


@pytest.mark.parametrize("state", [EventState.FAILED, EventState.MISSED, EventState.HELD])
def test_an_ending_is_never_given_up_or_held(desk, window, state):
    """Law 2; nothing of the batch is written."""
    made = desk.create(window())
    desk.at(made.start).done(desk.claim_one())
    ending = desk.at(made.end).claim_one()
    with pytest.raises(ValueError, match="an ending never becomes"):
        desk.settle(ending, state)
    assert desk.state(made, DEACTIVATE) is EventState.CLAIMED


def test_an_ending_is_tried_until_it_is_done(desk, window):
    made = desk.create(window())
    desk.at(made.start).done(desk.claim_one())
    for attempt in range(1, 30):
        desk.now = desk.ledger.next_due()
        ending = desk.claim_one()
        assert ending.attempt == attempt
        desk.settle(ending, EventState.PENDING, reason="503", retry_at=desk.now + HOUR)
    assert desk.standing(made).standing is Standing.LIVE
    desk.now = desk.ledger.next_due()
    desk.done(desk.claim_one())
    assert desk.standing(made).standing is Standing.ENDED


def test_starts_left_open_when_a_window_is_over_are_missed(desk, window):
    """Its start was held to the end: that is on record, and the window with it."""
    made = desk.create(window())
    order = desk.hold(region="de")
    firing = desk.at(made.start).claim_one()
    desk.settle(firing, EventState.HELD, reason="stock count", order_id=order.id)
    assert desk.record(made, ACTIVATE).order_id == order.id
    desk.settle(desk.at(made.end).claim_one())
    assert desk.state(made, ACTIVATE) is EventState.MISSED
    assert desk.standing(made).standing is Standing.MISSED
    assert desk.kinds(f"{made.key}/activate") == ["firing.held", "firing.missed"]


def test_an_event_is_not_held_by_an_order_released_before_the_answer_came(desk, window):
    """Else nothing would ever free it."""
    made = desk.create(window())
    order = desk.hold(region="de")
    firing = desk.at(made.start).claim_one()
    desk.ledger.release(order.id, desk.application())
    desk.settle(firing, EventState.HELD, reason="stock count", order_id=order.id)
    assert desk.state(made, ACTIVATE) is EventState.PENDING
    assert desk.claim_one().action is ACTIVATE


def test_a_start_taken_down_while_it_was_being_done_is_held_by_that_order(desk, window):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    order = desk.hold(made, kind=OrderKind.STOP, region="de")
    desk.settle(firing, EventState.UNCERTAIN, reason="no answer", retry_at=desk.now)
    record = desk.record(made, ACTIVATE)
    assert (record.state, record.order_id) == (EventState.HELD, order.id)
    assert [f.action for f in desk.claim()] == [DEACTIVATE]


def test_a_herd_larger_than_one_statement_can_name_is_applied_claimed_and_settled(
    desk, window, events_of
):
    made = [window(f"c{n}") for n in range(1203)]
    changes = [desk.change(ChangeKind.CREATE, w) for w in made]
    desk.apply(*changes, events=[e for w in made for e in events_of(w)])
    firings = desk.at(made[0].start).claim(limit=5000)
    assert {f.window for f in firings} == set(made)
    done = [Settlement(f, EventState.DONE, handed_at=desk.now) for f in firings]
    assert desk.ledger.settle(done, desk.now, desk.owner) == [True] * 1203
    assert desk.ledger.counts()[EventState.DONE] == 1203
    assert desk.ledger.stamp().head.seq == 2407  # one each, and the application's own
    assert desk.ledger.verify() == []


# ── claim and orders ────────────────────────────────────────────────────────────────────────────
def test_a_claim_brings_the_orders_in_force(desk, window):
    made = desk.create(window())
    desk.ledger.release(desk.hold(campaign="other").id, desk.application())
    order = desk.hold(region="de")
    firings, orders = desk.ledger.claim(ClaimRequest(made.start, 5, desk.owner))
    assert [f.action for f in firings] == [ACTIVATE] and orders == (order,)


def test_nothing_stays_claimed_where_the_orders_cannot_be_read(desk, window):
    """Else it would wait as long as the daemon lives, and nobody does it."""
    made = desk.create(window())
    books = Books(desk.ledger, desk.owner)
    with desk.raw() as connection:
        connection.exec_driver_sql("ALTER TABLE promo_order RENAME TO promo_order_away")
    with pytest.raises(LedgerUnavailable):
        asyncio.run(books.take(made.start, Room(5, 5, {})))
    with desk.raw() as connection:
        connection.exec_driver_sql("ALTER TABLE promo_order_away RENAME TO promo_order")
    assert desk.state(made, ACTIVATE) is EventState.PENDING
    taken = asyncio.run(books.take(made.start, Room(5, 5, {})))
    books.close()
    assert [f.attempt for f in taken.firings] == [1]
