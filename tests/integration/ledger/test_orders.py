"""Orders: hold, stop, their release, and one more try."""

from dataclasses import replace
from datetime import timedelta

import pytest

from promo_scheduler.errors import StalePlan, UnknownKey
from promo_scheduler.firing import EventState
from promo_scheduler.order import OrderKind, Scope
from promo_scheduler.plan import Action, ChangeKind, Key, Standing

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
STAGE, ACTIVATE, DEACTIVATE = Action.STAGE, Action.ACTIVATE, Action.DEACTIVATE


def test_an_order_is_in_force_until_it_is_released(desk):
    given = desk.hold(campaign="double-11", sku="A-1")
    assert desk.ledger.orders() == (given,)
    assert (given.scope, given.actor) == (Scope(campaign="double-11", sku="A-1"), "ann")
    assert (given.reason, given.at, given.kind) == ("stock count", desk.now, OrderKind.HOLD)
    released = desk.at(desk.now + HOUR).now
    desk.ledger.release(given.id, desk.application())
    assert desk.ledger.orders() == ()
    assert desk.ledger.orders(in_force=False) == (replace(given, released_at=released),)
    assert desk.kinds() == ["order.hold", "plan.applied", "order.release"]


def test_an_order_and_its_release_make_older_plans_stale(desk, window):
    desk.create(window())
    order = desk.hold()
    assert desk.ledger.stamp().serial == 2
    with pytest.raises(StalePlan, match="serial 1"):
        desk.apply(desk.change(ChangeKind.CANCEL, window()), expected=1)
    assert desk.ledger.release(order.id, desk.application()) == 3 == desk.ledger.stamp().serial
    with pytest.raises(StalePlan, match="serial 2"):
        desk.apply(desk.change(ChangeKind.CANCEL, window()), expected=2)
    serials = [e.detail["serial"] for e in desk.ledger.audit() if e.kind != "plan.create"]
    assert serials == [1, 2, 3]


@pytest.mark.parametrize("number", [1, 99])
def test_an_order_not_in_force_cannot_be_released(desk, number):
    given = desk.hold()
    desk.ledger.release(given.id, desk.application())
    with pytest.raises(UnknownKey, match="order in force"):
        desk.ledger.release(number, desk.application())


def test_time_held_is_not_lateness(desk, window):
    made = desk.create(window())
    order = desk.hold(region="de")
    desk.settle(desk.at(made.start).claim_one(), EventState.HELD, order_id=order.id)
    assert desk.ledger.next_due() == made.end
    desk.at(made.start + HOUR)
    desk.ledger.release(order.id, desk.application())
    again = desk.claim_one()
    assert (again.action, again.held_for) == (ACTIVATE, HOUR)
    second = desk.hold(region="de")
    desk.settle(again, EventState.HELD, order_id=second.id)
    desk.at(made.start + HOUR + 60 * SECOND)
    desk.ledger.release(second.id, desk.application())
    assert desk.claim_one().held_for == HOUR + 60 * SECOND


def test_releasing_one_order_frees_nothing_that_another_holds(desk, window):
    one, two = desk.create(window("one")), desk.create(window("two"))
    first, second = desk.hold(campaign="one"), desk.hold(campaign="two")
    for firing in desk.at(one.start).claim():
        order = first if firing.window == one else second
        desk.settle(firing, EventState.HELD, order_id=order.id)
    desk.ledger.release(first.id, desk.application())
    assert desk.state(one, ACTIVATE) is EventState.PENDING
    assert desk.state(two, ACTIVATE) is EventState.HELD
    held = ("firing.held", "held", first.id)
    assert desk.told(f"{one.key}/activate") == [held, ("firing.freed", "pending", first.id)]
    assert desk.told(f"{two.key}/activate") == [("firing.held", "held", second.id)]


def test_a_stop_ends_what_is_live_now_and_its_release_brings_it_back(desk, window, events_of):
    made = desk.create(window())
    desk.at(made.start).done(desk.claim_one())
    desk.at(made.start + HOUR)
    order = desk.hold(made, kind=OrderKind.STOP, campaign="double-11")
    stands = desk.standing(made)
    assert (stands.standing, stands.taken_by) == (Standing.ENDING, order.id)
    ending = desk.claim_one()
    assert (ending.action, ending.event.due_at) == (DEACTIVATE, desk.now)
    desk.done(ending)
    stands = desk.standing(made)
    assert (stands.standing, stands.taken_by) == (Standing.ENDED, order.id)
    assert desk.kinds()[-3:] == ["order.stop", "order.take-down", "firing.done"]

    change = desk.change(ChangeKind.CREATE, made, 2)
    desk.ledger.release(order.id, desk.application(change, events=events_of(made, 2)))
    stands = desk.standing(made)
    assert (stands.standing, stands.generation, stands.taken_by) == (Standing.PLANNED, 2, None)
    assert desk.kinds()[-3:] == ["plan.create", "plan.applied", "order.resume"]
    desk.run(made.end)
    assert desk.state(made, ACTIVATE, 2) is EventState.DONE


def test_a_hold_takes_back_what_is_staged_and_its_release_stages_it_again(desk, window, events_of):
    made = desk.create(window(), stage_ahead=HOUR)
    desk.at(made.start - HOUR).done(desk.claim_one())
    order = desk.hold(made)
    record = desk.record(made, ACTIVATE)
    assert (record.state, record.order_id) == (EventState.HELD, order.id)
    assert desk.kinds()[-3:] == ["order.hold", "order.take-down", "firing.held"]
    desk.done(desk.claim_one())  # taken back from the channel before it could start
    change = desk.change(ChangeKind.CREATE, made, 2)
    desk.ledger.release(order.id, desk.application(change, events=events_of(made, 2, HOUR)))
    assert desk.state(made, ACTIVATE, 1) is EventState.SUPERSEDED
    held = ("firing.held", "held", order.id)
    superseded = ("firing.superseded", "superseded", 3)
    assert desk.told(f"{made.key}/activate") == [held, superseded]
    assert desk.claim_one().event.generation == 2


def test_what_was_taken_down_and_is_not_brought_back_is_not_begun_again(desk, window):
    """Its ending is done: nobody would end it a second time (law 3)."""
    made = desk.create(window(), stage_ahead=HOUR)
    desk.at(made.start - HOUR).done(desk.claim_one())
    order = desk.hold(made)
    desk.done(desk.claim_one())
    desk.ledger.release(order.id, desk.application())
    assert desk.state(made, ACTIVATE) is EventState.CANCELLED
    assert desk.standing(made).taken_by is None and desk.ledger.next_due() is None
    cancelled = ("firing.cancelled", "cancelled", order.id)
    assert desk.told(f"{made.key}/activate") == [("firing.held", "held", order.id), cancelled]


def test_taking_down_leaves_alone_what_is_over(desk, window):
    made = desk.create(window())
    desk.run(made.end)
    desk.hold(made, kind=OrderKind.STOP)
    stands = desk.standing(made)
    assert (stands.standing, stands.taken_by) == (Standing.ENDED, None)


def test_an_overdue_ending_keeps_its_instant_when_it_is_taken_down(desk, window):
    made = desk.create(window())
    desk.at(made.start).done(desk.claim_one())
    desk.at(made.end)
    desk.settle(desk.claim_one(), EventState.PENDING, reason="503", retry_at=desk.now + HOUR)
    desk.at(made.end + 60 * SECOND)
    desk.hold(made, kind=OrderKind.STOP)
    assert desk.claim_one().event.due_at == made.end


# ── retry ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("state", [EventState.FAILED, EventState.MISSED])
def test_what_was_given_up_is_tried_again(desk, window, state):
    made = desk.create(window())
    desk.settle(desk.at(made.start).claim_one(), state, reason="forbidden")
    assert desk.ledger.retry(Key(made.key, ACTIVATE), desk.now, "ann") == 1
    assert desk.standing(made).standing is Standing.PLANNED
    desk.done(desk.claim_one())
    assert desk.standing(made).standing is Standing.LIVE
    entry = next(e for e in desk.ledger.audit() if e.kind == "order.retry")
    assert (entry.actor, entry.detail["was"], entry.detail["reason"]) == ("ann", state, "forbidden")


@pytest.mark.parametrize("state", [EventState.PENDING, EventState.UNCERTAIN])
def test_what_waits_for_its_next_try_is_tried_now(desk, window, state):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    desk.settle(firing, state, reason="503", retry_at=desk.now + HOUR)
    desk.ledger.retry(Key(made.key, ACTIVATE), desk.now + SECOND, "ann")
    assert desk.state(made, ACTIVATE) is state
    assert len(desk.at(desk.now + SECOND).claim()) == 1


def test_a_start_that_was_missed_is_not_late_once_somebody_wants_it(desk, window):
    made = desk.create(window())
    desk.settle(desk.at(made.start).claim_one(), EventState.MISSED)
    desk.ledger.retry(Key(made.key, ACTIVATE), made.start + SECOND, "ann")
    assert desk.at(made.start + SECOND).claim_one().held_for == SECOND


def test_nothing_to_retry_is_said_so(desk, window):
    made = desk.create(window())
    for key in (Key(made.key, ACTIVATE), Key(window("other").key, ACTIVATE)):
        with pytest.raises(UnknownKey):
            desk.ledger.retry(key, desk.now, "ann")


def test_a_window_that_has_ended_or_is_taken_out_is_not_begun_again_by_hand(desk, window):
    """Nobody would end it."""
    over, withdrawn = desk.create(window("over")), desk.create(window("withdrawn"))
    for firing in desk.at(over.start).claim():
        desk.settle(firing, EventState.FAILED, handed_at=desk.now)
    desk.apply(desk.change(ChangeKind.WITHDRAW, withdrawn))
    for made in (over, withdrawn):
        if made is over:
            desk.run(made.end)
        with pytest.raises(UnknownKey):
            desk.ledger.retry(Key(made.key, ACTIVATE), desk.now, "ann")
