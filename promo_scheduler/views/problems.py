"""Problems and findings as a person reads them, and as GitHub's workflow commands.

campaigns/bf.yaml:12:11 error[E012] regions.0.zone: unknown time zone "America/Vancuver"
    12 |     zone: America/Vancuver
       |           ^
help: did you mean America/Vancouver?
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

from rich.console import Group
from rich.text import Text

from promo_scheduler.errors import Place, Problem
from promo_scheduler.plan import Finding
from promo_scheduler.views.words import count, plain

STYLES = {"error": "bold red", "warn": "yellow", "info": "cyan"}
COMMANDS = {"error": "error", "warn": "warning", "info": "notice"}
LONGEST_SOURCE = 160  # of a source line; more is cut round the column


# ── for people ──────────────────────────────────────────────────────────────────────────────────
def problem_text(problem: Problem) -> Text:
    """One problem: its place, what is wrong, the source line with a caret, the way out."""
    text = Text()
    if problem.place:
        text.append(f"{problem.place} ", style="bold")
    text.append(f"{problem.severity}[{problem.code}]", style=STYLES[problem.severity])
    path = f"{problem.path}: " if problem.path else ""
    text.append(f" {path}{plain(problem.message)}")
    if problem.place and problem.place.source.strip() and problem.severity != "info":
        text.append_text(_source(problem.place))
    if problem.help:
        text.append("\nhelp: ", style="green").append(plain(problem.help))
    return text


def _source(place: Place) -> Text:
    number = f"{place.line:>6}"
    begin = max(place.column - LONGEST_SOURCE // 2, 0)
    line = place.source.replace("\t", " ")[begin : begin + LONGEST_SOURCE]
    shown = "".join(c if c.isprintable() else " " for c in line).rstrip()
    caret = " " * (place.column - 1 - begin) + "^"
    text = Text(f"\n{number} | ", style="bright_black").append(shown, style="default")
    text.append(f"\n{'':6} | ", style="bright_black")
    return text.append(caret, style="bold red")


def problem_list(problems: Sequence[Problem]) -> Group:
    """Every problem, the errors first, with an empty line between."""
    parts: list[Text] = []
    for problem in ordered(problems):
        parts += [problem_text(problem), Text()]
    return Group(*parts[:-1])


def finding_list(findings: Sequence[Finding]) -> Group:
    """Every finding; those that differ only in their region are told once."""
    return problem_list([_for_all(same) for same in _alike(findings)])


def _alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Findings of one kind about one place in the files, whatever the region."""
    found: dict[Hashable, list[Finding]] = {}
    for finding in findings:
        problem = finding.problem
        kind = (finding.campaign, problem.code, problem.severity, problem.place, problem.path)
        found.setdefault(kind, []).append(finding)
    return list(found.values())


def _for_all(same: Sequence[Finding]) -> Problem:
    """The first of them, and whom else it concerns."""
    first, problem = same[0], same[0].problem
    regions = list(dict.fromkeys(f.region for f in same if f.region))
    if all(f.problem == problem for f in same):
        whom = " ".join(part for part in (first.campaign, ", ".join(regions)) if part)
        known = all(part in problem.message for part in (first.campaign, *regions))
        return problem if known else replace(problem, message=f"{problem.message} ({whom})")
    others = [region for region in regions if region != first.region]
    rest = f"also in {', '.join(others)}" if others else f"and {len(same) - 1} times more"
    return replace(problem, message=f"{problem.message} ({rest})")


def tally(problems: Iterable[Problem]) -> str:
    """`2 errors, 1 warning`, or an empty text."""
    severities = [problem.severity for problem in problems]
    nouns = (("error", "error"), ("warn", "warning"), ("info", "note"))
    said = [count(severities.count(s), noun) for s, noun in nouns if s in severities]
    return ", ".join(said)


def ordered(problems: Iterable[Problem]) -> list[Problem]:
    """Errors first, then by place."""
    rank = {"error": 0, "warn": 1, "info": 2}

    def order(problem: Problem) -> tuple[int, str, int, int]:
        place = problem.place or Place("", 0, 0)
        return rank[problem.severity], place.file, place.line, place.column

    return sorted(problems, key=order)


# ── for GitHub ──────────────────────────────────────────────────────────────────────────────────
def workflow_command(problem: Problem) -> str:
    """`::error file=…,line=…,col=…,title=E012::message`, escaped as GitHub asks."""
    fields = {"title": problem.code}
    if problem.place:
        place = problem.place
        fields = {"file": place.file, "line": str(place.line), "col": str(place.column), **fields}
    options = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
    path = f"{problem.path}: " if problem.path else ""
    rest = f" ({problem.help})" if problem.help else ""
    return f"::{COMMANDS[problem.severity]} {options}::{_message(path + problem.message + rest)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
