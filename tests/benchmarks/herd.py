"""G1: 10,000 events due at one instant, with a connector that does nothing and the audit on."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import peers
from draining import Drain, herd
from figures import Figure, absent, percentile
from running import POSTGRESQL, SQLITE, cluster

COUNT = 10_000


def measure() -> Iterator[Figure]:
    """The raw loop and APScheduler on SQLite once, then ours on each database and engine."""
    with tempfile.TemporaryDirectory() as folder:
        raw = _raw(Path(folder))
        lags, seconds = peers.herd(Path(folder), COUNT)
    theirs = Drain(COUNT, tuple(lags), seconds, COUNT - len(lags))
    for setup in (SQLITE, POSTGRESQL, cluster(1)):
        try:
            yield from _figures(setup.name, herd(setup, COUNT), theirs, raw)
        except ModuleNotFoundError as error:
            yield absent("G1", f"{setup.name}, {COUNT:,} due at once", error)


def _figures(name: str, ours: Drain, theirs: Drain, raw: float) -> list[Figure]:
    p99, peer = ours.p99, percentile(theirs.lags, 0.99)
    return [
        Figure("G1", f"{name}, {COUNT:,} due at once: dropped", str(ours.dropped),
               f"APScheduler {theirs.dropped}", "0", ours.dropped == 0),
        Figure("G1", f"{name}: p99 lag, due to handed over", f"{p99 * 1000:.0f} ms",
               f"APScheduler {peer * 1000:.0f} ms (1/{peer / p99:.0f})", "≤ 1/20", p99 <= peer / 20),
        Figure("G1", f"{name}: drain to the last settled", f"{ours.seconds * 1000:.0f} ms",
               f"raw SQLite loop {raw * 1000:.0f} ms ({ours.seconds / raw:.1f} ×)", "≤ 6 ×",
               ours.seconds <= 6 * raw),
        Figure("", "the same, beside APScheduler", f"{ours.seconds * 1000:.0f} ms",
               f"APScheduler {theirs.seconds * 1000:.0f} ms", "", None),
    ]  # fmt: skip


def _raw(folder: Path) -> float:
    """The same claims and completions on bare SQLite, 500 at a time, without an audit."""
    connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE event (id INTEGER PRIMARY KEY, key TEXT, due INTEGER, state TEXT,"
        " owner TEXT, fence INTEGER, handed INTEGER)"
    )
    connection.execute("CREATE INDEX due ON event (due) WHERE state = 'pending'")
    connection.execute("BEGIN")
    rows = ((n, f"herd/launch/de/-/2026-11-11/{n}/channel/activate") for n in range(COUNT))
    connection.executemany("INSERT INTO event VALUES (?, ?, 0, 'pending', NULL, 0, NULL)", rows)
    connection.execute("COMMIT")
    begun = perf_counter()
    while _raw_batch(connection):
        pass
    return perf_counter() - begun


def _raw_batch(connection: sqlite3.Connection) -> int:
    connection.execute("BEGIN IMMEDIATE")
    claimed = connection.execute(
        "UPDATE event SET state = 'claimed', owner = 'me', fence = fence + 1 WHERE id IN (SELECT id"
        " FROM event WHERE state = 'pending' AND due <= 1 ORDER BY due LIMIT 500) RETURNING id, key"
    ).fetchall()
    connection.execute("COMMIT")
    connection.execute("BEGIN IMMEDIATE")
    done = [(perf_counter(), id) for id, _ in claimed]
    connection.executemany("UPDATE event SET state = 'done', handed = ? WHERE id = ?", done)
    connection.execute("COMMIT")
    return len(claimed)
