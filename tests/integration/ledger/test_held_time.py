"""Time under orders is not lateness: the union of all of them over an event counts."""

from datetime import timedelta

from promo_scheduler.firing import EventState
from promo_scheduler.plan import Action, ChangeKind, Key

HOUR = timedelta(hours=1)
ACTIVATE = Action.ACTIVATE


def held_and_claimed(desk, made, order):
    """Its start is claimed, and answered as the dispatcher does under an order."""
    desk.settle(desk.claim_one(), EventState.HELD, order_id=order.id)


def test_time_under_two_orders_counts_once_whichever_held_it(desk, window):
    """Given a start held by one order, over which another one is given, that takes its window down.
    When both are released, then all the time since it was due was held, and none of it twice.
    """
    made = desk.create(window(end=window().start + 9 * HOUR))
    first = desk.hold(region="de")
    held_and_claimed(desk.at(made.start), made, first)
    second = desk.at(made.start + HOUR).hold(campaign="double-11")
    desk.at(made.start + 2 * HOUR).ledger.release(first.id, desk.application())
    held_and_claimed(desk, made, second)
    desk.at(made.start + 3 * HOUR).ledger.release(second.id, desk.application())
    assert desk.at(made.start + 4 * HOUR).claim_one().held_for == 3 * HOUR


def test_an_order_over_what_is_held_already_loses_none_of_the_time(desk, window, events_of):
    made = desk.create(window(end=window().start + 9 * HOUR))
    first = desk.hold(region="de")
    held_and_claimed(desk.at(made.start), made, first)
    desk.on_its_channel(made)
    second = desk.at(made.start + HOUR).hold(made, campaign="double-11")  # takes it down
    desk.done(desk.claim_one())
    desk.at(made.start + 2 * HOUR).ledger.release(first.id, desk.application())
    change = desk.at(made.start + 3 * HOUR).change(ChangeKind.CREATE, made, 2)
    back = desk.application(change, events=events_of(made, 2))
    desk.ledger.release(second.id, back)
    assert desk.claim_one().held_for == 3 * HOUR


def test_time_under_an_order_counts_though_no_daemon_ran(desk, window):
    """Nobody marked it as held; and what lies between two orders is late."""
    made = desk.create(window(end=window().start + 9 * HOUR))
    for hours in (0, 2):
        order = desk.at(made.start + hours * HOUR).hold(region="de")
        desk.at(desk.now + HOUR).ledger.release(order.id, desk.application())
    assert desk.at(made.start + 4 * HOUR).claim_one().held_for == 2 * HOUR


def test_an_order_over_others_or_before_it_was_due_is_no_time_of_its(desk, window):
    made = desk.create(window())
    desk.hold(region="us")
    before = desk.hold(region="de")
    desk.at(made.start - HOUR).ledger.release(before.id, desk.application())
    assert desk.at(made.start + HOUR).claim_one().held_for == timedelta(0)


def test_what_somebody_wanted_by_hand_is_late_from_then_on_but_for_orders(desk, window):
    made = desk.create(window(end=window().start + 9 * HOUR))
    desk.settle(desk.at(made.start).claim_one(), EventState.MISSED)
    desk.at(made.start + HOUR).ledger.retry(Key(made.key, ACTIVATE), desk.now, "ann")
    order = desk.at(made.start + 2 * HOUR).hold(region="de")
    desk.at(made.start + 3 * HOUR).ledger.release(order.id, desk.application())
    assert desk.at(made.start + 4 * HOUR).claim_one().held_for == 2 * HOUR
