"""A ledger that came from a copy: held at once, and released after its channels were read (law 9).

A copy knows nothing of what was done since it was made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from promo_scheduler.audit import Detail, instant_text, storable
from promo_scheduler.ledger import ordering
from promo_scheduler.ledger.encoding import micros
from promo_scheduler.ledger.requests import OrderRequest, Seen
from promo_scheduler.ledger.tables import STAMP, WINDOW
from promo_scheduler.ledger.transaction import Transaction
from promo_scheduler.order import Order, OrderKind, Scope
from promo_scheduler.plan import StandingWindow

RESTORED = "restored from a backup"  # how the reason of such a hold begins
_FOUND = (
    WINDOW.update()
    .where(WINDOW.c.key == sa.bindparam("found"))
    .values(touched=True, ref=sa.func.coalesce(sa.bindparam("remote"), WINDOW.c.ref))
)


def hold_copied(write: Transaction, why: str, at: datetime) -> Order | None:
    """Hold everything, and have the channels read first. See `Ledger.hold_copied`."""
    held = any(map(_is_such_a_hold, ordering.orders(write.connection, in_force=True)))
    if held and write.stamp.copied_at is not None:
        return None
    head = write.stamp.head
    reason = f"{RESTORED} {why}"
    detail: Detail = {"head": f"{head.seq}:{head.seal}", "reason": reason}
    write.note(at, "ledger.copied", "", detail)
    write.connection.execute(STAMP.update().values(copied_at=micros(at)))
    if held:
        return None
    request = OrderRequest(OrderKind.HOLD, Scope(), reason)
    return ordering.give(write, request, _never, at, write.actor)[0]


def _is_such_a_hold(order: Order) -> bool:
    is_hold = order.kind is OrderKind.HOLD and order.scope == Scope()
    return is_hold and order.reason.startswith(RESTORED)


def _never(_standing: StandingWindow) -> bool:
    """Nothing is taken down by what a copy believes to be there."""
    return False


def observed(
    write: Transaction, seen: Sequence[Seen], at: datetime, actor: str, *, finished: bool
) -> None:
    """Record what channels showed. See `Ledger.observed`."""
    there = [
        {"found": str(each.key), "remote": next(map(storable, each.refs), None)}
        for each in seen
        if each.present
    ]
    if there:
        write.connection.execute(_FOUND, there)
    for each in seen:
        facts: Detail = {"state": each.state, "present": each.present, "refs": list(each.refs)}
        write.note(at, "restore.observed", str(each.key), facts, actor=actor)
    copied_at = write.stamp.copied_at
    if finished and copied_at is not None:
        write.connection.execute(STAMP.update().values(copied_at=None))
        told = {"copied": instant_text(copied_at)}
        write.note(at, "restore.finished", "", told, actor=actor)
