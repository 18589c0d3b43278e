"""After the clock was set back, nothing waits for an instant of the old future."""

from datetime import timedelta

from promo_scheduler.firing import EventState
from promo_scheduler.plan import Action

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
ACTIVATE = Action.ACTIVATE


def test_what_waits_for_an_instant_of_the_old_future_is_tried_now(desk, window):
    """Given two tries that failed a day from now and ten seconds ago, one whose wait is short, and
    what is not due at all. When the clock is set back, then only the first two change.
    """
    far, near, later = window("far"), window("near"), window("later", start=desk.now + 9 * HOUR)
    for each in (far, near, later):
        desk.create(each)
    for firing in desk.at(far.start).claim():
        wait = HOUR if firing.window == far else SECOND
        desk.settle(firing, EventState.PENDING, reason="503", retry_at=desk.now + 24 * wait)
    before = desk.now
    assert desk.ledger.rewind(desk.now, timedelta(minutes=5)) == 1
    assert desk.ledger.next_due() == before
    assert [f.window for f in desk.claim()] == [far]
    assert desk.ledger.rewind(desk.now, timedelta(minutes=5)) == 0
    told = [e.detail["events"] for e in desk.ledger.audit() if e.kind == "clock.set-back"]
    assert told == [1]
    assert desk.record(later, ACTIVATE).retry_at is None


def test_what_was_handed_over_for_the_old_future_waits_in_the_ledger_again(desk, window):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    desk.settle(firing, EventState.PENDING, reason="503", retry_at=desk.now + HOUR)
    desk.hand_over(horizon=HOUR)
    assert desk.state(made, ACTIVATE) is EventState.HANDED
    assert desk.ledger.rewind(desk.now, timedelta(minutes=5)) == 1
    assert desk.claim_one().event == firing.event
