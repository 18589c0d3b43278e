"""Laws 1 and 2: an ending that was asked for is not planned away by a plan made before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from promo_scheduler.errors import StalePlan
from promo_scheduler.firing import EventState
from promo_scheduler.order import OrderKind
from promo_scheduler.plan import Action, ChangeKind, Standing

HOUR = timedelta(hours=1)
ACTIVATE, DEACTIVATE = Action.ACTIVATE, Action.DEACTIVATE


@pytest.fixture
def live(desk, window):
    made = desk.create(window())
    desk.at(made.start).done(desk.claim_one())
    return made


@pytest.fixture
def staged(desk, window):
    made = desk.create(window(), stage_ahead=HOUR)
    desk.at(made.start - HOUR).done(desk.claim_one())
    return made


def refuses(desk, change, events, match, expected=None):
    """The application is stale, and leaves no trace."""
    before = desk.ledger.stamp()
    with pytest.raises(StalePlan, match=match):
        desk.apply(change, events=events, expected=expected)
    assert desk.ledger.stamp() == before


@pytest.mark.parametrize("expected", [None, 1])
def test_an_amendment_planned_before_a_stop_does_not_drop_its_ending(
    desk, live, events_of, expected
):
    cheaper = replace(live, label="cheaper")
    change = desk.change(ChangeKind.AMEND, cheaper, 2, saw=Standing.LIVE)
    desk.hold(live, kind=OrderKind.STOP)
    refuses(desk, change, events_of(cheaper, 2), "serial 1" if expected else "ending", expected)
    desk.done(desk.claim_one())
    assert desk.state(live, DEACTIVATE, 1) is EventState.DONE
    assert desk.standing(live).standing is Standing.ENDED


@pytest.mark.parametrize("kind", [ChangeKind.MOVE, ChangeKind.AMEND])
@pytest.mark.parametrize("generation", [1, 2])
def test_a_change_planned_before_a_hold_does_not_stage_again_what_it_takes_back(
    desk, staged, events_of, kind, generation
):
    after = replace(staged, end=staged.end + HOUR)
    change = desk.change(kind, after, generation, saw=Standing.STAGED)
    desk.hold(staged)
    refuses(desk, change, events_of(after, generation, HOUR), "ending")
    assert desk.claim_one().action is DEACTIVATE


def test_an_amendment_planned_before_a_withdrawal_does_not_drop_its_ending(desk, live, events_of):
    desk.apply(desk.change(ChangeKind.WITHDRAW, live))
    refuses(desk, desk.change(ChangeKind.AMEND, live, 2), events_of(live, 2), "ending")
    assert desk.claim_one().action is DEACTIVATE


def test_a_window_is_not_created_over_an_ending_that_its_plan_did_not_see(desk, live, events_of):
    desk.apply(desk.change(ChangeKind.WITHDRAW, live))
    change = desk.change(ChangeKind.CREATE, live, 2, saw=Standing.MISSED)
    refuses(desk, change, events_of(live, 2), "meanwhile")


@pytest.mark.parametrize("ended", [False, True])
def test_what_an_order_took_down_comes_back_by_its_own_release_alone(desk, live, events_of, ended):
    order = desk.hold(live, kind=OrderKind.STOP)
    other = desk.hold(campaign="another")
    if ended:
        desk.done(desk.claim_one())
    saw = desk.standing(live).standing
    change = desk.change(ChangeKind.CREATE, live, 2, saw=saw)
    refuses(desk, change, events_of(live, 2), f"order {order.id} took it down")
    back = desk.application(change, events=events_of(live, 2))
    with pytest.raises(StalePlan, match="took it down"):
        desk.ledger.release(other.id, back)
    assert other in desk.ledger.orders()
    desk.ledger.release(order.id, back)
    assert desk.claim_one().action is ACTIVATE


def test_a_start_that_waits_is_over_with_its_ending_though_the_clock_was_set_back(desk, window):
    # Given a start whose answer was lost, to be tried again after the window's end
    made = desk.create(window())
    start = desk.at(made.start).claim_one()
    later = made.end + HOUR
    desk.settle(start, EventState.UNCERTAIN, handed_at=desk.now, retry_at=later)
    # When the clock is set back while its ending is being done
    ending = desk.at(made.end).claim_one()
    desk.at(made.end - HOUR).done(ending)
    # Then nothing begins that nobody would end
    assert desk.standing(made).standing is Standing.ENDED
    assert desk.state(made, ACTIVATE) is EventState.MISSED
    desk.ledger.rewind(desk.now, HOUR / 60)
    assert (desk.claim(), desk.ledger.next_due()) == ([], None)


def test_a_move_planned_before_the_start_went_live_is_stale(desk, staged, moved, events_of):
    # Given a plan that moves what is staged to the next day
    tomorrow = moved(staged, 24 * HOUR)
    change = desk.change(ChangeKind.MOVE, tomorrow, 2, saw=Standing.STAGED)
    # When its start goes live before somebody says yes, then the plan does not count any more
    desk.at(staged.start).done(desk.claim_one())
    with pytest.raises(StalePlan, match="it is live"):
        desk.apply(change, events=events_of(tomorrow, 2))
    assert desk.record(staged, DEACTIVATE).event.due_at == staged.end
