"""The shop's state, pure: products, discounts and what is live, moved by the instants it is given.

Nothing here knows a clock, a file or the network. Every change answers with its effects, in order.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import count

from promo_scheduler.catalog import Product
from promo_scheduler.channels.sandbox.catalogue import ShopSeed
from promo_scheduler.channels.sandbox.discount import Discount, Effect
from promo_scheduler.channels.sandbox.live import LiveSet

_ENDS, _STARTS = 0, 1  # windows are half-open: at one instant, endings come first


@dataclass(frozen=True, slots=True)
class Quote:
    """What a buyer sees of a product: its list price, the price now, and why."""

    product: Product
    currency: str
    list_price: Decimal
    price: Decimal
    discount: Discount | None


class Store:
    """Everything the shop holds. Discounts are found by id and by name without a search."""

    def __init__(self, seed: ShopSeed) -> None:
        self.products: dict[str, Product] = {p.sku: p for p in seed.products}
        self.targets: dict[str, str] = dict(seed.targets)
        self.learns_targets = seed.learns_targets
        self._own_prices: dict[str, dict[str, Decimal]] = {}
        self._discounts: dict[str, Discount] = {}
        self._by_name: dict[str, dict[str, None]] = {}
        self._live: dict[str, LiveSet] = {}
        self._live_ids: set[str] = set()
        self._transitions: list[tuple[datetime, int, int, Discount]] = []
        self._turn = count()
        self._next_id = 1

    # ── asking ──────────────────────────────────────────────────────────────────────────────────
    def get(self, id: str) -> Discount | None:
        """One discount by its id."""
        return self._discounts.get(id)

    def named(self, name: str) -> tuple[Discount, ...]:
        """Every discount of this name, the oldest first."""
        return tuple(self._discounts[one] for one in self._by_name.get(name, ()))

    def discounts(self) -> tuple[Discount, ...]:
        """All of them, in the order of their making."""
        return tuple(self._discounts.values())

    def live_on(self, target: str) -> tuple[Discount, ...]:
        """What counts on a target now, the highest rank first."""
        return tuple(self._live.get(target, ()))

    def is_live(self, id: str) -> bool:
        """Whether a discount counts now."""
        return id in self._live_ids

    def quote(self, product: Product, target: str) -> Quote | None:
        """What a buyer pays on a target; None where the product has no price there."""
        currency, price = self.targets[target], self.own_price(product.sku, target)
        if price is None:
            return None
        live = self._live.setdefault(target, LiveSet())
        now = live.price(product, price, currency)
        return Quote(product, currency, price, now, next(live.covering(product), None))

    def own_price(self, sku: str, target: str) -> Decimal | None:
        """A product's own price on a target, discounts aside; None where it is not sold there."""
        set_there = self._own_prices.get(target, {}).get(sku)
        if set_there is not None:
            return set_there
        product = self.products.get(sku)
        return product.prices.get(self.targets[target]) if product else None

    @property
    def own_prices(self) -> Mapping[str, Mapping[str, Decimal]]:
        """By target and SKU, the prices that were set there."""
        return self._own_prices

    def next_transition(self) -> datetime | None:
        """When a window begins or ends next."""
        return self._transitions[0][0] if self._transitions else None

    # ── changing ────────────────────────────────────────────────────────────────────────────────
    def new_id(self) -> str:
        """An id that was never used."""
        self._next_id += 1
        return str(self._next_id - 1)

    def add_products(self, products: Iterable[Product], targets: dict[str, str]) -> None:
        """Sell more, or in more places."""
        self.products.update({product.sku: product for product in products})
        self.targets.update(targets)

    def set_price(self, sku: str, target: str, price: Decimal, now: datetime) -> list[Effect]:
        """Replace a product's own price on a target."""
        before = self.own_price(sku, target)
        if before == price:
            return []
        self._own_prices.setdefault(target, {})[sku] = price
        where = (target, "edit", sku, before, price, self.targets[target])
        return [Effect(now, "priced", "", "", "", *where)]

    def put(self, discount: Discount, now: datetime) -> list[Effect]:
        """Create a discount, or put it in the place of the one with its id."""
        old = self._discounts.get(discount.id)
        if old == discount:
            return []
        self._keep(discount, now)
        kind = "updated" if old else "created"
        if old is None or not (self.is_live(old.id) and discount.live_at(now)):
            effect = self._effect(kind, discount, now, "edit")
            return [effect, *self._settle(old or discount, discount, now, "edit")]
        return [self._swap(old, discount, now)]

    def enable(self, id: str, enabled: bool, now: datetime) -> list[Effect]:
        """Switch a discount on or off."""
        old = self._discounts[id]
        if old.enabled == enabled:
            return []
        new = replace(old, enabled=enabled)
        self._keep(new, now)
        return self._settle(old, new, now, "toggle")

    def delete(self, id: str, now: datetime) -> list[Effect]:
        """Forget a discount; it ends first, where it is live."""
        old = self._discounts.pop(id)
        del self._by_name[old.name][id]
        ended = self._settle(old, replace(old, enabled=False), now, "edit")
        return [*ended, self._effect("deleted", old, now, "edit")]

    def advance(self, now: datetime) -> list[Effect]:
        """Let the windows that begin or end up to `now` do so, in the order of their instants."""
        effects: list[Effect] = []
        while self._transitions and self._transitions[0][0] <= now:
            at, _, _, discount = heapq.heappop(self._transitions)
            if self._discounts.get(discount.id) is discount:  # else it was changed since
                effects += self._settle(discount, discount, at, "window")
        return effects

    def restore(self, discount: Discount, live: bool, saved_at: datetime) -> None:
        """Take back what was saved. What has begun or ended since comes with the next `advance`."""
        self._next_id = max(self._next_id, int(discount.id) + 1)
        self._keep(discount, saved_at)
        if live:
            self._count_in(discount)

    # ── inside ──────────────────────────────────────────────────────────────────────────────────
    def _keep(self, discount: Discount, now: datetime) -> None:
        self.targets.setdefault(discount.target, discount.currency)
        old = self._discounts.get(discount.id)
        if old is not None and old.name != discount.name:
            del self._by_name[old.name][old.id]
        self._discounts[discount.id] = discount
        self._by_name.setdefault(discount.name, {})[discount.id] = None
        if discount.native and discount.enabled:
            for at, order in ((discount.end, _ENDS), (discount.start, _STARTS)):
                if at is not None and at > now:
                    heapq.heappush(self._transitions, (at, order, next(self._turn), discount))

    def _settle(self, old: Discount, new: Discount, at: datetime, by: str) -> list[Effect]:
        """Let what is live be what `new` says at this instant."""
        was, will = self.is_live(old.id), new.live_at(at)
        if was == will:
            return []
        sample = self._sample(new)
        before = self._price(sample, new)
        if will:
            self._count_in(new)
        else:
            self._count_out(old)
        kind = "went_live" if will else "ended"
        return [self._effect(kind, new, at, by, (sample, before))]

    def _swap(self, old: Discount, new: Discount, at: datetime) -> Effect:
        """Change a discount while it is live."""
        sample = self._sample(new)
        before = self._price(sample, new)
        self._count_out(old)
        self._count_in(new)
        return self._effect("updated", new, at, "edit", (sample, before))

    def _count_in(self, discount: Discount) -> None:
        self._live.setdefault(discount.target, LiveSet()).add(discount)
        self._live_ids.add(discount.id)

    def _count_out(self, discount: Discount) -> None:
        self._live[discount.target].remove(discount)
        self._live_ids.discard(discount.id)

    def _sample(self, discount: Discount) -> Product | None:
        """A product that the discount covers and that has a price on its target."""
        wanted, currency = discount.offer.products, self.targets[discount.target]
        narrow = (self.products[sku] for sku in sorted(wanted.skus) if sku in self.products)
        for products in (narrow, self.products.values()):
            for product in products:
                if currency in product.prices and wanted.includes(product):
                    return product
        return None

    def _price(self, product: Product | None, discount: Discount) -> Decimal | None:
        quote = self.quote(product, discount.target) if product else None
        return quote.price if quote else None

    def _effect(
        self,
        kind: str,
        discount: Discount,
        at: datetime,
        by: str,
        sample: tuple[Product | None, Decimal | None] = (None, None),
    ) -> Effect:
        product, before = sample
        return Effect(
            at,
            kind,
            discount.id,
            discount.name,
            discount.label,
            discount.target,
            by,
            product.sku if product else "",
            before,
            self._price(product, discount),
            self.targets[discount.target],
        )
