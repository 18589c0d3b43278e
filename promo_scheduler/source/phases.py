"""From a checked phase of the file to the Phase that everybody else knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from promo_scheduler.campaign import Phase as PhaseNoun
from promo_scheduler.errors import Place
from promo_scheduler.offer import AmountOff, FixedPrice, Money, PercentOff, Selection, Value
from promo_scheduler.offer import Offer as OfferNoun
from promo_scheduler.source.hours import Instant
from promo_scheduler.source.schema import Offer, Parts, Phase, Products
from promo_scheduler.source.when_schema import DateRange, FallbackPair, When
from promo_scheduler.when import (
    AtPeak,
    AtSun,
    AtTime,
    CalendarDay,
    ClockChange,
    Dates,
    EachDay,
    End,
    Except,
    Fold,
    For,
    Gap,
    InstantWhen,
    LocalWhen,
    Named,
    OnDates,
    Recurrence,
    Span,
    Start,
    UntilSun,
    WholePeak,
)
from promo_scheduler.when import When as WhenNoun


def phase_noun(name: str, order: int, phase: Phase, place: Place) -> PhaseNoun:
    """The phase as a noun. Only for a phase that no rule complained about."""
    return PhaseNoun(name, order, _when(phase.when), _offer(phase.offer), place)


# ── when ────────────────────────────────────────────────────────────────────────────────────────
def _when(when: When) -> WhenNoun:
    start = when.from_
    if isinstance(start, Instant):
        assert isinstance(when.until, Instant)  # phase_rules: an instant window has both
        return InstantWhen(start.at, when.until.at)
    end_fold = Fold(when.end_fold) if when.end_fold else None
    changes = ClockChange(Gap(when.gap), Fold(when.fold), end_fold)
    return LocalWhen(_dates(when), _start(when), _end(when), changes)


def _dates(when: When) -> Dates:
    match when.date:
        case DateRange(rrule=str(rule)) as within:
            return Recurrence(rule, within.from_, within.to, _except(within))
        case DateRange(each="day") as within:
            return EachDay(within.from_, within.to, _except(within))
        case DateRange() as within:
            return Span(within.from_, within.to)
        case tuple(days):
            return OnDates(tuple(sorted(days, key=_dates_first)))
        case day:
            assert day is not None  # phase_rules: there is a date
            return OnDates((day,))


def _dates_first(day: CalendarDay) -> tuple[bool, date]:
    return (True, date.max) if isinstance(day, Named) else (False, day)


def _except(within: DateRange) -> Except:
    days = tuple(day for day in within.except_ if not isinstance(day, str))
    return Except(days, holidays="holidays" in within.except_)


def _start(when: When) -> Start:
    start, fallback = when.from_, when.fallback
    assert isinstance(start, AtTime | AtPeak | AtSun)  # phase_rules: there is a start
    if not isinstance(start, AtSun):
        return start
    of_start = fallback.from_ if isinstance(fallback, FallbackPair) else fallback
    return replace(start, fallback=of_start)


def _end(when: When) -> End:
    end, fallback = when.until, when.fallback
    if when.for_ is not None:
        return For(when.for_)
    if end is None:
        return WholePeak()
    assert not isinstance(end, Instant)  # phase_rules: offsets go with `clock: instant`
    if not isinstance(end, UntilSun):
        return end
    of_end = fallback.until if isinstance(fallback, FallbackPair) else fallback
    return replace(end, fallback=of_end)


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
