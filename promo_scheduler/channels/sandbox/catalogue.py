"""What a shop sells and where: the seed it is started with, and a small one of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from promo_scheduler.catalog import Catalog, Product
from promo_scheduler.pricing import rounded


@dataclass(frozen=True, slots=True)
class ShopSeed:
    """`targets` maps a target (a market, a store view) to its currency.

    `learns_targets`: an unknown target is opened by the first discount that names it.
    """

    products: Catalog
    targets: Mapping[str, str] = field(default_factory=dict)
    learns_targets: bool = False


ZONE_MARK = "@"


def place(target: str, zone: str) -> str:
    """Where in the shop a target's prices for one zone stand; the target itself without a zone."""
    return f"{target}{ZONE_MARK}{zone}" if zone else target


# Round figures of about the right size: this is a demonstration, not a price list.
_PER_DOLLAR = {
    "AED": "3.7", "AUD": "1.5", "BRL": "5.5", "CAD": "1.4", "CHF": "0.85", "CLP": "950",
    "CNY": "7.2", "COP": "4000", "CZK": "23", "DKK": "6.8", "EGP": "48", "EUR": "0.95",
    "GBP": "0.8", "HKD": "7.8", "HUF": "360", "IDR": "16000", "ILS": "3.7", "INR": "85",
    "JPY": "150", "KRW": "1400", "KWD": "0.31", "MXN": "18", "MYR": "4.4", "NGN": "1550",
    "NOK": "10.8", "NZD": "1.7", "PHP": "57", "PLN": "4", "SAR": "3.75", "SEK": "10.5",
    "SGD": "1.35", "THB": "34", "TRY": "40", "TWD": "32", "USD": "1", "VND": "25000",
    "ZAR": "18",
}  # fmt: skip
_GOODS = (
    ("A-100", "Wool coat", "outerwear", "189", ("winter", "bestseller"), ("women",)),
    ("A-200", "Down jacket", "outerwear", "249", ("winter",), ("men",)),
    ("A-300", "Merino sweater", "knitwear", "89", ("winter",), ("women", "men")),
    ("A-400", "Knitted scarf", "accessories", "39", ("winter", "gift"), ("women", "men")),
    ("B-100", "Running shoes", "shoes", "129", ("sport", "bestseller"), ("men",)),
    ("B-200", "Leather boots", "shoes", "179", ("winter",), ("women",)),
    ("C-100", "Travel bag", "accessories", "99", ("travel", "gift"), ()),
    ("C-200", "Steel bottle", "accessories", "29", ("sport", "gift"), ()),
)


def _prices(dollars: Decimal) -> dict[str, Decimal]:
    return {code: rounded(dollars * Decimal(per), code) for code, per in _PER_DOLLAR.items()}


DEFAULT_SEED = ShopSeed(
    tuple(
        Product(sku, title, category, frozenset(tags), frozenset(collections), None, _prices(price))
        for sku, title, category, dollars, tags, collections in _GOODS
        for price in [Decimal(dollars)]
    ),
    learns_targets=True,
)
