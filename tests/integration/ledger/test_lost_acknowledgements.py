"""A commit came through, and its answer did not: nothing is recorded twice, no claim is left over."""

from datetime import timedelta

import pytest

from promo_scheduler.firing import EventState, Settlement
from promo_scheduler.order import OrderKind
from promo_scheduler.plan import Action

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
ACTIVATE = Action.ACTIVATE


# ── the same answer again: the acknowledgement of its commit was lost ───────────────────────────
def test_the_same_answer_again_counts_and_is_recorded_once(desk, window):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    handed = made.start + SECOND
    assert desk.settle(firing, handed_at=handed)
    before = desk.ledger.stamp()
    assert desk.settle(firing, handed_at=handed)
    assert desk.ledger.stamp() == before
    assert not desk.settle(firing, handed_at=handed + SECOND)  # that would be another one
    assert desk.kinds()[-2:] == ["firing.done", "firing.late-answer"]


def test_the_same_answer_twice_in_one_batch_is_recorded_once(desk, window):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    twice = [Settlement(firing, EventState.DONE)] * 2
    assert desk.ledger.settle(twice, desk.now, desk.owner) == [True, True]
    assert desk.kinds(str(firing.event.key)) == ["firing.done"]


@pytest.mark.parametrize("state", [EventState.PENDING, EventState.UNCERTAIN])
def test_an_answer_that_asks_for_another_try_is_known_again(desk, window, state):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    answer = {"reason": "503", "retry_at": desk.now + HOUR}
    assert desk.settle(firing, state, **answer)
    desk.hand_over()  # what is pending goes to a queue meanwhile
    assert desk.settle(firing, state, **answer)
    assert desk.kinds(str(firing.event.key)) == [
        {EventState.PENDING: "firing.retry"}.get(state, "firing.uncertain")
    ]


@pytest.mark.parametrize(
    ("answer", "stopped"),
    [(EventState.UNCERTAIN, True), (EventState.HELD, True), (EventState.HELD, False)],
)
def test_an_answer_that_led_elsewhere_is_known_again(desk, window, answer, stopped):
    """Its window was taken down while it was being done, or its order was released."""
    made = desk.create(window())
    order = desk.hold(region="de")
    firing = desk.at(made.start).claim_one()
    desk.ledger.release(order.id, desk.application())
    if stopped:
        desk.hold(made, kind=OrderKind.STOP)
    given = {"reason": "stock count", "order_id": order.id, "retry_at": desk.now}
    assert desk.settle(firing, answer, **given)
    assert desk.state(made, ACTIVATE) is (EventState.HELD if stopped else EventState.PENDING)
    head = desk.ledger.stamp().head
    assert desk.settle(firing, answer, **given)
    assert desk.ledger.stamp().head == head


def test_an_answer_that_comes_again_after_the_next_claim_is_late(desk, window):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    desk.settle(firing, EventState.PENDING, reason="503", retry_at=desk.now)
    second = desk.claim_one()
    assert not desk.settle(firing, EventState.PENDING, reason="503", retry_at=desk.now)
    assert desk.settle(second)
    kinds = ["firing.retry", "firing.late-answer", "firing.done"]
    assert desk.kinds(str(firing.event.key)) == kinds


def test_an_older_claim_s_answer_is_late_though_the_next_one_said_the_same(desk, window):
    made = desk.create(window())
    stalled = desk.at(made.start).claim_one()
    desk.ledger.release_owner("", desk.now)
    assert desk.settle(desk.claim_one())
    assert not desk.settle(stalled)
    assert desk.kinds()[-2:] == ["firing.done", "firing.late-answer"]


def test_a_claim_that_was_freed_is_not_taken_for_an_answer_of_its_owner(desk, window):
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    desk.ledger.release_owner("", desk.now)
    assert not desk.settle(firing, EventState.UNCERTAIN, reason="no answer", retry_at=desk.now)
    assert desk.kinds(str(firing.event.key)) == ["firing.uncertain", "firing.late-answer"]


# ── claims whose commit came through, and its answer did not ────────────────────────────────────
def test_what_its_owner_knows_nothing_of_is_disowned_and_nothing_else(desk, window):
    """Given three claims, of which the owner heard of one, and another owner's. When it disowns the
    rest, then they are uncertain and may be tried at once.
    """
    made = [desk.create(window(name)) for name in ("one", "two", "three", "four")]
    firings = {f.window: f for f in desk.at(made[0].start).claim(limit=3)}
    desk.claim(owner="daemon-10")
    known = firings[made[0]]
    assert (
        desk.ledger.disown(desk.owner, frozenset({(known.event.key, known.fence)}), desk.now) == 2
    )
    claimed = desk.events(states=frozenset({EventState.CLAIMED}))
    assert {r.owner for r in claimed} == {desk.owner, "daemon-10"} and len(claimed) == 2
    assert len(desk.claim()) == 2
    assert desk.settle(known)


def test_an_older_fence_is_no_knowledge_of_a_claim(desk, window):
    made = desk.create(window())
    first = desk.at(made.start).claim_one()
    desk.ledger.release_owner(desk.owner, desk.now)
    second = desk.claim_one()
    assert (
        desk.ledger.disown(desk.owner, frozenset({(first.event.key, first.fence)}), desk.now) == 1
    )
    known = frozenset({(second.event.key, second.fence + 1)})
    assert desk.claim_one().fence == second.fence + 1
    assert desk.ledger.disown(desk.owner, known, desk.now) == 0
