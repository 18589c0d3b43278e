"""Dispatcher: claimed events become calls to their channels, and the outcomes settlements.

Many in flight, each channel account with its own limits; the claim lets one event per window
through at a time. Outcomes gather while the ledger writes, and go into its next transaction
together. While more is due, handing over comes first: outcomes then wait up to two seconds. What is
lost of them in a crash is read from the channel again, which is safe; a late start is not.

Before each call the lease is asked: a daemon that was stopped for too long does nothing more.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

import structlog

from promo_scheduler.channels.act import where_raised
from promo_scheduler.clock import Clock
from promo_scheduler.connector import ChannelError, OutcomeUnknown
from promo_scheduler.engine.accounts import Accounts
from promo_scheduler.engine.books import Books
from promo_scheduler.engine.lease import Lease
from promo_scheduler.engine.pulsing import Lag
from promo_scheduler.engine.telling import Often
from promo_scheduler.errors import LedgerUnavailable
from promo_scheduler.firing import (
    Backoff,
    EventState,
    Fire,
    Firing,
    HoldBack,
    Miss,
    Settlement,
    after_failure,
    decide,
)
from promo_scheduler.order import Order
from promo_scheduler.plan import Action, Key

HOLD_BREATH = 0.25  # seconds between two tries to reach a ledger that is out of reach
GATHER = 2.0  # seconds that outcomes may wait while more events are due
SOON = 0.05  # seconds that those may wait which other events wait for
BACKLOG = 10_000  # outcomes that may wait at one time
DRAIN = 75.0  # seconds that a stop waits; longer than any call to a channel may take
WRITTEN_AT_ONCE = 1000  # outcomes in one transaction, so that a claim never waits for long

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Means:
    """What a dispatcher works with."""

    books: Books
    accounts: Accounts
    clock: Clock
    lease: Lease
    backoff: Backoff
    max_in_flight: int


class Dispatcher:
    """Fires what was claimed and settles it.

    `on_room` is called when more may be claimed: after each transaction, and when it was full.
    `on_ledger` is told what keeps outcomes from being written, and None once they are. `lag` is
    how late the last event was handed over, and the latest one.
    """

    def __init__(
        self,
        means: Means,
        on_room: Callable[[], None],
        on_ledger: Callable[[LedgerUnavailable | None], None],
    ) -> None:
        self._means = means
        self._on_room = on_room
        self._on_ledger = on_ledger
        self.lag = Lag()
        self._full = False
        self._random = Random()  # noqa: S311 - jitter, not a secret
        self._failures = Often()
        self._flying: dict[asyncio.Task[Settlement], Firing] = {}
        self._settlements: list[Settlement] = []
        self._claimed: set[tuple[Key, int]] = set()
        self._ready = asyncio.Event()
        self._all_settled = asyncio.Event()
        self._all_settled.set()
        self._more_due = False
        self._waiting: asyncio.TimerHandle | None = None

    @property
    def room(self) -> int:
        """How many more events may be claimed."""
        return min(self._means.max_in_flight - len(self._flying), BACKLOG - len(self._claimed))

    @property
    def by_channel(self) -> Mapping[str, int]:
        """How many events are in flight on each channel."""
        return Counter(firing.window.key.channel for firing in self._flying.values())

    @property
    def idle(self) -> bool:
        """Whether everything claimed is settled."""
        return not self._claimed

    @property
    def in_flight(self) -> int:
        """How many events are being done right now."""
        return len(self._flying)

    @property
    def claimed(self) -> frozenset[tuple[Key, int]]:
        """Every claim that is not settled yet, by its key and fence."""
        return frozenset(self._claimed)

    def await_room(self) -> None:
        """Say that nothing can be claimed for want of room: outcomes are written meanwhile."""
        self._full = True
        self.expect(more_due=False)

    def expect(self, *, more_due: bool) -> None:
        """Say whether more events are due: outcomes then wait, and else are written at once."""
        self._more_due = more_due
        if self._settlements:
            self._nudge()

    def start(self, firings: Sequence[Firing], orders: Sequence[Order], term: int) -> None:
        """Decide each event that was claimed in a term of the lease, and begin those that are to be
        fired.
        """
        self._claimed.update(map(_claim, firings))
        self._all_settled.clear()
        now = self._means.clock.now()
        for firing in firings:
            match decide(firing, now, orders):
                case Fire():
                    self._launch(firing, term)
                case Miss(reason):
                    self._settle(Settlement(firing, EventState.MISSED, reason))
                case HoldBack(order):
                    held = Settlement(firing, EventState.HELD, order.reason, order_id=order.id)
                    self._settle(held)

    def _launch(self, firing: Firing, term: int) -> None:
        task = asyncio.create_task(self._fire(firing, term))
        self._flying[task] = firing
        task.add_done_callback(self._landed)

    async def _fire(self, firing: Firing, term: int) -> Settlement:
        means = self._means
        handed: list[datetime] = []

        def before_call() -> None:
            means.lease.require(term)
            if not handed:
                handed.append(now := means.clock.now())
                self.lag = self.lag.after((now - firing.event.due_at).total_seconds())

        try:
            receipt = await means.accounts.act(firing, before_call)
        except ChannelError as error:
            ended = self._failed(firing, error)
        else:
            ended = Settlement(firing, EventState.DONE, receipt.note, receipt=receipt)
        return replace(ended, handed_at=handed[0] if handed else None)

    def _landed(self, task: asyncio.Task[Settlement]) -> None:
        """Settle whatever the task ended with, so that no claim is ever left behind."""
        firing = self._flying.pop(task)
        error = None if task.cancelled() else task.exception()
        if task.cancelled() or error:
            self._settle(self._broken(firing, error or asyncio.CancelledError()))
        else:
            self._settle(task.result())
        if self._full and self.room > 0:
            self._full = False
            self._on_room()

    def _broken(self, firing: Firing, error: BaseException) -> Settlement:
        where = where_raised(error)
        log.error("firing.bug", key=str(firing.event.key), error=where)
        return self._failed(firing, OutcomeUnknown(f"a bug in the connector or here: {where}"))

    def _failed(self, firing: Firing, error: ChannelError) -> Settlement:
        now = self._means.clock.now()
        settlement = after_failure(firing, error, now, self._means.backoff, self._random)
        self._failures.warn(
            "firing.attempt-failed",
            (firing.window.key.channel, error.code),
            key=str(firing.event.key),
            attempt=firing.attempt,
            error=error.message,
            outcome=settlement.state.value,
        )
        return settlement

    def _settle(self, settlement: Settlement) -> None:
        self._settlements.append(settlement)
        if self._more_due and self._is_waited_for(settlement.firing):
            self._write_within(SOON)
        else:
            self._nudge()

    def _is_waited_for(self, firing: Firing) -> bool:
        """Whether others cannot begin before this is on record: starts wait for endings (law 5)."""
        overwritten = firing.window.key.channel in self._means.accounts.one_at_a_time
        return firing.action is Action.DEACTIVATE or overwritten

    def _nudge(self) -> None:
        if self._more_due:
            self._write_within(GATHER)
        else:
            self._ready.set()

    def _write_within(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self._waiting is None or self._waiting.when() > loop.time() + seconds:
            self._wait_no_longer()
            self._waiting = loop.call_later(seconds, self._ready.set)

    def _wait_no_longer(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    async def settle_forever(self) -> None:
        """Write outcomes as they gather, until cancelled."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            self._wait_no_longer()
            gathered, self._settlements = self._settlements, []
            for begin in range(0, len(gathered), WRITTEN_AT_ONCE):
                await self._settle_batch(gathered[begin : begin + WRITTEN_AT_ONCE])

    async def _settle_batch(self, batch: list[Settlement]) -> None:
        accepted = await self._write(batch)
        self._claimed.difference_update(_claim(settlement.firing) for settlement in batch)
        if self.idle:
            self._all_settled.set()
        _report(batch, accepted)
        self._on_room()

    async def _write(self, batch: list[Settlement]) -> list[bool]:
        while True:
            try:
                accepted = await self._means.books.settle(batch, self._means.clock.now())
            except LedgerUnavailable as error:
                self._on_ledger(error)
                await asyncio.sleep(HOLD_BREATH)
            except Exception as error:  # one outcome must not keep all others off the record
                return await self._write_apart(batch, error)
            else:
                self._on_ledger(None)
                return accepted

    async def _write_apart(self, batch: list[Settlement], error: Exception) -> list[bool]:
        """One by one; the outcome that cannot be written is unknown, and its channel read again."""
        if len(batch) > 1:
            return [accepted for one in batch for accepted in await self._write([one])]
        where, firing = where_raised(error), batch[0].firing
        log.error("firing.unrecordable", key=str(firing.event.key), error=where)
        unknown = OutcomeUnknown(f"its outcome could not be recorded: {where}")
        books, now = self._means.books, self._means.clock.now()
        return await books.settle([self._failed(firing, unknown)], now)

    async def drain(self) -> None:
        """Wait until everything in flight has landed and is settled, but not for ever.

        What is left then is uncertain: the next daemon reads it from the channel.
        """
        self.expect(more_due=False)
        try:
            async with asyncio.timeout(DRAIN):
                await self._all_settled.wait()
        except TimeoutError:
            log.error("engine.left-unsettled", events=len(self._claimed))


def _claim(firing: Firing) -> tuple[Key, int]:
    return firing.event.key, firing.fence


def _report(batch: list[Settlement], accepted: list[bool]) -> None:
    for settlement, counted in zip(batch, accepted, strict=True):
        event = settlement.firing.event
        log.info(
            "firing.settled" if counted else "firing.late-answer",
            key=str(event.key),
            outcome=settlement.state.value,
            attempt=settlement.firing.attempt,
            lag_ms=_lag_ms(settlement),
        )


def _lag_ms(settlement: Settlement) -> int | None:
    if settlement.handed_at is None:
        return None
    return round((settlement.handed_at - settlement.firing.event.due_at).total_seconds() * 1000)
