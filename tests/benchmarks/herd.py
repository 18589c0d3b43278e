"""G1: 10,000 events due at one instant, with a connector that does nothing and the audit on."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import peers
from figures import Figure, percentile

from promo_scheduler.channel import Capabilities, Channel, Limits
from promo_scheduler.channels.account import Account
from promo_scheduler.clock import Versions
from promo_scheduler.connector import (
    Connector,
    DiscountRequest,
    Health,
    Observed,
    ObservedState,
    RemoteRef,
)
from promo_scheduler.engine.accounts import Accounts
from promo_scheduler.engine.books import Books
from promo_scheduler.engine.clocks import SystemClock
from promo_scheduler.engine.dispatcher import Means
from promo_scheduler.engine.logs import configure
from promo_scheduler.engine.service import Parts, Service, nothing_left
from promo_scheduler.engine.wake import TimerWake
from promo_scheduler.firing import Backoff, EventState
from promo_scheduler.ledger import Access, EventQuery, Ledger
from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.plan import (
    Action,
    Application,
    Change,
    ChangeKind,
    Key,
    TriggerEvent,
    Window,
    WindowKey,
)
from promo_scheduler.settings import Settings

COUNT = 10_000
OFFER = Offer(PercentOff(Decimal(25)), Selection(tags=frozenset({"winter"})))


class Nothing(Connector):
    """A channel on which everything is always as it should be."""

    capabilities = Capabilities()

    def __init__(self, channel: Channel, settings: Mapping[str, str]) -> None:
        del channel, settings

    async def find(self, natural_key: str) -> tuple[RemoteRef, ...]:
        return ()

    async def ensure(self, request: DiscountRequest) -> RemoteRef:
        return RemoteRef("1", request.natural_key)

    async def deactivate(self, ref: RemoteRef) -> None:
        return None

    async def read(self, ref: RemoteRef) -> ObservedState:
        return ObservedState(Observed.ACTIVE)

    async def health(self) -> Health:
        return Health(ok=True)


def application(count: int, start: datetime, *, endings: bool = False) -> Application:
    """`count` new windows that all start at `start` (UTC), each with its activation."""
    changes, events = [], []
    for number in range(count):
        key = WindowKey(
            "herd", "launch", "de", "-", "2026-11-11", number + 1, f"channel-{number % 10}"
        )
        end = start + timedelta(hours=1)
        window = Window(
            key, "Europe/Berlin", "de", None, None, start, end, "EUR", OFFER, label="Herd"
        )
        changes.append(Change(ChangeKind.CREATE, key, None, window, None, 1, "create"))
        events.append(TriggerEvent(Key(key, Action.ACTIVATE), start))
        if endings:
            events.append(TriggerEvent(Key(key, Action.DEACTIVATE), end))
    return Application(tuple(changes), tuple(events), datetime.now(UTC), "bench", Versions("2026f"))


def opened(folder: Path) -> Ledger:
    """A new ledger on SQLite."""
    return Ledger.open("sqlite:///ledger.db", Access(b"key", "bench", folder))


def _ours(folder: Path) -> tuple[list[float], float, int]:
    configure("error")
    ledger = opened(folder)
    due = datetime.now(UTC) + timedelta(seconds=6)
    ledger.apply(application(COUNT, due))
    assert datetime.now(UTC) < due, "applying took longer than allowed for"
    asyncio.run(_run(ledger))
    events = ledger.events(EventQuery())
    lags = [(e.handed_at - due).total_seconds() for e in events if e.handed_at]
    last = max(e.settled_at for e in events if e.settled_at)
    dropped = sum(1 for e in events if e.state is not EventState.DONE)
    assert not ledger.verify()
    ledger.close()
    return lags, (last - due).total_seconds(), dropped


async def _run(ledger: Ledger) -> None:
    clock = SystemClock()
    channels = {
        name: Channel(name, "nothing", ("de",), limits=Limits(concurrency=100))
        for name in (f"channel-{number}" for number in range(10))
    }
    accounts = Accounts(channels, lambda channel: Account(channel, Nothing(channel, {}), clock))
    settings = Settings()
    books = Books(ledger, "bench:1", settings.lease)
    means = Means(books, accounts, clock, Backoff(), settings.max_in_flight)
    await Service(Parts(means, TimerWake(clock), settings, finished=nothing_left)).run()


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


def measure() -> list[Figure]:
    """Ours, the raw loop and APScheduler, one after another in one run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        lags, drained, dropped = _ours(path)
        raw = _raw(path)
        their_lags, their_drain = peers.herd(path, COUNT)
    p99, theirs = percentile(lags, 0.99), percentile(their_lags, 0.99)
    return [
        Figure("G1", f"{COUNT:,} due at once: dropped", str(dropped),
               f"APScheduler {COUNT - len(their_lags)}", "0", dropped == 0),
        Figure("G1", "p99 lag, due to handed over", f"{p99 * 1000:.0f} ms",
               f"APScheduler {theirs * 1000:.0f} ms (1/{theirs / p99:.0f})", "≤ 1/20", p99 <= theirs / 20),
        Figure("G1", "drain to the last settled", f"{drained * 1000:.0f} ms",
               f"raw loop {raw * 1000:.0f} ms ({drained / raw:.1f} ×)", "≤ 6 ×", drained <= 6 * raw),
        Figure("G1", "the same, beside APScheduler", f"{drained * 1000:.0f} ms",
               f"APScheduler {their_drain * 1000:.0f} ms", "", None),
    ]  # fmt: skip
