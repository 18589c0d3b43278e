"""Offers and windows as plain data and back: what the ledger, JSON output and webhooks write down.

`from_data(to_data(x)) == x`. Money and percentages are strings, instants ISO 8601 ending in `Z`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from promo_scheduler.campaign import Lateness
from promo_scheduler.clock import WallTime
from promo_scheduler.offer import AmountOff, FixedPrice, Money, Offer, PercentOff, Selection, Value
from promo_scheduler.plan import WallSpan, Window, WindowKey
from promo_scheduler.when import ClockChange, Fold, Gap

Data = dict[str, Any]

encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def digest(data: object) -> str:
    """A short name for some plain data: the same content gives the same name."""
    return hashlib.sha256(encode(data).encode()).hexdigest()[:16]


def instant(at: datetime) -> str:
    """A UTC instant in ISO 8601, ending in `Z`, with a fraction only where there is one."""
    return at.isoformat().replace("+00:00", "Z")


def instant_from(text: str) -> datetime:
    """Read what `instant` wrote."""
    return datetime.fromisoformat(text)


# ── offers ──────────────────────────────────────────────────────────────────────────────────────
def offer_data(offer: Offer) -> Data:
    """An offer as the YAML would say it, merged and complete."""
    data: Data = {**_value_data(offer.value), "products": selection_data(offer.products)}
    return {**data, "label": dict(offer.label)} if offer.label else data


def offer_from(data: Mapping[str, Any]) -> Offer:
    """Read what `offer_data` wrote."""
    label = tuple(cast("dict[str, str]", data.get("label", {})).items())
    return Offer(_value_from(data), selection_from(data["products"]), label)


def _value_data(value: Value) -> Data:
    match value:
        case PercentOff(percent):
            return {"percent": str(percent)}
        case AmountOff(amounts):
            return {"amount": {m.currency: str(m.amount) for m in amounts}}
        case FixedPrice(prices):
            return {"price": {m.currency: str(m.amount) for m in prices}}


def _value_from(data: Mapping[str, Any]) -> Value:
    if "percent" in data:
        return PercentOff(Decimal(data["percent"]))
    if "amount" in data:
        return AmountOff(_money(data["amount"]))
    return FixedPrice(_money(data["price"]))


def _money(data: Mapping[str, str]) -> tuple[Money, ...]:
    return tuple(Money(Decimal(amount), currency) for currency, amount in data.items())


def selection_data(selection: Selection) -> Data:
    """A selection; empty parts are left out."""
    data: Data = {"all": True} if selection.everything else {}
    for name in ("tags", "collections", "categories", "skus"):
        if names := getattr(selection, name):
            data[name] = sorted(names)
    if selection.excluded is not None:
        data["except"] = selection_data(selection.excluded)
    return data


def selection_from(data: Mapping[str, Any]) -> Selection:
    """Read what `selection_data` wrote."""
    named = {n: frozenset(data.get(n, ())) for n in ("tags", "collections", "categories", "skus")}
    excluded = selection_from(data["except"]) if "except" in data else None
    return Selection(everything=bool(data.get("all")), excluded=excluded, **named)


# ── windows ─────────────────────────────────────────────────────────────────────────────────────
def window_data(window: Window) -> Data:
    """Everything about a window that decides what happens; not its place in a file."""
    return {
        "key": str(window.key),
        "zone": window.zone_name,
        "target": window.target,
        "start_wall": str(window.start_wall) if window.start_wall else None,
        "end_wall": str(window.end_wall) if window.end_wall else None,
        "start": instant(window.start),
        "end": instant(window.end),
        "currency": window.currency,
        "offer": offer_data(window.offer),
        "rank": list(window.rank),
        "stack": window.stack,
        "late": _lateness_data(window.late),
        "label": window.label,
        "decided_by": window.decided_by,
        "warnings": list(window.warnings),
        "span": span_data(window.span) if window.span else None,
    }


def window_from(data: Mapping[str, Any]) -> Window:
    """Read what `window_data` wrote."""
    return Window(
        key=WindowKey.parse(data["key"]),
        zone_name=data["zone"],
        target=data["target"],
        start_wall=_wall(data["start_wall"]),
        end_wall=_wall(data["end_wall"]),
        start=instant_from(data["start"]),
        end=instant_from(data["end"]),
        currency=data["currency"],
        offer=offer_from(data["offer"]),
        rank=tuple(data["rank"]),
        stack=data["stack"],
        late=_lateness_from(data["late"]),
        label=data["label"],
        decided_by=data["decided_by"],
        warnings=tuple(data["warnings"]),
        span=span_from(data["span"]) if data.get("span") else None,
    )


def span_data(span: WallSpan) -> Data:
    """The walls of a window, and the policies for clock changes."""
    changes = span.changes
    return {
        "start": str(span.start),
        "end": str(span.end) if span.end else None,
        "elapsed": span.elapsed.total_seconds(),
        "gap": changes.gap.value,
        "fold": changes.fold.value,
        "end_fold": changes.end_fold.value if changes.end_fold else None,
    }


def span_from(data: Mapping[str, Any]) -> WallSpan:
    """Read what `span_data` wrote."""
    end_fold = Fold(data["end_fold"]) if data["end_fold"] else None
    return WallSpan(
        start=WallTime.parse(data["start"]),
        end=_wall(data["end"]),
        elapsed=timedelta(seconds=data["elapsed"]),
        changes=ClockChange(Gap(data["gap"]), Fold(data["fold"]), end_fold),
    )


def _wall(text: str | None) -> WallTime | None:
    return WallTime.parse(text) if text else None


def _lateness_data(late: Lateness) -> list[float | None]:
    within = late.start_within.total_seconds() if late.start_within is not None else None
    return [within, late.min_remaining.total_seconds()]


def _lateness_from(data: list[float | None]) -> Lateness:
    within, remaining = data
    return Lateness(
        None if within is None else timedelta(seconds=within), timedelta(seconds=remaining or 0)
    )
