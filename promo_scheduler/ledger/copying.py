"""Copies of a ledger: a backup into one SQLite file while it is used, and a restore from one.

Rows go over in pages, from one moment of the source and in one transaction of the target, so a copy
is whole or not there at all. The leases of daemons stay behind: none of them runs on the copy.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from promo_scheduler.audit import Detail
from promo_scheduler.errors import (
    AuditBroken,
    LedgerAbsent,
    LedgerMismatch,
    LedgerNotEmpty,
    NotWritten,
)
from promo_scheduler.ledger import chain
from promo_scheduler.ledger.connecting import Database, readable_faults
from promo_scheduler.ledger.encoding import Values, maybe_instant
from promo_scheduler.ledger.location import Location
from promo_scheduler.ledger.opening import bring_up_to_date, known_revision, make_room, open_at
from promo_scheduler.ledger.recovering import hold_copied
from promo_scheduler.ledger.requests import Access, Copied
from promo_scheduler.ledger.tables import AUDIT, EVENT, METADATA, NODE, ORDER, STAMP
from promo_scheduler.ledger.transaction import read_stamp, sealed
from promo_scheduler.record import instant

_PAGE = 1000  # rows held in memory at a time
_COPIED = tuple(table for table in METADATA.sorted_tables if table is not NODE)
_NUMBERED = (EVENT, ORDER)  # whose rows the database counts


# ── backup ──────────────────────────────────────────────────────────────────────────────────────
def back_up(source: Database, access: Access, file: Path, at: datetime, *, over: bool) -> Copied:
    """Write a held copy of the ledger to a file. See `Ledger.back_up`."""
    file = file.resolve()
    _refuse_to_replace(file, source.location, over=over)
    with _as_written(file), _beside(file) as new:
        target = Database(_at(new, file))
        try:
            copied = _back_up_into(target, source, access, at)
        finally:
            target.close()
        with readable_faults(target.location):
            _into_one_file(new)
    return copied


def _refuse_to_replace(file: Path, ledger: Location, *, over: bool) -> None:
    if not file.exists():
        return
    if ledger.file is not None and ledger.file.exists() and file.samefile(ledger.file):
        raise NotWritten(f"{file} is the ledger itself", help="name another file")
    if not file.is_file():
        raise NotWritten(f"{file} is no plain file", help="name a file, in a folder that is there")
    if not over:
        raise NotWritten(f"{file} is there already", help="name another file, or say --force")


@contextmanager
def _as_written(file: Path) -> Iterator[None]:
    """Say of the file that was asked for what the system says of the one beside it."""
    try:
        yield
    except OSError as error:
        raise NotWritten(
            f"{file} cannot be written: {error.strerror}",
            help="name a file in a folder that is there, that you may write to and that has room",
        ) from error


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A new file that takes the place of `file` at the end of the block, durably; else it goes.

    It can be read and written by its owner alone.
    """
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".promo-", suffix=".db")
    os.close(descriptor)
    new = Path(name)
    try:
        yield new
        _make_durable(new)
        new.replace(file)
        _make_durable(file.parent)
    except BaseException:
        for left in ("", "-wal", "-shm"):
            Path(f"{name}{left}").unlink(missing_ok=True)
        raise


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _back_up_into(target: Database, source: Database, access: Access, at: datetime) -> Copied:
    with source.reading() as rows, target.writing() as connection:
        stamp = read_stamp(rows)
        bring_up_to_date(connection)
        number = _copy(source.location, rows, connection)
        with sealed(connection, access) as write:
            hold_copied(write, f"of {_moment(at)}", at)
    return Copied(stamp.head, number)


def _into_one_file(new: Path) -> None:
    """A backup is one file: no log of changes beside it, and none begun by who only reads it."""
    with closing(sqlite3.connect(new)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


# ── restore ─────────────────────────────────────────────────────────────────────────────────────
def restore(url: str, access: Access, file: Path, at: datetime) -> Copied:
    """Fill an empty ledger from a file. See `Ledger.restore`."""
    location = Location.parse(url, access.root)
    with _scratch(file, access) as source:
        with source.reading() as rows:
            _refuse_broken(rows, access, file)
        make_room(location, access)
        target = Database(location)
        try:
            return _restore_into(target, source, access, at)
        finally:
            target.close()


@contextmanager
def _scratch(file: Path, access: Access) -> Iterator[Database]:
    """The ledger in a file, of whatever schema, as a passing copy: the file stays as it is."""
    with tempfile.TemporaryDirectory(prefix="promo-restore-") as folder:
        location = _at(Path(folder) / "ledger.db", file)
        with readable_faults(location):
            _snapshot(file, Path(folder) / "ledger.db")
        try:
            database = open_at(location, replace(access, create=False))
        except LedgerAbsent:
            raise LedgerMismatch(
                f"{file} holds no ledger", help="name a file that `promo backup` made"
            ) from None
        with closing(database):
            yield database


def _snapshot(file: Path, new: Path) -> None:
    address = f"{file.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True)) as source,
        closing(sqlite3.connect(new)) as target,
    ):
        source.backup(target)


def _refuse_broken(rows: sa.Connection, access: Access, file: Path) -> None:
    for found in chain.breaks(rows, access.secret):
        raise AuditBroken(
            f"the audit in {file} does not verify: at entry {found.seq}, {found.reason}",
            help="restore another backup, and keep this one as evidence",
        )


def _restore_into(target: Database, source: Database, access: Access, at: datetime) -> Copied:
    with source.reading() as rows, target.writing() as connection:
        known_revision(connection, target.location)
        bring_up_to_date(connection)
        _refuse_unless_empty(connection, target.location)
        connection.execute(STAMP.delete())
        number = _copy(source.location, rows, connection)
        _count_on(connection)
        with sealed(connection, access) as write:
            head = write.stamp.head
            told: Detail = {"file": str(source.location), "rows": number}
            write.note(at, "ledger.restored", "", {**told, "head": f"{head.seq}:{head.seal}"})
            hold_copied(write, f"of {_moment(_last_told(connection) or at)}", at)
    return Copied(head, number)


def _refuse_unless_empty(connection: sa.Connection, location: Location) -> None:
    head = connection.execute(sa.select(STAMP.c.head_seq).with_for_update()).scalar()
    if not head:
        return
    way_out = "name a new database in config/settings.yaml"
    if location.file:
        way_out = f"move it away, with {location.file.name}-wal and -shm if they are there"
    raise LedgerNotEmpty(
        f"the ledger {location} is not empty: it has {head:,} audit entries", help=way_out
    )


def _count_on(connection: sa.Connection) -> None:
    """Let new rows be numbered after those that came with their numbers."""
    if connection.dialect.name != "postgresql":
        return  # SQLite looks at the rows
    for table in _NUMBERED:
        counter = sa.func.pg_get_serial_sequence(table.name, "id")
        connection.execute(sa.select(sa.func.setval(counter, sa.func.max(table.c.id))))


def _last_told(connection: sa.Connection) -> datetime | None:
    return maybe_instant(connection.execute(sa.select(sa.func.max(AUDIT.c.at))).scalar())


# ── both ────────────────────────────────────────────────────────────────────────────────────────
def _copy(location: Location, rows: sa.Connection, target: sa.Connection) -> int:
    """Copy every row; how many there were. `location` is where they are read."""
    number = 0
    for table in _COPIED:
        for page in _pages(location, rows, table):
            target.execute(table.insert(), page)
            number += len(page)
    return number


def _pages(location: Location, rows: sa.Connection, table: sa.Table) -> Iterator[list[Values]]:
    """A table's rows; a fault in reading is told of where they are, not of where they go."""
    query = sa.select(table).order_by(*table.primary_key).execution_options(yield_per=_PAGE)
    with readable_faults(location), rows.execute(query) as found:
        for page in found.mappings().partitions():
            yield [dict(row) for row in page]


def _at(database: Path, file: Path) -> Location:
    """A database that is told of by the name of another file."""
    return Location(sa.URL.create("sqlite+pysqlite", database=str(database)), file)


def _moment(at: datetime) -> str:
    return instant(at.replace(microsecond=0))
