"""G2: 200 single events with nothing else due, one every 100 to 150 ms: how late each is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import peers
from draining import Drain, singles
from figures import Figure, absent
from running import POSTGRESQL, SQLITE, Setup, cluster

COUNT = 200
EMBEDDED = 0.010  # seconds
RAW = Setup("raw PgQueuer", program="peer_pgqueuer.py")


def measure() -> Iterator[Figure]:
    """The peers first: what they reach is the goal of the cluster."""
    chance = Random(2026)
    gaps = tuple(chance.uniform(0.1, 0.15) for _ in range(COUNT - 1))
    with tempfile.TemporaryDirectory() as folder:
        timer = Drain(COUNT, tuple(peers.singles(Path(folder), gaps)), 1.0, 0)
    beside = f"APScheduler {_told(timer)}"
    for setup in (SQLITE, POSTGRESQL):
        ours = singles(setup, gaps)
        yield _figure(setup, ours, beside, f"p99 ≤ {EMBEDDED * 1000:.0f} ms", EMBEDDED)
    yield from _clusters(gaps)


def _clusters(gaps: tuple[float, ...]) -> Iterator[Figure]:
    raw: Drain | None = None
    try:
        raw = singles(RAW, gaps)
    except ModuleNotFoundError as error:
        yield absent("G2", RAW.name, error)
    for setup in (cluster(1), cluster(3)):
        try:
            ours = singles(setup, gaps)
        except ModuleNotFoundError as error:
            yield absent("G2", setup.name, error)
            continue
        beside = f"raw PgQueuer {_told(raw)} ({ours.p99 / raw.p99:.2f} ×)" if raw else ""
        yield _figure(setup, ours, beside, "p99 ≤ 1.3 ×", 1.3 * raw.p99 if raw else None)


def _figure(setup: Setup, ours: Drain, peer: str, wanted: str, most: float | None) -> Figure:
    what = f"{setup.name}, {COUNT} single events: p50 / p99 late"
    reached = None if most is None else ours.dropped == 0 and ours.p99 <= most
    return Figure("G2", what, _told(ours), peer, wanted, reached)


def _told(drain: Drain) -> str:
    return f"{drain.median * 1000:.1f} / {drain.p99 * 1000:.1f} ms"
