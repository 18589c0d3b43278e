"""`promo validate`: read everything, plan it, and say all that is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from promo_scheduler.cli.door import Door, Output, door_of
from promo_scheduler.cli.options import Format, Where
from promo_scheduler.errors import InvalidWorkspace

if TYPE_CHECKING:
    from promo_scheduler.errors import Problem
    from promo_scheduler.plan import Finding, Plan
    from promo_scheduler.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Seen:
    """What was said of the workspace: by reading it, and by planning it."""

    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...] = ()
    size: str = ""

    @property
    def everything(self) -> tuple[Problem, ...]:
        return (*self.problems, *(finding.problem for finding in self.findings))

    @property
    def is_wrong(self) -> bool:
        """Whether there is an error; warnings alone are none."""
        return any(problem.severity == "error" for problem in self.everything)


def validate(context: typer.Context, where: Where = None, output: Format = None) -> None:
    """Say everything that is wrong with the workspace. Offline.

    Exits with 1 where there is an error; warnings alone are no failure.
    """
    door = door_of(context, where, output)
    try:
        seen = _look(door)
    except InvalidWorkspace as error:
        if not door.is_json:
            raise
        seen = Seen(error.problems)
    _print(door, seen)
    if seen.is_wrong:
        raise typer.Exit(1)


def _look(door: Door) -> Seen:
    from promo_scheduler.cli.door import present
    from promo_scheduler.operations import preview

    workspace = door.workspace()
    plan = preview(workspace, present())
    return Seen(workspace.warnings, plan.findings, _size(workspace, plan))


def _size(workspace: Workspace, plan: Plan) -> str:
    from promo_scheduler.views.words import count

    regions = {window.key.region for window in plan.windows}
    campaigns, windows = len(workspace.campaigns), len(plan.windows)
    return (
        f"{count(campaigns, 'campaign')}, {count(windows, 'window')} "
        f"in {count(len(regions), 'region')}"
    )


def _print(door: Door, seen: Seen) -> None:
    if door.is_json:
        from promo_scheduler.cli.printing import show_json
        from promo_scheduler.views.as_data import document, finding_data, problem_data

        told = [*map(problem_data, seen.problems), *map(finding_data, seen.findings)]
        show_json(document(valid=not seen.is_wrong, problems=told))
    elif door.output is Output.GITHUB:
        from promo_scheduler.cli.printing import show_commands

        show_commands(seen.everything)
    else:
        _print_text(seen)


def _print_text(seen: Seen) -> None:
    from promo_scheduler.cli.printing import show
    from promo_scheduler.views.problems import finding_list, problem_list, tally

    if seen.problems:
        show(problem_list(seen.problems), "")
    if seen.findings:
        show(finding_list(seen.findings), "")
    show(f"{seen.size}; {tally(seen.everything) or 'nothing is wrong with it'}.")
