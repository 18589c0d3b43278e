"""Law 5: a start that waits too long behind an overdue ending is held, and freed with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from promo_scheduler.firing import EventState
from promo_scheduler.ledger.encoding import Row, batches, micros, span
from promo_scheduler.ledger.lanes import is_blocked
from promo_scheduler.ledger.noting import NAMED_EVENTS, Moved, note_moved
from promo_scheduler.ledger.tables import CLAIMABLE, EVENT, one_of
from promo_scheduler.ledger.transaction import Transaction

_BEFORE = sa.bindparam("before", type_=sa.BigInteger())
_STARVED = NAMED_EVENTS.where(
    one_of(EVENT.c.state, *CLAIMABLE),
    EVENT.c.ready_at <= _BEFORE,
    is_blocked(EVENT),
)
# A job that has not come for so long never will: the event waits in the ledger again.
_JOBS_LOST = (
    EVENT.update()
    .where(one_of(EVENT.c.state, EventState.HANDED), EVENT.c.ready_at <= _BEFORE)
    .values(state=EventState.PENDING.value)
)
# Held without an order: it starved. Nothing is in its way any more.
_FREED = NAMED_EVENTS.where(
    one_of(EVENT.c.state, EventState.HELD), EVENT.c.order_id.is_(None), ~is_blocked(EVENT)
)
_FREED_IN = _FREED.where(EVENT.c.lane.in_(sa.bindparam("lanes", expanding=True)))
_MOVE = (
    EVENT.update()
    .where(EVENT.c.id == sa.bindparam("moved"))
    .values(state=sa.bindparam("to"), reason=sa.bindparam("why"))
)


def hold_starved(write: Transaction, now: datetime, patience: timedelta) -> int:
    """Hold every start that has waited longer than `patience` behind an ending."""
    before = {"before": micros(now) - span(patience)}
    write.connection.execute(_JOBS_LOST, before)
    starved = write.connection.execute(_STARVED, before).all()
    why = f"waited longer than {patience} for an ending on the same channel and target"
    _move(write, starved, now, (EventState.HELD, why))
    return len(starved)


def unblock(write: Transaction, now: datetime, lanes: Sequence[str] | None = None) -> None:
    """Let the starved starts go on whose way is free; in these lanes, or everywhere."""
    freed: list[Row] = []
    if lanes is None:
        freed.extend(write.connection.execute(_FREED).all())
    for batch in batches(lanes or ()):
        freed.extend(write.connection.execute(_FREED_IN, {"lanes": batch}).all())
    _move(write, freed, now, (EventState.PENDING, "the ending before it is settled"))


def _move(
    write: Transaction, events: Sequence[Row], now: datetime, to: tuple[EventState, str]
) -> None:
    if not events:
        return
    state, why = to
    values = [{"moved": e.id, "to": state.value, "why": why} for e in events]
    write.connection.execute(_MOVE, values)
    for event in events:
        note_moved(write, event.key, event, Moved(now, state, why))
