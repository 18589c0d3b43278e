"""Orders, for people and programs: what one takes down, how far that is, and what comes back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from promo_scheduler.connector import Observed
from promo_scheduler.firing import OPEN_STATES, EventRecord, EventState
from promo_scheduler.order import Order, OrderKind
from promo_scheduler.plan import StandingWindow, Window
from promo_scheduler.views.as_data import Data, document, order_data, record_data, standing_data
from promo_scheduler.views.grid import GAP, Grid, Row
from promo_scheduler.views.status import DIM, section, window_name
from promo_scheduler.views.words import count, plain, relative

_DOWN = {OrderKind.STOP: "ended", OrderKind.HOLD: "taken back"}
_INDENT = 2


@dataclass(frozen=True, slots=True)
class TakenDown:
    """A window that is to be down, and the event that ends it.

    `observed` is what the channel showed when it was read back; empty where it was not yet.
    """

    stands: StandingWindow
    ending: EventRecord
    observed: str = ""

    @property
    def confirmed(self) -> bool:
        """Whether reading back showed that it is down."""
        return self.observed not in ("", Observed.UNKNOWN)

    @property
    def waits(self) -> bool:
        """Whether its ending is still to be done."""
        return self.ending.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class StaysDown:
    """A window that an order took down and that does not come back with its release, and why."""

    window: Window
    why: str


# ── taken down ──────────────────────────────────────────────────────────────────────────────────
def taken_down_matrix(kind: OrderKind, taken: Iterable[TakenDown]) -> RenderableType:
    """Region × channel: what was read back as down, and what was not yet."""
    cells: dict[tuple[str, str], list[TakenDown]] = defaultdict(list)
    for each in taken:
        key = each.stands.window.key
        cells[key.region, key.channel].append(each)
    return _Matrix({place: _cell(kind, here) for place, here in cells.items()})


def _cell(kind: OrderKind, here: Sequence[TakenDown]) -> Text:
    done, of = sum(each.confirmed for each in here), len(here)
    if done == of:
        return Text(_DOWN[kind] if of == 1 else f"{of} {_DOWN[kind]}", style="green")
    return Text("not yet" if of == 1 else f"{done} of {of} {_DOWN[kind]}", style="bold red")


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Rows are regions, columns channels. Channels that find no room beside the others follow
    beneath them, with the regions again.
    """

    cells: Mapping[tuple[str, str], Text]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for number, channels in enumerate(self._blocks(options.max_width)):
            if number:
                yield Text()
            yield Grid([self._heading(channels), *self._rows(channels)], indent=_INDENT)

    def _blocks(self, room: int) -> Iterator[list[str]]:
        """The channels, in runs that fit side by side; one at least."""
        lead = _INDENT + max(cell_len(region) for region, _ in self.cells)
        block, taken = list[str](), lead
        for channel in sorted({channel for _, channel in self.cells}):
            width = GAP + self._width(channel)
            if block and taken + width > room:
                yield block
                block, taken = [], lead
            block.append(channel)
            taken += width
        yield block

    def _width(self, channel: str) -> int:
        cells = (text for (_, name), text in self.cells.items() if name == channel)
        return max(cell_len(channel), *(cell_len(text.plain) for text in cells))

    def _heading(self, channels: Sequence[str]) -> Row:
        return Row((Text(), *(Text(channel, style="bold") for channel in channels)))

    def _rows(self, channels: Sequence[str]) -> Iterator[Row]:
        for region in sorted({region for region, _ in self.cells}):
            found = [self.cells.get((region, channel)) for channel in channels]
            cells = (cell.copy() if cell else Text("–", style=DIM) for cell in found)
            yield Row((Text(region, style="bold"), *cells))


def not_confirmed(taken: Iterable[TakenDown], now: datetime) -> RenderableType:
    """Each window that is not confirmed to be down, with what its channel said."""
    rows = [
        Row((Text(window_name(each.stands.window)), Text(_how_far(each, now), style=DIM)))
        for each in taken
        if not each.confirmed
    ]
    return section("Not confirmed to be down", Grid(rows, spill=(1,)))


def _how_far(each: TakenDown, now: datetime) -> str:
    ending = each.ending
    if each.observed:
        return "told to end, but nothing can be read back from this channel: look there"
    if not each.waits:
        return f"no longer to be ended: {plain(ending.reason) or ending.state}"
    if ending.attempt == 0:
        return "not tried yet"
    said = plain(ending.reason)
    if ending.state is EventState.CLAIMED:
        return f"attempt {ending.attempt} was begun, and its answer is not known yet"
    again = f"tried again {relative(ending.retry_at, now)}" if ending.retry_at else "due again"
    return " · ".join(part for part in (f"attempt {ending.attempt}", said, again) if part)


def progress_line(order: Order, left: int, of: int) -> Text:
    """How far an order is, while somebody waits for it."""
    return Text(f"{order.kind} {order.id}: {of - left} of {count(of, 'window')} confirmed down")


def given_data(order: Order, taken: Iterable[TakenDown]) -> Data:
    """`promo hold -o json` and `promo stop -o json`: each window with what was read back."""
    told = tuple(taken)
    return document(
        order=order_data(order),
        taken_down=[_taken_data(each) for each in told],
        unconfirmed=[str(each.stands.window.key) for each in told if not each.confirmed],
    )


def _taken_data(each: TakenDown) -> Data:
    return {
        **standing_data(each.stands),
        "confirmed": each.confirmed,
        "observed": each.observed or None,
        "ending": record_data(each.ending),
    }


# ── taken back ──────────────────────────────────────────────────────────────────────────────────
def stays_down(left: Iterable[StaysDown]) -> RenderableType:
    """What a release leaves down, and why."""
    rows = [
        Row((Text(window_name(each.window)), Text(plain(each.why), style="yellow")))
        for each in left
    ]
    return section("Stays down", Grid(rows, spill=(1,)))


def stays_down_data(left: Iterable[StaysDown]) -> list[Data]:
    """The same for programs."""
    return [{"key": str(each.window.key), "reason": each.why} for each in left]
