"""Prices that are written over: what a SKU costs while windows are live, and what comes back after.

A **lane** is one channel and target. The price to stand there is a function of a SKU's baseline
(its price before ours) and the live windows that mean it: the first of them by rank decides. Pure.

A baseline is kept from before our first write until it stands again. With it go the prices of ours
that may stand there: one while that is certain, more while a write is under way, so that nobody's
crash makes a price of ours look like somebody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain

from promo_scheduler.catalog import Catalog, Product
from promo_scheduler.offer import AmountOff, FixedPrice, Money, PercentOff, Selection, Value
from promo_scheduler.plan import Window

# ISO 4217: the currencies whose smallest unit is not a hundredth.
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = {
    **dict.fromkeys(_WHOLE.split(" "), 0),
    **dict.fromkeys(_THOUSANDTHS.split(" "), 3),
}


# ── amounts ─────────────────────────────────────────────────────────────────────────────────────
def minor_unit(currency: str) -> Decimal:
    """The smallest amount that is charged in a currency."""
    return Decimal(1).scaleb(-_EXPONENTS.get(currency, 2))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """An amount as it is charged: half up, to the currency's smallest unit."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)


def reduced(value: Value, price: Decimal, currency: str) -> Decimal:
    """A price after one offer. Never below zero; unchanged where the currency is not named."""
    match value:
        case PercentOff(percent):
            return rounded(price * (100 - percent) / 100, currency)
        case AmountOff(amounts):
            off = _in(amounts, currency)
            return price if off is None else max(Decimal(0), rounded(price - off, currency))
        case FixedPrice(prices):
            fixed = _in(prices, currency)
            return price if fixed is None else rounded(fixed, currency)


def _in(amounts: tuple[Money, ...], currency: str) -> Decimal | None:
    return next((money.amount for money in amounts if money.currency == currency), None)


# ── what stands ─────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Baseline:
    """A SKU's price before ours, and the prices that may stand there by our doing.

    One `written` is what reading back has shown; of several, the last is on its way. The baseline
    is among them only before our first write is settled, and while it is being given back.
    """

    price: Money
    written: tuple[Decimal, ...]

    def is_known(self, found: Money) -> bool:
        """Whether a price is one that may stand there by our doing."""
        return found.currency == self.price.currency and found.amount in self.written

    def writing(self, amount: Decimal) -> Baseline:
        """With one more price that may stand there from now on."""
        others = tuple(each for each in self.written if each != amount)
        return Baseline(self.price, (*others, amount))

    def settled(self, amount: Decimal) -> Baseline:
        """With the one price that stands there for certain."""
        return Baseline(self.price, (amount,))


@dataclass(frozen=True, slots=True)
class PricedLane:
    """One channel and target at one moment: the windows that are live there, without the one that
    is being fired, and every baseline by its SKU.
    """

    live: tuple[Window, ...] = ()
    baselines: Mapping[str, Baseline] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PriceEntry:
    """What is put on record of a lane's prices, in one transaction.

    `kept` are baselines: a new one is stored, of one that is there only what was written changes.
    Those `returned` stand again, and go; so do those `left`, whose SKU costs by now what somebody
    else made of it, unless they are kept. `replaced` are prices of somebody else's that a start
    writes over. The texts say what was found.
    """

    kept: Mapping[str, Baseline] = field(default_factory=dict)
    returned: frozenset[str] = frozenset()
    left: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.kept or self.returned or self.left or self.replaced)

    @property
    def gone(self) -> frozenset[str]:
        """The SKUs whose baseline goes."""
        return self.returned | (frozenset(self.left) - frozenset(self.kept))


# ── what is meant ───────────────────────────────────────────────────────────────────────────────
class Assortment:
    """What is sold, by SKU, as far as the workspace's catalogue knows it."""

    def __init__(self, catalog: Catalog) -> None:
        self._products = {product.sku: product for product in catalog}

    def product(self, sku: str) -> Product:
        """What is known of a SKU; its name alone where it is not in the catalogue."""
        return self._products.get(sku) or Product(sku)

    def skus(self, selection: Selection) -> frozenset[str] | None:
        """The SKUs that are meant; None where that cannot be told without a catalogue."""
        if not (self._products or names_only_skus(selection)):
            return None
        named: Iterable[Product] = map(self.product, selection.skus)
        among = chain(named, self._products.values()) if _is_wide(selection) else named
        return frozenset(product.sku for product in among if selection.includes(product))


def names_only_skus(selection: Selection) -> bool:
    """Whether a selection, and what it excludes, is a list of SKUs: it needs no catalogue."""
    excluded = selection.excluded
    return not _is_wide(selection) and (excluded is None or names_only_skus(excluded))


def _is_wide(selection: Selection) -> bool:
    named = selection.tags or selection.collections or selection.categories
    return bool(selection.everything or named)


class Tariff:
    """What windows that are live on one lane at the same time make of its prices."""

    def __init__(self, windows: Iterable[Window], assortment: Assortment) -> None:
        self._assortment = assortment
        self._by_sku: dict[str, list[Window]] = {}
        self._wide: list[Window] = []
        for window in windows:
            products = window.offer.products
            for sku in products.skus:
                self._by_sku.setdefault(sku, []).append(window)
            if _is_wide(products):
                self._wide.append(window)

    def winner(self, sku: str) -> Window | None:
        """The window that decides: the highest priority, then the later phase.

        A tie between campaigns is an error of the plan; here the one that starts later goes first.
        """
        product = self._assortment.product(sku)
        meant = chain(self._by_sku.get(sku, ()), self._wide)
        found = (w for w in meant if w.offer.products.includes(product))
        return max(found, key=lambda w: (w.rank, w.start, w.key), default=None)


def price_under(winner: Window | None, baseline: Money) -> Money:
    """What a SKU of this baseline costs while `winner` decides; the baseline where nobody does."""
    if winner is None:
        return baseline
    currency = baseline.currency
    return Money(reduced(winner.offer.value, baseline.amount, currency), currency)
