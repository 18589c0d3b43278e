"""Law 5: per channel and target a start waits for every ending due no later."""

from dataclasses import replace
from datetime import timedelta

import pytest

from promo_scheduler.firing import EventState
from promo_scheduler.plan import Action, ChangeKind, Standing

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
ACTIVATE, DEACTIVATE = Action.ACTIVATE, Action.DEACTIVATE
PATIENCE = timedelta(minutes=15)


@pytest.fixture
def pair(desk, window):
    """One window that is live and due to end when the next one on the same target starts."""
    first = desk.create(window("first", target="de-store"))
    second = window("second", target="de-store", start=first.end, end=first.end + 2 * HOUR)
    desk.create(second)
    desk.at(first.start).done(desk.claim_one())
    desk.at(first.end)
    return first, second


def test_the_start_comes_after_the_ending_is_settled(desk, pair):
    first, second = pair
    ending = desk.claim_one()
    assert (ending.action, ending.window) == (DEACTIVATE, first)
    assert desk.claim() == []
    desk.done(ending)
    assert desk.claim_one().window == second


def test_an_ending_in_backoff_still_goes_first(desk, pair):
    desk.settle(desk.claim_one(), EventState.PENDING, reason="503", retry_at=desk.now + 60 * SECOND)
    assert desk.claim() == []
    assert desk.ledger.next_due() == desk.now + 60 * SECOND


@pytest.mark.parametrize("other", [{"target": "us-store"}, {"region": "us"}])
def test_another_lane_does_not_wait(desk, pair, window, other):
    """Law 11. The target makes the lane, not the region's name."""
    lane = {"target": "other-store"} | other
    third = desk.create(window("third", start=desk.now, **lane))
    assert third in [f.window for f in desk.claim()]


def test_an_ending_due_later_blocks_nothing(desk, window):
    first = desk.create(window("first", target="de-store"))
    desk.at(first.start).done(desk.claim_one())
    desk.create(window("second", target="de-store", start=first.start + HOUR))
    assert desk.at(first.start + HOUR).claim_one().action is ACTIVATE


def test_staging_and_ending_wait_for_nobody(desk, pair, window):
    ahead = desk.now + HOUR
    desk.create(window("staged", target="de-store", start=ahead), stage_ahead=HOUR)
    assert [f.action for f in desk.claim()] == [DEACTIVATE, Action.STAGE]


def test_a_start_that_starves_is_held_and_goes_on_by_itself(desk, pair):
    _, second = pair
    ending = desk.claim_one()
    assert desk.ledger.hold_starved(desk.now + PATIENCE - SECOND, PATIENCE) == 0
    assert desk.ledger.hold_starved(desk.now + PATIENCE, PATIENCE) == 1
    record = desk.record(second, ACTIVATE)
    assert record.state is EventState.HELD and "waited longer than 0:15:00" in record.reason
    assert desk.ledger.hold_starved(desk.now + PATIENCE, PATIENCE) == 0
    desk.at(desk.now + PATIENCE).done(ending)
    assert desk.claim_one().window == second
    assert desk.kinds(f"{second.key}/activate") == ["firing.held", "firing.freed"]


def test_a_starved_start_waits_for_every_ending_before_it(desk, pair, window):
    first, second = pair
    also = desk.create(window("also", target="de-store", end=first.end))
    firings = {f.window: f for f in desk.claim()}
    desk.ledger.hold_starved(desk.now + PATIENCE, PATIENCE)
    desk.done(firings[first])
    assert desk.state(second, ACTIVATE) is EventState.HELD
    desk.settle(firings[also], EventState.MISSED)
    desk.done(desk.claim_one())
    assert desk.state(second, ACTIVATE) is EventState.PENDING
    assert desk.standing(also).standing is Standing.MISSED


def test_a_starved_start_is_freed_when_a_plan_moves_the_ending_away(desk, pair, events_of):
    first, second = pair
    later = first.end + HOUR
    desk.settle(desk.claim_one(), EventState.PENDING, reason="503", retry_at=later)
    desk.ledger.hold_starved(desk.now + PATIENCE, PATIENCE)
    longer = replace(first, end=later)
    desk.apply(desk.change(ChangeKind.MOVE, longer, 2), events=events_of(longer, 2))
    assert desk.state(second, ACTIVATE) is EventState.PENDING


def test_a_person_may_send_a_starved_start_on_but_it_still_waits(desk, pair):
    _, second = pair
    ending = desk.claim_one()
    desk.ledger.hold_starved(desk.now + PATIENCE, PATIENCE)
    key = desk.record(second, ACTIVATE).event.key
    desk.ledger.retry(key, desk.now, "ann")
    assert desk.claim() == []
    desk.done(ending)
    assert desk.claim_one().event.key == key
