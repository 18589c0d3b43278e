"""A write: one transaction, alone, with its sealed audit entries.

The stamp's row is read first, and locked on PostgreSQL, so that writers queue up there as BEGIN
IMMEDIATE makes them on SQLite: the chain has one end, and what a write decides on cannot change
under it. (SKIP LOCKED would let two claimers take two events of one window, each unseen by the
other.)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from promo_scheduler.audit import Detail, Draft, Head, Stamp, storable
from promo_scheduler.clock import Versions, require_utc
from promo_scheduler.ledger.chain import append
from promo_scheduler.ledger.connecting import Database
from promo_scheduler.ledger.encoding import Row, maybe_instant
from promo_scheduler.ledger.requests import Access
from promo_scheduler.ledger.tables import STAMP

ACTS = 3  # seconds that a write may be silent between two statements
THINKS = 60  # the same for one that plans something large

_READ = sa.select(STAMP)
_LOCK = _READ.with_for_update()


@dataclass(slots=True)
class Transaction:
    """An open write. `note` adds an audit entry, which is sealed when the write ends well."""

    connection: sa.Connection
    actor: str  # of entries that name nobody else
    stamp: Stamp
    drafts: list[Draft] = field(default_factory=list)

    def note(
        self, at: datetime, kind: str, key: str, detail: Detail, *, actor: str | None = None
    ) -> None:
        """Add an entry; `at` is a UTC instant."""
        by = storable(actor or self.actor)
        self.drafts.append(Draft(require_utc(at), by, kind, storable(key), detail))


@contextmanager
def transaction(database: Database, access: Access, idle: int = ACTS) -> Iterator[Transaction]:
    """Begin a write; it is committed with its audit entries, or leaves no trace.

    It may be silent for `idle` seconds: a daemon that is stopped in the middle must not keep all
    others from writing. PostgreSQL then ends it; SQLite's lock goes with its process.
    """
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            said = f"SET LOCAL idle_in_transaction_session_timeout = '{idle}s'"
            connection.exec_driver_sql(said)
        with sealed(connection, access) as write:
            yield write


@contextmanager
def sealed(connection: sa.Connection, access: Access) -> Iterator[Transaction]:
    """A write on a connection that is writing already; what it noted is sealed at its end."""
    write = Transaction(connection, access.actor, _stamp(connection.execute(_LOCK).one()))
    yield write
    append(connection, access.secret, write.stamp.head, write.drafts)


def raise_serial(write: Transaction) -> int:
    """Make every plan stale that was made before this write; the new serial, one for a write."""
    serial = write.stamp.serial + 1
    write.connection.execute(STAMP.update().values(serial=serial))
    return serial


def read_stamp(connection: sa.Connection) -> Stamp:
    """What the ledger says of itself."""
    return _stamp(connection.execute(_READ).one())


def _stamp(row: Row) -> Stamp:
    return Stamp(
        id=row.ledger_id,
        serial=row.serial,
        revision=row.revision,
        versions=Versions(row.tzdata, row.holidays, row.hijridate, row.astral),
        config_digest=row.config_digest,
        simulated=row.simulated,
        simulated_now=maybe_instant(row.simulated_now),
        head=Head(row.head_seq, row.head_seal),
        pruned=Head(row.pruned_seq, row.pruned_seal),
        copied_at=maybe_instant(row.copied_at),
    )
