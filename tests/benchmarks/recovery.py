"""G7: how long what a killed daemon had begun waits: in a cluster, and for an embedded restart."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from draining import TO_APPLY
from figures import Figure, absent, timed
from plans import application
from running import POSTGRESQL, PRODUCT, SQLITE, Crew, Setup, cluster

from promo_scheduler.firing import EventRecord, EventState
from promo_scheduler.ledger import EventQuery
from promo_scheduler.order import Scope

ROUNDS = 5
MOVES_WITHIN, RESUMES_WITHIN = 6.0, 1.0  # seconds
CLUSTER = cluster(3)
AT_CHANNEL = 3.0  # seconds that a call takes in the cluster, so that some are in flight
SPREAD = 300  # events due at once in the cluster
BURST, BURST_CALL = 4_000, 0.05  # events in the embedded burst, and the seconds that a call takes
_IMPORTS = "import promo_scheduler.cli.app, promo_scheduler.cli.run, promo_scheduler.engine.daemon;\
import promo_scheduler.ledger.store, promo_scheduler.source.schema"


def measure() -> Iterator[Figure]:
    """A lone daemon killed and started, five times; one node of three killed, five times."""
    imports = statistics.median(timed(_import) for _ in range(3))
    for setup in (SQLITE, POSTGRESQL):
        yield _resumed(setup, imports)
    try:
        yield _moved()
    except ModuleNotFoundError as error:
        yield absent("G7", f"{CLUSTER.name}, one killed", error)


# ── a cluster ───────────────────────────────────────────────────────────────────────────────────
def _moved() -> Figure:
    with Crew(CLUSTER, delay=AT_CHANNEL) as crew:
        crew.start_all()
        seconds = [_kill_one(crew, f"round-{number}") for number in range(ROUNDS)]
    worst = max(seconds)
    return Figure(
        "G7", f"{CLUSTER.name}, one killed: its events handed over again", f"{worst:.1f} s",
        f"worst of {_told(seconds)}", f"≤ {MOVES_WITHIN:g} s", worst <= MOVES_WITHIN,
    )  # fmt: skip


def _kill_one(crew: Crew, campaign: str) -> float:
    """Seconds from the kill until the last of the node's events is handed over by another."""
    due = datetime.now(UTC) + timedelta(seconds=TO_APPLY)
    crew.ledger.apply(application([due] * SPREAD, campaign=campaign))
    number, begun = _first_busy(crew, campaign)
    killed = crew.kill(number)
    keys = {event.event.key for event in begun}
    events = _settled(crew, campaign)
    handed = [_unix(event) for event in events if event.event.key in keys]
    crew.start(number)
    return max(handed) - killed


def _first_busy(crew: Crew, campaign: str) -> tuple[int, list[EventRecord]]:
    """A node with claims in flight, as soon as there is one, and these claims."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for number in range(CLUSTER.nodes):
            if begun := _claims_of(crew, number, campaign):
                return number, begun
        time.sleep(0.1)
    raise RuntimeError("no node has a claim in flight")


def _claims_of(crew: Crew, number: int, campaign: str) -> list[EventRecord]:
    named = f":{crew.processes[number].pid}:"
    claimed = frozenset({EventState.CLAIMED})
    events = crew.ledger.events(EventQuery(Scope(campaign=campaign), claimed))
    return [event for event in events if named in event.owner]


def _settled(crew: Crew, campaign: str) -> list[EventRecord]:
    crew.until(lambda: crew.left() == 0, 60)
    return crew.ledger.events(EventQuery(Scope(campaign=campaign)))


# ── a lone daemon ───────────────────────────────────────────────────────────────────────────────
def _resumed(setup: Setup, imports: float) -> Figure:
    with Crew(setup, delay=BURST_CALL) as crew:
        crew.start()
        seconds = [_restart(crew, f"round-{number}") for number in range(ROUNDS)]
    worst = max(seconds) - imports
    return Figure(
        "G7", f"{setup.name}, killed in a burst, started: first handed over", f"{worst:.2f} s",
        f"worst of {_told(seconds)}, less {imports:.2f} s of imports",
        f"≤ {RESUMES_WITHIN:g} s", worst <= RESUMES_WITHIN,
    )  # fmt: skip


def _restart(crew: Crew, campaign: str) -> float:
    """Seconds from the start of the process to the first event that it hands over."""
    before = crew.ledger.counts()[EventState.DONE]
    due = datetime.now(UTC) + timedelta(seconds=TO_APPLY / 2)
    crew.ledger.apply(application([due] * BURST, campaign=campaign))
    crew.until(lambda: crew.ledger.counts()[EventState.DONE] > before, 60)
    crew.kill()
    begun = crew.start()
    assert crew.left(), "the burst was over before the kill"
    handed = [_unix(event) for event in _settled(crew, campaign)]
    return min(at for at in handed if at > begun) - begun


def _import() -> None:
    subprocess.run([sys.executable, "-c", _IMPORTS], check=True, cwd=PRODUCT)


def _unix(event: EventRecord) -> float:
    assert event.handed_at is not None
    return event.handed_at.timestamp()


def _told(seconds: Sequence[float]) -> str:
    return " ".join(f"{each:.1f}" for each in sorted(seconds))
