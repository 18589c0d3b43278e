"""Wake: sleep until the next due instant, or until poked. Never early.

APScheduler is a timer here and no more: one job, 'wake me', in memory. All that must survive is in
the ledger, so a lost wake-up loses nothing. At most a second of monotonic time lies between two
wakes, whatever the system clock does meanwhile: that bounds what a step of it, a dead timer, or an
event written by another process can cost.
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
from promo_scheduler.plan import Key

LONGEST = timedelta(seconds=1)
AHEAD = timedelta(seconds=0.9)  # the timer is never set further ahead: its ring comes first
MISSED_RINGS = 3  # one after another: the timer is dead, and not only the machine busy
STEP = timedelta(seconds=0.5)  # what no slewing of NTP moves a clock by between two looks
AT_ONCE = 0.05  # seconds between two readings that count as one moment

log = structlog.get_logger()


class ClockWatch:
    """Tells by how much the system clock was set, and is blind to time that passes.

    What the wall shows and what monotonic time counts run together; a step moves one alone.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._apart = self._look()

    def moved(self) -> timedelta:
        """How far the clock was set since last asked: ahead, back (negative), or not (zero)."""
        before, self._apart = self._apart, self._look()
        moved = self._apart - before
        return moved if abs(moved) > STEP else timedelta(0)

    def _look(self) -> timedelta:
        """What the wall shows beyond monotonic time; once more where we were stopped between."""
        while True:
            began = self._clock.monotonic()
            wall = self._clock.now()
            if self._clock.monotonic() - began < AT_ONCE:
                return wall - datetime.fromtimestamp(0, UTC) - timedelta(seconds=began)


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

    def hints(self) -> tuple[Key, ...]:
        """The events that the engine says may be due by now; each is told once."""

    @property
    def stalled_since(self) -> datetime | None:
        """Since when the timer no longer rings (UTC); None while it does."""


class TimerWake:
    """The wake of a real daemon, on APScheduler's timer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watch = ClockWatch(clock)
        self._woken = asyncio.Event()
        self._timer = AsyncIOScheduler(timezone=UTC)
        self._missed = 0
        self._last_ring = clock.now()
        self._stalled_since: datetime | None = None

    async def __aenter__(self) -> Self:
        self._timer.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        self._timer.shutdown(wait=False)

    @property
    def stalled_since(self) -> datetime | None:
        return self._stalled_since

    def hints(self) -> tuple[Key, ...]:
        return ()

    def poke(self) -> None:
        self._woken.set()

    async def until(self, instant: datetime | None, *, idle: bool) -> None:
        del idle
        limit = self._clock.now() + AHEAD
        self._arm(min(instant, limit) if instant else limit)
        try:
            async with asyncio.timeout(LONGEST.total_seconds()):  # by the loop's monotonic time
                await self._woken.wait()
        except TimeoutError:
            self._missed += 1
        self._woken.clear()
        self._look_at_the_clock()

    def _look_at_the_clock(self) -> None:
        """A ring that did not come: the clock was set back, or the timer is dead."""
        if moved := self._watch.moved():
            log.warning("engine.clock-stepped", seconds=round(moved.total_seconds(), 3))
            self._missed = 0
        if self._missed >= MISSED_RINGS and self._stalled_since is None:
            self._stalled_since = self._last_ring
            log.error("engine.timer-stalled", since=self._last_ring.isoformat())

    def _arm(self, at: datetime) -> None:
        self._timer.add_job(
            self._ring,
            DateTrigger(at, timezone=UTC),
            id="wake",
            replace_existing=True,
            misfire_grace_time=None,
        )

    async def _ring(self) -> None:
        self._missed, self._last_ring = 0, self._clock.now()
        if self._stalled_since is not None:
            log.warning("engine.timer-rings-again", since=self._stalled_since.isoformat())
            self._stalled_since = None
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

    @property
    def stalled_since(self) -> datetime | None:
        return None

    def hints(self) -> tuple[Key, ...]:
        return ()

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
