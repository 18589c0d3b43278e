"""Firing: one event being done. Its states, what to do with it now, and what after a failure.

    pending ──claim──▶ claimed ──settle──▶ done | missed | skipped | failed
       ▲                  │ │ └──────────▶ held ──release──▶ pending
       └── to be retried ─┘ └────────────▶ uncertain ──claim──▶ claimed   (the answer was lost, or
                                           its daemon died: the channel is read first)
    pending | handed | held | uncertain ──plan──▶ superseded (a newer generation stands) | cancelled
    pending ──hand over──▶ handed ──claim──▶ claimed | pending            (cluster engine only)

`awaiting_approval` is kept for approvals. An ending never becomes failed by itself (law 2).
Everything here is pure: the same firing, instant and orders give the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from promo_scheduler.connector import (
    ChannelDown,
    ChannelError,
    OutcomeUnknown,
    Permanent,
    RateLimited,
    Receipt,
    RemoteRef,
)
from promo_scheduler.order import Order
from promo_scheduler.plan import Action, TriggerEvent, Window


class EventState(StrEnum):
    """The closed list of states of an event."""

    PENDING = "pending"
    HANDED = "handed"
    CLAIMED = "claimed"
    UNCERTAIN = "uncertain"
    AWAITING_APPROVAL = "awaiting_approval"
    HELD = "held"
    DONE = "done"
    MISSED = "missed"
    SKIPPED = "skipped"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"


OPEN_STATES = frozenset(
    {
        EventState.PENDING,
        EventState.HANDED,
        EventState.CLAIMED,
        EventState.UNCERTAIN,
        EventState.AWAITING_APPROVAL,
        EventState.HELD,
    }
)


@dataclass(frozen=True, slots=True)
class Firing:
    """A claimed event with all that doing it takes. `fence` is the token that settling needs."""

    event: TriggerEvent
    window: Window
    natural_key: str
    attempt: int  # this one, counted from 1
    fence: int
    held_for: timedelta = timedelta(0)  # time under orders, which is not lateness
    touched: bool = False  # something of the window is, or may be, on the channel

    @property
    def action(self) -> Action:
        return self.event.key.action


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event as the ledger holds it, for people to read. All instants are UTC.

    `handed_at`: when the request was handed to the connector, in the last attempt; `settled_at`:
    when the last attempt was recorded; `order_id`: the order that holds it.
    """

    event: TriggerEvent
    window: Window
    state: EventState
    attempt: int
    reason: str = ""
    owner: str = ""
    retry_at: datetime | None = None
    handed_at: datetime | None = None
    settled_at: datetime | None = None
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Fire:
    """Do it now."""


@dataclass(frozen=True, slots=True)
class Miss:
    """Too late to begin: on record as missed, with the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class HoldBack:
    """An order keeps it from happening."""

    order: Order


Decision = Fire | Miss | HoldBack


def decide(firing: Firing, now: datetime, orders: Sequence[Order]) -> Decision:
    """What to do with a due event at `now` (UTC). An ending always fires (law 2)."""
    if firing.action is Action.DEACTIVATE:
        return Fire()
    for order in orders:
        if order.released_at is None and order.scope.covers(firing.window):
            return HoldBack(order)
    return _in_time(firing, now)


def _in_time(firing: Firing, now: datetime) -> Decision:
    window, late = firing.window, firing.window.late
    remaining = window.end - now
    if remaining <= timedelta(0):
        return Miss("the window was over before the start could be fired")
    if firing.touched:
        return Fire()  # it is live, or may have started by itself: the channel is read, not judged
    if remaining < late.min_remaining:
        return Miss(f"{remaining} of the window left, less than min_remaining {late.min_remaining}")
    if firing.action is Action.STAGE or late.start_within is None:
        return Fire()
    lateness = now - firing.event.due_at - firing.held_for
    if lateness > late.start_within:
        return Miss(f"{lateness} late, more than start_within {late.start_within}")
    return Fire()


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of one attempt, to be recorded with its audit entry in one transaction.

    `state` is where the event goes; `retry_at` (UTC) is given with pending and uncertain.
    `handed_at` is when the request was handed to the connector: the lag counts to it.
    """

    firing: Firing
    state: EventState
    reason: str = ""
    handed_at: datetime | None = None
    retry_at: datetime | None = None
    receipt: Receipt | None = None
    order_id: int | None = None

    @property
    def ref(self) -> RemoteRef | None:
        return self.receipt.ref if self.receipt else None


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait between tries: doubled each time up to `longest`, less a random part."""

    shortest: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(minutes=5)

    def delay(self, attempt: int, random: Random) -> timedelta:
        """The wait after the given attempt (from 1): between half and the whole of the step."""
        step = min(self.shortest * 2.0 ** min(attempt - 1, 30), self.longest)
        return timedelta(seconds=step.total_seconds() * (0.5 + random.random() / 2))


def after_failure(
    firing: Firing, error: ChannelError, now: datetime, backoff: Backoff, random: Random
) -> Settlement:
    """What a failed attempt comes to (pure but for the jitter drawn from `random`).

    An ending is always tried again. A start is given up when the error is permanent, or when the
    next try would leave nothing of its window.
    """
    retry_at = now + _wait(error, firing.attempt, now, backoff, random)
    again = EventState.UNCERTAIN if isinstance(error, OutcomeUnknown) else EventState.PENDING
    if firing.action is Action.DEACTIVATE:
        return Settlement(firing, again, reason=str(error), retry_at=retry_at)
    if isinstance(error, Permanent):
        return Settlement(firing, EventState.FAILED, reason=str(error))
    if (
        again is EventState.PENDING
        and retry_at >= firing.window.end - firing.window.late.min_remaining
    ):
        return Settlement(
            firing, EventState.FAILED, reason=f"gave up before the window's end: {error}"
        )
    return Settlement(firing, again, reason=str(error), retry_at=retry_at)


# Whatever a channel asks for: an ending that waited for days would be an ending given up.
LONGEST_ASKED = timedelta(hours=1)


def _wait(
    error: ChannelError, attempt: int, now: datetime, backoff: Backoff, random: Random
) -> timedelta:
    wait = backoff.delay(attempt, random)
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return min(error.retry_after, LONGEST_ASKED) + backoff.shortest * random.random()
    if isinstance(error, ChannelDown) and error.until is not None:
        return min(max(error.until - now, wait), LONGEST_ASKED)
    return wait
