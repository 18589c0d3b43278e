"""The daemon: take what is due, hand it to the dispatcher, sleep until the next instant.

Nothing that matters is kept here. Kill it at any point, and the next one goes on from the ledger:
what was claimed and not settled is uncertain, and the channel is read before anything is repeated.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from promo_scheduler.channels.act import where_raised
from promo_scheduler.clock import Clock
from promo_scheduler.engine.books import Books, Room, Taken
from promo_scheduler.engine.dispatcher import HOLD_BREATH, Dispatcher, Means
from promo_scheduler.engine.systemd import notify
from promo_scheduler.engine.wake import Wake
from promo_scheduler.errors import LedgerUnavailable, PromoError
from promo_scheduler.settings import Settings

BATCH = 500
SHARES = 8  # no channel gets more than this part of what may be in flight (law 11)
# The ledger's thread gives the interpreter up at each row; with the default of 5 ms a busy event
# loop would make it wait that long to get it back.
SWITCH_INTERVAL = 0.0005
HOUSEKEEPING = 2.0  # seconds between two rounds of lease renewal and looking for starved starts

log = structlog.get_logger()

Finished = Callable[[datetime | None, datetime], bool]


def never(next_due: datetime | None, now: datetime) -> bool:
    """The daemon's own: it runs until it is stopped."""
    del next_due, now
    return False


def nothing_claimed(next_due: datetime | None, now: datetime) -> bool:
    """Finished when nothing more can be done now: what `promo stop` waits for without a daemon."""
    del next_due, now
    return True


def nothing_left(next_due: datetime | None, now: datetime) -> bool:
    """Finished when no event is left: the end of a simulation."""
    del now
    return next_due is None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service is assembled from. `alone`: the lock proves that no other daemon is alive.

    `finished` is asked whenever everything claimed is settled and nothing more can be claimed.
    """

    means: Means
    wake: Wake
    settings: Settings
    alone: bool = True
    endings_only: bool = False
    finished: Finished = never
    reconcile: Callable[[], Awaitable[None]] | None = None


class Service:
    """One daemon. `run` returns when it is stopped or finished, with nothing half done."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._stopping = False
        self._dispatcher = Dispatcher(parts.means, on_room=parts.wake.poke)

    @property
    def _books(self) -> Books:
        return self._parts.means.books

    @property
    def _clock(self) -> Clock:
        return self._parts.means.clock

    def stop(self) -> None:
        """Claim nothing more, finish what is in flight, and return from `run`."""
        self._stopping = True
        self._parts.wake.poke()

    async def run(self) -> None:
        """Go round until stopped or finished."""
        sys.setswitchinterval(SWITCH_INTERVAL)
        await self._take_over()
        async with self._parts.wake:
            background = [asyncio.create_task(work) for work in self._background()]
            try:
                notify("READY=1")
                await self._turn_until_stopped(background)
                await self._dispatcher.drain()
            finally:
                notify("STOPPING=1")
                await _cancel(background)
                self._books.close()

    def _background(self) -> list[Coroutine[None, None, None]]:
        works = [
            self._dispatcher.settle_forever(),
            self._every(HOUSEKEEPING, self._housekeep),
        ]
        if self._parts.reconcile is not None:
            seconds = self._parts.settings.reconcile_every.total_seconds()
            works.append(self._every(seconds, self._parts.reconcile))
        return works

    async def _take_over(self) -> None:
        books, now = self._books, self._clock.now()
        if self._parts.alone:
            freed = await books.call(books.ledger.release_owner, "", now)
        else:
            freed = await books.call(books.ledger.release_expired, now)
        log.info("engine.started", taken_over=freed)

    async def _turn_until_stopped(self, background: list[asyncio.Task[None]]) -> None:
        while not self._stopping:
            _raise_if_dead(background)
            notify("WATCHDOG=1")
            try:
                await self._turn()
            except LedgerUnavailable as error:
                log.error("ledger.unavailable", error=error.message)
                await asyncio.sleep(HOLD_BREATH)

    async def _turn(self) -> None:
        room = self._room()
        if room.limit <= 0:
            self._dispatcher.await_room()
            await self._parts.wake.until(None, idle=False)
            return
        taken = await self._books.take(self._clock.now(), room)
        self._dispatcher.expect(more_due=bool(taken.firings))
        if taken.firings:
            self._dispatcher.start(taken.firings, taken.orders)
            await asyncio.sleep(0)
        else:
            await self._rest(taken)

    def _room(self) -> Room:
        return Room(
            limit=min(BATCH, self._dispatcher.room),
            share=max(self._parts.settings.max_in_flight // SHARES, 1),
            in_flight=self._dispatcher.by_channel,
            endings_only=self._parts.endings_only,
        )

    async def _rest(self, taken: Taken) -> None:
        now = self._clock.now()
        if self._dispatcher.idle and self._parts.finished(taken.next_due, now):
            self._stopping = True
            return
        blocked = taken.next_due is not None and taken.next_due <= now
        due = None if blocked else taken.next_due
        await self._parts.wake.until(due, idle=self._dispatcher.idle)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except PromoError as error:
                log.error("engine.chore-failed", chore=work.__name__, error=error.message)
            except Exception as error:  # a bug in a chore must not end the firing of what is due
                log.error("engine.chore-bug", chore=work.__name__, error=where_raised(error))

    async def _housekeep(self) -> None:
        now, books = self._clock.now(), self._books
        await books.keep(self._dispatcher.in_flight, now)
        expired = await books.call(books.ledger.release_expired, now)
        patience: timedelta = self._parts.settings.ending_patience
        starved = await books.call(books.ledger.hold_starved, now, patience)
        if starved:
            log.error("engine.starts-held", count=starved, reason="an ending is overdue")
        if expired or starved:
            self._parts.wake.poke()


def _raise_if_dead(background: list[asyncio.Task[None]]) -> None:
    for task in background:
        if task.done():
            task.result()


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
