"""Claiming: who may do which due event, and for how long.

A claim gives a fence; only its holder may settle, and only while nobody took the claim from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from promo_scheduler.firing import OPEN_STATES, EventState, Firing
from promo_scheduler.ledger.claims import claims_of, is_its
from promo_scheduler.ledger.encoding import (
    WINDOW_COLUMNS,
    batches,
    instant,
    micros,
    span,
    window_from,
)
from promo_scheduler.ledger.requests import ClaimRequest
from promo_scheduler.ledger.tables import (
    ACTIONS,
    CLAIMABLE,
    ENDING,
    EVENT,
    START,
    WINDOW,
    is_claimed,
    one_of,
)
from promo_scheduler.ledger.transaction import Transaction
from promo_scheduler.plan import Key, TriggerEvent, Window, natural_key

_other = EVENT.alias("other")
_ending = EVENT.alias("ending")
_code = sa.literal_column

# Another event of the window is being done.
_BUSY = sa.exists().where(
    _other.c.window_id == EVENT.c.window_id,
    is_claimed(_other),
)
# Law 5: an ending on the same channel and target is due no later, and is not settled.
BLOCKED = sa.and_(
    EVENT.c.action == _code(str(START)),
    sa.exists().where(
        _ending.c.lane == EVENT.c.lane,
        _ending.c.due_at <= EVENT.c.due_at,
        _ending.c.action == _code(str(ENDING)),
        one_of(_ending.c.state, *sorted(OPEN_STATES)),
    ),
)
_MAY_BE_CLAIMED = sa.and_(one_of(EVENT.c.state, *CLAIMABLE), ~_BUSY, ~BLOCKED)
_NEXT = (
    sa.select(EVENT.c.ready_at)
    .where(_MAY_BE_CLAIMED)
    .order_by(EVENT.c.ready_at, EVENT.c.action)
    .limit(1)
)


class _Due(NamedTuple):
    """An event that may be claimed, in the order of `_DUE`'s columns before the window's."""

    id: int
    window_id: int
    action: int
    generation: int
    due_at: int
    attempt: int
    fence: int
    held_for: int
    touched: bool


_DUE = (
    sa.select(*(EVENT.c[name] for name in _Due._fields[:-1]), WINDOW.c.touched, *WINDOW_COLUMNS)
    .join_from(EVENT, WINDOW, WINDOW.c.id == EVENT.c.window_id)
    .where(
        _MAY_BE_CLAIMED,
        EVENT.c.ready_at <= sa.bindparam("now"),
        EVENT.c.action <= sa.bindparam("last_action"),
        WINDOW.c.channel.not_in(sa.bindparam("full", expanding=True)),
    )
    .order_by(EVENT.c.ready_at, EVENT.c.action)
    .limit(sa.bindparam("most"))
)
_TAKE = (
    EVENT.update()
    .where(EVENT.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(
        state=EventState.CLAIMED.value,
        owner=sa.bindparam("by"),
        lease_until=sa.bindparam("until"),
        attempt=EVENT.c.attempt + 1,
        fence=EVENT.c.fence + 1,
    )
)
_RENEW = (
    EVENT.update()
    .where(EVENT.c.id == sa.bindparam("claimed"))
    .values(lease_until=sa.bindparam("until"))
)


def next_due(connection: sa.Connection) -> datetime | None:
    """The earliest instant at which something may be claimed.

    What waits for another event to be settled is left out: that settlement is its wake-up.
    """
    found = connection.execute(_NEXT).scalar()
    return None if found is None else instant(found)


def claim(write: Transaction, request: ClaimRequest) -> list[Firing]:
    """Take what is due; at most one event of a window. See `Ledger.claim`."""
    now = micros(request.now)
    taken: dict[int, Firing] = {}
    ids: list[int] = []
    given: Counter[str] = Counter()
    for row in _due_rows(write.connection, request):
        due = _Due(*row[: len(_Due._fields)])
        if due.window_id in taken or given[row.channel] >= request.room_on(row.channel):
            continue
        given[row.channel] += 1
        taken[due.window_id] = _firing(write.stamp.id, due, window_from(row))
        ids.append(due.id)
    for batch in batches(ids):
        claimed = {"ids": batch, "by": request.owner, "until": now + span(request.lease)}
        write.connection.execute(_TAKE, claimed)
    return list(taken.values())


def _due_rows(connection: sa.Connection, request: ClaimRequest) -> list[Any]:
    wanted = {
        "now": micros(request.now),
        "most": request.limit,
        "last_action": ENDING if request.endings_only else START,
        "full": request.full,
    }
    return list(connection.execute(_DUE, wanted))


def _firing(ledger_id: str, due: _Due, window: Window) -> Firing:
    key = Key(window.key, ACTIONS[due.action])
    return Firing(
        event=TriggerEvent(key, instant(due.due_at), due.generation),
        window=window,
        natural_key=natural_key(ledger_id, window.key),
        attempt=due.attempt + 1,
        fence=due.fence + 1,
        held_for=timedelta(microseconds=due.held_for),
        touched=due.touched,
    )


def renew(write: Transaction, firings: Sequence[Firing], now: datetime, lease: timedelta) -> None:
    """Let the claims that still stand hold until `now + lease`."""
    until = micros(now) + span(lease)
    standing = claims_of(write.connection, firings)
    held = [
        {"claimed": claim.id, "until": until}
        for firing in firings
        if (claim := standing.get(str(firing.window.key))) and is_its(claim, firing)
    ]
    if held:
        write.connection.execute(_RENEW, held)
