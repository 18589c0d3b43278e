"""APScheduler 3 with its SQLAlchemy job store, doing the same work as our daemon."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import event

SAMPLE = 300  # jobs, by which it is foreseen how long adding all of them takes
_lags: list[float] = []
_books: dict[str, object] = {}


def job_store(path: Path) -> SQLAlchemyJobStore:
    """A job store on SQLite in WAL mode that syncs at each commit, as our ledger does."""
    store = SQLAlchemyJobStore(url=f"sqlite:///{path}")

    @event.listens_for(store.engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return store


async def fire(number: int, due: float) -> None:
    """One job: note the lag, do nothing on the channel, record the outcome with a sealed entry."""
    now = datetime.now(UTC).timestamp()
    _lags.append(now - due)
    _record(number, now)


def _record(number: int, now: float) -> None:
    connection = _books["connection"]
    assert isinstance(connection, sqlite3.Connection)
    content = json.dumps({"seq": number, "at": now, "kind": "firing.done", "key": f"key/{number}"})
    previous = str(_books["seal"])
    seal = hmac.digest(b"key", (previous + content).encode(), hashlib.sha256).hex()
    with connection:
        connection.execute(
            "UPDATE event SET state = 'done', handed = ? WHERE id = ?", (now, number)
        )
        connection.execute("INSERT INTO audit VALUES (NULL, ?, ?, ?)", (content, previous, seal))
    _books["seal"] = seal
    _books["done"] = int(str(_books["done"])) + 1


def herd(folder: Path, count: int) -> tuple[list[float], float]:
    """`count` jobs due at one instant: the lag of each, and the seconds until the last is recorded."""
    _lags.clear()
    _books.update(connection=_open(folder / "outcomes.db", count), seal="", done=0)
    adding = add_jobs(folder, SAMPLE) / SAMPLE  # seconds a job
    return asyncio.run(_herd(folder, count, adding))


def _open(path: Path, count: int) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, state TEXT, handed REAL)")
    connection.execute(
        "CREATE TABLE audit (seq INTEGER PRIMARY KEY, content TEXT, previous TEXT, seal TEXT)"
    )
    rows = ((number, "pending") for number in range(count))
    connection.executemany("INSERT INTO event (id, state) VALUES (?, ?)", rows)
    connection.commit()
    return connection


async def _herd(folder: Path, count: int, adding: float) -> tuple[list[float], float]:
    scheduler = _scheduler(folder / "jobs.db")
    scheduler.start(paused=True)
    due = datetime.now(UTC) + timedelta(seconds=3 + 1.5 * count * adding)
    for number in range(count):
        scheduler.add_job(fire, "date", run_date=due, args=(number, due.timestamp()))
    due_in = due.timestamp() - datetime.now(UTC).timestamp()
    assert due_in > 0, "APScheduler: adding the jobs took longer than allowed for"
    scheduler.resume()
    begun = perf_counter() + due_in
    while int(str(_books["done"])) < count and perf_counter() < begun + 120:
        await asyncio.sleep(0.01)
    drained = perf_counter() - begun
    scheduler.shutdown(wait=False)
    return list(_lags), drained


def singles(folder: Path, gaps: Sequence[float]) -> list[float]:
    """Jobs that are due one after another, with these seconds between them: the lag of each."""
    _lags.clear()
    _books.update(connection=_open(folder / "outcomes.db", len(gaps) + 1), seal="", done=0)
    asyncio.run(_singles(folder, gaps))
    return list(_lags)


async def _singles(folder: Path, gaps: Sequence[float]) -> None:
    scheduler = _scheduler(folder / "singles.db")
    scheduler.start(paused=True)
    due = datetime.now(UTC) + timedelta(seconds=3)
    for number, gap in enumerate((*gaps, 0.0)):
        scheduler.add_job(fire, "date", run_date=due, args=(number, due.timestamp()))
        due += timedelta(seconds=gap)
    scheduler.resume()
    last = due.timestamp() + 10
    while int(str(_books["done"])) <= len(gaps) and datetime.now(UTC).timestamp() < last:
        await asyncio.sleep(0.5)
    scheduler.shutdown(wait=False)


def _scheduler(path: Path) -> AsyncIOScheduler:
    return AsyncIOScheduler(
        jobstores={"default": job_store(path)},
        executors={"default": AsyncIOExecutor()},
        job_defaults={"misfire_grace_time": None, "max_instances": 1},
        timezone=UTC,
    )


def add_jobs(folder: Path, count: int) -> float:
    """Seconds to add `count` jobs, one by one as its API has it."""
    scheduler = AsyncIOScheduler(
        jobstores={"default": job_store(folder / "added.db")}, timezone=UTC
    )

    async def add() -> float:
        scheduler.start(paused=True)
        due = datetime.now(UTC) + timedelta(days=1)
        begun = perf_counter()
        for number in range(count):
            scheduler.add_job(fire, "date", run_date=due, args=(number, 0.0))
        taken = perf_counter() - begun
        scheduler.shutdown(wait=False)
        return taken

    return asyncio.run(add())
