"""A discount as the shop holds it, what it does to a price, and an effect that the shop logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from promo_scheduler.offer import Offer

State = Literal["scheduled", "active", "ended", "off"]


@dataclass(frozen=True, slots=True)
class Discount:
    """One discount on one target. `native`: the shop itself keeps its window; otherwise it is live
    while it is enabled. Instants are UTC, the end is exclusive, None is open.
    """

    id: str
    name: str  # the natural key; the shop does not enforce that it is unique
    label: str
    target: str
    currency: str
    offer: Offer
    start: datetime | None
    end: datetime | None
    native: bool
    enabled: bool
    rank: tuple[int, ...] = ()
    stack: bool = False

    def live_at(self, now: datetime) -> bool:
        """Whether it counts at this instant."""
        return self.enabled and (not self.native or self._inside(now))

    def _inside(self, now: datetime) -> bool:
        begun = self.start is None or self.start <= now
        return begun and (self.end is None or now < self.end)

    def state_at(self, now: datetime) -> State:
        """What the shop says of it. A toggle that is not on is `off`."""
        if self.live_at(now):
            return "active"
        if not self.native:
            return "off"
        waiting = self.enabled and self.start is not None and now < self.start
        return "scheduled" if waiting else "ended"


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that changed in the shop, at an instant of the shop's own clock.

    `kind`: created, updated, deleted, went_live, ended, priced. `by`: window (the shop's clock did
    it), toggle, or edit. The prices are those of one product that the discount covers, before and
    after; `priced` is a product's own price that was replaced, by nobody's discount.
    """

    at: datetime
    kind: str
    id: str
    name: str
    label: str
    target: str
    by: str
    sku: str = ""
    before: Decimal | None = None
    after: Decimal | None = None
    currency: str = ""
    seq: int = 0
