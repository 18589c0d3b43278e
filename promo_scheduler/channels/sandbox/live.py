"""What is live on one target, kept in order of rank, so that a price asks the fewest discounts."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal
from heapq import merge
from itertools import chain

from promo_scheduler.catalog import Product
from promo_scheduler.channels.sandbox.discount import Discount
from promo_scheduler.offer import Selection
from promo_scheduler.pricing import reduced

_Entry = tuple[tuple[int, ...], int, Discount]  # the order is settled by the id at the latest


def _entry(discount: Discount) -> _Entry:
    """The highest rank first; of equal ranks the older one."""
    return (tuple(-part for part in discount.rank), int(discount.id), discount)


def _order(entry: _Entry) -> tuple[tuple[int, ...], int]:
    return entry[:2]


class LiveSet:
    """The live discounts of one target.

    Those that name only SKUs lie by SKU; the others in one list. The highest rank that covers a
    product wins; where the winner stacks, every other one that stacks is taken off after it.
    """

    def __init__(self) -> None:
        self._wide: list[_Entry] = []
        self._by_sku: dict[str, list[_Entry]] = {}

    def add(self, discount: Discount) -> None:
        """Let it count."""
        for entries in self._places(discount):
            insort(entries, _entry(discount))

    def remove(self, discount: Discount) -> None:
        """Let it count no more."""
        for entries in self._places(discount):
            del entries[bisect_left(entries, _order(_entry(discount)), key=_order)]
        for sku in discount.offer.products.skus:
            if not self._by_sku.get(sku, True):
                del self._by_sku[sku]

    def covering(self, product: Product) -> Iterator[Discount]:
        """The discounts on a product, the highest rank first."""
        narrow = self._by_sku.get(product.sku, ())
        for _, _, discount in merge(self._wide, narrow):
            if discount.offer.products.includes(product):
                yield discount

    def price(self, product: Product, price: Decimal, currency: str) -> Decimal:
        """What a buyer pays for a product of this list price."""
        covering = self.covering(product)
        winner = next(covering, None)
        if winner is None:
            return price
        others = (d for d in covering if d.stack) if winner.stack else ()
        for discount in chain((winner,), others):
            price = reduced(discount.offer.value, price, currency)
        return price

    def __iter__(self) -> Iterator[Discount]:
        entries = merge(self._wide, *self._by_sku.values(), key=_order)
        return iter({discount.id: discount for _, _, discount in entries}.values())

    def _places(self, discount: Discount) -> list[list[_Entry]]:
        products = discount.offer.products
        if _names_only_skus(products):
            return [self._by_sku.setdefault(sku, []) for sku in products.skus]
        return [self._wide]


def _names_only_skus(products: Selection) -> bool:
    return bool(products.skus) and not (
        products.everything or products.tags or products.collections or products.categories
    )
