"""Who does the work: real daemons over one ledger, ours or a peer's, started, watched and killed.

A daemon of ours is `promo run` in a process, with a workspace of its own that has no campaigns, and
a connector that does nothing. A peer's is a worker over the same ledger's tables. What was handed
over when is read from the ledger, for both alike.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import postgresql
from plans import CHANNELS

from promo_scheduler.firing import OPEN_STATES, EventRecord
from promo_scheduler.ledger import Access, EventQuery, Ledger

HERE = Path(__file__).parent
PRODUCT = HERE.parent.parent
KEY = "BENCH_KEY"
STARTS = 3.0  # seconds
_SETTINGS = """ledger: "{url}"
audit_key: "${{env:BENCH_KEY}}"
apply: {{ auto: [] }}  # else the daemon cancels what no campaign asks for
"""
_CHANNEL = """  {name}:
    connector: nothing
    regions: [de]
    limits: {{ concurrency: 100 }}
    settings: {{ delay: "{delay}" }}
"""


@dataclass(frozen=True, slots=True)
class Setup:
    """Which daemons work on which database. `program`: a worker beside this file, else `promo`."""

    name: str
    is_sqlite: bool = False
    nodes: int = 1
    options: tuple[str, ...] = ()
    program: str = ""


SQLITE = Setup("SQLite", is_sqlite=True)
POSTGRESQL = Setup("PostgreSQL")


def cluster(nodes: int) -> Setup:
    """Ours on PgQueuer, on several nodes."""
    return Setup(f"cluster of {nodes}", nodes=nodes, options=("--engine", "pgqueuer"))


@dataclass(slots=True)
class Crew:
    """A new ledger, and the daemons of a setup on it, each a process. `with` it."""

    setup: Setup
    delay: float = 0.0  # seconds that the connector takes
    folder: Path = field(init=False)
    url: str = field(init=False)
    ledger: Ledger = field(init=False)
    processes: dict[int, subprocess.Popen[bytes]] = field(init=False, default_factory=dict)
    _held: ExitStack = field(init=False, default_factory=ExitStack)

    def __enter__(self) -> Self:
        self.folder = Path(self._held.enter_context(tempfile.TemporaryDirectory()))
        self._held.callback(self._stop)
        os.environ[KEY] = "key"
        self.url = self._database()
        self.ledger = Ledger.open(self.url, Access(b"key", "bench", self.folder))
        self._held.callback(self.ledger.close)
        _entry_point(self.folder)
        return self

    def __exit__(self, *error: object) -> None:
        self._held.close()

    def _database(self) -> str:
        if self.setup.is_sqlite:
            return f"sqlite:///{self.folder}/ledger.db"
        url = postgresql.database()
        self._held.callback(postgresql.drop, url)
        return url

    # ── the processes ───────────────────────────────────────────────────────────────────────────
    def start_all(self) -> None:
        """Start every node, and give them the time to be ready."""
        for number in range(self.setup.nodes):
            self.start(number)
        time.sleep(STARTS)
        for number in self.processes:
            self._refuse_if_dead(number)

    def start(self, number: int = 0) -> float:
        """Start one node; when, Unix time."""
        begun = time.time()
        with (self.folder / f"log-{number}").open("wb") as log:
            self.processes[number] = subprocess.Popen(
                self._command(number), stderr=log, env=self._environment()
            )
        return begun

    def _command(self, number: int) -> list[str]:
        if self.setup.program:
            return [sys.executable, str(HERE / self.setup.program), self.url]
        root = self.folder / f"node-{number}"
        if not root.exists():
            _workspace(root, self.url, self.delay)
        promo = [sys.executable, "-m", "promo_scheduler", "-w", str(root)]
        return [*promo, "run", "--log-level", "error", *self.setup.options]

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join(map(str, (PRODUCT, HERE, self.folder)))
        return {**os.environ, "PYTHONPATH": path}

    def _refuse_if_dead(self, number: int) -> None:
        if self.processes[number].poll() is not None:
            log = (self.folder / f"log-{number}").read_text(encoding="utf-8")[-2000:]
            raise RuntimeError(f"{self.setup.name}: node {number} ended: {log}")

    def kill(self, number: int = 0) -> float:
        """SIGKILL; when, Unix time."""
        at = time.time()
        process = self.processes.pop(number)
        process.kill()
        process.wait()
        return at

    def _stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    # ── the ledger ──────────────────────────────────────────────────────────────────────────────
    def until(self, reached: Callable[[], bool], seconds: float) -> None:
        """Wait for a condition, looking five times a second. Raises where it never comes."""
        deadline = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.setup.name}: not within {seconds:.0f} s")
            for number in list(self.processes):
                self._refuse_if_dead(number)
            time.sleep(0.2)

    def left(self) -> int:
        """How many events are open."""
        return sum(count for state, count in self.ledger.counts().items() if state in OPEN_STATES)

    def drained(self, seconds: float) -> list[EventRecord]:
        """Every event, once none is open."""
        self.until(lambda: self.left() == 0, seconds)
        return self.ledger.events(EventQuery())


def _workspace(root: Path, url: str, delay: float) -> None:
    (root / "campaigns").mkdir(parents=True)
    (root / "config").mkdir()
    channels = (_CHANNEL.format(name=name, delay=delay) for name in CHANNELS)
    _write(root / "config" / "channels.yaml", "channels:\n" + "".join(channels))
    _write(root / "config" / "settings.yaml", _SETTINGS.format(url=url))


def _entry_point(folder: Path) -> None:
    """Make the connector known in the way any package does."""
    package = folder / "bench_nothing-1.dist-info"
    package.mkdir()
    _write(package / "METADATA", "Metadata-Version: 2.1\nName: bench-nothing\nVersion: 1\n")
    _write(
        package / "entry_points.txt", "[promo_scheduler.connectors]\nnothing = nothing:Nothing\n"
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
