"""Offer: what is taken off, on which products. Money is a Decimal with its currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from promo_scheduler.catalog import Product


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217 code). Never a float."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class PercentOff:
    """A share taken off the list price, above 0 and up to 100."""

    percent: Decimal


@dataclass(frozen=True, slots=True)
class AmountOff:
    """A sum taken off each unit, one per currency."""

    amounts: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class FixedPrice:
    """A price in place of the list price, one per currency."""

    prices: tuple[Money, ...]


Value = PercentOff | AmountOff | FixedPrice


@dataclass(frozen=True, slots=True)
class Selection:
    """Which products. A product is in when any part names it and `excluded` does not."""

    everything: bool = False
    tags: frozenset[str] = frozenset()
    collections: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()
    excluded: Selection | None = None

    def includes(self, product: Product) -> bool:
        """Whether the product is meant."""
        if self.excluded is not None and self.excluded.includes(product):
            return False
        return (
            self.everything
            or product.sku in self.skus
            or product.category in self.categories
            or not self.tags.isdisjoint(product.tags)
            or not self.collections.isdisjoint(product.collections)
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """What is taken off, on which products. `label` pairs a language with its text."""

    value: Value
    products: Selection
    label: tuple[tuple[str, str], ...] = ()

    def label_in(self, language: str) -> str:
        """The text for a language, else English, else the first, else nothing."""
        texts = dict(self.label)
        return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
