"""One account: its slots, its timeout, its pause, and that it never delays another."""

import asyncio
from datetime import timedelta

import pytest

from promo_scheduler.channel import Limits
from promo_scheduler.channels.account import Account
from promo_scheduler.connector import (
    ChannelDown,
    Connector,
    Forbidden,
    Health,
    Observed,
    ObservedState,
    OutcomeUnknown,
    RateLimited,
    RemoteRef,
    Retryable,
)
from promo_scheduler.plan import Action, WindowKey
from promo_scheduler.testing import TickingClock, a_channel, a_firing, a_window


class Gated(Connector):
    """A channel whose `find` waits for the test to open the gate; counts who is inside."""

    def __init__(self, *, is_open=True):
        self.gate = asyncio.Event()
        self.inside = self.most = self.finds = 0
        self.raises, self.is_broken = None, False
        if is_open:
            self.gate.set()

    async def find(self, natural_key):
        self.finds += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.gate.wait()
        finally:
            self.inside -= 1
        if self.raises:
            raise self.raises
        return ()

    async def ensure(self, request):
        return RemoteRef("1", request.natural_key)

    async def deactivate(self, ref):
        return

    async def read(self, ref):
        return None if self.is_broken else ObservedState(Observed.ACTIVE)

    async def health(self):
        return Health(ok=True)


def firing(number=1):
    key = WindowKey("double-11", "launch", "de", "-", "2026-11-11", number, "store")
    return a_firing(window=a_window(key=key))


def account(connector, clock=None, timeout=timedelta(seconds=60), **limits):
    return Account(a_channel(limits=Limits(**limits)), connector, clock or TickingClock(), timeout)


async def passing():
    """Let every task go as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_only_so_many_firings_are_inside_at_one_time():
    gated = Gated(is_open=False)
    busy = account(gated, concurrency=3)
    tasks = [asyncio.create_task(busy.act(firing(n), lambda: None)) for n in range(1, 10)]
    await passing()
    assert gated.inside == 3
    gated.gate.set()
    await asyncio.gather(*tasks)
    assert gated.most == 3


async def test_firings_of_one_discount_go_one_after_another():
    gated = Gated(is_open=False)
    busy = account(gated, concurrency=8)
    tasks = [asyncio.create_task(busy.act(firing(), lambda: None)) for _ in range(3)]
    await passing()
    assert gated.inside == 1
    gated.gate.set()
    await asyncio.gather(*tasks)
    assert gated.most == 1


async def test_a_firing_is_handed_when_its_first_call_begins_and_not_while_it_queues():
    gated = Gated(is_open=False)
    busy = account(gated, concurrency=1)
    handed = []
    tasks = [
        asyncio.create_task(busy.act(firing(n), lambda n=n: handed.append((n, gated.finds))))
        for n in (1, 2)
    ]
    await passing()
    assert handed == [(1, 0)]
    gated.gate.set()
    await asyncio.gather(*tasks)
    first = {n: next(finds for number, finds in handed if number == n) for n in (1, 2)}
    assert first == {1: 0, 2: 1}


async def test_a_slow_account_does_not_delay_another():
    slow, quick = account(Gated(is_open=False), concurrency=1), account(Gated(), concurrency=1)
    waiting = asyncio.create_task(slow.act(firing(), lambda: None))
    await passing()
    receipt = await quick.act(firing(), lambda: None)
    assert receipt.observed.state is Observed.ACTIVE
    assert not waiting.done()
    waiting.cancel()


async def test_what_takes_too_long_has_an_unknown_outcome_and_frees_its_slot():
    gated = Gated(is_open=False)
    busy = account(gated, timeout=timedelta(milliseconds=20), concurrency=1)
    with pytest.raises(OutcomeUnknown, match=r"did not finish within 0\.02 s"):
        await busy.act(firing(), lambda: None)
    gated.gate.set()
    await busy.act(firing(), lambda: None)


async def test_a_channel_that_asks_to_wait_pauses_its_account_and_no_longer():
    clock, gated = TickingClock(), Gated()
    busy = account(gated, clock)
    gated.raises = RateLimited("slow down", retry_after=timedelta(seconds=30))
    handed = []
    with pytest.raises(RateLimited):
        await busy.act(firing(1), lambda: handed.append(1))
    gated.raises = None
    clock.tick(timedelta(seconds=10))
    with pytest.raises(RateLimited) as caught:
        await busy.act(firing(2), lambda: handed.append(2))
    assert caught.value.retry_after == timedelta(seconds=20)
    assert (handed, gated.finds) == ([1], 1)
    clock.tick(timedelta(seconds=20))
    await busy.act(firing(2), lambda: handed.append(2))
    assert handed == [1, *[2] * 4]  # find, ensure, activate, read


async def test_what_refuses_before_a_call_keeps_it_from_being_made():
    def refuse():
        raise OutcomeUnknown("the lease ran out")

    gated = Gated()
    with pytest.raises(OutcomeUnknown, match="the lease ran out"):
        await account(gated).act(firing(), refuse)
    assert gated.finds == 0


async def test_a_channel_that_is_down_is_called_by_one_that_probes_and_by_no_other():
    # Given three firings under way when the channel says that it is down
    clock, gated = TickingClock(), Gated(is_open=False)
    shut = account(gated, clock)
    tasks = [asyncio.create_task(shut.act(firing(n), lambda: None)) for n in (1, 2, 3)]
    await passing()
    gated.raises = ChannelDown("closed for maintenance")
    gated.gate.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ChannelDown] * 3
    # Then it takes nothing more, and says why
    assert (shut.room, shut.down.reason, gated.finds) == (0, "closed for maintenance", 3)
    with pytest.raises(ChannelDown) as caught:
        await shut.act(firing(4), lambda: None)
    assert caught.value.until == clock.now() + timedelta(seconds=1)
    assert gated.finds == 3
    # And when its time has come one probes, and an answer opens it for all
    clock.tick(timedelta(seconds=1))
    assert shut.room == 1
    gated.raises = None
    await shut.act(firing(4), lambda: None)
    assert (shut.room, shut.down) == (None, None)


async def test_a_probe_without_an_answer_leaves_the_channel_down():
    clock, gated = TickingClock(), Gated()
    shut = account(gated, clock)
    for error in (ChannelDown("closed"), Retryable("no connection")):
        gated.raises = error
        with pytest.raises(type(error)):
            await shut.act(firing(), lambda: None)
        clock.tick(timedelta(seconds=1))
    assert shut.room == 0
    clock.tick(timedelta(seconds=1))
    assert shut.room == 1


async def test_a_refusal_is_an_answer():
    clock, gated = TickingClock(), Gated()
    shut = account(gated, clock)
    for error in (ChannelDown("closed"), Forbidden("not with this account")):
        gated.raises = error
        with pytest.raises(type(error)):
            await shut.act(firing(), lambda: None)
        clock.tick(timedelta(seconds=1))
    assert shut.down is None


async def test_those_who_queued_before_the_pause_are_refused_too():
    gated = Gated(is_open=False)
    busy = account(gated, concurrency=1)
    tasks = [asyncio.create_task(busy.act(firing(n), lambda: None)) for n in (1, 2, 3)]
    await passing()
    gated.raises = RateLimited("slow down", retry_after=timedelta(seconds=30))
    gated.gate.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [RateLimited] * 3
    assert gated.finds == 1


async def test_waiting_for_the_pace_does_not_count_as_taking_too_long():
    gated = Gated()
    busy = account(gated, timeout=timedelta(milliseconds=300), per_second=2)
    for _ in range(2):  # the burst is used up, so that each call now waits 500 ms
        busy._bucket.reserve(0)
    receipt = await busy.act(firing(), lambda: None)
    assert receipt.observed.state is Observed.ACTIVE


async def test_an_ending_that_is_found_gone_is_done():
    ended = await account(Gated()).act(a_firing(Action.DEACTIVATE), lambda: None)
    assert ended.observed.state is Observed.ABSENT


async def test_a_probe_that_ends_in_a_bug_of_the_connector_is_not_the_last_one():
    clock, gated = TickingClock(), Gated()
    shut = account(gated, clock)
    gated.raises = ChannelDown("closed")
    with pytest.raises(ChannelDown):
        await shut.act(firing(), lambda: None)
    clock.tick(timedelta(seconds=1))
    gated.raises, gated.is_broken = None, True
    with pytest.raises(AttributeError):
        await shut.act(firing(), lambda: None)
    assert shut.room == 0
    clock.tick(timedelta(seconds=2))
    assert shut.room == 1


async def test_a_channel_that_asks_to_wait_for_days_is_asked_again_within_the_hour():
    clock, gated = TickingClock(), Gated()
    busy = account(gated, clock)
    gated.raises = RateLimited("come back next week", retry_after=timedelta(days=7))
    with pytest.raises(RateLimited):
        await busy.act(firing(), lambda: None)
    assert busy.room == 0
    clock.tick(timedelta(hours=1))
    assert busy.room is None


# ── reading what is there ───────────────────────────────────────────────────────────────────────
async def test_reading_what_is_there_keeps_the_pace_of_the_account():
    # Given an account whose burst of ten calls is over, and whose next token is a second away
    clock, gated = TickingClock(), Gated()
    busy = account(gated, clock, per_second=10)
    for _ in range(19):
        busy._bucket.reserve(clock.monotonic())
    # When it is read, then no call is made before its token is there
    looking = asyncio.create_task(busy.observe("promo-1"))
    await passing()
    assert (looking.done(), gated.finds) == (False, 0)
    looking.cancel()


async def test_reading_what_is_there_uses_no_more_than_the_slots():
    gated = Gated(is_open=False)
    busy = account(gated, concurrency=3)
    tasks = [asyncio.create_task(busy.observe(f"promo-{n}")) for n in range(9)]
    await passing()
    gated.gate.set()
    await asyncio.gather(*tasks)
    assert (gated.most, gated.finds) == (3, 9)


async def test_reading_stops_while_the_channel_asks_to_wait_and_pauses_the_firings_too():
    clock, gated = TickingClock(), Gated()
    busy = account(gated, clock)
    gated.raises = RateLimited("slow down", retry_after=timedelta(seconds=30))
    for _ in range(5):
        with pytest.raises(RateLimited):
            await busy.observe("promo-1")
    assert (gated.finds, busy.room) == (1, 0)
    gated.raises = None
    clock.tick(timedelta(seconds=30))
    assert (await busy.observe("promo-1")).state == "absent"


async def test_reading_a_channel_that_is_down_is_left_to_one_that_probes():
    clock, gated = TickingClock(), Gated()
    shut = account(gated, clock)
    gated.raises = ChannelDown("closed for maintenance")
    for _ in range(5):
        with pytest.raises(ChannelDown):
            await shut.observe("promo-1")
    assert (gated.finds, shut.down.reason) == (1, "closed for maintenance")
    gated.raises = None
    clock.tick(timedelta(seconds=1))
    assert not (await shut.observe("promo-1")).present
    assert shut.down is None


async def test_reading_that_takes_too_long_is_an_error_of_the_channel():
    gated = Gated(is_open=False)
    with pytest.raises(OutcomeUnknown, match=r"did not finish within 0\.02 s"):
        await account(gated, timeout=timedelta(milliseconds=20)).observe("promo-1")
