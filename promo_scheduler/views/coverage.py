"""`promo preview --coverage`: what each region gets, and which ones are left behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from promo_scheduler.errors import Problem
from promo_scheduler.plan import Coverage
from promo_scheduler.views.as_data import problem_data
from promo_scheduler.views.grid import Grid, Line, Row
from promo_scheduler.views.places import DIM, Regions
from promo_scheduler.views.problems import problem_list
from promo_scheduler.views.words import days

FULL = 20  # cells of the bar of the region with the most hours


@dataclass(frozen=True, slots=True)
class Covered:
    """What every region gets from `since` to `until`, both included, on its own clock."""

    regions: Sequence[Coverage]
    since: date
    until: date

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is said of those that get too little."""
        return tuple(each.problem for each in self.regions if each.problem)


def coverage_parts(covered: Covered, regions: Regions) -> list[RenderableType]:
    """The regions with most hours first, and the warnings under them."""
    most = max((c.hours_per_week for c in covered.regions), default=0.0)
    ordered = sorted(covered.regions, key=lambda c: (-c.hours_per_week, c.region))
    items: list[Line | Row] = [_heads()]
    items += [_row(c, regions[c.region].title, most) for c in ordered]
    first, last = (datetime.combine(day, time.min) for day in (covered.since, covered.until))
    title = Text("Coverage", style="bold").append(f"  {days(first, last)}", style=f"not bold {DIM}")
    parts: list[RenderableType] = [title, Text(), Grid(items, spill=(5, 1, 3), drop=frozenset({3}))]
    problems = covered.problems
    return [*parts, Text(), problem_list(problems)] if problems else parts


def _heads() -> Row:
    heads = ("region", "", "hours a week", "", "in its peak", "campaigns")
    return Row(tuple(Text(head, style=DIM) for head in heads))


def _row(covered: Coverage, title: str, most: float) -> Row:
    bar = round(FULL * covered.hours_per_week / most) if most else 0
    share = "" if covered.peak_share is None else f"{covered.peak_share:.0%}"
    names = ", ".join(covered.campaigns) or "none"
    style = "yellow" if covered.problem else ""
    return Row(
        (
            Text(covered.region, style=f"bold {style}".strip()),
            Text(title),
            Text(f"{covered.hours_per_week:>12.1f}", style=style),
            Text(("█" if covered.hours_per_week else "") + "█" * (bar - 1), style="cyan"),
            Text(f"{share:>11}"),
            Text(names),
        )
    )


def coverage_data(covered: Covered) -> dict[str, Any]:
    """The same for programs; `peak_share` is a part of 1, or null."""
    return {
        "from": covered.since.isoformat(),
        "until": covered.until.isoformat(),
        "regions": [_data(coverage) for coverage in covered.regions],
    }


def _data(covered: Coverage) -> dict[str, Any]:
    share = covered.peak_share
    return {
        "region": covered.region,
        "campaigns": list(covered.campaigns),
        "hours_per_week": round(covered.hours_per_week, 2),
        "peak_share": None if share is None else round(share, 4),
        "warning": problem_data(covered.problem) if covered.problem else None,
    }
