"""Handing over: events of the near horizon go to a queue, in one transaction with its jobs.

The queue only says when to look. What is handed over may be moved, held or withdrawn like any
other event; a job whose event is not due any more finds nothing. An event whose job was lost can be
claimed by anybody (see `lanes.GRACE`). Nothing of it is on the audit: it is no change of what
happens. Only what is pending is handed over, so that what is uncertain stays known as such.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from promo_scheduler.firing import EventState
from promo_scheduler.ledger.encoding import (
    WINDOW_COLUMNS,
    Row,
    batches,
    instant,
    micros,
    span,
    window_from,
)
from promo_scheduler.ledger.requests import HandOver
from promo_scheduler.ledger.tables import ACTIONS, CLAIMABLE, EVENT, WINDOW, one_of
from promo_scheduler.plan import Key, TriggerEvent

Enqueue: TypeAlias = Callable[[Any, Sequence[TriggerEvent]], None]

_SOON = (
    one_of(EVENT.c.state, *CLAIMABLE),  # the words of the index
    one_of(EVENT.c.state, EventState.PENDING),
    EVENT.c.ready_at <= sa.bindparam("until", type_=sa.BigInteger()),
)
_ANY = sa.select(EVENT.c.id).where(*_SOON).limit(1)
_FIRST = (
    sa.select(EVENT.c.id, EVENT.c.action, EVENT.c.generation, EVENT.c.ready_at, *WINDOW_COLUMNS)
    .join_from(EVENT, WINDOW, WINDOW.c.id == EVENT.c.window_id)
    .where(*_SOON)
    .order_by(EVENT.c.ready_at, EVENT.c.action)
    .limit(sa.bindparam("most"))
)
_OF_THESE = EVENT.c.id.in_(sa.bindparam("ids", expanding=True))
_HAND_OVER = EVENT.update().where(_OF_THESE).values(state=EventState.HANDED.value)
_GIVE_BACK = (
    EVENT.update()
    .where(_OF_THESE, one_of(EVENT.c.state, EventState.HANDED))
    .values(state=EventState.PENDING.value)
)


def has_any(connection: sa.Connection, request: HandOver) -> bool:
    """Whether there is anything to hand over; a cheap look, so that idle nodes do not write."""
    return connection.execute(_ANY, _until(request)).first() is not None


def hand_over(connection: sa.Connection, request: HandOver, enqueue: Enqueue) -> int:
    """Mark events as handed, and have them enqueued. See `Ledger.hand_over`."""
    rows = connection.execute(_FIRST, {**_until(request), "most": request.most}).all()
    for batch in batches([row.id for row in rows]):
        connection.execute(_HAND_OVER, {"ids": batch})
    if rows:
        enqueue(connection.connection.driver_connection, [_event(row) for row in rows])
    return len(rows)


def give_back(connection: sa.Connection, ids: Sequence[int]) -> None:
    """Let those of these events that are handed over wait in the ledger again."""
    for batch in batches(ids):
        connection.execute(_GIVE_BACK, {"ids": batch})


def _until(request: HandOver) -> dict[str, int]:
    return {"until": micros(request.now) + span(request.horizon)}


def _event(row: Row) -> TriggerEvent:
    """For its job: the instant is the one at which it may next be tried."""
    key = Key(window_from(row).key, ACTIONS[row.action])
    return TriggerEvent(key, instant(row.ready_at), row.generation)
