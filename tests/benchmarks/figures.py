"""A figure beside its peer's, from the same run, and whether the goal is reached."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report. `reached` None: there is no goal, it is shown for comparison."""

    goal: str
    what: str
    ours: str
    peer: str
    wanted: str
    reached: bool | None

    def __str__(self) -> str:
        mark = {True: "reached", False: "NOT REACHED", None: ""}[self.reached]
        return f"{self.goal:<4} {self.what:<52} {self.ours:>18} {self.peer:>34}  {self.wanted:<26} {mark}"


def absent(goal: str, what: str, error: ModuleNotFoundError) -> Figure:
    """The line of what cannot be measured here."""
    return Figure(goal, what, "", f"not installed: {error.name}", "", None)


HEADER = f"{'':<4} {'what':<52} {'ours':>18} {'peer':>34}  {'goal':<26}"


def timed(work: Callable[[], object]) -> float:
    """Seconds of real time that the work takes."""
    begun = perf_counter()
    work()
    return perf_counter() - begun


def interleaved(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The median seconds of each piece of work, taken in turns so that noise hits all alike."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for times, work in zip(taken, works, strict=True):
            times.append(timed(work))
    return [statistics.median(times) for times in taken]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
