"""Values as rows and back: instants, windows, orders.

A window's `terms` is the JSON of everything but its key and hours; the end of its span is told from
the day it starts. Thousands of windows share one text, and many events one instant, so both
directions of both are remembered: reading a window back costs microseconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote

import sqlalchemy as sa

from promo_scheduler import record
from promo_scheduler.clock import TimeOfDay, WallTime, require_utc
from promo_scheduler.ledger.tables import WINDOW
from promo_scheduler.order import Order, OrderKind, Scope
from promo_scheduler.plan import Standing, StandingWindow, WallSpan, Window, WindowKey

Row: TypeAlias = "sa.Row[*tuple[Any, ...]]"
Values = dict[str, Any]  # one row's parameters, by column
T = TypeVar("T")

BATCH = 500  # how many keys one statement names
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SHARED = 4096  # how many different texts are remembered
_PLACED = ("key", "start", "end", "start_wall", "end_wall")
_TERMS = (
    *("zone_name", "target", "currency", "offer", "rank", "stack", "late", "label"),
    *("decided_by", "warnings"),
)
_NOWHERE = WindowKey("", "", "", "", "", 1, "")
_NO_DAY = WallTime(date(1970, 1, 1), TimeOfDay(0))
_shape_of = attrgetter(*_TERMS)

# What `window_from` reads: the last columns of a select, in this order.
WINDOW_COLUMNS = tuple(
    WINDOW.c[name]
    for name in (
        *("campaign", "phase", "region", "zone", "occurrence", "slot", "channel"),
        *("start_at", "end_at", "start_wall", "end_wall", "terms"),
    )
)
_WIDTH = len(WINDOW_COLUMNS)


def batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items in runs that one statement can name."""
    for begin in range(0, len(items), BATCH):
        yield items[begin : begin + BATCH]


@lru_cache(maxsize=_SHARED)
def micros(at: datetime) -> int:
    """An instant as the ledger keeps it. Raises NaiveDatetime where no zone is attached."""
    return (require_utc(at) - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=_SHARED)
def instant(value: int) -> datetime:
    """A UTC instant from what the ledger keeps."""
    return _EPOCH + timedelta(microseconds=value)


def maybe_micros(at: datetime | None) -> int | None:
    """As `micros`, where there may be nothing."""
    return None if at is None else micros(at)


def maybe_instant(value: int | None) -> datetime | None:
    """As `instant`, where there may be nothing."""
    return None if value is None else instant(value)


def span(delta: timedelta) -> int:
    """A time span in microseconds."""
    return delta // _MICROSECOND


@lru_cache(maxsize=_SHARED)
def lane(channel: str, target: str) -> str:
    """Channel and target in one word: within it endings go before starts (law 5)."""
    return f"{quote(channel, safe='')}/{target}"


def window_values(window: Window) -> Values:
    """A window's content as columns: everything that a change of plan may replace."""
    return {
        "start_at": micros(window.start),
        "end_at": micros(window.end),
        "start_wall": str(window.start_wall) if window.start_wall else None,
        "end_wall": str(window.end_wall) if window.end_wall else None,
        "terms": _terms(_shape_of(window), _span_from_no_day(window)),
    }


def key_values(key: WindowKey, text: str) -> Values:
    """A window's identity as columns; `text` is the key written out."""
    return {
        "key": text,
        "campaign": key.campaign,
        "phase": key.phase,
        "region": key.region,
        "zone": key.zone,
        "occurrence": key.occurrence,
        "slot": key.slot,
        "channel": key.channel,
    }


def window_from(row: Row) -> Window:
    """The window in a row that ends in `WINDOW_COLUMNS`.

    Taken apart by place: asking a row for a column by name costs as much as all the rest.
    """
    campaign, phase, region, zone, occurrence, slot, channel, *hours, text = row[-_WIDTH:]
    start_at, end_at, start_wall, end_wall = hours
    terms = _terms_from(text)
    return Window(
        key=WindowKey(campaign, phase, region, zone, occurrence, slot, channel),
        zone_name=terms.zone_name,
        target=terms.target,
        start_wall=_wall(start_wall),
        end_wall=_wall(end_wall),
        start=instant(start_at),
        end=instant(end_at),
        currency=terms.currency,
        offer=terms.offer,
        rank=terms.rank,
        stack=terms.stack,
        late=terms.late,
        label=terms.label,
        decided_by=terms.decided_by,
        warnings=terms.warnings,
        span=_span_of(text, start_wall),
    )


def standing_from(row: Row) -> StandingWindow:
    """A window as it stands; the row holds its touch and, in `in_flight`, an event's. It ends in
    `WINDOW_COLUMNS`.
    """
    return StandingWindow(
        window_from(row),
        Standing(row.standing),
        row.generation,
        bool(row.touched or row.in_flight),
        row.taken_by,
        bool(row.never_began),
    )


def order_from(row: Row) -> Order:
    """An order from its row."""
    scope = Scope(row.campaign, row.phase, row.region, row.channel, row.sku)
    released = maybe_instant(row.released_at)
    kind = OrderKind(row.kind)
    return Order(row.id, kind, scope, row.reason, row.actor, instant(row.at), released)


def _span_from_no_day(window: Window) -> WallSpan | None:
    """The span as if it started at `_NO_DAY`: the same for the same hours of every date."""
    span = window.span
    if span is None or window.start_wall is None:
        return None
    end = span.end and WallTime(_NO_DAY.day + (span.end.day - window.start_wall.day), span.end.time)
    return WallSpan(_NO_DAY, end, span.elapsed, span.changes)


@lru_cache(maxsize=_SHARED)
def _span_of(text: str, start_wall: str | None) -> WallSpan | None:
    """The span in some terms, at the window's own start."""
    span, start = _terms_from(text).span, _wall(start_wall)
    if span is None or start is None:
        return None
    end = span.end and WallTime(start.day + (span.end.day - _NO_DAY.day), span.end.time)
    return replace(span, start=start, end=end)


@lru_cache(maxsize=_SHARED)
def _terms(shape: tuple[Any, ...], span: WallSpan | None) -> str:
    terms: dict[str, Any] = dict(zip(_TERMS, shape, strict=True))
    hours: dict[str, Any] = {"start_wall": None, "end_wall": None, "start": _EPOCH, "end": _EPOCH}
    data = record.window_data(Window(key=_NOWHERE, span=span, **hours, **terms))
    kept = {name: data[name] for name in data if name not in _PLACED}
    # Not `record.encode`, which sorts: the order of languages and currencies is part of an offer.
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=_SHARED)
def _terms_from(text: str) -> Window:
    at = record.instant(_EPOCH)
    nowhere = {"key": "-/-/-/-/-/1/-", "start": at, "end": at, "start_wall": None, "end_wall": None}
    return record.window_from({**json.loads(text), **nowhere})


@lru_cache(maxsize=_SHARED)
def _wall(text: str | None) -> WallTime | None:
    return WallTime.parse(text) if text else None
