"""What a peer writes into the ledger's tables for a batch of jobs: the same rows as ours, as raw SQL.

Two commits a batch, as ours: one claims, one settles, with a sealed audit entry an event. Both take
the stamp's row first, since the audit has one end. The handler of each job waits for its batch.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from promo_scheduler.audit import Draft, canonical, detail_text, instant_text, seal_of

BATCH = 100
SECRET = b"key"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCK = "SELECT head_seq, head_seal FROM promo_stamp FOR UPDATE"
_CLAIM = """UPDATE promo_event SET state = 'claimed', owner = $1, attempt = attempt + 1,
    fence = fence + 1 WHERE id = ANY($2) AND state = 'pending' RETURNING id"""
_SETTLE = """UPDATE promo_event SET state = 'done', reason = '', handed_at = $2, settled_at = $3,
    owner = '' WHERE id = $1"""
_STAND = "UPDATE promo_window SET standing = 'live', touched = true, ref = '1' WHERE id = $1"
_ENTRY = """INSERT INTO promo_audit (seq, at, actor, kind, key, detail, previous, seal)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""
_HEAD = "UPDATE promo_stamp SET head_seq = $1, head_seal = $2"


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as a job names it: its row, its window's row, its due instant (UTC), its key."""

    event: int
    window: int
    due: datetime
    key: str

    def __str__(self) -> str:
        return f"{self.event} {self.window} {micros(self.due)} {self.key}"

    @classmethod
    def parse(cls, text: str) -> Self:
        event, window, due, key = text.split(" ")
        return cls(int(event), int(window), _EPOCH + timedelta(microseconds=int(due)), key)


def micros(at: datetime) -> int:
    """An instant (UTC) as the ledger's columns have it."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def entries(url: str) -> list[Entry]:
    """What is pending in a ledger."""
    import psycopg

    query = """SELECT e.id, w.id, e.due_at, w.key || '/activate' FROM promo_event e
        JOIN promo_window w ON w.id = e.window_id WHERE e.state = 'pending' ORDER BY e.due_at"""
    with psycopg.connect(url) as connection:
        rows = connection.execute(query).fetchall()
    return [Entry(i, w, _EPOCH + timedelta(microseconds=due), key) for i, w, due, key in rows]


class Outcomes:
    """Gathers jobs while a batch is written, and writes at most BATCH of them at a time."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection  # asyncpg's
        self._gathered: list[tuple[Entry, asyncio.Future[None]]] = []
        self._some = asyncio.Event()
        self._owner = f"peer:{os.getpid()}"

    async def done(self, entry: Entry) -> None:
        """Return once the entry is claimed, handed over and settled."""
        settled = asyncio.get_running_loop().create_future()
        self._gathered.append((entry, settled))
        self._some.set()
        await settled

    async def write_forever(self) -> None:
        """Until cancelled."""
        while True:
            await self._some.wait()
            batch, self._gathered = self._gathered[:BATCH], self._gathered[BATCH:]
            if not self._gathered:
                self._some.clear()
            claimed = await self._claim([entry for entry, _ in batch])
            handed = datetime.now(UTC)  # and the channel, which does nothing
            await self._settle([e for e, _ in batch if e.event in claimed], handed)
            for _, settled in batch:
                settled.set_result(None)

    async def _claim(self, batch: Sequence[Entry]) -> set[int]:
        async with self._connection.transaction():
            await self._connection.fetchrow(_LOCK)
            ids = [entry.event for entry in batch]
            return {row["id"] for row in await self._connection.fetch(_CLAIM, self._owner, ids)}

    async def _settle(self, batch: Sequence[Entry], handed: datetime) -> None:
        now = datetime.now(UTC)
        at, settled = micros(handed), micros(now)
        async with self._connection.transaction():
            seq, seal = await self._connection.fetchrow(_LOCK)
            rows = _sealed(batch, (seq, seal), handed, now)
            await self._connection.executemany(_SETTLE, [(e.event, at, settled) for e in batch])
            await self._connection.executemany(_STAND, [(e.window,) for e in batch])
            await self._connection.executemany(_ENTRY, rows)
            if rows:
                await self._connection.execute(_HEAD, rows[-1][0], rows[-1][-1])


def _sealed(
    batch: Sequence[Entry], head: tuple[int, str], handed: datetime, now: datetime
) -> list[tuple[Any, ...]]:
    rows, (seq, previous) = [], head
    for entry in batch:
        seq += 1
        draft = Draft(now, "bench", "firing.done", entry.key, _detail(entry, handed))
        detail = detail_text(draft.detail)
        seal = seal_of(SECRET, previous, canonical(seq, draft, detail))
        rows.append((seq, micros(now), "bench", draft.kind, entry.key, detail, previous, seal))
        previous = seal
    return rows


def _detail(entry: Entry, handed: datetime) -> dict[str, str | int]:
    return {
        "state": "done",
        "attempt": 1,
        "generation": 1,
        "due": instant_text(entry.due),
        "handed": instant_text(handed),
        "lag_ms": (handed - entry.due) // timedelta(milliseconds=1),
        "ref": "1",
        "observed": "active",
    }
