"""A book of prices in memory: what the ledger does for a channel whose prices are overwritten."""

from __future__ import annotations

from collections.abc import Iterable

from promo_scheduler.catalog import Catalog
from promo_scheduler.plan import Window
from promo_scheduler.pricing import Assortment, Baseline, PricedLane, PriceEntry


class MemoryPriceBook:
    """One lane, for tests. `live` are the windows that are live beside the firing's own; whoever
    tests sets them. `baselines` are those kept; `entries` what was put on record, in order.
    """

    def __init__(self, live: Iterable[Window] = (), catalog: Catalog = ()) -> None:
        self.assortment = Assortment(catalog)
        self.live = tuple(live)
        self.baselines: dict[str, Baseline] = {}
        self.entries: list[PriceEntry] = []

    async def look(self) -> PricedLane:
        """The lane as it is now."""
        return PricedLane(self.live, dict(self.baselines))

    async def record(self, entry: PriceEntry) -> None:
        """Keep an entry; a baseline that is there already stays what it is."""
        self.entries.append(entry)
        for sku, base in entry.kept.items():
            held = self.baselines.get(sku, base)
            self.baselines[sku] = Baseline(held.price, base.written)
        for sku in entry.gone:
            self.baselines.pop(sku, None)
