"""Entries for events that go to another state without an attempt of their own (law 8).

An order, its release, a plan or an ending moves many events at once; each gets its own entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from promo_scheduler.firing import EventState
from promo_scheduler.ledger.encoding import Row
from promo_scheduler.ledger.tables import ACTIONS, EVENT, WINDOW
from promo_scheduler.ledger.transaction import Transaction

_KINDS = {EventState.PENDING: "firing.freed"}  # every other is named for its state

# What `note_moved` reads of an event, with its window's key.
NAMED_EVENTS = sa.select(EVENT.c.id, EVENT.c.action, EVENT.c.generation, WINDOW.c.key).join_from(
    EVENT, WINDOW, WINDOW.c.id == EVENT.c.window_id
)


@dataclass(frozen=True, slots=True)
class Moved:
    """Where events went, when (UTC) and why; `actor` None where the daemon did it by itself.

    `order` or `serial` is the order or the application behind it.
    """

    at: datetime
    state: EventState
    reason: str
    actor: str | None = None
    order: int | None = None
    serial: int | None = None


def note_moved(write: Transaction, key: str, event: Row, moved: Moved) -> None:
    """Put on record where an event of the window `key` went."""
    detail: dict[str, str | int | bool | list[str] | None] = {
        "state": moved.state.value,
        "generation": event.generation,
        "reason": moved.reason,
    }
    if moved.order is not None:
        detail["order"] = moved.order
    if moved.serial is not None:
        detail["serial"] = moved.serial
    kind = _KINDS.get(moved.state) or f"firing.{moved.state}"
    write.note(moved.at, kind, f"{key}/{ACTIONS[event.action]}", detail, actor=moved.actor)
