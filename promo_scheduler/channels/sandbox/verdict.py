"""Verdict: whether the shop did what was meant, by the shop's own log alone.

It is told which windows there should have been, and knows nothing of who made them happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from promo_scheduler.channels.sandbox.discount import Effect


@dataclass(frozen=True, slots=True)
class Expected:
    """One window as it should have been on the shop: [start, end), UTC."""

    name: str
    target: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that went wrong: `lost`, `twice`, `early`, `late`, `left open`, `elsewhere`,
    `stranger`.
    """

    kind: str
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How late a start or an end may come to the shop. Never early.

    `absences` are the times [from, to) (UTC, apart from each other) in which nobody was there to
    act, as whoever killed them knows: what passes of them does not count as late.
    """

    start: timedelta = timedelta(0)
    end: timedelta = timedelta(0)
    absences: Sequence[tuple[datetime, datetime]] = ()

    def attended(self, start: datetime, end: datetime) -> timedelta:
        """How much of [start, end) was no absence; negative where the end is the earlier one."""
        parts = (min(end, last) - max(start, first) for first, last in self.absences)
        return end - start - sum((max(part, timedelta(0)) for part in parts), timedelta(0))


def judge(
    effects: Iterable[Effect], expected: Sequence[Expected], tolerance: Tolerance
) -> tuple[Fault, ...]:
    """Every fault of the log; none where each window was live once, over its own time, there."""
    turns = [e for e in effects if e.kind in ("went_live", "ended")]
    by_name: dict[str, list[Effect]] = {window.name: [] for window in expected}
    faults = [
        Fault("stranger", turn.name, f"{turn.kind} at {turn.at} on {turn.target}")
        for turn in turns
        if turn.name not in by_name
    ]
    for turn in turns:
        by_name.setdefault(turn.name, []).append(turn)
    for window in expected:
        faults += _judge_one(window, by_name[window.name], tolerance)
    return tuple(faults)


def _judge_one(window: Expected, turns: list[Effect], tolerance: Tolerance) -> list[Fault]:
    starts = [turn for turn in turns if turn.kind == "went_live"]
    ends = [turn for turn in turns if turn.kind == "ended"]
    if not starts:
        return [Fault("lost", window.name, f"never went live on {window.target}")]
    faults = [
        Fault("elsewhere", window.name, f"on {turn.target}, not {window.target}")
        for turn in turns
        if turn.target != window.target
    ]
    if len(starts) > 1:
        faults.append(Fault("twice", window.name, f"went live {len(starts)} times"))
    lag = tolerance.attended(window.start, starts[0].at)
    faults += _timing("start", window, lag, tolerance.start)
    if len(ends) < len(starts):
        return [*faults, Fault("left open", window.name, f"not ended, due {window.end}")]
    lag = tolerance.attended(window.end, ends[-1].at)
    return faults + _timing("end", window, lag, tolerance.end)


def _timing(what: str, window: Expected, lag: timedelta, allowed: timedelta) -> list[Fault]:
    if lag < timedelta(0):
        return [Fault("early", window.name, f"its {what} came {-lag} early")]
    if lag > allowed:
        return [Fault("late", window.name, f"its {what} came {lag} late")]
    return []
