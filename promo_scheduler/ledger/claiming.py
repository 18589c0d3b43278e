"""Claiming: who may do which due event.

A claim gives a fence; only its holder may settle, and only while nobody took the claim from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

import sqlalchemy as sa

from promo_scheduler.firing import EventState, Firing
from promo_scheduler.ledger import lanes
from promo_scheduler.ledger.encoding import WINDOW_COLUMNS, batches, instant, micros
from promo_scheduler.ledger.handing import give_back
from promo_scheduler.ledger.holding import held_for, orders_over
from promo_scheduler.ledger.lanes import DUE_COLUMNS, Due, Lane, Look, Waiting, due_from
from promo_scheduler.ledger.picking import pick
from promo_scheduler.ledger.requests import ClaimRequest
from promo_scheduler.ledger.tables import ACTIONS, ENDING, EVENT, START, WAITING, WINDOW, one_of
from promo_scheduler.ledger.transaction import Transaction
from promo_scheduler.plan import Key, TriggerEvent, natural_key

InFlight: TypeAlias = Mapping[str, int]

_IS_FREE = sa.and_(
    EVENT.c.ready_at <= sa.bindparam("now", type_=sa.BigInteger()),
    EVENT.c.action <= sa.bindparam("last_action"),
    ~lanes.is_busy(EVENT),
    ~lanes.is_blocked(EVENT),
)
_NAMED = (
    sa.select(*DUE_COLUMNS, _IS_FREE.label("is_free"), *WINDOW_COLUMNS)
    .join_from(WINDOW, EVENT, WINDOW.c.id == EVENT.c.window_id)
    .where(WINDOW.c.key.in_(sa.bindparam("windows", expanding=True)))
    .where(one_of(EVENT.c.state, *WAITING))
)
_TAKE = (
    EVENT.update()
    .where(EVENT.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(
        state=EventState.CLAIMED.value,
        owner=sa.bindparam("by"),
        attempt=EVENT.c.attempt + 1,
        fence=EVENT.c.fence + 1,
    )
)


def next_due(connection: sa.Connection) -> datetime | None:
    """The earliest instant at which something may be claimed.

    What waits for another event to be settled is left out: that settlement is its wake-up.
    """
    found = lanes.next_due(connection)
    return None if found is None else instant(found)


def next_ready(connection: sa.Connection, after: datetime) -> datetime | None:
    """The earliest instant after this one at which something is ready."""
    found = lanes.next_ready(connection, micros(after))
    return None if found is None else instant(found)


def claim(write: Transaction, request: ClaimRequest) -> list[Firing]:
    """Take what is due; at most one event of a window. See `Ledger.claim`."""
    in_flight = lanes.in_flight(write.connection)
    if request.keys is None:
        chosen = _next_of_each_lane(write.connection, request, in_flight)
    else:
        chosen = _named(write.connection, request, in_flight)
    for batch in batches([due.id for due in chosen]):
        write.connection.execute(_TAKE, {"ids": batch, "by": request.owner})
    orders = orders_over(write.connection, chosen)
    return [_firing(write.stamp.id, due, held_for(due, orders, request.now)) for due in chosen]


def _next_of_each_lane(
    connection: sa.Connection, request: ClaimRequest, in_flight: InFlight
) -> list[Due]:
    """Even shares of what comes first in each lane; then more of those lanes that have more."""
    now = micros(request.now)
    places = {
        waiting: [lane for lane in waiting.lanes(connection, now) if _is_open(lane, request)]
        for waiting in (lanes.OPEN, lanes.HANDED)
    }
    count = sum(map(len, places.values()))
    if not count:
        return []
    most = _share(request.limit, count)
    found = _first(connection, places, request, most)
    chosen = pick(found, request, in_flight)
    backlog = {lane for lane, waits in Counter(due.lane for due in found).items() if waits >= most}
    if backlog and len(chosen) < request.limit:
        places = {w: [lane for lane in each if lane.name in backlog] for w, each in places.items()}
        most += _share(request.limit - len(chosen), len(backlog))
        found = [due for due in found if due.lane not in backlog]
        found += _first(connection, places, request, most)
        chosen = pick(found, request, in_flight)
    return chosen


def _share(total: int, parts: int) -> int:
    return -(-total // parts)


def _is_open(lane: Lane, request: ClaimRequest) -> bool:
    return request.room_on(lane.channel) > 0


def _first(
    connection: sa.Connection,
    places: Mapping[Waiting, Sequence[Lane]],
    request: ClaimRequest,
    most: int,
) -> list[Due]:
    found: list[Due] = []
    for waiting, each in places.items():
        if each:
            found += waiting.first(connection, each, Look(most=most, **_values(request)))
    return found


def _values(request: ClaimRequest) -> dict[str, int]:
    return {
        "now": micros(request.now),
        "last_action": ENDING if request.endings_only else START,
    }


def _named(connection: sa.Connection, request: ClaimRequest, in_flight: InFlight) -> list[Due]:
    """Of the events named those that may be claimed; what is handed of the others is given back."""
    wanted = frozenset(request.keys or ())
    found: list[tuple[Due, bool]] = []
    for batch in batches(sorted({str(key.window) for key in wanted})):
        values = {"windows": batch, **_values(request)}
        for row in connection.execute(_NAMED, values):
            due = due_from(row)
            if Key(due.window.key, ACTIONS[due.action]) in wanted:
                found.append((due, row.is_free))
    chosen = pick((due for due, is_free in found if is_free), request, in_flight)
    taken = {due.id for due in chosen}
    give_back(connection, [due.id for due, _ in found if due.id not in taken])
    return chosen


def _firing(ledger_id: str, due: Due, held: timedelta) -> Firing:
    window = due.window
    key = Key(window.key, ACTIONS[due.action])
    return Firing(
        event=TriggerEvent(key, instant(due.due_at), due.generation),
        window=window,
        natural_key=natural_key(ledger_id, window.key),
        attempt=due.attempt + 1,
        fence=due.fence + 1,
        held_for=held,
        touched=due.touched,
    )
