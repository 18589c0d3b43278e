"""A plan as a diff: + create, ~ amend, → move, − withdraw or cancel; by region, before → after."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from rich.text import Text

from promo_scheduler.plan import Change, ChangeKind, Standing, Window
from promo_scheduler.timing.walltime import local
from promo_scheduler.views.grid import Grid, Line, Row
from promo_scheduler.views.places import (
    DIM,
    Reading,
    Regions,
    blocks,
    channels_of,
    heading,
    on_its_clock,
)
from promo_scheduler.views.tables import dates_of, utc_over_all, warning_line
from promo_scheduler.views.words import Dates, count, lasting, offer, plain, products, value

MARKS = {
    ChangeKind.CREATE: ("+", "green"),
    ChangeKind.MOVE: ("→", "cyan"),
    ChangeKind.AMEND: ("~", "yellow"),
    ChangeKind.WITHDRAW: ("−", "red"),
    ChangeKind.CANCEL: ("−", "red"),
}
UNDER = 6  # how far the lines under a row are indented
NOTABLE = (Standing.STAGED, Standing.LIVE, Standing.ENDING)
SPILL = (5, 4, 2)  # channels, products, UTC: what moves down where there is no room
Flags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DiffView:
    """What a diff is drawn with. `flags` maps a policy to the flag it needs; `given` are policies
    that were allowed by name.
    """

    regions: Regions
    flags: Flags
    given: frozenset[str] = frozenset()


def shown_window(change: Change) -> Window:
    """The window that a change is about: what it will be, else what it was."""
    window = change.after or change.before
    if window is None:  # a change without either would say nothing
        raise ValueError(f"the change of {change.key} has neither before nor after")
    return window


def change_diff(changes: Sequence[Change], view: DiffView) -> Grid:
    """Every change: one row for all the channels and zones in which it is the same there."""
    windows = [shown_window(change) for change in changes]
    several = len({w.key.campaign for w in windows}) > 1
    dates = dates_of(windows)
    items: list[Line | Row] = []
    for block in blocks(changes, CHANGES):
        here = [shown_window(change) for row in block.rows for change in row]
        items += [Line(), Line(heading(block, here, view.regions))]
        for row in block.rows:
            items.append(_row(row, dates, several=several))
            items += _details(row[0], dates, view)
    return Grid(items[1:], spill=SPILL)


def _content(change: Change) -> Hashable:
    """All of a change but its place."""
    windows = (on_its_clock(w) if w else None for w in (change.before, change.after))
    return (change.kind, change.policy, change.standing, change.reason, *windows)


CHANGES: Reading[Change] = Reading(window=shown_window, content=_content)


def _row(row: Sequence[Change], dates: Dates, *, several: bool) -> Row:
    windows = [shown_window(change) for change in row]
    window, key = windows[0], row[0].key
    mark, style = MARKS[row[0].kind]
    name = f"{key.campaign}/{key.phase}" if several else key.phase
    return Row(
        (
            Text.assemble((mark, f"bold {style}"), f" {name}"),
            Text(dates.local(window.zone_name, window.start, window.end)),
            Text(utc_over_all(windows, dates), style=DIM),
            Text(value(window.offer, window.currency)),
            Text(products(window.offer.products), style=DIM),
            Text(", ".join(channels_of(windows)), style=DIM),
        )
    )


def _details(change: Change, dates: Dates, view: DiffView) -> list[Line | Row]:
    items: list[Line | Row] = []
    if change.before and change.after:
        items += _differences(change.before, change.after, dates)
    said = _remark(change, view)
    if said.plain:
        items.append(Line(said, indent=UNDER))
    window = change.after
    return [*items, *(warning_line(text) for text in (window.warnings if window else ()))]


def _remark(change: Change, view: DiffView) -> Text:
    """Where it stands, why it changes, and what it needs."""
    text = Text(style=DIM)
    parts = []
    if change.standing in NOTABLE:
        parts.append(Text(f"is {change.standing} now", style="bold yellow"))
    if change.kind in (ChangeKind.WITHDRAW, ChangeKind.CANCEL):
        parts.append(Text(_going(change)))
    if change.reason:
        parts.append(Text(plain(change.reason)))
    flag = view.flags.get(change.policy)
    if flag and change.policy not in view.given:
        parts.append(Text(f"needs {flag}", style="bold red"))
    return text.append_text(Text(" · ").join(parts))


def _going(change: Change) -> str:
    if change.kind is ChangeKind.CANCEL:
        return "is taken out"
    return "is taken back" if change.standing is Standing.STAGED else "ends now"


# ── before → after ──────────────────────────────────────────────────────────────────────────────
def _differences(before: Window, after: Window, dates: Dates) -> list[Line | Row]:
    lines = []
    for word, one, other in (
        ("starts", before.start, after.start),
        ("ends", before.end, after.end),
    ):
        if one != other:
            ours = dates.arrow(local(before.zone_name, one), local(after.zone_name, other))
            theirs = dates.arrow(one.astimezone(UTC), other.astimezone(UTC))
            lines.append(_difference(word, ours, f"{theirs} UTC"))
    return [*lines, *(_difference(*parts) for parts in _contents(before, after))]


def _contents(before: Window, after: Window) -> list[tuple[str, str]]:
    said = [(name, tell(before), tell(after)) for name, tell in TOLD]
    shown = [(name, f"{one} → {other}") for name, one, other in said if one != other]
    return [*shown, *_labels(dict(before.offer.label), dict(after.offer.label))]


def _labels(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for language in dict.fromkeys((*before, *after)):
        one, other = before.get(language, "nothing"), after.get(language, "nothing")
        if one != other:
            yield f"label in {language}", f"{one} → {other}"


def _difference(word: str, text: str, utc: str = "") -> Line:
    said = Text(f"{word} ", style=DIM).append(plain(text), style="default")
    return Line(said.append(f"  ·  {utc}" if utc else ""), indent=UNDER)


def _late(window: Window) -> str:
    within, remaining = window.late.start_within, window.late.min_remaining
    allowed = "while it lasts" if within is None else f"within {lasting(within)}"
    return f"{allowed}, {lasting(remaining)} left" if remaining else allowed


TOLD: tuple[tuple[str, Callable[[Window], str]], ...] = (
    ("offer", lambda w: offer(w.offer, w.currency)),
    ("label", lambda w: w.label or "none"),
    ("target", lambda w: w.target),
    ("rank", lambda w: ".".join(map(str, w.rank))),
    ("stacks", lambda w: "yes" if w.stack else "no"),
    ("may be late", _late),
    ("currency", lambda w: w.currency),
)


# ── the closing line ────────────────────────────────────────────────────────────────────────────
def closing_line(changes: Sequence[Change]) -> Text:
    """`Plan: 12 to create, 1 to move.`, or that nothing would change."""
    kinds = [change.kind for change in changes]
    said = [f"{kinds.count(kind):,} to {kind}" for kind in ChangeKind if kind in kinds]
    if not said:
        return Text("No changes: what stands is what the workspace asks for.", style="bold")
    return Text("Plan: ", style="bold").append(", ".join(said) + ".", style="not bold")


def needed_flags(changes: Sequence[Change], view: DiffView) -> Text:
    """Which changes wait for which flag; empty where none does."""
    policies = [change.policy for change in changes]
    lines = [
        f"{flag} is needed for {count(policies.count(policy), 'change')}"
        for policy, flag in view.flags.items()
        if policy in policies and policy not in view.given
    ]
    return Text("\n".join(lines), style="yellow")
