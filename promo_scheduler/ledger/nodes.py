"""Nodes: which daemons are alive, and what becomes of the claims of one that is not.

A lease is kept by the database's clock, so that no node's own clock matters. Whoever looks first
declares a node dead: its row goes, and with it its claims. A beat after that is told so.

On SQLite there is one machine, and a file lock proves who is alive: an embedded daemon has no row
there, and a claim whose owner has none is left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from promo_scheduler.ledger.claims import claims_where
from promo_scheduler.ledger.encoding import instant, span
from promo_scheduler.ledger.releasing import free
from promo_scheduler.ledger.requests import Node, NodeState
from promo_scheduler.ledger.tables import EVENT, NODE, is_claimed
from promo_scheduler.ledger.transaction import Transaction

# The database's clock in microseconds; SQLite's counts milliseconds.
_CLOCKS = {
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)",
    "sqlite": "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000",
}
_NAMED = NODE.c.name == sa.bindparam("node")
_OWNERLESS = sa.and_(is_claimed(EVENT), ~sa.exists().where(NODE.c.name == EVENT.c.owner))


def enter(connection: sa.Connection, node: Node, lease: timedelta) -> None:
    """Register a node, or renew what is registered under its name."""
    if beat(connection, node.name, lease):
        return
    clock = _clock(connection)
    row = {"name": node.name, "place": node.place, "engine": node.engine}
    times = {"started_at": clock, "lease_until": clock + span(lease)}
    connection.execute(NODE.insert().values(**row, **times))


def beat(connection: sa.Connection, name: str, lease: timedelta) -> bool:
    """Renew a node's lease; False where its row is gone. No other row is locked."""
    until = _clock(connection) + span(lease)
    renewed = connection.execute(
        NODE.update().where(_NAMED).values(lease_until=until), {"node": name}
    )
    return renewed.rowcount == 1


def leave(connection: sa.Connection, name: str) -> None:
    """Take a node's row away."""
    connection.execute(NODE.delete().where(_NAMED), {"node": name})


def nodes(connection: sa.Connection) -> tuple[NodeState, ...]:
    """Every node that has a row, the oldest first."""
    left = (NODE.c.lease_until - _clock(connection)).label("left")
    rows = connection.execute(sa.select(NODE, left).order_by(NODE.c.started_at, NODE.c.name))
    return tuple(
        NodeState(r.name, r.place, r.engine, instant(r.started_at), timedelta(microseconds=r.left))
        for r in rows
    )


def has_dead(connection: sa.Connection) -> bool:
    """Whether there is anything for `release_dead`: a cheap look."""
    looks = [sa.exists().where(_ran_out(connection))]
    if _rows_tell(connection):
        looks.append(sa.exists().where(_OWNERLESS))
    return bool(connection.execute(sa.select(sa.or_(*looks))).scalar())


def release_dead(write: Transaction, now: datetime) -> int:
    """Free the claims of every node whose lease ran out, or that has no row. How many."""
    gone = _remove(write, _ran_out(write.connection))
    lost: sa.ColumnElement[bool] = EVENT.c.owner.in_(gone)
    if _rows_tell(write.connection):
        lost = sa.or_(lost, _OWNERLESS)
    return _bury(write, gone, lost, now)


def release_place(write: Transaction, place: str, now: datetime) -> int:
    """Free the claims of the nodes of a place. How many."""
    gone = _remove(write, NODE.c.place == place)
    return _bury(write, gone, EVENT.c.owner.in_(gone), now)


def _remove(write: Transaction, which: sa.ColumnElement[bool]) -> list[str]:
    """Take rows away first: whether one still is meant is told under its own lock, so that a beat
    either saves its node or finds it gone.
    """
    removed = write.connection.execute(NODE.delete().where(which).returning(NODE.c.name))
    return sorted(removed.scalars())


def _bury(
    write: Transaction, gone: Sequence[str], lost: sa.ColumnElement[bool], now: datetime
) -> int:
    claims = claims_where(write.connection, lost)
    counted = Counter(claim.owner for claim in claims)
    for name in sorted({*gone, *counted}):
        write.note(now, "node.lost", "", {"node": name, "claims": counted[name]})
    free(write, claims, now, "its node is dead")
    return len(claims)


def _clock(connection: sa.Connection) -> sa.ColumnElement[int]:
    return sa.literal_column(_CLOCKS[connection.dialect.name], sa.BigInteger())


def _ran_out(connection: sa.Connection) -> sa.ColumnElement[bool]:
    return NODE.c.lease_until <= _clock(connection)


def _rows_tell(connection: sa.Connection) -> bool:
    """Whether every daemon that is alive has a row."""
    return connection.dialect.name == "postgresql"
