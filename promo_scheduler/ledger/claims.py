"""The claims that stand: which event of a window is being done, by whom, under which fence.

Rows become named tuples here: they are read a dozen times each, and asking a row of the database
library for a column by name is slow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from promo_scheduler.firing import OPEN_STATES, EventState, Firing
from promo_scheduler.ledger.encoding import batches
from promo_scheduler.ledger.tables import ACTION_CODES, ENDING, EVENT, START, WINDOW, is_claimed


class Claim(NamedTuple):
    """A claimed event and what stands of its window, in the order of the columns read."""

    id: int
    window_id: int
    action: int
    generation: int
    lane: str
    due_at: int
    ready_at: int
    attempt: int
    fence: int
    owner: str
    key: str
    standing: str
    touched: bool
    taken_by: int | None
    end_at: int
    ref: str | None
    standing_generation: int


_CLAIMS = sa.select(
    *(EVENT.c[name] for name in Claim._fields[:10]),
    *(WINDOW.c[name] for name in Claim._fields[10:-1]),
    WINDOW.c.generation,
).join_from(WINDOW, EVENT, WINDOW.c.id == EVENT.c.window_id)
_OF_WINDOWS = _CLAIMS.where(
    WINDOW.c.key.in_(sa.bindparam("keys", expanding=True)), is_claimed(EVENT)
)
_CLAIMED = _CLAIMS.where(is_claimed(EVENT)).order_by(EVENT.c.window_id)  # in the index's order


class Recorded(NamedTuple):
    """What is on record of an event's last attempt, in the order of the columns read."""

    fence: int
    state: str
    reason: str
    handed_at: int | None


_RECORDED = (
    sa.select(
        *(EVENT.c[name] for name in Recorded._fields),
        *(WINDOW.c.key, EVENT.c.action, EVENT.c.generation),
    )
    .join_from(WINDOW, EVENT, WINDOW.c.id == EVENT.c.window_id)
    .where(WINDOW.c.key.in_(sa.bindparam("keys", expanding=True)))
)


class OpenStart(NamedTuple):
    """A stage or activate that is open and not claimed, in the order of the columns read."""

    id: int
    window_id: int
    action: int
    generation: int
    attempt: int
    due_at: int
    ready_at: int


_OPEN_STARTS = sa.select(*(EVENT.c[name] for name in OpenStart._fields)).where(
    EVENT.c.window_id.in_(sa.bindparam("windows", expanding=True)),
    EVENT.c.action != ENDING,
    EVENT.c.state.in_(sorted(OPEN_STATES - {EventState.CLAIMED})),
)


def _start_is(state: EventState) -> sa.ColumnElement[bool]:
    of_start = (EVENT.c.window_id == WINDOW.c.id, EVENT.c.action == START)
    return sa.exists().where(*of_start, EVENT.c.state == state.value)


# Of a window: its start was missed, and none was ever done.
NEVER_BEGAN = sa.and_(_start_is(EventState.MISSED), sa.not_(_start_is(EventState.DONE)))
_THOSE_NEVER_BEGUN = sa.select(WINDOW.c.id).where(
    WINDOW.c.id.in_(sa.bindparam("windows", expanding=True)), NEVER_BEGAN
)


def claims_of(connection: sa.Connection, firings: Sequence[Firing]) -> dict[str, Claim]:
    """The claimed event of each firing's window, by the window's key; there is one at most."""
    found: dict[str, Claim] = {}
    for batch in batches(firings):
        keys = [str(firing.window.key) for firing in batch]
        rows = connection.execute(_OF_WINDOWS, {"keys": keys})
        found.update({claim.key: claim for claim in map(Claim._make, rows)})
    return found


def recorded(
    connection: sa.Connection, firings: Sequence[Firing]
) -> dict[tuple[str, int, int], Recorded]:
    """What is on record of the events of these windows, by `name_of`."""
    found = {}
    for batch in batches(firings):
        keys = [str(firing.window.key) for firing in batch]
        for row in connection.execute(_RECORDED, {"keys": keys}):
            found[row.key, row.action, row.generation] = Recorded(*row[:4])
    return found


def name_of(firing: Firing) -> tuple[str, int, int]:
    """Window, action and generation: one event."""
    return str(firing.window.key), ACTION_CODES[firing.action], firing.event.generation


def claims_where(connection: sa.Connection, condition: sa.ColumnElement[Any]) -> list[Claim]:
    """The claimed events for which a condition on EVENT holds."""
    rows = connection.execute(_CLAIMED.where(condition))
    return [Claim._make(row) for row in rows]


def open_starts(connection: sa.Connection, window_ids: Sequence[int]) -> dict[int, list[OpenStart]]:
    """The open starts of windows, by the window."""
    found: dict[int, list[OpenStart]] = defaultdict(list)
    for batch in batches(window_ids):
        for row in connection.execute(_OPEN_STARTS, {"windows": batch}):
            found[row[1]].append(OpenStart._make(row))
    return found


def never_began(connection: sa.Connection, window_ids: Sequence[int]) -> frozenset[int]:
    """Of these windows those whose start was missed, and none ever done."""
    found: set[int] = set()
    for batch in batches(window_ids):
        found.update(connection.execute(_THOSE_NEVER_BEGUN, {"windows": batch}).scalars())
    return frozenset(found)


def is_its(claim: Claim, firing: Firing) -> bool:
    """Whether a claim is the one that this firing was given."""
    return (claim.action, claim.generation, claim.fence) == (
        ACTION_CODES[firing.action],
        firing.event.generation,
        firing.fence,
    )
