"""The table of windows under the timeline: by region, local and UTC hours, offer, what decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text

from promo_scheduler.plan import Window
from promo_scheduler.views.grid import Grid, Line, Row
from promo_scheduler.views.lengths import length_words
from promo_scheduler.views.places import (
    DIM,
    Block,
    Reading,
    Regions,
    blocks,
    channels_of,
    city,
    heading,
    on_its_clock,
)
from promo_scheduler.views.words import Dates, plain, products, value

# reasons, products, length, UTC, the viewer's clock: what moves down where there is no room
SPILL = (7, 6, 5, 2, 3)
WINDOWS: Reading[Window] = Reading(window=lambda window: window, content=on_its_clock)


def dates_of(windows: Iterable[Window]) -> Dates:
    """Dates that name a year only where it is not the first window's."""
    return Dates(min((w.start.year for w in windows), default=0))


@dataclass(frozen=True, slots=True)
class _View:
    """What rows are written with. `viewer` is a zone whose clock is shown too, or nothing."""

    dates: Dates
    regions: Regions
    viewer: str


def window_table(windows: Sequence[Window], regions: Regions, viewer: str = "") -> Grid:
    """Every window: one row for all the channels and zones in which it is the same there.

    `viewer` is a zone whose clock is shown beside UTC.
    """
    view = _View(dates_of(windows), regions, viewer)
    items: list[Line | Row] = []
    for block in blocks(windows, WINDOWS):
        items += [Line(), *_block_lines(block, view)]
    return Grid(items[1:], spill=SPILL)


def _block_lines(block: Block[Window], view: _View) -> list[Line | Row]:
    everything = [window for row in block.rows for window in row]
    title = heading(block, everything, view.regions)
    shared = len({tuple(channels_of(row)) for row in block.rows}) == 1
    if shared:
        title.append(f" · {', '.join(channels_of(everything))}", style=f"not bold {DIM}")
    items: list[Line | Row] = [Line(title)]
    for row in block.rows:
        items.append(_row(row, view, "" if shared else ", ".join(channels_of(row))))
        items += [warning_line(text) for text in row[0].warnings]
    return items


def _row(row: Sequence[Window], view: _View, channels: str) -> Row:
    """Phase, local hours, UTC, the viewer's, what is off, length, products, what decided."""
    window, dates = row[0], view.dates
    reasons = " · ".join(part for part in (channels, _reason(window)) if part)
    return Row(
        (
            Text(window.key.phase),
            Text(dates.local(window.zone_name, window.start, window.end)),
            Text(utc_over_all(row, dates), style=DIM),
            Text(viewer_over_all(row, view.viewer, dates) if view.viewer else ""),
            Text(value(window.offer, window.currency)),
            Text(length_words(row), style=DIM),
            Text(products(window.offer.products), style=DIM),
            Text(plain(reasons), style=DIM),
        )
    )


def utc_over_all(row: Sequence[Window], dates: Dates) -> str:
    """The hours in UTC: for several zones from the first one's start to the last one's end."""
    return dates.utc(min(w.start for w in row), max(w.end for w in row))


def viewer_over_all(row: Sequence[Window], viewer: str, dates: Dates) -> str:
    """The same hours on the clock of a zone: `Wed 11 Nov 07:00 – Thu 07:00 Shanghai`."""
    span = dates.local(viewer, min(w.start for w in row), max(w.end for w in row))
    return f"{span} {city(viewer)}"


def _reason(window: Window) -> str:
    """What decided the hours, unless that is the very time that is shown already."""
    written = str(window.start_wall.time) if window.start_wall else "the same instant"
    return "" if window.decided_by.startswith(written) else window.decided_by


def warning_line(text: str) -> Line:
    """A warning under its window."""
    return Line(Text(f"! {plain(text)}", style="yellow"), indent=6)
