"""G5: 1,000,000 events pending: the due query, a claim, and the daemon's memory, also in a herd.

The ledger is filled by applying plans. Then 100,000 of its starts are moved to the present at once,
twice: a daemon drains the first herd, and of the second one claims are timed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from draining import DRAINS_WITHIN
from figures import Figure, percentile, timed
from plans import LASTS, application
from running import POSTGRESQL, SQLITE, Crew, Setup

from promo_scheduler.firing import EventState
from promo_scheduler.ledger import ClaimRequest

PENDING = 1_000_000
AT_ONCE = 25_000  # windows in one plan
HERD = 100_000
CLAIMED = 500
SETTLES_WITHIN, WATCHED = 90.0, 15.0  # seconds
DUE_WITHIN, MOST_MEGABYTES = 0.001, 120
_WINDOWS = """UPDATE promo_window SET start_at = :now, end_at = :end
    WHERE id > :after AND id <= :until"""
_EVENTS = """UPDATE promo_event SET due_at = :now, ready_at = :now
    WHERE action = 2 AND window_id > :after AND window_id <= :until"""


def measure() -> Iterator[Figure]:
    """On each database; a ledger is filled once."""
    for setup in (SQLITE, POSTGRESQL):
        with Crew(setup) as crew:
            _fill(crew)
            yield _due(f"{setup.name}, {PENDING:,} pending: due query, p50 / p99", crew)
            yield from _daemon(setup, crew)
            _pull(crew, HERD)
            yield _due("the same, a herd of 100,000 due", crew)
            yield _claims(setup, crew)


def _fill(crew: Crew) -> None:
    start = datetime.now(UTC) + timedelta(days=300)
    for number in range(PENDING // 2 // AT_ONCE):
        starts = [start + timedelta(seconds=second) for second in range(AT_ONCE)]
        crew.ledger.apply(application(starts, campaign=f"season-{number}", endings=True))


def _pull(crew: Crew, after: int) -> None:
    """Make HERD starts due now, those of the windows numbered after `after`."""
    now = datetime.now(UTC)
    values = {"now": _micros(now), "end": _micros(now + LASTS), "after": after}
    engine = sa.create_engine(crew.url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        for statement in (_WINDOWS, _EVENTS):
            connection.execute(sa.text(statement), {**values, "until": after + HERD})
    engine.dispose()


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def _due(what: str, crew: Crew) -> Figure:
    times = [timed(crew.ledger.next_due) for _ in range(200)]
    median = percentile(times, 0.5)
    told = f"{median * 1000:.2f} / {percentile(times, 0.99) * 1000:.2f} ms"
    return Figure("G5", what, told, "", "≤ 1 ms", median <= DUE_WITHIN)


def _claims(setup: Setup, crew: Crew) -> Figure:
    request = ClaimRequest(datetime.now(UTC), CLAIMED, "bench:1")
    taken: list[int] = []

    def claim() -> None:
        taken.append(len(crew.ledger.claim(request)[0]))

    times = [timed(claim) for _ in range(20)]
    assert set(taken) == {CLAIMED}, f"claimed {taken}"
    told = f"{percentile(times, 0.5) * 1000:.0f} / {percentile(times, 0.99) * 1000:.0f} ms"
    what = f"{setup.name}, the same: a claim of {CLAIMED}, p50 / p99 of 20"
    return Figure("G5", what, told, "", "", None)


# ── the daemon, watched from outside ────────────────────────────────────────────────────────────
def _daemon(setup: Setup, crew: Crew) -> Iterator[Figure]:
    crew.start()
    pid = crew.processes[0].pid
    _until_settled(pid)
    start = _megabytes(pid, "VmHWM")
    before = _seconds(pid)
    time.sleep(WATCHED)
    share, idle = (_seconds(pid) - before) / WATCHED, _megabytes(pid, "VmRSS")
    what = f"{setup.name}, {PENDING:,} pending: daemon idle"
    yield Figure(
        "", f"{what}, CPU", f"{share:.2%}", f"over {WATCHED:.0f} s", "≤ 1 %", share <= 0.01
    )
    yield _memory(f"{what}, memory", idle, f"peak at its start {start:.0f} MB", max(idle, start))
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    drained = timed(lambda: _drain(crew))
    peak = _megabytes(pid, "VmHWM")
    what = f"{setup.name}, daemon drains {HERD:,} due at once: memory"
    yield _memory(what, peak, f"peak; {HERD / drained:,.0f} events a second", peak)
    crew.kill()


def _until_settled(pid: int) -> None:
    """Until its first look at what stands is over: for three seconds it does next to nothing."""
    deadline = time.monotonic() + SETTLES_WITHIN
    while time.monotonic() < deadline:
        before = _seconds(pid)
        time.sleep(3)
        if before > 0.5 and _seconds(pid) - before < 0.1:
            return


def _drain(crew: Crew) -> None:
    _pull(crew, 0)
    crew.until(_settled(crew), 2 * DRAINS_WITHIN)


def _settled(crew: Crew) -> Callable[[], bool]:
    def settled() -> bool:
        due = crew.ledger.next_due()
        none_due = due is None or due > datetime.now(UTC)
        return none_due and crew.ledger.counts()[EventState.DONE] == HERD

    return settled


def _memory(what: str, megabytes: float, peer: str, most: float) -> Figure:
    reached = most <= MOST_MEGABYTES
    return Figure("G5", what, f"{megabytes:.0f} MB", peer, f"≤ {MOST_MEGABYTES} MB", reached)


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int, what: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024
