"""Time under orders, which is not lateness: pure, but for reading the orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from promo_scheduler.ledger.encoding import instant, order_from
from promo_scheduler.ledger.lanes import Due
from promo_scheduler.ledger.tables import ENDING, ORDER
from promo_scheduler.order import Order

_SINCE = sa.select(ORDER).where(
    sa.or_(ORDER.c.released_at.is_(None), ORDER.c.released_at > sa.bindparam("since"))
)


def orders_over(connection: sa.Connection, events: Iterable[Due]) -> tuple[Order, ...]:
    """The orders that may have held one of these back: not released before it was due."""
    since = min((due.due_at for due in events if due.action != ENDING), default=None)
    if since is None:
        return ()
    return tuple(order_from(row) for row in connection.execute(_SINCE, {"since": since}))


def held_for(due: Due, orders: Sequence[Order], now: datetime) -> timedelta:
    """How long of the time since it was due (UTC, until `now`) does not count as late: what lies
    under one or more orders, and before a person sent it on by hand.
    """
    by_hand = timedelta(microseconds=due.held_for)
    if not orders:
        return by_hand
    begin = instant(due.due_at)
    spans = [(begin, begin + by_hand)]
    over = (order for order in orders if order.scope.covers(due.window))
    spans += [(order.at, min(order.released_at or now, now)) for order in over]
    held, until = timedelta(0), begin
    for since, to in sorted(spans):
        if to > until:
            held, until = held + (to - max(since, until)), to
    return held
