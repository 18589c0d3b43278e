"""Metrics: a file in Prometheus' text format, put in place whole, for node_exporter to pick up.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format. Whether
the daemon lives is told by the file's age (`node_textfile_mtime_seconds`) as well: a dead one
writes nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from promo_scheduler.clock import Clock
from promo_scheduler.engine.pulse import Pulse
from promo_scheduler.firing import EventState
from promo_scheduler.ledger import Ledger

EVERY = 5.0  # seconds between two files
COUNT_EVERY = 15.0  # seconds between two counts of all events, which takes a look at each
Labels = tuple[tuple[str, str], ...]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Figures:
    """What a daemon knows of itself: its pulse, which channels are up, and the seconds between an
    event's instant and its handing over, the last and the worst.
    """

    pulse: Pulse
    channels: Mapping[str, bool] = field(default_factory=dict)
    lag_last: float = 0.0
    lag_worst: float = 0.0


@dataclass(frozen=True, slots=True)
class Counted:
    """What the ledger tells: how many events are in each state, and how many seconds each node's
    lease has left.
    """

    states: Mapping[EventState, int] = field(default_factory=dict)
    leases: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metric:
    """One gauge and its samples."""

    name: str
    help: str
    samples: tuple[tuple[Labels, float], ...]


class Exporter:
    """Writes the file of one daemon. What keeps it from being written is told once."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._counted = Counted()
        self._counted_at = self._written_at = float("-inf")
        self._complaint = ""

    def look(self, ledger: Ledger) -> None:
        """Ask the ledger, where it was not asked for a while. Raises LedgerUnavailable."""
        now = self._clock.monotonic()
        if now - self._counted_at >= COUNT_EVERY:
            leases = {n.name: n.lease_left.total_seconds() for n in ledger.nodes()}
            self._counted, self._counted_at = Counted(ledger.counts(), leases), now

    def export(self, figures: Figures) -> None:
        """Write the file, where that is due."""
        now = self._clock.monotonic()
        if now - self._written_at < EVERY:
            return
        self._written_at = now
        try:
            _put(self._path, exposition(figures, self._counted))
        except OSError as error:
            self._complain(f"{error.strerror or error}")
        else:
            self._complaint = ""

    def _complain(self, complaint: str) -> None:
        if complaint != self._complaint:
            log.error("metrics.not-written", file=str(self._path), error=complaint)
        self._complaint = complaint


def exposition(figures: Figures, counted: Counted) -> str:
    """The whole file."""
    lines = []
    for metric in (*_of_the_daemon(figures), *_of_the_ledger(figures.pulse, counted)):
        if metric.samples:
            lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} gauge"]
            lines += [_sample(metric.name, *sample) for sample in metric.samples]
    return "\n".join(lines) + "\n"


def _of_the_daemon(figures: Figures) -> Iterator[Metric]:
    pulse = figures.pulse
    build = (("version", pulse.about.version), ("engine", pulse.about.engine))
    yield Metric("promo_build_info", "The version and engine that run.", ((build, 1),))
    yield _gauge("promo_up", "1 while the daemon runs; see the file's age too.", 1)
    began = pulse.about.started_at.timestamp()
    yield _gauge("promo_start_time_seconds", "When the daemon began, in Unix time.", began)
    yield _gauge("promo_beat_time_seconds", "When it said this.", pulse.beat_at.timestamp())
    yield _gauge("promo_wake_ok", "Whether the timer rings.", pulse.wake is None)
    yield _gauge("promo_in_flight", "Events being done at this moment.", pulse.in_flight)
    yield _gauge("promo_unsettled", "Claimed events that are not recorded yet.", pulse.unsettled)
    lags = (((("of", "last"),), figures.lag_last), ((("of", "worst"),), figures.lag_worst))
    yield Metric("promo_lag_seconds", "From an event's instant to the call to its channel.", lags)
    up = tuple(((("channel", name),), float(up)) for name, up in sorted(figures.channels.items()))
    yield Metric("promo_channel_up", "Whether the channel may be called.", up)


def _of_the_ledger(pulse: Pulse, counted: Counted) -> Iterator[Metric]:
    yield _gauge("promo_ledger_ok", "Whether the ledger can be used.", pulse.ledger is None)
    yield _gauge("promo_overdue", "Events well past their instant, not settled.", pulse.late.count)
    worst = pulse.late.seconds
    yield _gauge("promo_overdue_seconds", "By how much the longest of them is late.", worst)
    yield _gauge("promo_audit_head_seq", "The number of the last audit entry.", pulse.head.seq)
    states = tuple(((("state", s.value),), float(n)) for s, n in sorted(counted.states.items()))
    yield Metric("promo_events", "Events by state.", states)
    leases = tuple(((("node", name),), left) for name, left in sorted(counted.leases.items()))
    yield Metric("promo_node_lease_seconds", "What is left of each node's lease.", leases)


def _gauge(name: str, help: str, value: float) -> Metric:
    return Metric(name, help, (((), value),))


def _sample(name: str, labels: Labels, value: float) -> str:
    words = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
    return f"{name}{{{words}}} {_number(value)}" if words else f"{name} {_number(value)}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.6f}"


def _put(path: Path, text: str) -> None:
    """Readable by everybody, as node_exporter is another user; whole, or as it was before."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        beside.chmod(0o644)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
