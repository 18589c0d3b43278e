"""Where output goes: data on stdout, progress and messages on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

    from promo_scheduler.errors import Problem
    from promo_scheduler.plan import Finding


def show(*parts: RenderableType) -> None:
    """Print for people, on stdout."""
    from promo_scheduler.views.paper import paper

    console = paper()
    for part in parts:
        console.print(part)


def show_json(data: Any) -> None:
    """Print one JSON document on stdout."""
    import json

    sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def say(*parts: RenderableType) -> None:
    """A message, on stderr."""
    from promo_scheduler.views.paper import paper

    console = paper(sys.stderr)
    for part in parts:
        console.print(part)


def show_commands(problems: Iterable[Problem]) -> None:
    """Print problems as GitHub's workflow commands, on stdout, where its runner reads them."""
    from promo_scheduler.views.problems import ordered, workflow_command

    for problem in ordered(problems):
        sys.stdout.write(workflow_command(problem) + "\n")


def show_findings(findings: Iterable[Finding]) -> None:
    """Print a plan's findings for people, with an empty line before them; nothing for none."""
    from rich.text import Text

    from promo_scheduler.views.problems import finding_list

    found = tuple(findings)
    if found:
        show(Text(), finding_list(found))


def is_terminal() -> bool:
    """Whether a person is there to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()
