"""Hints: events that an engine says may be due, and the wake that keeps them until they are.

A hint is worth nothing but time: the ledger decides what is due, and finds by itself what no hint
came for. So hints may come early, late, twice or never.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Self

from promo_scheduler.clock import Clock
from promo_scheduler.engine.wake import LONGEST, Wake
from promo_scheduler.plan import Key

HELD_AT_MOST = 10_000  # a herd is never all in memory; what is left out, the ledger finds


class ClusterWake:
    """A wake that also rings at the instant of the earliest hint that it holds."""

    def __init__(self, clock: Clock, timer: Wake) -> None:
        self._clock = clock
        self._timer = timer
        self._early: list[tuple[datetime, int, Key]] = []  # a heap
        self._numbers = count()
        self._ripe: dict[Key, None] = {}  # each key once, in the order they came due
        self._poked = False
        self._rings_at: datetime | None = None

    async def __aenter__(self) -> Self:
        await self._timer.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._timer.__aexit__(*error)

    @property
    def stalled_since(self) -> datetime | None:
        return self._timer.stalled_since

    def poke(self) -> None:
        self._poked = True
        self._timer.poke()

    def hint(self, key: Key, due: datetime) -> None:
        """An event may be due at an instant (UTC). Called on the event loop's thread."""
        if len(self._early) + len(self._ripe) >= HELD_AT_MOST:
            return
        heappush(self._early, (due, next(self._numbers), key))
        if self._rings_at is not None and due < self._rings_at:
            self._timer.poke()

    def hints(self) -> tuple[Key, ...]:
        """The keys whose instant has come; they are not told again."""
        self._ripen()
        ripe, self._ripe = tuple(self._ripe), {}
        return ripe

    async def until(self, instant: datetime | None, *, idle: bool) -> None:
        """Return at `instant` (UTC), when another hint comes due, after a second, or when poked.

        A hint that came due and was not asked for rings once only.
        """
        await asyncio.sleep(0)
        longest = self._clock.monotonic() + LONGEST.total_seconds()
        while not (self._poked or self._ripen() or self._is_past(instant)):
            left = longest - self._clock.monotonic()
            if left <= 0:
                break
            await self._rest(instant, left, idle=idle)
        self._poked = False

    async def _rest(self, instant: datetime | None, left: float, *, idle: bool) -> None:
        known = [self._clock.now() + timedelta(seconds=left)]
        known += [instant] if instant is not None else []
        known += [self._early[0][0]] if self._early else []
        self._rings_at = min(known)
        try:
            await self._timer.until(self._rings_at, idle=idle)
        finally:
            self._rings_at = None

    def _is_past(self, instant: datetime | None) -> bool:
        return instant is not None and instant <= self._clock.now()

    def _ripen(self) -> bool:
        """Whether a hint has come due just now."""
        now, before = self._clock.now(), len(self._ripe)
        while self._early and self._early[0][0] <= now:
            self._ripe[heappop(self._early)[2]] = None
        return len(self._ripe) > before
