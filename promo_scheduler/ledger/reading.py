"""Reading: windows as they stand, events for people, counts. Each sees the ledger at one moment."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

from promo_scheduler.firing import EventRecord, EventState
from promo_scheduler.ledger.claims import NEVER_BEGAN
from promo_scheduler.ledger.encoding import (
    WINDOW_COLUMNS,
    Row,
    instant,
    maybe_instant,
    micros,
    standing_from,
    window_from,
)
from promo_scheduler.ledger.requests import EventQuery, WindowQuery
from promo_scheduler.ledger.tables import (
    ACTION_CODES,
    ACTIONS,
    EVENT,
    IN_FLIGHT,
    OVER,
    WAITING,
    WINDOW,
    one_of,
)
from promo_scheduler.order import Scope
from promo_scheduler.plan import Key, Standing, StandingWindow, TriggerEvent

_PAGE = 500  # rows held in memory at a time
T = TypeVar("T", EventRecord, StandingWindow)

_IN_FLIGHT = sa.exists().where(EVENT.c.window_id == WINDOW.c.id, one_of(EVENT.c.state, *IN_FLIGHT))
_TAKEN_BACK = sa.and_(WINDOW.c.standing == Standing.ENDING.value, NEVER_BEGAN)
_WINDOWS = sa.select(
    *(WINDOW.c[name] for name in ("standing", "generation", "touched", "taken_by")),
    _IN_FLIGHT.label("in_flight"),
    _TAKEN_BACK.label("never_began"),
    *WINDOW_COLUMNS,
).order_by(WINDOW.c.start_at, WINDOW.c.id)
_EVENTS = sa.select(
    *(EVENT.c[name] for name in ("action", "due_at", "ready_at", "state", "attempt", "reason")),
    *(EVENT.c[name] for name in ("owner", "handed_at", "settled_at", "order_id")),
    EVENT.c.generation.label("event_generation"),
    *WINDOW_COLUMNS,
).join_from(EVENT, WINDOW, WINDOW.c.id == EVENT.c.window_id)


def standing(connection: sa.Connection, since: datetime) -> tuple[StandingWindow, ...]:
    """Every window that is not over, and those that are with an end no earlier than `since`."""
    recent, past = WINDOW.c.end_at >= micros(since), WINDOW.c.end_at < micros(since)
    not_over = sa.not_(one_of(WINDOW.c.standing, *OVER))
    query = _WINDOWS.where(recent | (past & not_over))  # each half has its index
    return tuple(standing_from(row) for row in _paged(connection, query))


def on_channels(connection: sa.Connection, scope: Scope) -> tuple[StandingWindow, ...]:
    """The windows that are not over, of which something is or may be on a channel. A SKU in the
    scope is not looked at.
    """
    not_over = sa.not_(one_of(WINDOW.c.standing, *OVER))
    query = _WINDOWS.where(*in_scope(scope), not_over, WINDOW.c.touched | _IN_FLIGHT)
    return tuple(standing_from(row) for row in _paged(connection, query))


def windows(connection: sa.Connection, asked: WindowQuery) -> list[StandingWindow]:
    """The windows that were asked for, in the order they start."""
    query = _WINDOWS.where(*in_scope(asked.scope), *of_windows(asked))
    return _taken(connection, query, standing_from, (asked.scope, asked.limit))


def events(connection: sa.Connection, asked: EventQuery) -> list[EventRecord]:
    """The events that were asked for, in the order they are due."""
    query = _EVENTS.where(*in_scope(asked.scope), *of_events(asked))
    order = (EVENT.c.due_at, EVENT.c.action, EVENT.c.id)
    query = query.order_by(*(c.desc() for c in order) if asked.newest_first else order)
    return _taken(connection, query, _record, (asked.scope, asked.limit))


def event(connection: sa.Connection, key: Key) -> list[EventRecord]:
    """Every generation of one event, oldest first."""
    query = _EVENTS.where(
        WINDOW.c.key == str(key.window), EVENT.c.action == ACTION_CODES[key.action]
    )
    rows = connection.execute(query.order_by(EVENT.c.generation))
    return [_record(row) for row in rows]


def in_scope(scope: Scope) -> list[sa.ColumnElement[bool]]:
    """All of a scope but its SKU, which only a decoded offer can answer."""
    parts = ("campaign", "phase", "region", "channel")
    wanted = ((part, getattr(scope, part)) for part in parts)
    return [WINDOW.c[part] == value for part, value in wanted if value is not None]


def of_windows(asked: WindowQuery) -> list[sa.ColumnElement[bool]]:
    """What is asked of windows beside their scope, in the words of the indexes."""
    conditions: list[sa.ColumnElement[bool]] = []
    if asked.standings:
        conditions.append(one_of(WINDOW.c.standing, *sorted(asked.standings)))
    if asked.since is not None:
        conditions.append(WINDOW.c.end_at >= micros(asked.since))
    return conditions


def of_events(asked: EventQuery) -> list[sa.ColumnElement[bool]]:
    """What is asked of events beside their scope, in the words of the indexes."""
    conditions: list[sa.ColumnElement[bool]] = []
    if asked.states:
        conditions.append(one_of(EVENT.c.state, *sorted(asked.states)))
    if asked.since is not None:
        conditions.append(EVENT.c.due_at >= micros(asked.since))
    if asked.until is not None:
        conditions.append(EVENT.c.due_at < micros(asked.until))
    if asked.with_reason:
        conditions.append(EVENT.c.reason != "")
    return conditions


def _taken(
    connection: sa.Connection,
    query: sa.Select[Any],
    decode: Callable[[Row], T],
    asked: tuple[Scope, int | None],
) -> list[T]:
    scope, limit = asked
    if scope.sku is None:
        query = query.limit(limit)
    with closing(_paged(connection, query)) as rows:
        found = (one for one in map(decode, rows) if scope.covers(one.window))
        return list(islice(found, limit))


def _paged(connection: sa.Connection, query: sa.Select[Any]) -> Generator[Row]:
    with connection.execute(query.execution_options(yield_per=_PAGE)) as rows:
        yield from rows


def _record(row: Row) -> EventRecord:
    window = window_from(row)
    key = Key(window.key, ACTIONS[row.action])
    waits = row.state in WAITING and row.ready_at > row.due_at
    return EventRecord(
        event=TriggerEvent(key, instant(row.due_at), row.event_generation),
        window=window,
        state=EventState(row.state),
        attempt=row.attempt,
        reason=row.reason,
        owner=row.owner,
        retry_at=instant(row.ready_at) if waits else None,
        handed_at=maybe_instant(row.handed_at),
        settled_at=maybe_instant(row.settled_at),
        order_id=row.order_id,
    )
