"""What is done with a due event, and what after a failure: decided by pure functions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from promo_scheduler.campaign import Lateness
from promo_scheduler.connector import (
    ChannelDown,
    Forbidden,
    OutcomeUnknown,
    RateLimited,
    Retryable,
)
from promo_scheduler.firing import (
    Backoff,
    EventState,
    Fire,
    Firing,
    HoldBack,
    Miss,
    after_failure,
    decide,
)
from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.order import Order, OrderKind, Scope
from promo_scheduler.plan import Action, Key, TriggerEvent, Window, WindowKey

START = datetime(2026, 11, 10, 23, tzinfo=UTC)
END = START + timedelta(hours=24)
BACKOFF = Backoff(timedelta(seconds=1), timedelta(minutes=5))


def a_firing(action=Action.ACTIVATE, late=Lateness(), **more):
    key = WindowKey("double-11", "launch", "de", "-", "2026-11-11", 1, "storefront")
    offer = Offer(PercentOff(Decimal(25)), Selection(skus=frozenset({"A-1"})))
    window = Window(key, "Europe/Berlin", "de", None, None, START, END, "EUR", offer, late=late)
    due = END if action is Action.DEACTIVATE else START
    event = TriggerEvent(Key(key, action), due)
    return replace(Firing(event, window, "promo-1", attempt=1, fence=1), **more)


def a_hold(**scope):
    return Order(7, OrderKind.HOLD, Scope(**scope), "stock count", "ann", START)


def test_a_start_fires_while_its_window_lasts():
    assert decide(a_firing(), START, []) == Fire()
    assert decide(a_firing(), END - timedelta(seconds=1), []) == Fire()


def test_a_start_is_missed_once_its_window_is_over():
    assert isinstance(decide(a_firing(), END, []), Miss)


def test_an_ending_fires_however_late_and_whatever_is_held():
    ending = a_firing(Action.DEACTIVATE)
    assert decide(ending, END + timedelta(days=365), [a_hold()]) == Fire()


def test_start_within_narrows_how_late_a_start_may_begin():
    firing = a_firing(late=Lateness(start_within=timedelta(hours=2)))
    assert decide(firing, START + timedelta(hours=2), []) == Fire()
    assert isinstance(decide(firing, START + timedelta(hours=2, seconds=1), []), Miss)


def test_time_under_an_order_is_not_lateness():
    late = Lateness(start_within=timedelta(hours=2))
    firing = a_firing(late=late, held_for=timedelta(hours=5))
    assert decide(firing, START + timedelta(hours=6), []) == Fire()


def test_what_was_staged_is_read_on_the_channel_before_it_is_called_missed():
    firing = a_firing(late=Lateness(start_within=timedelta(hours=2)), touched=True)
    assert decide(firing, START + timedelta(hours=9), []) == Fire()


def test_min_remaining_gives_up_a_start_that_would_be_too_short():
    firing = a_firing(late=Lateness(min_remaining=timedelta(hours=1)))
    assert decide(firing, END - timedelta(hours=1), []) == Fire()
    assert isinstance(decide(firing, END - timedelta(minutes=59), []), Miss)


@pytest.mark.parametrize(
    ("scope", "held"),
    [
        ({}, True),
        ({"region": "de"}, True),
        ({"region": "de", "channel": "storefront"}, True),
        ({"region": "de", "channel": "amazon"}, False),
        ({"region": "us"}, False),
        ({"sku": "A-1"}, True),
        ({"sku": "B-2"}, False),
        ({"campaign": "double-11", "phase": "teaser"}, False),
    ],
)
def test_a_hold_covers_the_intersection_of_its_parts(scope, held):
    assert isinstance(decide(a_firing(), START, [a_hold(**scope)]), HoldBack) is held


def test_a_released_order_holds_nothing():
    assert decide(a_firing(), START, [replace(a_hold(), released_at=START)]) == Fire()


@pytest.mark.parametrize("error", [Retryable("503"), Forbidden("no"), RateLimited("429")])
def test_an_ending_never_becomes_failed_by_itself(error):
    ending = a_firing(Action.DEACTIVATE, attempt=1000)
    settlement = after_failure(ending, error, END + timedelta(days=30), BACKOFF, Random(1))
    assert settlement.state is EventState.PENDING
    assert settlement.retry_at > END + timedelta(days=30)


def test_a_start_is_given_up_on_a_permanent_error():
    settlement = after_failure(a_firing(), Forbidden("not yours"), START, BACKOFF, Random(1))
    assert (settlement.state, settlement.reason) == (EventState.FAILED, "not yours")


def test_a_start_is_given_up_when_the_next_try_would_be_after_its_end():
    late = END - timedelta(milliseconds=100)
    settlement = after_failure(a_firing(), Retryable("503"), late, BACKOFF, Random(1))
    assert settlement.state is EventState.FAILED


def test_a_lost_answer_is_uncertain_and_never_given_up_unread():
    late = END - timedelta(milliseconds=100)
    settlement = after_failure(a_firing(), OutcomeUnknown("lost"), late, BACKOFF, Random(1))
    assert settlement.state is EventState.UNCERTAIN


def test_retry_after_and_closing_times_are_obeyed():
    limited = RateLimited("429", retry_after=timedelta(seconds=42))
    asked = after_failure(a_firing(), limited, START, BACKOFF, Random(1))
    assert timedelta(seconds=42) <= asked.retry_at - START < timedelta(seconds=43)
    down = ChannelDown("closed", until=START + timedelta(hours=1))
    closed = after_failure(a_firing(), down, START, BACKOFF, Random(1))
    assert closed.retry_at - START == timedelta(hours=1)


@pytest.mark.parametrize(
    "error",
    [
        RateLimited("429", retry_after=timedelta.max),
        ChannelDown("closed", until=datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_an_ending_waits_an_hour_at_most_whatever_the_channel_asks(error):
    ending = a_firing(Action.DEACTIVATE)
    settlement = after_failure(ending, error, END, BACKOFF, Random(1))
    assert settlement.retry_at - END <= timedelta(hours=1, seconds=1)


def test_what_is_live_may_be_amended_to_its_last_moment():
    late = Lateness(min_remaining=timedelta(hours=1))
    firing = a_firing(late=late, touched=True)
    assert decide(firing, END - timedelta(minutes=1), []) == Fire()
    assert isinstance(decide(firing, END, []), Miss)


def test_the_backoff_doubles_up_to_its_longest_and_is_jittered():
    random = Random(3)
    for attempt in range(1, 200):
        step = min(2.0 ** (attempt - 1), 300)
        delay = BACKOFF.delay(attempt, random).total_seconds()
        assert step / 2 <= delay <= step
    assert len({BACKOFF.delay(5, random) for _ in range(20)}) == 20
