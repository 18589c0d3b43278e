"""What stands, for people: what is live, what comes, orders in force, one event's story."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.text import Text

from promo_scheduler.audit import AuditEntry
from promo_scheduler.firing import EventRecord, EventState
from promo_scheduler.order import Order
from promo_scheduler.plan import NO_ZONE, Action, StandingWindow, Window
from promo_scheduler.timing.walltime import local
from promo_scheduler.views.grid import Grid, Line, Row
from promo_scheduler.views.words import Dates, offer, offset, plain, relative

DIM = "bright_black"
STATE_STYLES = {
    EventState.DONE: "green",
    EventState.FAILED: "bold red",
    EventState.MISSED: "red",
    EventState.UNCERTAIN: "yellow",
    EventState.HELD: "magenta",
    EventState.CLAIMED: "cyan",
}
VERBS = {Action.STAGE: "stage", Action.ACTIVATE: "start", Action.DEACTIVATE: "end"}


def section(title: str, content: RenderableType) -> Group:
    """A titled part of a page, with an empty line before it."""
    return Group(Text(), Text(title, style="bold"), content)


def window_name(window: Window) -> str:
    """A window as people say it: `double-11-2026/launch de storefront`."""
    key = window.key
    zone = "" if key.zone == NO_ZONE else f" {window.zone_name}"
    return f"{key.campaign}/{key.phase} {key.region}{zone} {key.channel}"


# ── lists ───────────────────────────────────────────────────────────────────────────────────────
def live_grid(live: Iterable[StandingWindow], now: datetime) -> Grid:
    """What is live: since when, until when on the region's clock, and what it takes off."""
    dates = Dates(now.year)
    return Grid(
        [
            Row(
                (
                    Text(window_name(standing.window)),
                    Text(f"until {local_moment(standing.window, standing.window.end, dates)}"),
                    Text(relative(standing.window.end, now), style=DIM),
                    Text(offer(standing.window.offer, standing.window.currency)),
                    Text("" if standing.standing == "live" else standing.standing, style="yellow"),
                )
            )
            for standing in live
        ],
        spill=(3, 2),
    )


def event_grid(events: Iterable[EventRecord], now: datetime) -> Grid:
    """What is to happen: how far off, what, when on the clocks there and in UTC, to which window.

    A state is named where it says something; the reason stands under its event.
    """
    dates = Dates(now.year)
    items: list[Line | Row] = []
    for record in events:
        due = record.event.due_at
        cells = (
            Text(relative(due, now)),
            Text(VERBS[record.event.key.action], style="bold"),
            Text(window_name(record.window)),
            state_words(record) if record.state is not EventState.PENDING else Text(),
            Text(local_moment(record.window, due, dates)),
            Text(_utc_moment(due, dates), style=DIM),
        )
        items += [Row(cells), *_reason_line(record, now)]
    return Grid(items, spill=(5, 4), drop=frozenset({5}))


def event_list(events: Iterable[EventRecord], now: datetime) -> Grid:
    """Events with their states and keys, for `promo explain` and `promo retry`."""
    dates = Dates(now.year)
    items: list[Line | Row] = []
    for record in events:
        due = record.event.due_at
        cells = (
            state_words(record),
            Text(_utc_moment(due, dates)),
            Text(local_moment(record.window, due, dates), style=DIM),
            Text(relative(due, now), style=DIM),
            Text(str(record.event.key)),
        )
        items += [Row(cells), *_reason_line(record, now)]
    return Grid(items, indent=0, spill=(4, 3))


def state_words(record: EventRecord) -> Text:
    """An event's state in its colour."""
    return Text(record.state, style=STATE_STYLES.get(record.state, ""))


def _reason_line(record: EventRecord, now: datetime) -> list[Line]:
    told = _told(record, now)
    return [Line(Text(told, style=DIM), indent=6)] if told else []


def _utc_moment(at: datetime, dates: Dates) -> str:
    return f"{dates.moment(at.astimezone(UTC))} UTC"


def _told(record: EventRecord, now: datetime) -> str:
    attempts = f"attempt {record.attempt}" if record.attempt > 1 else ""
    again = f"tried again {relative(record.retry_at, now)}" if record.retry_at else ""
    return " · ".join(part for part in (attempts, plain(record.reason), again) if part)


def order_grid(orders: Iterable[Order], now: datetime) -> Grid:
    """The orders in force: what, whom they cover, who gave them, when and why."""
    return Grid(
        [
            Row(
                (
                    Text(order.kind, style="bold red" if order.kind == "stop" else "bold magenta"),
                    Text(str(order.scope)),
                    Text(f"{relative(order.at, now)} by {plain(order.actor)}", style=DIM),
                    Text(plain(order.reason)),
                )
            )
            for order in orders
        ]
    )


# ── the audit ───────────────────────────────────────────────────────────────────────────────────
def audit_grid(entries: Iterable[AuditEntry], *, with_keys: bool = False) -> Grid:
    """Audit entries: number, instant, what, who, and the details that say something."""
    return Grid(
        [
            Row(
                (
                    Text(str(entry.seq), style=DIM),
                    Text(utc_words(entry.at)),
                    Text(entry.kind),
                    Text(plain(entry.actor), style=DIM),
                    Text(entry.key if with_keys else ""),
                    Text(_detail(entry), style=DIM),
                )
            )
            for entry in entries
        ],
        spill=(5, 4),
    )


def _detail(entry: AuditEntry) -> str:
    said = ((name, value) for name, value in entry.detail.items() if value not in (None, "", []))
    text = " ".join(f"{name}={value}" for name, value in said)
    return plain(text.replace(".000000Z", "Z"))


def local_moment(window: Window, at: datetime, dates: Dates) -> str:
    """An instant on the clock of a window's zone, with its distance from UTC."""
    there = local(window.zone_name, at)
    return f"{dates.moment(there)} {offset(there)}"


def utc_words(at: datetime) -> str:
    """An instant to the second, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
