"""Wake: sleep until the next due instant, or until poked. Never early.

APScheduler is a timer here and no more: one job, 'wake me', in memory. All that must survive is in
the ledger, so a lost wake-up loses nothing. At most a second lies between two wakes, which bounds
what a step of the system clock, or an event written by another process, can cost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol, Self

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from promo_scheduler.clock import Clock
from promo_scheduler.engine.clocks import SimulatedClock

LONGEST = timedelta(seconds=1)
STALLED = 3.0  # seconds after which a timer that should have fired is taken for dead

log = structlog.get_logger()


class Wake(Protocol):
    """What the service sleeps on."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *error: object) -> None: ...

    async def until(self, instant: datetime | None, *, idle: bool) -> None:
        """Return at `instant` (UTC; None: not known), after a second, or when poked.

        `idle`: nothing is in flight, so that a simulated clock may skip.
        """

    def poke(self) -> None:
        """Return now from `until`, or at once from the next one."""


class TimerWake:
    """The wake of a real daemon, on APScheduler's timer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._woken = asyncio.Event()
        self._timer = AsyncIOScheduler(timezone=UTC)

    async def __aenter__(self) -> Self:
        self._timer.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        self._timer.shutdown(wait=False)

    def poke(self) -> None:
        self._woken.set()

    async def until(self, instant: datetime | None, *, idle: bool) -> None:
        del idle
        limit = self._clock.now() + LONGEST
        self._arm(min(instant, limit) if instant else limit)
        try:
            async with asyncio.timeout(STALLED):
                await self._woken.wait()
        except TimeoutError:
            log.error("engine.timer-stalled", seconds=STALLED)
        self._woken.clear()

    def _arm(self, at: datetime) -> None:
        self._timer.add_job(
            self._wake,
            DateTrigger(at, timezone=UTC),
            id="wake",
            replace_existing=True,
            misfire_grace_time=None,
        )

    async def _wake(self) -> None:
        self._woken.set()


class SkippingWake:
    """The wake under a simulated clock: idle gaps are skipped, all else takes its real time.

    `before_skip` is told where the clock is going and returns when everybody else (the shop, the
    ledger) is there: the daemon is the last to move. `waiting` tells whether anything is past its
    instant and still to be done, say in backoff. `pace` is a pause in real seconds before each
    skip, so that a person can follow.
    """

    def __init__(
        self,
        clock: SimulatedClock,
        before_skip: Callable[[datetime], Awaitable[None]],
        waiting: Callable[[datetime], Awaitable[bool]],
        pace: float = 0.0,
    ) -> None:
        self._clock = clock
        self._before_skip = before_skip
        self._waiting = waiting
        self._pace = pace
        self._woken = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        return None

    def poke(self) -> None:
        self._woken.set()

    async def until(self, instant: datetime | None, *, idle: bool) -> None:
        if instant is not None and idle and not await self._waiting(self._clock.now()):
            await asyncio.sleep(self._pace)
            await self._before_skip(instant)
            self._clock.skip_to(instant)
        else:
            await self._real_time(instant)

    async def _real_time(self, instant: datetime | None) -> None:
        left = instant - self._clock.now() if instant else LONGEST
        seconds = max(0.0, min(left, LONGEST).total_seconds())
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()
