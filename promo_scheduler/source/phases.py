"""From a checked phase of the file to the Phase that everybody else knows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from promo_scheduler.campaign import (
    AmountOff,
    AtPeak,
    AtTime,
    ClockChange,
    Dates,
    EachDay,
    End,
    FixedPrice,
    Fold,
    For,
    Gap,
    InstantWhen,
    LocalWhen,
    Money,
    OnDates,
    PercentOff,
    Recurrence,
    Selection,
    Span,
    Value,
    WholePeak,
)
from promo_scheduler.campaign import Offer as OfferNoun
from promo_scheduler.campaign import Phase as PhaseNoun
from promo_scheduler.campaign import When as WhenNoun
from promo_scheduler.errors import Place
from promo_scheduler.source.hours import Instant
from promo_scheduler.source.schema import DateRange, Offer, Parts, Phase, Products, When


def phase_noun(name: str, order: int, phase: Phase, place: Place) -> PhaseNoun:
    """The phase as a noun. Only for a phase that no rule complained about."""
    return PhaseNoun(name, order, _when(phase.when), _offer(phase.offer), place)


# ── when ────────────────────────────────────────────────────────────────────────────────────────
def _when(when: When) -> WhenNoun:
    start = when.from_
    if isinstance(start, Instant):
        assert isinstance(when.until, Instant)  # phase_rules: an instant window has both
        return InstantWhen(start.at, when.until.at)
    assert isinstance(start, AtTime | AtPeak)  # phase_rules: there is a start
    end_fold = Fold(when.end_fold) if when.end_fold else None
    changes = ClockChange(Gap(when.gap), Fold(when.fold), end_fold)
    return LocalWhen(_dates(when), start, _end(when), changes)


def _dates(when: When) -> Dates:
    match when.date:
        case DateRange(rrule=str(rule)) as within:
            return Recurrence(rule, within.from_, within.to)
        case DateRange(each="day") as within:
            return EachDay(within.from_, within.to)
        case DateRange() as within:
            return Span(within.from_, within.to)
        case tuple(days):
            return OnDates(tuple(sorted(days)))
        case day:
            assert day is not None  # phase_rules: there is a date
            return OnDates((day,))


def _end(when: When) -> End:
    if when.for_ is not None:
        return For(when.for_)
    if when.until is None:
        return WholePeak()
    assert not isinstance(when.until, Instant)  # phase_rules: offsets go with `clock: instant`
    return when.until


# ── offer ───────────────────────────────────────────────────────────────────────────────────────
def _offer(offer: Offer) -> OfferNoun:
    assert offer.products is not None  # phase_rules: products are named
    return OfferNoun(_value(offer), _selection(offer.products), _label(offer.label))


def _value(offer: Offer) -> Value:
    if offer.percent is not None:
        return PercentOff(offer.percent)
    if offer.amount is not None:
        return AmountOff(_money(offer.amount))
    return FixedPrice(_money(offer.price or {}))


def _money(amounts: Mapping[str, Decimal]) -> tuple[Money, ...]:
    return tuple(Money(amount, currency) for currency, amount in amounts.items())


def _selection(products: Products | str) -> Selection:
    if isinstance(products, str):
        return Selection(everything=True)
    excluded = _parts(products.except_) if products.except_ else None
    return _parts(products, everything=products.all, excluded=excluded)


def _parts(
    parts: Parts, *, everything: bool = False, excluded: Selection | None = None
) -> Selection:
    return Selection(
        everything=everything,
        tags=frozenset(parts.tag + parts.tags),
        collections=frozenset(parts.collection + parts.collections),
        categories=frozenset(parts.category + parts.categories),
        skus=frozenset(parts.sku + parts.skus),
        excluded=excluded,
    )


def _label(label: str | Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    if label is None:
        return ()
    return (("en", label),) if isinstance(label, str) else tuple(label.items())
