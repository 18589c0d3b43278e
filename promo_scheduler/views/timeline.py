"""The world timeline: regions down, hours across, local night shaded, each phase with its glyph.

The axis is UTC, the easternmost clock comes first, so that a campaign in local hours falls across
the page the way the day travels round the Earth. Every glyph is told apart without colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from promo_scheduler.plan import Window
from promo_scheduler.timing.walltime import local
from promo_scheduler.views.tracks import Track, offset_of, tracks
from promo_scheduler.views.words import lasting

GLYPHS = "▄█▚▓▀◆═▞"
COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_red", "bright_cyan", "white")
NIGHT, NIGHT_STYLE = "░", "bright_black"
SHADED_UP_TO = timedelta(hours=3)  # wider cells have no day and night
# How long a cell may be, in minutes: parts of a day, then whole days.
STEPS = (
    *(5, 10, 15, 20, 30, 40, 45, 60, 90, 120, 180, 240, 360, 720),
    *(1440, 2880, 4320, 5760, 10_080, 43_200),
)
QUARTER = timedelta(hours=6)
TICK_HOURS = (1, 2, 3, 6, 12, 24)
TICK_ROOM, DAY_ROOM = 5, 12  # columns that "06" and "Wed 11 Nov" need with air around them
NARROWEST, WIDEST, TITLES_FROM = 24, 160, 100

PhaseName = tuple[str, str]  # campaign, phase


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis: `cells` cells of length `step` from `start` (a UTC instant)."""

    start: datetime
    step: timedelta
    cells: int

    @classmethod
    def over(cls, windows: Sequence[Window], room: int) -> Scale:
        """The finest scale on which the windows fit into `room` columns, with a little air."""
        first = min(w.start for w in windows)
        last = max(w.end for w in windows)
        for minutes in STEPS:
            scale = cls._at(first, last, timedelta(minutes=minutes))
            if scale.cells <= room:
                return scale
        return scale

    @classmethod
    def _at(cls, first: datetime, last: datetime, step: timedelta) -> Scale:
        roomy = last - first > timedelta(days=1) and not QUARTER % step
        edge = QUARTER if roomy else step  # whole quarters of a day are calmer to look at
        epoch = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday: weeks begin on it
        start = epoch + (first - epoch) // edge * edge
        end = epoch - (epoch - last) // edge * edge
        return cls(start, step, max((end - start) // step, 1))

    def at(self, cell: int) -> datetime:
        """The instant at which a cell begins."""
        return self.start + self.step * cell

    def covered(self, window: Window) -> range:
        """The cells that a window fills: those it has at least half of, and never none."""
        first, last = (self._edge(at) for at in (window.start, window.end))
        if last > first:
            return range(first, last)
        middle = window.start + (window.end - window.start) / 2  # too short to fill half a cell
        only = (middle - self.start) // self.step
        return range(only, only + 1)

    def _edge(self, at: datetime) -> int:
        """The edge between two cells that is nearest; of two, the later one."""
        return (at - self.start + self.step / 2) // self.step


@dataclass(frozen=True, slots=True)
class Timeline:
    """A rich renderable that takes the width it is given. `titles` names each region."""

    windows: tuple[Window, ...]
    titles: Mapping[str, str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not self.windows:
            return
        lines = tracks(self.windows)
        labels = self._labels(lines, with_titles=options.max_width >= TITLES_FROM)
        indent = cell_len(labels[0].plain) + 2
        room = min(options.max_width, WIDEST) - indent - len(" UTC")
        scale = Scale.over(self.windows, max(room, NARROWEST))
        marks = phase_marks(self.windows)
        for axis in (_day_axis(scale), _hour_axis(scale)):
            yield _bare(Text(" " * indent).append_text(axis))
        for label, line in zip(labels, lines, strict=True):
            yield _bare(label.append("  ").append_text(_cells(line, scale, marks)))
        yield Text()
        yield _legend(marks, scale, options.max_width)

    def _labels(self, lines: Sequence[Track], *, with_titles: bool) -> list[Text]:
        """The names before the lines, each of the same width."""
        titles = self.titles if with_titles else {}
        regions = [track.region for track in lines]
        firsts = {regions.index(region) for region in regions}
        columns = [
            [track.region if n in firsts else "" for n, track in enumerate(lines)],
            [titles.get(t.region, "") if n in firsts else "" for n, t in enumerate(lines)],
            [track.detail for track in lines],
            [offset_of(track) for track in lines],
        ]
        styles = ("bold", "", "", "bright_black")
        shown = [(c, s) for c, s in zip(columns, styles, strict=True) if any(c)]
        widths = [max(map(cell_len, column)) for column, _ in shown]
        return [
            Text(" ").join(
                Text(column[n] + " " * (width - cell_len(column[n])), style)
                for (column, style), width in zip(shown, widths, strict=True)
            )
            for n in range(len(lines))
        ]


def phase_marks(windows: Sequence[Window]) -> dict[PhaseName, tuple[str, str]]:
    """A glyph and a colour for each campaign's phase: in order of their first start."""
    ordered = sorted(windows, key=lambda w: (w.key.campaign, w.rank, w.start))
    names = dict.fromkeys((w.key.campaign, w.key.phase) for w in ordered)
    return {
        name: (GLYPHS[n % len(GLYPHS)], COLOURS[n % len(COLOURS)]) for n, name in enumerate(names)
    }


# ── drawing ─────────────────────────────────────────────────────────────────────────────────────
def _bare(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "crop"
    text.rstrip()
    return text


def _cells(track: Track, scale: Scale, marks: Mapping[PhaseName, tuple[str, str]]) -> Text:
    line = [_background(track.zone, scale, cell) for cell in range(scale.cells)]
    for window in sorted(track.windows, key=lambda w: (w.rank, w.start)):
        for cell in scale.covered(window):
            if 0 <= cell < scale.cells:
                glyph, colour = marks[window.key.campaign, window.key.phase]
                line[cell] = (
                    glyph,
                    f"dim {colour}" if _is_night(track.zone, scale, cell) else colour,
                )
    return Text.assemble(*line)


def _background(zone: str, scale: Scale, cell: int) -> tuple[str, str]:
    return (NIGHT, NIGHT_STYLE) if _is_night(zone, scale, cell) else (" ", "")


def _is_night(zone: str, scale: Scale, cell: int) -> bool:
    """Whether the middle of a cell lies between 22:00 and 06:00 there; wide cells have no night."""
    middle = scale.at(cell) + scale.step / 2
    return scale.step <= SHADED_UP_TO and not 6 <= local(zone, middle).hour < 22


def _day_axis(scale: Scale) -> Text:
    """The dates, each where its day begins in UTC; those without room are left out."""
    places: list[tuple[int, str]] = []
    free = 0
    for cell in range(scale.cells):
        at = scale.at(cell)
        new_day = at.date() != (at - scale.step).date()
        if (new_day or not places) and cell >= free:
            if not new_day and _next_day(scale, cell) < DAY_ROOM:
                continue
            text = (
                f"{at:%a} {at.day} {at:%b}" if scale.step < timedelta(days=5) else f"{at:%d %b %y}"
            )
            places.append((cell, text))
            free = cell + DAY_ROOM
    return _ruler(places, "bold")


def _next_day(scale: Scale, cell: int) -> int:
    today = scale.at(cell).date()
    for ahead in range(1, scale.cells - cell):
        if scale.at(cell + ahead).date() != today:
            return ahead
    return scale.cells


def _hour_axis(scale: Scale) -> Text:
    """Hours of the day in UTC; a tick alone where cells are longer than the hours between ticks."""
    hours = next(
        (
            h
            for h in TICK_HOURS
            if not timedelta(hours=h) % scale.step and timedelta(hours=h) // scale.step >= TICK_ROOM
        ),
        None,
    )
    if hours is None:
        return Text("╷" + " " * (scale.cells - 1) + " UTC", style="bright_black")
    places = []
    for cell in range(scale.cells):
        at = scale.at(cell)
        if at.minute == 0 and at.hour % hours == 0:
            places.append((cell, f"╷{at:%H}" if hours < 24 else "╷"))
    axis = _ruler(places, "bright_black")
    return axis.append(" " * max(scale.cells - len(axis) + 1, 1) + "UTC", style="bright_black")


def _ruler(places: Sequence[tuple[int, str]], style: str) -> Text:
    text = Text(style=style)
    for cell, mark in places:
        text.append(" " * (cell - len(text)) + mark)
    return text


def _legend(marks: Mapping[PhaseName, tuple[str, str]], scale: Scale, room: int) -> Text:
    several = len({campaign for campaign, _ in marks}) > 1
    text = Text()
    for (campaign, phase), (glyph, colour) in marks.items():
        text.append(glyph * 2, style=colour)
        text.append(f" {campaign}/{phase}   " if several else f" {phase}   ")
    if scale.step <= SHADED_UP_TO:
        text.append(NIGHT * 2, style=NIGHT_STYLE).append(" local night   ")
    note = f"a column: {lasting(scale.step)}"
    if cell_len(text.plain) + len(note) > room:
        text.rstrip()
        text.append("\n")
    return text.append(note, style="bright_black")
