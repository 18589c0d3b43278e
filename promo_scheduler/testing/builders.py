"""Builders: complete values for tests, of which a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from promo_scheduler.channel import Channel
from promo_scheduler.clock import WallTime
from promo_scheduler.connector import DiscountRequest
from promo_scheduler.firing import Firing
from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.plan import Action, Key, TriggerEvent, Window, WindowKey, natural_key

# Instants far enough from any present: a native channel has begun the first, and not the second.
BEGUN = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC))
AHEAD = (datetime(2089, 1, 1, tzinfo=UTC), datetime(2089, 1, 2, tzinfo=UTC))
LEDGER = "0123456789abcdef"


def an_offer(percent: str = "25", *skus: str) -> Offer:
    """So much off everything, or off these SKUs."""
    products = Selection(skus=frozenset(skus)) if skus else Selection(everything=True)
    return Offer(PercentOff(Decimal(percent)), products)


def a_window(**changes: Any) -> Window:
    """A window that has begun and lasts long, in Germany; `changes` are fields of Window."""
    window = Window(
        key=WindowKey("double-11", "launch", "de", "-", "2026-11-11", 1, "store"),
        zone_name="Europe/Berlin",
        target="de",
        start_wall=WallTime.parse("2020-01-01T01:00"),
        end_wall=WallTime.parse("2090-01-01T01:00"),
        start=BEGUN[0],
        end=BEGUN[1],
        currency="EUR",
        offer=an_offer(),
        label="Double 11",
    )
    return replace(window, **changes)


def a_request(**changes: Any) -> DiscountRequest:
    """What a channel should hold for `a_window()`; `changes` are fields of DiscountRequest."""
    window = a_window()
    request = DiscountRequest(
        natural_key=natural_key(LEDGER, window.key),
        label=window.label,
        region="de",
        zone="",
        target=window.target,
        currency=window.currency,
        offer=window.offer,
        start=window.start,
        end=window.end,
    )
    return replace(request, **changes)


def a_firing(action: Action = Action.ACTIVATE, window: Window | None = None) -> Firing:
    """A claimed event of a window, at its first attempt."""
    window = window or a_window()
    due_at = window.end if action is Action.DEACTIVATE else window.start
    event = TriggerEvent(Key(window.key, action), due_at)
    return Firing(event, window, natural_key(LEDGER, window.key), attempt=1, fence=1)


def a_channel(**changes: Any) -> Channel:
    """An account that serves Germany; `changes` are fields of Channel."""
    return replace(Channel("store", "sandbox", ("de",), {"de": "de"}), **changes)
