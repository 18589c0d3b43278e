"""Connections: how each database is opened, read from and written to, and what its faults say.

One writer at a time: on SQLite a write begins with BEGIN IMMEDIATE, on PostgreSQL the transaction
locks the stamp's row first (see `transaction.py`). Whoever waits longer than `_PATIENCE` for the
other gets LedgerUnavailable; `?timeout=` (SQLite, seconds) or `?options=` (PostgreSQL) in the URL
say otherwise.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DataError, SQLAlchemyError

from promo_scheduler.errors import LedgerUnavailable
from promo_scheduler.ledger.location import Location

_PATIENCE = 10  # seconds
# A server that went away without a word is noticed within some seconds, not after hours.
STEADY = {
    "connect_timeout": _PATIENCE,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 6000,  # milliseconds
}


class Database:
    """A pool of connections to one database. `reading` sees one moment, `writing` is alone."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self._engine = _engine(location)
        self._readers: sa.Engine = self._engine
        self._writers: sa.Engine = self._engine
        if location.file:
            self._writers = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        else:
            self._readers = self._engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees the ledger as it is at one moment."""
        with readable_faults(self.location), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that is committed at the end of the block, or not at all."""
        with readable_faults(self.location), self._writers.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()


@contextmanager
def readable_faults(location: Location) -> Iterator[None]:
    """Turn what a driver raises into LedgerUnavailable, without SQL and without the password."""
    try:
        yield
    except DataError:  # what was to be written is wrong: trying again cannot help
        raise
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = getattr(error, "orig", None) or error
        words = location.hide(str(cause)).strip().partition("\n")[0] or type(cause).__name__
        raise LedgerUnavailable(
            f"the ledger {location} cannot be used: {words}", help=_way_out(words)
        ) from error


def _way_out(words: str) -> str:
    if "locked" in words or "lock timeout" in words:
        return "another process is writing for very long; try again, or look what it does"
    if "full" in words or "space" in words:
        return "make room on the disk; nothing was recorded"
    if "readonly" in words or "read-only" in words:
        return "give this user the right to write there"
    return "see that the database is there, reachable and not damaged, then try again"


def _engine(location: Location) -> sa.Engine:
    if location.file:
        asked = _unless_asked(location.url)
        engine = sa.create_engine(location.url, connect_args=asked, hide_parameters=True)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = sa.create_engine(
            location.url,
            connect_args={k: v for k, v in STEADY.items() if k not in location.url.query},
            hide_parameters=True,
            isolation_level="READ COMMITTED",  # a write must see what the one before it left
        )
    except ModuleNotFoundError as error:
        raise LedgerUnavailable(
            f"a ledger in PostgreSQL needs the driver {error.name}",
            help="install promo-scheduler[postgres]",
        ) from error
    if "options" not in location.url.query:
        sa.event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _unless_asked(url: sa.URL) -> dict[str, Any]:
    return {} if "timeout" in url.query else {"timeout": _PATIENCE}


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _prepare_postgresql(connection: Any, _record: object) -> None:
    connection.execute(f"SET lock_timeout = '{_PATIENCE}s'")
    connection.commit()
