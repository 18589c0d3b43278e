"""G3: writing a plan into the ledger, beside bare inserts of the same rows, and APScheduler."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import peers
import sqlalchemy as sa
from figures import Figure, timed
from plans import application

from promo_scheduler.ledger import Access, Ledger
from promo_scheduler.ledger.tables import AUDIT, EVENT, WINDOW

WINDOWS = 10_000
JOBS = 2_000
TABLES = (WINDOW, EVENT, AUDIT)


def measure() -> list[Figure]:
    """Ours and the bare inserts in turns, three times; the best of each. Then APScheduler."""
    rounds = [_round() for _ in range(3)]
    ours, bare = (min(times) for times in zip(*rounds, strict=True))
    with tempfile.TemporaryDirectory() as folder:
        theirs = JOBS / peers.add_jobs(Path(folder), JOBS)
    events = 2 * WINDOWS
    rate, inserts = events / ours, events / bare
    return [
        Figure("G3", f"a plan of {WINDOWS:,} windows: events applied a second", f"{rate:,.0f}",
               f"bare executemany {inserts:,.0f} ({rate / inserts:.2f} ×)", "≥ 0.6 ×",
               rate >= 0.6 * inserts),
        Figure("G3", "the same, beside APScheduler", f"{rate:,.0f}",
               f"APScheduler {theirs:,.0f} ({rate / theirs:.0f} ×)", "≥ 50 ×", rate >= 50 * theirs),
    ]  # fmt: skip


def _round() -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        ledger = _opened(Path(first))
        plan = application([datetime.now(UTC) + timedelta(days=1)] * WINDOWS, endings=True)
        ours = timed(lambda: ledger.apply(plan))
        ledger.close()
        _opened(Path(second)).close()
        rows = _rows(Path(first))
        return ours, timed(lambda: _insert(Path(second), rows))


def _opened(folder: Path) -> Ledger:
    return Ledger.open("sqlite:///ledger.db", Access(b"key", "bench", folder))


def _engine(folder: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{folder}/ledger.db")

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return engine


def _rows(folder: Path) -> list[list[dict[str, Any]]]:
    engine = _engine(folder)
    with engine.connect() as connection:
        rows = [
            [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for table in TABLES
        ]
    engine.dispose()
    return rows


def _insert(folder: Path, rows: list[list[dict[str, Any]]]) -> None:
    engine = _engine(folder)
    with engine.begin() as connection:
        for table, content in zip(TABLES, rows, strict=True):
            connection.execute(table.insert(), content)
    engine.dispose()
