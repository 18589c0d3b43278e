"""Product and Catalog: what is sold, as far as the workspace knows it (`config/catalog.csv`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Product:
    """One SKU. `prices` holds the list price by currency code; `cost` has the base currency."""

    sku: str
    title: str = ""
    category: str = ""
    tags: frozenset[str] = frozenset()
    collections: frozenset[str] = frozenset()
    cost: Decimal | None = None
    prices: Mapping[str, Decimal] = field(default_factory=dict)


Catalog = tuple[Product, ...]
