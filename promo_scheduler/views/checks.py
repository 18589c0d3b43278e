"""What `promo doctor` found: each check with ok, warn or fail, and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rich.text import Text

from promo_scheduler.views.grid import Grid, Line, Row
from promo_scheduler.views.words import count, plain

STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: how it came out, what was found, and what to do about it."""

    name: str
    level: Literal["ok", "warn", "fail"]
    found: str
    help: str = ""


def check_grid(checks: Sequence[Checked]) -> Grid:
    """One row a check, with its way out under it."""
    items: list[Line | Row] = []
    for check in checks:
        level = Text(f"{check.level:<4}", style=STYLES[check.level])
        items.append(Row((level, Text(check.name, style="bold"), Text(plain(check.found)))))
        if check.help:
            items.append(Row((Text(), Text(), Text(f"help: {plain(check.help)}", style="cyan"))))
    return Grid(items, indent=0)


def verdict(checks: Sequence[Checked]) -> Text:
    """How many failed or warn."""
    levels = [check.level for check in checks]
    if "fail" in levels:
        return Text(f"{count(levels.count('fail'), 'check')} failed.", style="bold red")
    if "warn" in levels:
        return Text(f"It works; {count(levels.count('warn'), 'thing')} to know.", style="bold")
    return Text("All is well.", style="bold green")


def check_data(check: Checked) -> dict[str, Any]:
    """A check as JSON-able data."""
    return {"name": check.name, "level": check.level, "found": check.found, "help": check.help}
