"""Events that are due, worked off by a setup's daemons: what came of each, read from the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module

from figures import percentile
from plans import application
from running import Crew, Setup

from promo_scheduler.firing import EventRecord, EventState

TO_APPLY = 7.0  # seconds before the first is due: applying, and in a cluster the hand-over
DRAINS_WITHIN = 90.0


@dataclass(frozen=True, slots=True)
class Drain:
    """How it went: each lag from due to handed over in seconds, the drain to the last settled."""

    count: int
    lags: tuple[float, ...]
    seconds: float
    dropped: int

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.count / self.seconds

    @property
    def p99(self) -> float:
        """Of the lags, in seconds."""
        return percentile(self.lags, 0.99)

    @property
    def median(self) -> float:
        """Of the lags, in seconds."""
        return percentile(self.lags, 0.5)


@cache
def herd(setup: Setup, count: int) -> Drain:
    """So many due at one instant; measured once, however many lines show it.

    Raises ModuleNotFoundError where something of it is not installed.
    """
    return _worked_off(setup, lambda first: [first] * count)


@cache
def singles(setup: Setup, gaps: tuple[float, ...]) -> Drain:
    """One due after another, with these seconds between them."""
    return _worked_off(setup, lambda first: instants(first, gaps))


def instants(first: datetime, gaps: Sequence[float]) -> list[datetime]:
    """The first, and one after each gap."""
    found = [first]
    for gap in gaps:
        found.append(found[-1] + timedelta(seconds=gap))
    return found


def _worked_off(setup: Setup, starts: Callable[[datetime], list[datetime]]) -> Drain:
    with Crew(setup) as crew:
        peer = import_module(setup.program.removesuffix(".py")) if setup.program else None
        if peer:
            peer.prepare(crew.url)
        crew.start_all()
        due = starts(datetime.now(UTC) + timedelta(seconds=TO_APPLY))
        crew.ledger.apply(application(due))
        if peer:
            peer.enqueue(crew.url)
        _sleep_until(due[0], setup)
        span = (due[-1] - due[0]).total_seconds()
        time.sleep(span)  # without looking: it is idle but for the one that is due
        events = crew.drained(DRAINS_WITHIN)
        assert not crew.ledger.verify(), f"{setup.name}: the audit does not hold"
        return _drain(events)


def _sleep_until(due: datetime, setup: Setup) -> None:
    left = (due - datetime.now(UTC)).total_seconds()
    if left <= 0:
        raise RuntimeError(f"{setup.name}: making ready took longer than allowed for")
    time.sleep(left)


def _drain(events: Sequence[EventRecord]) -> Drain:
    settled = max(event.settled_at for event in events if event.settled_at)
    return Drain(
        len(events),
        tuple(lag(event) for event in events if event.handed_at),
        (settled - min(event.event.due_at for event in events)).total_seconds(),
        sum(event.state is not EventState.DONE for event in events),
    )


def lag(event: EventRecord) -> float:
    """Seconds from due to handed over."""
    assert event.handed_at is not None
    return (event.handed_at - event.event.due_at).total_seconds()
