"""Counting: how many events and windows there are, where a list of them would be too long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from promo_scheduler.firing import EventState
from promo_scheduler.ledger.encoding import maybe_instant, micros
from promo_scheduler.ledger.reading import in_scope, of_events, of_windows
from promo_scheduler.ledger.requests import EventQuery, WindowQuery
from promo_scheduler.ledger.tables import EVENT, TO_BE_DONE, WINDOW, one_of

_OVERDUE = sa.select(sa.func.count(), sa.func.min(EVENT.c.due_at)).where(
    one_of(EVENT.c.state, *TO_BE_DONE), EVENT.c.due_at < sa.bindparam("before")
)


def events(connection: sa.Connection, asked: EventQuery) -> int:
    """How many events a query names, whatever its limit; of its scope the SKU does not count."""
    query = sa.select(sa.func.count()).select_from(EVENT).where(*of_events(asked))
    if within := in_scope(asked.scope):
        query = query.join(WINDOW, WINDOW.c.id == EVENT.c.window_id).where(*within)
    return int(connection.execute(query).scalar_one())


def windows(connection: sa.Connection, asked: WindowQuery) -> int:
    """How many windows a query names, whatever its limit; of its scope the SKU does not count."""
    query = sa.select(sa.func.count()).select_from(WINDOW)
    query = query.where(*in_scope(asked.scope), *of_windows(asked))
    return int(connection.execute(query).scalar_one())


def overdue(connection: sa.Connection, before: datetime) -> tuple[int, datetime | None]:
    """How many events are to be done that were due before an instant, and since when the first."""
    count, first = connection.execute(_OVERDUE, {"before": micros(before)}).one()
    return count, maybe_instant(first)


def by_state(connection: sa.Connection) -> Mapping[EventState, int]:
    """How many events are in each state. Looks at every event."""
    query = sa.select(EVENT.c.state, sa.func.count()).group_by(EVENT.c.state)
    found: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return {state: found.get(state.value, 0) for state in EventState}
