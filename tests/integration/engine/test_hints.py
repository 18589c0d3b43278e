"""The wake of a cluster's node: it rings for hints too, each once, and never before their instant."""

import asyncio
from datetime import timedelta

from promo_scheduler.engine import hints
from promo_scheduler.engine.clocks import SystemClock
from promo_scheduler.engine.hints import ClusterWake
from promo_scheduler.engine.wake import TimerWake
from promo_scheduler.plan import Action, Key, WindowKey

SOON, LATER = timedelta(milliseconds=40), timedelta(hours=1)


def key(number):
    return Key(WindowKey("c", "p", "de", "-", "2026-11-11", number, "shop"), Action.ACTIVATE)


def woken():
    clock = SystemClock()
    return clock, ClusterWake(clock, TimerWake(clock))


async def soon(work):
    return await asyncio.wait_for(work, timeout=20)


async def test_it_rings_at_the_hint_and_not_before():
    clock, wake = woken()
    async with wake:
        due = clock.now() + SOON
        wake.hint(key(1), due)
        assert wake.hints() == ()
        await soon(wake.until(clock.now() + LATER, idle=True))
        assert clock.now() >= due
        assert wake.hints() == (key(1),)
        assert wake.hints() == ()


class Still(TimerWake):
    """A timer that never rings by itself."""

    async def until(self, instant, *, idle):
        await self._woken.wait()
        self._woken.clear()


async def test_a_hint_that_comes_while_it_sleeps_is_in_time():
    clock = SystemClock()
    async with ClusterWake(clock, Still(clock)) as wake:
        rest = asyncio.create_task(wake.until(None, idle=True))
        await asyncio.sleep(0.01)
        wake.hint(key(1), clock.now())
        await soon(rest)
        assert wake.hints() == (key(1),)


async def test_a_hint_that_nobody_asked_for_rings_once_and_is_kept():
    clock, wake = woken()
    async with wake:
        wake.hint(key(1), clock.now())
        await soon(wake.until(None, idle=True))
        # When the next rest begins with the hint still there, then it rests, until the instant
        due = clock.now() + SOON
        await soon(wake.until(due, idle=True))
        assert clock.now() >= due
        assert wake.hints() == (key(1),)


async def test_hints_come_in_the_order_they_are_due_and_each_once():
    clock, wake = woken()
    now = clock.now()
    for number, back in ((1, 1), (2, 3), (3, 2), (2, 5)):
        wake.hint(key(number), now - timedelta(seconds=back))
    assert wake.hints() == (key(2), key(3), key(1))


async def test_a_poke_ends_the_rest_also_when_it_came_first():
    clock, wake = woken()
    async with wake:
        wake.poke()
        await soon(wake.until(clock.now() + LATER, idle=True))
        rest = asyncio.create_task(wake.until(clock.now() + LATER, idle=True))
        await asyncio.sleep(0.01)
        wake.poke()
        await soon(rest)


async def test_without_any_hint_it_looks_again_by_itself():
    clock, wake = woken()
    async with wake:
        await soon(wake.until(clock.now() + LATER, idle=True))
        assert wake.hints() == ()


async def test_a_herd_is_never_all_in_memory(monkeypatch):
    monkeypatch.setattr(hints, "HELD_AT_MOST", 3)
    clock, wake = woken()
    for number in range(1, 9):
        wake.hint(key(number), clock.now())
    assert len(wake.hints()) == 3
    wake.hint(key(9), clock.now())
    assert wake.hints() == (key(9),)
