"""Rows whose cells stand under each other, with headings and notes between them.

A rich table would draw a heading inside its first column, and squeeze every column where the
terminal is narrow. Here headings take the whole line, and columns that find no room move into a
line under their row, the least important one first. No line ends in spaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

GAP = 2
NOTE_INDENT = 4
LAST = 30  # the last column may wrap, but not into less than this


@dataclass(frozen=True, slots=True)
class Line:
    """One line over the whole width: a heading, a note, or an empty line."""

    text: Text = field(default_factory=Text)
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """Cells that line up with those of other rows; the last one may wrap under itself."""

    cells: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines and rows. `spill`: the columns that move under their row where there is no room for
    them, in the order in which they are given up; `drop`: those of them that vanish instead.
    """

    items: Sequence[Line | Row]
    indent: int = 2
    spill: tuple[int, ...] = ()
    drop: frozenset[int] = frozenset()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = _widths(self.items)
        gone = self._given_up(widths, _words(self.items), options.max_width)
        widths = [0 if n in gone else width for n, width in enumerate(widths)]
        for item in self.items:
            if isinstance(item, Line):
                yield from _hanging(Text(" " * item.indent), item.text, console, options.max_width)
            else:
                yield from self._row(item, widths, console, options.max_width)
                yield from self._note(item, gone, console, options.max_width)

    def _given_up(self, widths: Sequence[int], words: Sequence[int], room: int) -> frozenset[int]:
        for number in range(len(self.spill) + 1):
            gone = frozenset(self.spill[:number])
            *fixed, last = [n for n, width in enumerate(widths) if n not in gone and width] or [0]
            taken = self.indent + sum(widths[n] + GAP for n in fixed)
            if not widths or taken + min(widths[last], max(LAST, words[last])) <= room:
                return gone
        return frozenset(self.spill)

    def _row(self, row: Row, widths: Sequence[int], console: Console, room: int) -> Iterator[Text]:
        lead = Text(" " * self.indent)
        kept = [(cell, width) for cell, width in zip(row.cells, widths, strict=False) if width]
        while kept and not kept[-1][0].plain:
            kept.pop()
        if not kept:
            return
        for cell, width in kept[:-1]:
            lead.append_text(cell)
            lead.append(" " * (width - cell_len(cell.plain) + GAP))
        yield from _hanging(lead, kept[-1][0], console, room)

    def _note(self, row: Row, gone: frozenset[int], console: Console, room: int) -> Iterator[Text]:
        shown = sorted(gone - self.drop)
        parts = [row.cells[n] for n in shown if n < len(row.cells) and row.cells[n].plain]
        if parts:
            text = Text(" · ").join(parts)
            yield from _hanging(Text(" " * (self.indent + NOTE_INDENT)), text, console, room)


def _widths(items: Iterable[Line | Row]) -> list[int]:
    """How wide each column is."""
    return _longest(items, cell_len)


def _words(items: Iterable[Line | Row]) -> list[int]:
    """How wide the longest word of each column is: a key is one, and is never broken."""
    return _longest(items, lambda text: max(map(cell_len, text.split()), default=0))


def _longest(items: Iterable[Line | Row], measure: Callable[[str], int]) -> list[int]:
    found: list[int] = []
    for item in items:
        if isinstance(item, Row):
            found += [0] * (len(item.cells) - len(found))
            for n, cell in enumerate(item.cells):
                found[n] = max(found[n], measure(cell.plain))
    return found


def _hanging(lead: Text, text: Text, console: Console, room: int) -> Iterator[Text]:
    """The text after its lead, wrapped under itself where it is too long."""
    taken = cell_len(lead.plain)
    lines = text.wrap(console, max(room - taken, LAST)) if text.plain else [text]
    for number, line in enumerate(lines):
        begin = lead.copy() if number == 0 else Text(" " * taken)
        whole = begin.append_text(line)
        whole.rstrip()
        whole.no_wrap, whole.overflow = True, "ignore"
        yield whole
