"""A run to look at: each region's time and price while it goes on, and the account afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from promo_scheduler.timing import local
from promo_scheduler.views.words import clock, lasting


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a buyer sees in one zone, on one channel: a product's list price, and its price now."""

    region: str
    zone: str
    channel: str
    currency: str
    list_price: Decimal
    price: Decimal
    label: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, at an instant of its own clock (UTC)."""

    at: datetime
    settled: int
    total: int


@dataclass(frozen=True, slots=True)
class Lags:
    """From the due instant to the request's hand-over: how late half of the events were at most,
    99 of 100, and the latest.
    """

    p50: timedelta = timedelta(0)
    p99: timedelta = timedelta(0)
    worst: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Summary:
    """The account of a run; `by_region` are the lags of each region's events.

    `on_time`: windows that the shop's own log shows open and closed at their instants.
    """

    windows: int
    on_time: int
    events: int
    done: int
    other: tuple[str, ...]
    lags: Lags
    by_region: Mapping[str, Lags]
    faults: tuple[str, ...]
    entries: int
    breaks: tuple[str, ...]
    head: str

    @property
    def good(self) -> bool:
        """Whether everything planned happened once, on time, and is on record."""
        return not self.faults and not self.breaks and self.windows == self.on_time


def running(progress: Progress, shelves: Sequence[Shelf]) -> RenderableType:
    """The live table: places down, with their own time and what a buyer pays now.

    Time and progress come first: a low terminal cuts the table off at the bottom.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("region", no_wrap=True)
    table.add_column("zone", no_wrap=True, max_width=13)
    table.add_column("local time", no_wrap=True)
    table.add_column("channel", no_wrap=True, max_width=12)
    table.add_column("list", no_wrap=True, justify="right")
    table.add_column("a buyer pays", no_wrap=True, justify="right")
    table.add_column("for", no_wrap=True)
    for shelf in shelves:
        table.add_row(*_row(shelf, progress.at))
    return Group(_head(progress), Text(), table)


def _head(progress: Progress) -> RenderableType:
    at = Text(f"{progress.at:%a %d %b %Y %H:%M} UTC  ", style="bold")
    bar = ProgressBar(total=max(progress.total, 1), completed=progress.settled, width=20)
    told = Text(f"  {progress.settled} of {progress.total} events settled")
    line = Table.grid()
    line.add_row(at, bar, told)
    return line


def _row(shelf: Shelf, at: datetime) -> tuple[RenderableType, ...]:
    there = local(shelf.zone, at)
    reduced = shelf.price != shelf.list_price
    style = "bold green" if reduced else "dim"
    return (
        shelf.region,
        shelf.zone.rpartition("/")[2].replace("_", " "),
        Text(f"{there:%a} {clock(there)[:5]}"),
        shelf.channel,
        str(shelf.list_price),
        Text(f"{'▼ ' if reduced else ''}{shelf.price} {shelf.currency}", style=style),
        Text(shelf.label if reduced else "", style=style),
    )


def summary(account: Summary) -> RenderableType:
    """The account, a line a fact."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    rows = (
        ("windows", _windows(account)),
        ("events", ", ".join((f"{account.done} of {account.events} done", *account.other))),
        ("lag", f"p50 {_ms(account.lags.p50)}, p99 {_ms(account.lags.p99)}, due to requested"),
        ("p99 by region", _by_region(account)),
        ("audit", _audit(account)),
    )
    for row in rows:
        table.add_row(*row)
    for fault in (*account.faults, *account.breaks):
        table.add_row(Text("fault", style="bold red"), fault)
    return table


def _windows(account: Summary) -> str:
    return f"{account.windows} planned, {account.on_time} on time by the shop's own log"


def _by_region(account: Summary) -> str:
    return ", ".join(f"{region} {_ms(lags.p99)}" for region, lags in account.by_region.items())


def _audit(account: Summary) -> str:
    state = "does not verify" if account.breaks else "verified"
    return f"{account.entries} entries, {state}, head {account.head}"


def _ms(lag: timedelta) -> str:
    if lag >= timedelta(seconds=10):
        return lasting(lag)
    return f"{lag.total_seconds() * 1000:.0f} ms"


def summary_data(account: Summary) -> dict[str, object]:
    """The account as plain data, for `-o json`."""
    return {
        "version": 1,
        "windows": account.windows,
        "on_time": account.on_time,
        "events": account.events,
        "done": account.done,
        "other": list(account.other),
        "lag_ms": _lags_data(account.lags),
        "regions": {region: _lags_data(lags) for region, lags in account.by_region.items()},
        "faults": list(account.faults),
        "audit": {
            "entries": account.entries,
            "verified": not account.breaks,
            "breaks": list(account.breaks),
            "head": account.head,
        },
    }


def _lags_data(lags: Lags) -> dict[str, float]:
    return {"p50": _millis(lags.p50), "p99": _millis(lags.p99), "worst": _millis(lags.worst)}


def _millis(lag: timedelta) -> float:
    return round(lag.total_seconds() * 1000, 3)
