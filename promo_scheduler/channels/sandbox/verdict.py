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
    """How late a start or an end may come to the shop. Never early."""

    start: timedelta = timedelta(0)
    end: timedelta = timedelta(0)


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
    faults += _timing("start", window, starts[0].at - window.start, tolerance.start)
    if len(ends) < len(starts):
        return [*faults, Fault("left open", window.name, f"not ended, due {window.end}")]
    return faults + _timing("end", window, ends[-1].at - window.end, tolerance.end)


def _timing(what: str, window: Expected, lag: timedelta, allowed: timedelta) -> list[Fault]:
    if lag < timedelta(0):
        return [Fault("early", window.name, f"its {what} came {-lag} early")]
    if lag > allowed:
        return [Fault("late", window.name, f"its {what} came {lag} late")]
    return []
