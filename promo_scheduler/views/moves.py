"""What new zone data or calendars move, for people: each window with its hours on the wall, which
were promised, and its instants before and after.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone

from rich.text import Text

from promo_scheduler.clock import Versions, WallTime
from promo_scheduler.errors import Problem
from promo_scheduler.plan import Change, LeftAlone, Window, WindowKey
from promo_scheduler.timing.walltime import local, naive
from promo_scheduler.views.changes import MARKS, NOTABLE, UNDER, shown_window
from promo_scheduler.views.grid import Grid, Line, Row
from promo_scheduler.views.places import DIM, Reading, Regions, blocks, channels_of, heading
from promo_scheduler.views.tables import dates_of
from promo_scheduler.views.words import Dates, count, lasting, offset, plain

MOVED, LEFT = "W140", "W141"


def versions_line(before: Versions, after: Versions) -> Text:
    """`tzdata 2026a → 2026f`, or that they are the same."""
    changed = before.changed(after)
    if not changed:
        return Text(f"{after}, as it was applied", style=DIM)
    return Text(", ".join(changed), style="bold")


def move_grid(
    changes: Sequence[Change], regions: Regions, by_calendar: Collection[WindowKey]
) -> Grid:
    """Every change by region: its hours, where it moves from and to, and what a calendar did."""
    dates = dates_of([shown_window(change) for change in changes])
    items: list[Line | Row] = []
    for block in blocks(changes, _MOVES):
        here = [shown_window(change) for row in block.rows for change in row]
        items += [Line(), Line(heading(block, here, regions))]
        for row in block.rows:
            items.append(_row(row, dates))
            items += [Line(text, indent=UNDER) for text in _under(row[0], dates, by_calendar)]
    return Grid(items[1:])


def _content(change: Change) -> Hashable:
    """All of a change but its channel."""
    key = change.key
    hours = [(w.start_wall, w.end_wall, w.start, w.end) if w else None for w in _sides(change)]
    occurrence = (key.campaign, key.phase, key.occurrence, key.slot)
    return (change.kind, change.policy, change.standing, change.reason, occurrence, *hours)


_MOVES: Reading[Change] = Reading(window=shown_window, content=_content)


def _sides(change: Change) -> tuple[Window | None, Window | None]:
    return change.before, change.after


def _row(row: Sequence[Change], dates: Dates) -> Row:
    windows = [shown_window(change) for change in row]
    window, (mark, style) = windows[0], MARKS[row[0].kind]
    return Row(
        (
            Text.assemble((mark, f"bold {style}"), f" {window.key.campaign}/{window.key.phase}"),
            Text(dates.local(window.zone_name, window.start, window.end)),
            Text(", ".join(channels_of(windows)), style=DIM),
        )
    )


def _under(change: Change, dates: Dates, by_calendar: Collection[WindowKey]) -> Iterator[Text]:
    before, after = _sides(change)
    if before and after:
        yield from _moved("starts", _start(before), _start(after), dates)
        yield from _moved("ends", _end(before), _end(after), dates)
    said = [f"is {change.standing} now"] if change.standing in NOTABLE else []
    said += [plain(change.reason)] if change.reason else []
    said += ["by a calendar"] if change.key in by_calendar else []
    if said:
        yield Text(" · ".join(said), style="yellow")


def left_line(left: LeftAlone) -> Text:
    """A window that stays as it stands, and why."""
    return Text(f"{left.key} stays as it stands: {plain(left.reason)}", style="yellow")


def set_aside_line(keys: Collection[WindowKey]) -> Text:
    """That a plan leaves out what new zone data move."""
    words = f"\nNew zone data move {count(len(keys), 'window')}, left out here until then: "
    return Text(f"{words}`promo tz diff`, `promo tz apply`.", style="yellow")


def move_problems(changes: Iterable[Change], left: Iterable[LeftAlone]) -> Iterator[Problem]:
    """The same as warnings, for where a list of problems is read."""
    way_out = "`promo tz apply` applies it"
    for change in changes:
        words = f"{change.key}: {change.policy}, {_instants(change)}"
        yield Problem(MOVED, words, "warn", help=way_out)
    for each in left:
        yield Problem(LEFT, f"{each.key} stays as it stands: {each.reason}", "warn")


def _instants(change: Change) -> str:
    spans = [f"{w.start:%Y-%m-%dT%H:%MZ} to {w.end:%Y-%m-%dT%H:%MZ}" for w in _sides(change) if w]
    return " → ".join(spans) + (f" ({change.reason})" if change.reason else "")


# ── one moment of a window ──────────────────────────────────────────────────────────────────────
_Moment = tuple[str, WallTime | None, datetime]  # its zone, its wall time where written, UTC


def _start(window: Window) -> _Moment:
    return window.zone_name, window.start_wall, window.start


def _end(window: Window) -> _Moment:
    return window.zone_name, window.end_wall, window.end


def _moved(word: str, before: _Moment, after: _Moment, dates: Dates) -> Iterator[Text]:
    if before[2] == after[2]:
        return
    by = after[2] - before[2]
    parts = [
        f"{dates.arrow(before[2].astimezone(UTC), after[2].astimezone(UTC))} UTC",
        f"{lasting(by)} {'later' if by > timedelta(0) else 'earlier'}",
        *_rule(before, after),
    ]
    yield Text(f"{word} ", style=DIM).append(" · ".join(parts), style="default")


def _rule(before: _Moment, after: _Moment) -> Iterator[str]:
    """The clock's offset before and after; in a gap the wall time tells none."""
    one, other = _offset(before), _offset(after)
    if one is None or other is None or other != local(after[0], after[2]).utcoffset():
        return
    theirs, ours = (offset(after[2].astimezone(timezone(each))) for each in (one, other))
    yield f"{after[0]} {theirs} → {ours}"


def _offset(moment: _Moment) -> timedelta | None:
    _, wall, at = moment
    return naive(wall) - at.astimezone(UTC).replace(tzinfo=None) if wall else None


# ── the closing line ────────────────────────────────────────────────────────────────────────────
def verdict(changes: Sequence[Change]) -> Text:
    """How many windows change, or that none does."""
    if not changes:
        return Text("Nothing moves.", style="bold")
    return Text(f"{count(len(changes), 'window')} to change.", style="bold")
