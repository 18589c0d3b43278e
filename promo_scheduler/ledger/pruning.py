"""Retention: what is long over goes, and the audit's chain begins at a signed anchor.

The anchor is the last entry that is gone. The stamp names it, and so does a sealed entry further up
in the chain, in the same transaction: who moves the anchor without the key is found by `verify`.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from promo_scheduler.audit import PRUNED, Head, instant_text
from promo_scheduler.errors import StalePlan
from promo_scheduler.firing import OPEN_STATES
from promo_scheduler.ledger.encoding import micros
from promo_scheduler.ledger.requests import Cut, Pruned, PruneRequest
from promo_scheduler.ledger.tables import (
    AUDIT,
    EVENT,
    ORDER,
    OVER,
    STAMP,
    TO_BE_DONE,
    WINDOW,
    one_of,
)
from promo_scheduler.ledger.transaction import Transaction, read_stamp

PIECE = 5000  # windows, and entries, that one transaction takes away: nobody waits for it long
_BEFORE = sa.bindparam("before", type_=sa.BigInteger())
_THESE: sa.BindParameter[int] = sa.bindparam("windows", expanding=True)

_OPEN = sa.exists().where(EVENT.c.window_id == WINDOW.c.id, one_of(EVENT.c.state, *OPEN_STATES))
_IS_OVER = sa.and_(one_of(WINDOW.c.standing, *OVER), WINDOW.c.end_at < _BEFORE, ~_OPEN)
_OVER = sa.select(WINDOW.c.id).where(_IS_OVER)
_OVER = _OVER.order_by(WINDOW.c.id).limit(PIECE)
_THEIR_EVENTS = EVENT.delete().where(EVENT.c.window_id.in_(_THESE))
_THOSE = WINDOW.delete().where(WINDOW.c.id.in_(_THESE))
# The last order stays whatever it is: its number would be given again.
_ORDERS = ORDER.delete().where(
    ORDER.c.released_at < _BEFORE,
    ~sa.exists().where(one_of(EVENT.c.state, *TO_BE_DONE), EVENT.c.due_at < ORDER.c.released_at),
    ORDER.c.id < sa.select(sa.func.max(ORDER.c.id)).scalar_subquery(),
    ORDER.c.id.not_in(sa.select(EVENT.c.order_id).where(EVENT.c.order_id.is_not(None))),
    ORDER.c.id.not_in(sa.select(WINDOW.c.taken_by).where(WINDOW.c.taken_by.is_not(None))),
)
_ENTRIES = AUDIT.delete().where(AUDIT.c.seq <= sa.bindparam("last"))


def cut_at(connection: sa.Connection, before: datetime, up_to: int | None) -> Cut:
    """What may go of all that lies before an instant. See `Ledger.cut`."""
    stamp = read_stamp(connection)
    kept = connection.execute(
        sa.select(sa.func.min(AUDIT.c.seq)).where(AUDIT.c.at >= micros(before))
    ).scalar()
    last = stamp.head.seq if kept is None else kept - 1
    last = last if up_to is None else min(last, up_to, stamp.pruned.seq + PIECE)
    found = connection.execute(sa.select(AUDIT.c.seal).where(AUDIT.c.seq == last)).scalar()
    over = sa.select(sa.func.count()).select_from(WINDOW).where(_IS_OVER)
    windows = connection.execute(over, {"before": micros(before)}).scalar_one()
    anchor = stamp.pruned if found is None else Head(last, found)
    return Cut(before, stamp.pruned, anchor, windows)


def prune(write: Transaction, request: PruneRequest) -> Pruned:
    """Take away what a cut names. See `Ledger.prune`."""
    cut = request.cut
    if write.stamp.pruned != cut.since:
        raise StalePlan("somebody else has pruned the ledger meanwhile", help="look again")
    anchor = {"pruned_seq": cut.anchor.seq, "pruned_seal": cut.anchor.seal}
    write.connection.execute(STAMP.update().values(**anchor))
    windows, events = _windows(write.connection, micros(cut.before))
    orders = write.connection.execute(_ORDERS, {"before": micros(cut.before)}).rowcount
    write.connection.execute(_ENTRIES, {"last": cut.anchor.seq})
    pruned = Pruned(cut.entries, windows, events, orders)
    _note(write, request, pruned)
    return pruned


def _windows(connection: sa.Connection, before: int) -> tuple[int, int]:
    """Remove windows that are over, PIECE at most, with their events; how many of each."""
    found = connection.execute(_OVER, {"before": before}).scalars().all()
    events = connection.execute(_THEIR_EVENTS, {"windows": found}).rowcount if found else 0
    windows = connection.execute(_THOSE, {"windows": found}).rowcount if found else 0
    return windows, events


def _note(write: Transaction, request: PruneRequest, pruned: Pruned) -> None:
    """The entry that signs the anchor: `audit.anchor_named` reads it."""
    anchor = request.cut.anchor
    write.note(
        request.at,
        PRUNED,
        "",
        {
            "seq": anchor.seq,
            "seal": anchor.seal,
            "before": instant_text(request.cut.before),
            "entries": pruned.entries,
            "windows": pruned.windows,
            "events": pruned.events,
            "orders": pruned.orders,
            "archive": request.archive,
            "sha256": request.digest,
        },
        actor=request.actor,
    )
