"""The timer wakes never early, at most a second late by intent, and at once when poked."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from structlog.testing import capture_logs

from promo_scheduler.engine.clocks import SimulatedClock, SystemClock
from promo_scheduler.engine.wake import ClockWatch, SkippingWake, TimerWake
from promo_scheduler.testing import TickingClock

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


# ── a clock that is set ─────────────────────────────────────────────────────────────────────────
class SetClock(SystemClock):
    """The machine's clock, and how far somebody has set it."""

    def __init__(self):
        self.by = timedelta(0)

    def now(self):
        return super().now() + self.by


@pytest.fixture
def set_clock(monkeypatch):
    """One clock for the wake and for APScheduler, which reads the machine's by itself."""
    clock = SetClock()

    class TheirDatetime(datetime):
        @classmethod
        def now(cls, tz=None):
            return clock.now().astimezone(tz)

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", TheirDatetime)
    return clock


MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STEPS = {"+60 s": MINUTE, "-60 s": -MINUTE, "+1 day": DAY, "-1 day": -DAY}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_a_step_of_the_clock_is_told_once_and_delays_no_wake(set_clock, step):
    # Given a rest until an instant that is far off
    instant = set_clock.now() + timedelta(hours=2)
    async with TimerWake(set_clock) as wake:
        with capture_logs() as told:
            rest = asyncio.create_task(wake.until(instant, idle=True))
            await asyncio.sleep(0)
            # When the clock is set meanwhile
            set_clock.by += step
            # Then the wake comes by monotonic time, and so do those after it
            for _ in range(3):
                await asyncio.wait_for(rest, timeout=2.5)
                rest = asyncio.create_task(wake.until(instant, idle=True))
            rest.cancel()
    assert [line["event"] for line in told] == ["engine.clock-stepped"]
    assert told[0]["seconds"] == pytest.approx(step.total_seconds(), abs=0.5)
    assert wake.stalled_since is None


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_after_a_step_it_wakes_at_its_instant_by_the_new_time(set_clock, step):
    async with TimerWake(set_clock) as wake:
        set_clock.by += step
        instant = set_clock.now() + timedelta(milliseconds=40)
        await wake.until(instant, idle=True)
        assert timedelta(0) <= set_clock.now() - instant < timedelta(seconds=0.5)


async def test_a_dead_timer_is_told_and_the_wakes_go_on(monkeypatch):
    # Given a timer that no longer does anything
    clock = SystemClock()
    async with TimerWake(clock) as wake:
        with monkeypatch.context() as broken, capture_logs() as told:
            broken.setattr(AsyncIOScheduler, "_process_jobs", lambda self: None)
            began = clock.now()
            # When the daemon goes round three times
            for _ in range(3):
                await asyncio.wait_for(wake.until(None, idle=True), timeout=2.5)
        # Then it is told since when, and an alarm is raised once
        assert wake.stalled_since is not None
        assert wake.stalled_since <= began
        assert [line["event"] for line in told] == ["engine.timer-stalled"]
        # And it is over as soon as the timer rings again
        await asyncio.wait_for(wake.until(None, idle=True), timeout=2.5)
        assert wake.stalled_since is None


def test_the_watch_tells_a_step_from_time_that_passes():
    clock = TickingClock(START)
    watch = ClockWatch(clock)
    clock.tick(timedelta(hours=9))  # a suspended machine: both go on
    assert watch.moved() == timedelta(0)
    clock.set(clock.now() - timedelta(days=1))
    assert watch.moved() == timedelta(days=-1)
    assert watch.moved() == timedelta(0)  # told once
    clock.set(clock.now() + timedelta(minutes=1))
    assert watch.moved() == timedelta(minutes=1)


def test_a_clock_that_is_slewed_is_not_said_to_be_set():
    clock = TickingClock(START)
    watch = ClockWatch(clock)
    for _ in range(1000):  # more than half a second in all
        clock.tick(timedelta(seconds=1))
        clock.set(clock.now() + timedelta(milliseconds=5))
        assert watch.moved() == timedelta(0)


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="this system has one clock")
def test_monotonic_time_counts_the_sleep_of_a_machine():
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= SystemClock().monotonic() <= time.clock_gettime(time.CLOCK_BOOTTIME)


async def test_neither_wake_knows_of_events():
    async with TimerWake(SystemClock()) as wake:
        assert wake.hints() == ()
    assert SkippingWake(SimulatedClock(START), _something, _nothing).hints() == ()


# ── a simulated clock ───────────────────────────────────────────────────────────────────────────
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
