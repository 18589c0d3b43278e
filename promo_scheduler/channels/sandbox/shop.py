"""The shop itself, without its HTTP: what it does with each order, on its own clock and log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from promo_scheduler.channels.sandbox.catalogue import DEFAULT_SEED, ShopSeed
from promo_scheduler.channels.sandbox.clock import ShopClock
from promo_scheduler.channels.sandbox.discount import Discount, Effect
from promo_scheduler.channels.sandbox.effect_log import EffectLog
from promo_scheduler.channels.sandbox.faults import Misbehaviour
from promo_scheduler.channels.sandbox.state_file import StateFile, blank_discount
from promo_scheduler.channels.sandbox.store import Store
from promo_scheduler.channels.sandbox.wire import Refused, discount_from, prices_from


@dataclass(frozen=True, slots=True)
class ShopOptions:
    """How a shop is started. Port 0 takes a free one; it listens on loopback only.

    `native`: whether a discount keeps its own window where the client does not say. `starts_at`:
    what its clock shows first (UTC; None: the present). `token`: asked for as a bearer, if given.
    """

    port: int = 0
    seed: ShopSeed = DEFAULT_SEED
    native: bool = True
    token: str = field(default="", repr=False)
    starts_at: datetime | None = None
    log: Path | None = None
    state: Path | None = None


class Shop:
    """One shop. Every order is settled at the shop's own present instant, and logged."""

    def __init__(self, options: ShopOptions) -> None:
        self.options = options
        self.store = Store(options.seed)
        self.log = EffectLog(options.log)
        self.misbehaviour = Misbehaviour()
        self._file = StateFile(options.state) if options.state else None
        shift = self._file.load(self.store) if self._file else None
        self.clock = ShopClock(shift) if shift is not None else _first_clock(options.starts_at)

    def now(self) -> datetime:
        """The present, with every window up to it begun and ended."""
        now = self.clock.now()
        following = self.store.next_transition()
        if following is not None and following <= now:
            self._record(self.store.advance(now), now)
        return now

    def move_to(self, instant: datetime) -> datetime:
        """Move the clock ahead; what begins and ends on the way is logged before this returns."""
        self.now()
        self.clock.move_to(instant)
        return self.now()

    def create(self, data: Any) -> Discount:
        """A new discount."""
        blank = blank_discount(self.store.new_id(), native=self.options.native)
        native = data.get("native", blank.native) if isinstance(data, dict) else blank.native
        blank = blank_discount(blank.id, native=native is True)
        return self._put(discount_from(self._heard(data), blank))

    def change(self, id: str, data: Any) -> Discount:
        """A discount with what the client says of it; the rest stays."""
        return self._put(discount_from(self._heard(data), self.found(id)))

    def switch(self, id: str, *, enabled: bool) -> Discount:
        """Switch a discount on or off."""
        self.found(id)
        now = self.now()
        self._record(self.store.enable(id, enabled, now), now)
        return self.found(id)

    def delete(self, id: str) -> None:
        """Forget a discount."""
        self.found(id)
        now = self.now()
        self._record(self.store.delete(id, now), now)

    def found(self, id: str) -> Discount:
        """The discount of this id. Raises Refused."""
        discount = self.store.get(id)
        if discount is None:
            raise Refused(404, "not_found", "no such discount")
        return discount

    def prices(self, target: str, skus: Iterable[str]) -> Mapping[str, Decimal]:
        """The products' own prices on a target; without those not sold there. Raises Refused."""
        self._require_open(target)
        found = {sku: self.store.own_price(sku, target) for sku in skus}
        return {sku: price for sku, price in found.items() if price is not None}

    def set_prices(self, target: str, data: Any) -> None:
        """Replace products' own prices on a target: all that are given, or none. Raises Refused."""
        self._require_open(target)
        wanted = prices_from(self._heard(data))
        for sku in wanted:
            if self.store.own_price(sku, target) is None:
                raise Refused(422, "unknown_product", f"{sku} is not sold in {target}")
        now = self.now()
        for sku, price in wanted.items():
            self._record(self.store.set_price(sku, target, price, now), now)

    def close(self) -> None:
        """Close the log."""
        self.log.close()

    def _put(self, discount: Discount) -> Discount:
        self._require_target(discount)
        now = self.now()
        self._record(self.store.put(discount, now), now)
        return discount

    def _require_open(self, target: str) -> None:
        if target not in self.store.targets:
            known = ", ".join(sorted(self.store.targets))
            raise Refused(422, "unknown_target", f"expected one of {known}")

    def _require_target(self, discount: Discount) -> None:
        currency = self.store.targets.get(discount.target)
        if currency is None and not (self.store.learns_targets and discount.currency):
            known = ", ".join(sorted(self.store.targets))
            raise Refused(422, "unknown_target", f"expected one of {known}")
        if currency is not None and discount.currency != currency:
            raise Refused(422, "wrong_currency", f"{discount.target} sells in {currency}")

    def _heard(self, data: Any) -> Any:
        """What the shop takes in of what a client says."""
        ignored = self.misbehaviour.faults.ignore_field
        if not ignored or not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if name != ignored}

    def _record(self, effects: Sequence[Effect], now: datetime) -> None:
        self.log.write(effects)
        if self._file and effects:
            self._file.save(self.store, now, self.clock.shift)


def _first_clock(starts_at: datetime | None) -> ShopClock:
    return ShopClock.starting_at(starts_at) if starts_at else ShopClock()
