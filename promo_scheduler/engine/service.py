"""The daemon: take what is due, hand it to the dispatcher, sleep until the next instant.

Nothing that matters is kept here. Kill it at any point, and the next one goes on from the ledger:
what was claimed and not settled is uncertain, and the channel is read before anything is repeated.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from promo_scheduler.clock import Clock
from promo_scheduler.engine.books import Books, Room, Taken
from promo_scheduler.engine.dispatcher import HOLD_BREATH, Dispatcher, Means
from promo_scheduler.engine.engines import Chore, do
from promo_scheduler.engine.membership import Membership
from promo_scheduler.engine.pulsing import Pulsing, Vitals
from promo_scheduler.engine.systemd import notify
from promo_scheduler.engine.telling import Trouble
from promo_scheduler.engine.wake import ClockWatch, Wake
from promo_scheduler.errors import LedgerUnavailable, PartlyDone
from promo_scheduler.firing import LONGEST_ASKED
from promo_scheduler.ledger import Node
from promo_scheduler.settings import Settings

BATCH = 500
SHARES = 8  # no channel gets more than this part of what may be in flight (law 11)
# The ledger's thread gives the interpreter up at each row; with the default of 5 ms a busy event
# loop would make it wait that long to get it back.
SWITCH_INTERVAL = 0.0005
HOUSEKEEPING = timedelta(seconds=2)  # between two looks for starved starts

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
    """What a service is assembled from. `node` is this daemon, as the others see it; `pulse` tells
    how it is (None: nobody asks). `engine` is what says from outside that events may be due, while
    they may be claimed.

    `finished` is asked whenever everything claimed is settled and nothing more can be claimed.
    """

    means: Means
    wake: Wake
    settings: Settings
    node: Node
    endings_only: bool = False
    finished: Finished = never
    chores: tuple[Chore, ...] = ()
    pulse: Pulsing | None = None
    engine: AbstractAsyncContextManager[object] = field(default_factory=nullcontext)


class Service:
    """One daemon. `run` returns when it is stopped or finished, with nothing half done."""

    def __init__(self, parts: Parts) -> None:
        means, poke = parts.means, parts.wake.poke
        self._parts = parts
        self._stopping = False
        self._in_doubt = False
        self._set_back = False
        self._trouble = Trouble()
        self._clock_watch = ClockWatch(means.clock)
        self._dispatcher = Dispatcher(means, on_room=poke, on_ledger=self._trouble.settling)
        self._membership = Membership(parts.node, means.books, means.lease, means.clock, poke)

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
        """Go round until stopped or finished.

        Raises PartlyDone where outcomes could not be written before the end.
        """
        sys.setswitchinterval(SWITCH_INTERVAL)
        pulse = asyncio.create_task(self._beat())
        try:
            await self._until_reached(self._take_over)
            async with self._parts.wake:
                await self._work()
        finally:
            await _cancel([pulse])
            self._books.close()
        self._refuse_to_call_it_done()

    async def _work(self) -> None:
        background = [asyncio.create_task(work) for work in self._background()]
        try:
            notify("READY=1")
            async with self._parts.engine:
                await self._turn_until_stopped(background)
            await self._dispatcher.drain()
            await self._membership.leave()
        finally:
            notify("STOPPING=1")
            await _cancel(background)

    async def _beat(self) -> None:
        if self._parts.pulse is not None:
            await self._parts.pulse.beat_forever(self._vitals, self._books.ledger)

    def _vitals(self) -> Vitals:
        dispatcher, accounts = self._dispatcher, self._parts.means.accounts
        return Vitals(
            in_flight=dispatcher.in_flight,
            unsettled=len(dispatcher.claimed),
            trouble=dict(self._trouble.of),
            stalled_since=self._parts.wake.stalled_since,
            channels=frozenset(accounts.channels),
            down=accounts.down,
            lag=dispatcher.lag,
        )

    def _refuse_to_call_it_done(self) -> None:
        if left := len(self._dispatcher.claimed):
            raise PartlyDone(
                f"{left} outcomes could not be recorded before the end",
                help="they are uncertain: the next daemon reads them from their channels",
            )

    def _background(self) -> list[Coroutine[None, None, None]]:
        housekeeping = Chore("housekeep", HOUSEKEEPING, self._housekeep)
        return [
            self._dispatcher.settle_forever(),
            self._membership.keep(),
            self._membership.look_after_the_dead(),
            *(self._every(chore) for chore in (housekeeping, *self._parts.chores)),
        ]

    async def _take_over(self) -> None:
        books = self._books
        freed = await self._membership.enter()
        # The clock may have been set back while nobody ran.
        await books.call(books.ledger.rewind, self._clock.now(), LONGEST_ASKED)
        log.info("engine.started", node=self._parts.node.name, taken_over=freed)

    async def _until_reached(self, work: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping:
            try:
                await work()
            except LedgerUnavailable as error:
                self._trouble.claiming(error)
                await asyncio.sleep(HOLD_BREATH)
            else:
                return

    async def _turn_until_stopped(self, background: list[asyncio.Task[None]]) -> None:
        while not self._stopping:
            _raise_if_dead(background)
            notify("WATCHDOG=1")
            try:
                await self._turn()
                self._trouble.claiming(None)
            except LedgerUnavailable as error:
                self._in_doubt = True  # a claim may have been made, and its answer lost
                self._trouble.claiming(error)
                await asyncio.sleep(HOLD_BREATH)

    async def _turn(self) -> None:
        if self._in_doubt:
            await self._disown()
        if self._dispatcher.room <= 0:
            self._dispatcher.await_room()
            await self._parts.wake.until(None, idle=False)
            return
        term = self._parts.means.lease.term  # of what is claimed from here on
        taken = await self._books.take(self._clock.now(), self._room())
        self._dispatcher.expect(more_due=bool(taken.firings))
        if taken.firings:
            self._dispatcher.start(taken.firings, taken.orders, term)
            await asyncio.sleep(0)
        else:
            await self._rest(taken)

    async def _disown(self) -> None:
        """Give up claims of ours that we know nothing of."""
        books, known = self._books, self._dispatcher.claimed
        freed = await books.call(books.ledger.disown, books.owner, known, self._clock.now())
        self._in_doubt = False
        if freed:
            log.warning("engine.claims-unknown", freed=freed)

    def _room(self) -> Room:
        share = max(self._parts.settings.max_in_flight // SHARES, 1)
        in_flight = dict(self._dispatcher.by_channel)
        for channel, room in self._parts.means.accounts.rooms.items():
            in_flight[channel] = max(in_flight.get(channel, 0), share - room)
        return Room(
            limit=min(BATCH, self._dispatcher.room),
            share=share,
            in_flight=in_flight,
            endings_only=self._parts.endings_only,
            keys=self._parts.wake.hints(),
            one_at_a_time=self._parts.means.accounts.one_at_a_time,
        )

    async def _rest(self, taken: Taken) -> None:
        now = self._clock.now()
        if self._dispatcher.idle and self._parts.finished(taken.next_due, now):
            self._stopping = True
            return
        await self._parts.wake.until(taken.wake_at, idle=self._dispatcher.idle)
        await self._follow_clock()

    async def _follow_clock(self) -> None:
        """After the clock was set back, nothing waits for an instant of the old future."""
        self._set_back = self._clock_watch.moved() < timedelta(0) or self._set_back
        if self._set_back:
            books, furthest = self._books, self._parts.means.backoff.longest
            await books.call(books.ledger.rewind, self._clock.now(), furthest)
            self._set_back = False

    async def _every(self, chore: Chore) -> None:
        while True:
            await do(chore)
            await asyncio.sleep(chore.every.total_seconds())

    async def _housekeep(self) -> None:
        books, patience = self._books, self._parts.settings.ending_patience
        try:
            starved = await books.call(books.ledger.hold_starved, self._clock.now(), patience)
        except LedgerUnavailable as error:
            self._trouble.housekeeping(error)
            return
        self._trouble.housekeeping(None)
        if starved:
            log.error("engine.starts-held", count=starved, reason="an ending is overdue")
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
