"""The ledger's side of a firing on a channel whose prices are overwritten: its book of prices."""

from __future__ import annotations

from promo_scheduler.catalog import Catalog
from promo_scheduler.clock import Clock
from promo_scheduler.engine.books import Books
from promo_scheduler.engine.lease import LeaseLost
from promo_scheduler.firing import Firing
from promo_scheduler.pricing import Assortment, PricedLane, PriceEntry


class PriceBooks:
    """Opens the book for each firing. `reconfigure` takes over an edited catalogue."""

    def __init__(self, books: Books, clock: Clock, catalog: Catalog) -> None:
        self._books = books
        self._clock = clock
        self.reconfigure(catalog)

    def reconfigure(self, catalog: Catalog) -> None:
        """From the next firing on, this is what is sold."""
        self._assortment = Assortment(catalog)

    def of(self, firing: Firing) -> LedgerPriceBook:
        """The book of one firing."""
        return LedgerPriceBook(self._books, self._clock, self._assortment, firing)


class LedgerPriceBook:
    """A PriceBook over the ledger. Raises what the ledger raises, and LeaseLost."""

    def __init__(self, books: Books, clock: Clock, sold: Assortment, firing: Firing) -> None:
        self._books, self._clock, self._firing = books, clock, firing
        self.assortment = sold

    async def look(self) -> PricedLane:
        """What is live on the firing's lane beside its own window, and the baselines there."""
        return await self._books.call(
            self._books.ledger.priced_lane, self._firing, self._clock.now()
        )

    async def record(self, entry: PriceEntry) -> None:
        """Put prices on record under the firing's claim. Raises LeaseLost where that is lost."""
        books = self._books
        given = (self._firing, entry, self._clock.now(), books.owner)
        if not await books.call(books.ledger.record_prices, *given):
            raise LeaseLost("the claim was lost: somebody else took the firing over")
