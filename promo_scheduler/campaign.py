"""Campaign, Phase, When, Offer, Selection: what a person writes, once it has been read.

Values only; dates here are wall dates. How they become instants is `timing/` and `planning/`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from promo_scheduler.catalog import Product
from promo_scheduler.clock import TimeOfDay
from promo_scheduler.errors import Place


# ── when ────────────────────────────────────────────────────────────────────────────────────────
class Gap(StrEnum):
    """What to do with a wall time that the clocks skip (T5): `snap` is the transition instant."""

    SNAP = "snap"
    SHIFT = "shift"
    SKIP = "skip"
    ERROR = "error"


class Fold(StrEnum):
    """Which pass of a wall time that comes twice is meant (T5)."""

    FIRST = "first"
    LAST = "last"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class ClockChange:
    """The policies for clock changes; `end_fold` None means rule T3."""

    gap: Gap = Gap.SNAP
    fold: Fold = Fold.FIRST
    end_fold: Fold | None = None


@dataclass(frozen=True, slots=True)
class Duration:
    """`days` are counted on the wall clock, `elapsed` is real time after that (T7)."""

    days: int = 0
    elapsed: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class AtTime:
    """A start at a plain wall time."""

    time: TimeOfDay


@dataclass(frozen=True, slots=True)
class AtPeak:
    """A start at the region's own peak; `number` 2 is the second peak of the day."""

    number: int = 1


@dataclass(frozen=True, slots=True)
class Until:
    """An exclusive end at a wall time, `days` after the day it would otherwise fall on."""

    time: TimeOfDay
    days: int = 0


@dataclass(frozen=True, slots=True)
class For:
    """An end a duration after the start."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class WholePeak:
    """The end of the peak that the start named."""


@dataclass(frozen=True, slots=True)
class OnDates:
    """One window on each of these dates."""

    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """One continuous window from the first date to the last, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class EachDay:
    """The same hours on each date from the first to the last, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Recurrence:
    """An RFC 5545 rule over naive local dates, within [first, last], both included (T8)."""

    rule: str
    first: date
    last: date


Dates = OnDates | Span | EachDay | Recurrence
Start = AtTime | AtPeak
End = Until | For | WholePeak


@dataclass(frozen=True, slots=True)
class LocalWhen:
    """Dates and hours on each zone's own wall clock (`clock: local`, the default; T9)."""

    dates: Dates
    start: Start
    end: End
    changes: ClockChange = field(default_factory=ClockChange)


@dataclass(frozen=True, slots=True)
class InstantWhen:
    """The same moment everywhere (`clock: instant`): two aware instants, end exclusive."""

    start: datetime
    end: datetime


When = LocalWhen | InstantWhen


# ── offer ───────────────────────────────────────────────────────────────────────────────────────
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


# ── campaign ────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Phase:
    """A named part of a campaign. `order` counts from 0 as written; a later one wins an overlap."""

    name: str
    order: int
    when: When
    offer: Offer
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late a start may begin: within `start_within` of it (None: while the window lasts),
    with at least `min_remaining` of the window left.
    """

    start_within: timedelta | None = None
    min_remaining: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Variant:
    """A region's difference (on one channel, where `channel` is given): its phases, merged.

    `cancelled` holds the reason why the region takes no part any more.
    """

    region: str
    channel: str | None
    phases: tuple[Phase, ...]
    cancelled: str | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One file. `regions` are names, tags already resolved; `channels` None: all that serve it."""

    name: str
    title: str
    owner: str
    regions: tuple[str, ...]
    channels: tuple[str, ...] | None
    phases: tuple[Phase, ...]
    variants: tuple[Variant, ...] = ()
    priority: int = 0
    stack: bool = False
    late: Lateness = field(default_factory=Lateness)
    place: Place | None = None

    def variant(self, region: str, channel: str) -> Variant:
        """What holds for a region on a channel: the narrowest override, else the campaign."""
        found = {v.channel: v for v in self.variants if v.region == region}
        return found.get(channel) or found.get(None) or Variant(region, None, self.phases)
