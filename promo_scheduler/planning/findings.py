"""Collecting findings: each thing is said once for a phase in a region, however often it shows."""

from __future__ import annotations

from dataclasses import replace

from promo_scheduler.errors import Place, Problem
from promo_scheduler.plan import Finding


class Findings:
    """Findings in the order in which they came up, without repetitions."""

    def __init__(self) -> None:
        self._found: dict[Finding, None] = {}

    def add(self, problem: Problem, campaign: str, region: str = "") -> None:
        """Put a problem on record for a campaign, or for it in one region."""
        self._found.setdefault(Finding(problem, campaign, region))

    def all(self) -> tuple[Finding, ...]:
        """What was found so far."""
        return tuple(self._found)


def placed(problem: Problem, place: Place | None, path: str) -> Problem:
    """The problem with its place, where it does not name one itself."""
    return replace(problem, place=problem.place or place, path=problem.path or path)
