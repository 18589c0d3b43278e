"""Hold, Stop and their Scope: what a person may say to a running daemon.

A hold keeps every stage and activate in its scope from happening until it is released; an ending
is never blocked. A stop ends now what is live in its scope, and then holds.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from promo_scheduler.offer import Selection
from promo_scheduler.plan import Window


class OrderKind(StrEnum):
    """The two orders that stay in force until they are taken back."""

    HOLD = "hold"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Scope:
    """What an order covers: the parts given intersect; none given covers everything."""

    campaign: str | None = None
    phase: str | None = None
    region: str | None = None
    channel: str | None = None
    sku: str | None = None

    def covers(self, window: Window) -> bool:
        """Whether the window is inside. A SKU is inside unless the offer rules it out by name."""
        key = window.key
        wanted = (self.campaign, self.phase, self.region, self.channel)
        found = (key.campaign, key.phase, key.region, key.channel)
        if any(want not in (None, have) for want, have in zip(wanted, found, strict=True)):
            return False
        return self.sku is None or _may_include(window.offer.products, self.sku)

    def __str__(self) -> str:
        given = [(f.name, getattr(self, f.name)) for f in fields(self)]
        return " ".join(f"{name}={value}" for name, value in given if value) or "all"


def _may_include(selection: Selection, sku: str) -> bool:
    """Whether a SKU may be meant; without a catalogue only lists of SKUs rule it out."""
    if selection.excluded is not None and sku in selection.excluded.skus:
        return False
    by_name_only = not (
        selection.everything or selection.tags or selection.collections or selection.categories
    )
    return sku in selection.skus or not by_name_only


@dataclass(frozen=True, slots=True)
class Order:
    """A hold or a stop, who gave it and why; `released_at` None while it is in force."""

    id: int
    kind: OrderKind
    scope: Scope
    reason: str
    actor: str
    at: datetime
    released_at: datetime | None = None
