"""One event's whole story: rule, wall time, zone rule, instant, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from promo_scheduler.audit import AuditEntry
from promo_scheduler.firing import EventRecord
from promo_scheduler.plan import NO_ZONE, TriggerEvent, Window
from promo_scheduler.timing import tzdata_version
from promo_scheduler.timing.changes import describe_zone
from promo_scheduler.timing.walltime import local
from promo_scheduler.views.grid import Grid, Row
from promo_scheduler.views.lengths import length_words
from promo_scheduler.views.status import (
    DIM,
    VERBS,
    audit_grid,
    local_moment,
    section,
    state_words,
    utc_words,
    window_name,
)
from promo_scheduler.views.words import Dates, lasting, offer, offset, plain, relative


def event_story(
    records: Sequence[EventRecord],
    entries: Sequence[AuditEntry],
    now: datetime,
    stands_on: str = "",
) -> RenderableType:
    """All there is to say of a window's events: its hours, each event's state, the audit.

    `records` are events of one window, at least one; the last one's window is the present one.
    `stands_on` is the version of the zone data that it was resolved with; empty: the one at hand.
    """
    parts = [_about(records[-1].window, now, stands_on)]
    for record in records:
        told = [(name, value) for name, value in _event_facts(record, now) if value.plain]
        parts.append(
            section(
                f"{VERBS[record.event.key.action]}, generation {record.event.generation}",
                Grid([Row((Text(name, style=DIM), value)) for name, value in told]),
            )
        )
    if entries:
        parts.append(section("Audit", audit_grid(entries)))
    return Group(*parts)


def planned_story(window: Window, events: Sequence[TriggerEvent], now: datetime) -> RenderableType:
    """The story of a window that the ledger does not have yet; `events` are its own."""
    rows = [
        Row(
            (
                Text(VERBS[event.key.action]),
                Text(f"{utc_words(event.due_at)}, {_there(window, event.due_at, now)}"),
            )
        )
        for event in events
    ]
    return Group(
        _about(window, now),
        section("Not in the ledger yet: see `promo plan`, `promo apply`", Grid(rows)),
    )


def _there(window: Window, at: datetime, now: datetime) -> str:
    return local_moment(window, at, Dates(now.year))


def _about(window: Window, now: datetime, stands_on: str = "") -> RenderableType:
    facts = [(name, value) for name, value in _window_facts(window, now, stands_on) if value]
    return Group(
        Text(window_name(window), style="bold"),
        Grid([Row((Text(name, style=DIM), Text(value))) for name, value in facts]),
    )


def _window_facts(window: Window, now: datetime, stands_on: str) -> list[tuple[str, str]]:
    dates = Dates(now.year)
    length = lasting(window.end - window.start)
    return [
        ("key", str(window.key)),
        ("decided by", plain(window.decided_by)),
        ("wall time", _wall_words(window, length)),
        ("zone rule", _rule_words(window, dates, stands_on)),
        ("there", f"{dates.local(window.zone_name, window.start, window.end)}, {window.zone_name}"),
        ("in UTC", f"{utc_words(window.start)} – {utc_words(window.end)}"),
        ("lasts", length_words([window])),
        ("offer", offer(window.offer, window.currency)),
        ("label", plain(window.label)),
        ("target", window.target if window.target != NO_ZONE else ""),
        *(("warning", plain(warning)) for warning in window.warnings),
        ("written at", str(window.place) if window.place else ""),
    ]


def _rule_words(window: Window, dates: Dates, stands_on: str) -> str:
    """Which offset turned the start on the wall into an instant, and how long it holds."""
    if stands_on not in ("", tzdata_version()):
        return (
            f"by tzdata {stands_on}, which is not the one at hand ({tzdata_version()}): "
            "`promo tz diff` shows what moves"
        )
    zone, rule = window.zone_name, describe_zone(window.zone_name, window.start)
    words = f"{zone} is {rule.abbreviation}, {offset(local(zone, window.start))}"
    if rule.last_change is not None:
        words += f" from {dates.day(local(zone, rule.last_change))}"
    if rule.next_change is not None:
        words += f" to {dates.day(local(zone, rule.next_change))}"
    return f"{words}, by tzdata {tzdata_version()}"


def _wall_words(window: Window, length: str) -> str:
    if window.start_wall is None:
        return ""
    start = str(window.start_wall).replace("T", " ")
    end = f"until {window.end_wall}".replace("T", " ") if window.end_wall else f"for {length}"
    return f"from {start} {end}, on the clocks there"


def _event_facts(record: EventRecord, now: datetime) -> list[tuple[str, Text]]:
    due, dates = record.event.due_at, Dates(now.year)
    state = state_words(record)
    if record.attempt:
        state.append(f" · attempt {record.attempt}", style=DIM)
    return [
        ("state", state),
        ("reason", Text(plain(record.reason))),
        ("due", Text(f"{utc_words(due)}, {local_moment(record.window, due, dates)}")),
        ("handed over", Text(_with_lag(record.handed_at, due))),
        ("settled", Text(_with_lag(record.settled_at, due))),
        ("next try", Text(relative(record.retry_at, now) if record.retry_at else "")),
        ("held by", Text(f"order {record.order_id}" if record.order_id else "")),
        ("worked on by", Text(plain(record.owner))),
    ]


def _with_lag(at: datetime | None, due: datetime) -> str:
    if at is None:
        return ""
    lag = (at - due).total_seconds()
    return f"{utc_words(at)}, " + (
        f"{lag:.3f} s after it was due" if lag >= 0 else "before it was due"
    )
