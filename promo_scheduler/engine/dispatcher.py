"""Dispatcher: claimed events become calls to their channels, and the outcomes settlements.

Many in flight, each channel account with its own limits; the claim lets one event per window
through at a time. Outcomes gather while the ledger writes, and go into its next transaction
together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

import structlog

from promo_scheduler.clock import Clock
from promo_scheduler.connector import ChannelError, Receipt
from promo_scheduler.engine.accounts import Accounts
from promo_scheduler.engine.books import Books
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

HOLD_BREATH = 0.5  # seconds between two tries to reach a ledger that is out of reach

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Means:
    """What a dispatcher works with."""

    books: Books
    accounts: Accounts
    clock: Clock
    backoff: Backoff
    max_in_flight: int


class Dispatcher:
    """Fires what was claimed and settles it. `on_settled` is called after each transaction."""

    def __init__(self, means: Means, on_settled: Callable[[], None]) -> None:
        self._means = means
        self._on_settled = on_settled
        self._random = Random()  # noqa: S311 - jitter, not a secret
        self._flying: dict[asyncio.Task[None], Firing] = {}
        self._settlements: list[Settlement] = []
        self._unsettled = 0
        self._ready = asyncio.Event()

    @property
    def room(self) -> int:
        """How many more events may be claimed."""
        return self._means.max_in_flight - self._unsettled

    @property
    def idle(self) -> bool:
        """Whether everything claimed is settled."""
        return self._unsettled == 0

    @property
    def in_flight(self) -> list[Firing]:
        """What is being done right now."""
        return list(self._flying.values())

    def start(self, firings: Sequence[Firing], orders: Sequence[Order]) -> None:
        """Decide each claimed event, and begin those that are to be fired."""
        self._unsettled += len(firings)
        now = self._means.clock.now()
        for firing in firings:
            match decide(firing, now, orders):
                case Fire():
                    self._launch(firing)
                case Miss(reason):
                    self._settle(Settlement(firing, EventState.MISSED, reason))
                case HoldBack(order):
                    held = Settlement(firing, EventState.HELD, order.reason, order_id=order.id)
                    self._settle(held)

    def _launch(self, firing: Firing) -> None:
        task = asyncio.create_task(self._fire(firing))
        self._flying[task] = firing
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.pop(task, None)

    async def _fire(self, firing: Firing) -> None:
        handed: list[datetime] = []
        clock = self._means.clock
        try:
            receipt = await self._means.accounts.act(firing, lambda: handed.append(clock.now()))
            settlement = _done(firing, receipt)
        except ChannelError as error:
            settlement = self._failed(firing, error)
        self._settle(replace(settlement, handed_at=handed[0] if handed else None))

    def _failed(self, firing: Firing, error: ChannelError) -> Settlement:
        now = self._means.clock.now()
        settlement = after_failure(firing, error, now, self._means.backoff, self._random)
        log.warning(
            "firing.attempt-failed",
            key=str(firing.event.key),
            attempt=firing.attempt,
            code=error.code,
            error=error.message,
            outcome=settlement.state.value,
        )
        return settlement

    def _settle(self, settlement: Settlement) -> None:
        self._settlements.append(settlement)
        self._ready.set()

    async def settle_forever(self) -> None:
        """Write outcomes as they gather, until cancelled."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            batch, self._settlements = self._settlements, []
            accepted = await self._write(batch)
            self._unsettled -= len(batch)
            _report(batch, accepted)
            self._on_settled()

    async def _write(self, batch: list[Settlement]) -> list[bool]:
        while True:
            try:
                return await self._means.books.settle(batch, self._means.clock.now())
            except LedgerUnavailable as error:
                log.error("ledger.unavailable", error=error.message, unsettled=len(batch))
                await asyncio.sleep(HOLD_BREATH)

    async def drain(self) -> None:
        """Wait until everything in flight has landed and is settled."""
        while not self.idle:
            if self._flying:
                await asyncio.wait(self._flying)
            else:
                await asyncio.sleep(0)


def _done(firing: Firing, receipt: Receipt) -> Settlement:
    return Settlement(firing, EventState.DONE, receipt.note, receipt=receipt)


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
