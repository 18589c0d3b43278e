"""`promo validate`: read everything, plan it, and say all that is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from promo_scheduler.cli.door import Door, Output, door_of
from promo_scheduler.cli.options import Format, Where
from promo_scheduler.errors import InvalidWorkspace

if TYPE_CHECKING:
    from promo_scheduler.errors import Problem
    from promo_scheduler.plan import Finding


def validate(context: typer.Context, where: Where = None, output: Format = None) -> None:
    """Say everything that is wrong with the workspace. Offline.

    Exits with 1 where there is an error; warnings alone are no failure.
    """
    door = door_of(context, where, output)
    try:
        said, findings = _look(door)
    except InvalidWorkspace as error:
        if not door.is_json:
            raise
        said, findings = error.problems, ()
    _print(door, said, findings)
    problems = (*said, *(finding.problem for finding in findings))
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(1)


def _look(door: Door) -> tuple[tuple[Problem, ...], tuple[Finding, ...]]:
    from promo_scheduler.cli.door import present
    from promo_scheduler.operations import preview

    workspace = door.workspace()
    plan = preview(workspace, present())
    if door.output is Output.TEXT:
        from promo_scheduler.cli.printing import say
        from promo_scheduler.views.words import count

        regions = {window.key.region for window in plan.windows}
        say(
            f"{count(len(workspace.campaigns), 'campaign')}, "
            f"{count(len(plan.windows), 'window')} in {count(len(regions), 'region')}"
        )
    return workspace.warnings, plan.findings


def _print(door: Door, said: tuple[Problem, ...], findings: tuple[Finding, ...]) -> None:
    problems = [*said, *(finding.problem for finding in findings)]
    if door.is_json:
        from promo_scheduler.cli.printing import show_json
        from promo_scheduler.views.as_data import document, finding_data, problem_data

        told = [*map(problem_data, said), *map(finding_data, findings)]
        valid = all(problem.severity != "error" for problem in problems)
        show_json(document(valid=valid, problems=told))
    elif door.output is Output.GITHUB:
        from promo_scheduler.cli.printing import show_commands

        show_commands(problems)
    else:
        _print_text(said, findings)


def _print_text(said: tuple[Problem, ...], findings: tuple[Finding, ...]) -> None:
    from rich.console import Group
    from rich.text import Text

    from promo_scheduler.cli.printing import show
    from promo_scheduler.views.problems import finding_list, problem_list, tally

    if said:
        show(problem_list(said), Text())
    if findings:
        show(finding_list(findings), Text())
    told = tally([*said, *(finding.problem for finding in findings)])
    show(Group(Text(f"{told}." if told else "Valid: nothing is wrong with it.", style="bold")))
