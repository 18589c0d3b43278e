"""Lanes: where events wait, and what comes first in each, found without reading what waits behind.

A lane is a channel and target. A loose scan of an index names the lanes, and a few entries of it
are read in each, so that a herd of 100,000 in one lane costs nobody anything.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import unquote

import sqlalchemy as sa

from promo_scheduler.firing import OPEN_STATES, EventState
from promo_scheduler.ledger.encoding import WINDOW_COLUMNS, Row, span, window_from
from promo_scheduler.ledger.tables import (
    CLAIMABLE,
    ENDING,
    EVENT,
    START,
    WINDOW,
    is_claimed,
    one_of,
)
from promo_scheduler.plan import Window

# How long after its instant an event that was handed to a queue is left to its job. A job comes
# within a tenth of a second: what is older was lost, or its worker has no room.
GRACE = timedelta(seconds=2)
NEVER = 2**62  # later than any instant

_FIRST = 100  # of the events that wait: one of them can nearly always be claimed
_lane = EVENT.alias("lane_first")
_following = EVENT.alias("lane_next")
_other = EVENT.alias("other")
_ending = EVENT.alias("ending")
_START: sa.ColumnElement[int] = sa.literal_column(str(START))
_NOW = sa.bindparam("now", type_=sa.BigInteger())


def is_busy(events: sa.FromClause) -> sa.ColumnElement[bool]:
    """That another event of the window is being done.

    Not EXISTS: PostgreSQL would make a join of that, over everything in flight.
    """
    of_window = (_other.c.window_id == events.c.window_id, is_claimed(_other))
    found = sa.select(_other.c.id).where(*of_window).limit(1)
    return found.scalar_subquery().is_not(None)


def _is_open_ending() -> sa.ColumnElement[bool]:
    """In the words of the index over them."""
    of_kind = _ending.c.action == sa.literal_column(str(ENDING))
    return of_kind & one_of(_ending.c.state, *sorted(OPEN_STATES))


def is_blocked(events: sa.FromClause) -> sa.ColumnElement[bool]:
    """Law 5: that it is a start, and an ending of its lane is due no later, and not settled."""
    before = (_ending.c.lane == events.c.lane, _ending.c.due_at <= events.c.due_at)
    return sa.and_(events.c.action == _START, sa.exists().where(*before, _is_open_ending()))


class Lane(NamedTuple):
    """A lane where something waits. Starts due before `ending` need wait for no ending."""

    name: str
    ending: int

    @property
    def channel(self) -> str:
        return unquote(self.name.partition("/")[0])


class Due(NamedTuple):
    """An event that may be claimed: the columns read, in their order, and its window."""

    id: int
    window_id: int
    lane: str
    action: int
    generation: int
    due_at: int
    ready_at: int
    attempt: int
    fence: int
    held_for: int
    state: str
    touched: bool
    window: Window


_OF_EVENT = Due._fields[:-2]
DUE_COLUMNS = (*(EVENT.c[name] for name in _OF_EVENT), WINDOW.c.touched)


def due_from(row: Row) -> Due:
    """The event of a row that begins with `DUE_COLUMNS` and ends in `WINDOW_COLUMNS`."""
    return Due._make((*row[: len(DUE_COLUMNS)], window_from(row)))


class Look(NamedTuple):
    """How to look at each lane: at most `most` events, ready at `now`, up to this action."""

    now: int
    most: int
    last_action: int = START


class Waiting:
    """The events that wait in some states, and may be claimed `grace` after they are ready."""

    def __init__(self, states: Sequence[EventState], grace: timedelta) -> None:
        self._states = states
        self._grace = span(grace)
        self._lanes = self._named_lanes()
        self._first = {name: self._first_of_each(name) for name in ("sqlite", "postgresql")}

    def lanes(self, connection: sa.Connection, now: int) -> list[Lane]:
        """The lanes in which something is ready at `now`; whether it is free is not looked at."""
        rows = connection.execute(self._lanes)
        ready = now - self._grace
        return [Lane(name, ending or NEVER) for name, at, ending in rows if at <= ready]

    def first(self, connection: sa.Connection, lanes: Sequence[Lane], look: Look) -> list[Due]:
        """The first events of each lane that may be claimed, in no order."""
        values = {**look._asdict(), "now": look.now - self._grace, "given": json.dumps(lanes)}
        rows = connection.execute(self._first[connection.dialect.name], values)
        return [due_from(row) for row in rows]

    def next_due(self, connection: sa.Connection) -> int:
        """The earliest instant at which one may be claimed; NEVER where none waits."""
        lanes = self.lanes(connection, NEVER)
        found = self.first(connection, lanes, Look(NEVER, 1)) if lanes else []
        return min((due.ready_at + self._grace for due in found), default=NEVER)

    def _waits(self, events: sa.FromClause) -> sa.ColumnElement[bool]:
        return one_of(events.c.state, *self._states)

    def _named_lanes(self) -> sa.Select[Any]:
        """Each lane, when its first event is ready, and when its first open ending is due."""
        lanes = (
            sa.select(sa.func.min(_lane.c.lane).label("lane"))
            .where(self._waits(_lane))
            .cte("lanes", recursive=True)
        )
        beyond = (self._waits(_following), _following.c.lane > lanes.c.lane)
        following = sa.select(sa.func.min(_following.c.lane)).where(*beyond).scalar_subquery()
        lanes = lanes.union_all(sa.select(following).where(lanes.c.lane.is_not(None)))
        here = (EVENT.c.lane == lanes.c.lane, self._waits(EVENT))
        ready = sa.select(sa.func.min(EVENT.c.ready_at)).where(*here).scalar_subquery()
        its_endings = (_ending.c.lane == lanes.c.lane, _is_open_ending())
        ending = sa.select(sa.func.min(_ending.c.due_at)).where(*its_endings).scalar_subquery()
        return sa.select(lanes.c.lane, ready, ending).where(lanes.c.lane.is_not(None))

    def _first_of_each(self, dialect: str) -> sa.Select[Any]:
        """SQLite has no LATERAL, and PostgreSQL would run the other form once for each event."""
        given = _given(dialect)
        free = sa.or_(_lane.c.action < _START, _lane.c.due_at < given.c.ending)
        first = (
            sa.select(_lane.c.id)
            .where(_lane.c.lane == given.c.lane, self._waits(_lane), _lane.c.ready_at <= _NOW)
            .where(_lane.c.action <= sa.bindparam("last_action"), free, ~is_busy(_lane))
            .order_by(_lane.c.ready_at, _lane.c.action)
            .limit(sa.bindparam("most", type_=sa.Integer()))
        )
        if dialect == "sqlite":
            found = given.join(EVENT, EVENT.c.id.in_(first.correlate(given)))
        else:
            each = first.lateral("each")
            found = given.join(each, sa.true()).join(EVENT, EVENT.c.id == each.c.id)
        found = found.join(WINDOW, WINDOW.c.id == EVENT.c.window_id)
        return sa.select(*DUE_COLUMNS, *WINDOW_COLUMNS).select_from(found)


def _given(dialect: str) -> sa.CTE:
    """The lanes that a statement was given as JSON, as a table that is made once."""
    text = sa.bindparam("given", type_=sa.String())
    each = {"sqlite": sa.func.json_each(text)}.get(
        dialect, sa.func.json_array_elements(sa.cast(text, sa.JSON))
    )
    value = each.table_valued(sa.column("value", sa.JSON())).c.value
    ending = sa.cast(value[1].as_string(), sa.BigInteger())
    lanes = sa.select(value[0].as_string().label("lane"), ending.label("ending"))
    return lanes.cte("given").prefix_with("MATERIALIZED")


OPEN = Waiting(CLAIMABLE, timedelta(0))
HANDED = Waiting((EventState.HANDED,), GRACE)

_front = (
    sa.select(EVENT)
    .where(one_of(EVENT.c.state, *CLAIMABLE))
    .order_by(EVENT.c.ready_at, EVENT.c.action)
    .limit(_FIRST)
    .subquery("front")
)
_AT_THE_FRONT = sa.select(sa.func.min(_front.c.ready_at)).where(
    ~is_busy(_front), ~is_blocked(_front)
)
_IN_FLIGHT = (
    sa.select(EVENT.c.lane, sa.func.count())
    .where(one_of(EVENT.c.state, EventState.CLAIMED))
    .group_by(EVENT.c.lane)
)


def next_due(connection: sa.Connection) -> int | None:
    """The earliest instant at which something may be claimed; None where nothing waits."""
    found: int | None = connection.execute(_AT_THE_FRONT).scalar()
    if found is None:
        found = OPEN.next_due(connection)
    earliest = min(found, HANDED.next_due(connection))
    return None if earliest == NEVER else earliest


def in_flight(connection: sa.Connection) -> dict[str, int]:
    """How many events are being done in each lane, by whomever."""
    return {row[0]: row[1] for row in connection.execute(_IN_FLIGHT)}


_AFTER = sa.bindparam("after", type_=sa.BigInteger())


def _first_after(states: Sequence[EventState]) -> sa.Select[Any]:
    first = sa.select(sa.func.min(EVENT.c.ready_at))
    return first.where(one_of(EVENT.c.state, *states), EVENT.c.ready_at > _AFTER)


_NEXT_READY = (
    (0, _first_after(CLAIMABLE)),
    (span(GRACE), _first_after((EventState.HANDED,))),
)


def next_ready(connection: sa.Connection, after: int) -> int | None:
    """The earliest instant after this one at which something is ready."""
    found = [
        at + grace
        for grace, query in _NEXT_READY
        if (at := connection.execute(query, {"after": after - grace}).scalar()) is not None
    ]
    return min(found, default=None)
