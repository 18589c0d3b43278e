"""The timer wakes never early, at most a second late by intent, and at once when poked."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from promo_scheduler.engine.clocks import SimulatedClock, SystemClock
from promo_scheduler.engine.wake import SkippingWake, TimerWake

START = datetime(2026, 11, 10, 23, tzinfo=UTC)


async def test_it_never_wakes_before_the_instant():
    clock = SystemClock()
    async with TimerWake(clock) as wake:
        for milliseconds in (3, 10, 25, 60):
            instant = clock.now() + timedelta(milliseconds=milliseconds)
            await wake.until(instant, idle=True)
            assert clock.now() >= instant


async def test_a_poke_ends_the_rest_at_once():
    clock = SystemClock()
    async with TimerWake(clock) as wake:
        rest = asyncio.create_task(wake.until(clock.now() + timedelta(hours=1), idle=True))
        await asyncio.sleep(0)
        wake.poke()
        await asyncio.wait_for(rest, timeout=0.5)


async def test_a_poke_that_came_first_is_not_lost():
    async with TimerWake(SystemClock()) as wake:
        wake.poke()
        await asyncio.wait_for(wake.until(None, idle=True), timeout=0.5)


async def test_a_far_instant_is_looked_at_again_within_about_a_second():
    clock = SystemClock()
    async with TimerWake(clock) as wake:
        await asyncio.wait_for(wake.until(clock.now() + timedelta(days=9), idle=True), timeout=2.5)


async def _nothing(_now):
    return False


async def _something(_now):
    return True


async def test_a_simulated_clock_skips_an_idle_gap_and_is_the_last_to_move():
    clock, told = SimulatedClock(START), []

    async def shop_moves(instant):
        told.append((instant, clock.now() < instant))

    wake = SkippingWake(clock, shop_moves, _nothing)
    await wake.until(START + timedelta(days=3), idle=True)
    assert told == [(START + timedelta(days=3), True)]
    assert timedelta(0) <= clock.now() - (START + timedelta(days=3)) < timedelta(days=1)


@pytest.mark.parametrize(("idle", "waiting"), [(False, _nothing), (True, _something)])
async def test_nothing_is_skipped_while_something_is_in_flight_or_in_backoff(idle, waiting):
    clock, told = SimulatedClock(START), []

    async def shop_moves(instant):
        told.append(instant)

    wake = SkippingWake(clock, shop_moves, waiting)
    wake.poke()
    await wake.until(START + timedelta(days=3), idle=idle)
    assert told == []
    assert clock.now() < START + timedelta(minutes=1)


def test_a_simulated_clock_never_goes_back():
    clock = SimulatedClock(START)
    clock.skip_to(START + timedelta(hours=2))
    clock.skip_to(START)
    assert clock.now() >= START + timedelta(hours=2)
