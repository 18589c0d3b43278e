"""What a phase may not say, beyond each single value; each complaint names the key to change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import chain

from promo_scheduler.clock import TimeOfDay
from promo_scheduler.source.complaint import Complaint
from promo_scheduler.source.hours import Instant
from promo_scheduler.source.schema import Offer, Parts, Phase, Products
from promo_scheduler.source.when_schema import DateRange, FallbackPair, When
from promo_scheduler.when import AtSun, AtTime, Until, UntilSun

_LAST_MINUTE, _MIDNIGHT = TimeOfDay.parse("23:59"), TimeOfDay.parse("24:00")
_LOCAL_ONLY = ("date", "for", "fallback", "gap", "fold", "end_fold")
VALUES = ("percent", "amount", "price")


def phase_complaints(phase: Phase) -> Iterator[Complaint]:
    """Everything wrong with a phase as a whole, and its warnings; paths start at the phase."""
    for complaint in _when(phase.when):
        yield complaint.under("when")
    for complaint in _offer(phase.offer):
        yield complaint.under("offer")


# ── when ────────────────────────────────────────────────────────────────────────────────────────
def _when(when: When) -> Iterator[Complaint]:
    if when.from_ is None:
        yield Complaint("E016", "`from` is missing", help='add `from: "20:00"` or `from: peak`')
    if when.clock == "instant":
        yield from _instant(when)
    else:
        yield from chain(_local(when), _dates(when.date), _sun(when), _end(when), _hours(when))


def _instant(when: When) -> Iterator[Complaint]:
    for key in _LOCAL_ONLY:
        if _alias(key) in when.model_fields_set:
            message = f"`{key}` does not go with `clock: instant`"
            yield Complaint("E046", message, (key,), "it takes `from` and `until`", at_key=True)
    for key, value in (("from", when.from_), ("until", when.until)):
        if value is not None and not isinstance(value, Instant):
            message = "`clock: instant` needs a full time with an offset"
            yield Complaint("E046", message, (key,), 'such as "2026-11-11T00:00:00+08:00"')
    if when.until is None:
        yield Complaint("E040", "`until` is missing", help="an instant window needs both ends")
    start, end = when.from_, when.until
    if isinstance(start, Instant) and isinstance(end, Instant) and end.at <= start.at:
        yield Complaint("E047", "the end is not after the start", ("until",))


def _alias(key: str) -> str:
    return "for_" if key == "for" else key


def _local(when: When) -> Iterator[Complaint]:
    if when.date is None:
        yield Complaint("E016", "`date` is missing", help="add `date: 2026-11-11`")
    for key, value in (("from", when.from_), ("until", when.until)):
        if isinstance(value, Instant):
            message = "a time with an offset is the same moment everywhere"
            way_out = "add `clock: instant` and drop `date`, or write HH:MM"
            yield Complaint("E046", message, (key,), way_out)


def _dates(dates: object) -> Iterator[Complaint]:
    if not isinstance(dates, DateRange):
        return
    first, last = dates.from_, dates.to
    if isinstance(first, date) and isinstance(last, date) and last < first:
        message = f"the last date, {last}, is before the first, {first}"
        yield Complaint("E043", message, ("date", "to"))
    if dates.each and dates.rrule:
        message = "`each` and `rrule` both say on which dates"
        yield Complaint("E043", message, ("date", "each"), "keep one of the two", at_key=True)
    if dates.except_ and not (dates.each or dates.rrule):
        message = "`except` leaves dates out of a repetition, but this is one window"
        way_out = "add `each: day`, or drop `except`"
        yield Complaint("E043", message, ("date", "except"), way_out, at_key=True)


def _sun(when: When) -> Iterator[Complaint]:
    """A fallback is for the sun; one time cannot stand in for both ends."""
    of_start, of_end = isinstance(when.from_, AtSun), isinstance(when.until, UntilSun)
    fallback = when.fallback
    if fallback is None:
        return
    if not (of_start or of_end):
        message = "`fallback` stands in for sunset, sunrise or iftar, and none is asked for"
        yield Complaint("E049", message, ("fallback",), "drop it", at_key=True)
    elif of_start and of_end and not isinstance(fallback, FallbackPair):
        message = "one time cannot stand in for both the start and the end"
        way_out = '{ from: "18:00", until: "22:00" }'
        yield Complaint("E049", message, ("fallback",), way_out)
    elif (of_start is not of_end) and isinstance(fallback, FallbackPair):
        message = "only one of `from` and `until` needs a fallback"
        yield Complaint("E049", message, ("fallback",), 'write one time: fallback: "18:00"')
    elif of_start and _starting(fallback) == _MIDNIGHT:
        yield Complaint("E032", "24:00 is an end only", ("fallback",), "choose another time")


def _starting(fallback: TimeOfDay | FallbackPair) -> TimeOfDay:
    return fallback.from_ if isinstance(fallback, FallbackPair) else fallback


def _end(when: When) -> Iterator[Complaint]:
    if when.until is not None and when.for_ is not None:
        message = "`until` and `for` both say when it ends"
        yield Complaint("E040", message, ("for",), "keep one of the two", at_key=True)
    elif when.until is None and when.for_ is None and isinstance(when.from_, AtTime | AtSun):
        yield Complaint("E040", "nothing says when it ends", help="add `until:` or `for:`")
    if when.for_ is not None and _is_span(when.date):
        message = "one window over several days has its end in `to` and `until`"
        way_out = "write `until`, or add `each: day` to the date"
        yield Complaint("E048", message, ("for",), way_out, at_key=True)


def _is_span(dates: object) -> bool:
    return isinstance(dates, DateRange) and not dates.each and not dates.rrule


def _hours(when: When) -> Iterator[Complaint]:
    start, end = when.from_, when.until
    if not isinstance(end, Until):
        return
    if isinstance(start, AtTime) and start.time == end.time and not end.days:
        way_out = 'write `until: "24:00"` for the rest of the day, or `for: 1d`'
        yield Complaint("E042", "it ends at the very time it begins", ("until",), way_out)
    if end.time == _LAST_MINUTE:
        message = "23:59 leaves out the day's last minute"
        way_out = 'did you mean "24:00"?'
        yield Complaint("W010", message, ("until",), way_out, severity="warn")


# ── offer ───────────────────────────────────────────────────────────────────────────────────────
def _offer(offer: Offer) -> Iterator[Complaint]:
    given = [key for key in VALUES if getattr(offer, key) is not None]
    if not given:
        way_out = "add `percent:`, `amount:` or `price:`"
        yield Complaint("E050", "nothing says what is taken off", help=way_out)
    for key in given[1:]:
        message = f"`{given[0]}` and `{key}` both say what is taken off"
        yield Complaint("E050", message, (key,), "keep one of them", at_key=True)
    for key in ("amount", "price"):
        if getattr(offer, key) == {}:
            yield Complaint("E050", "expected at least one currency", (key,), "{EUR: 5}")
    if offer.products is None:
        yield Complaint("E016", "`products` is missing", help="add `products: all` or `{tag: …}`")
    elif isinstance(offer.products, Products):
        yield from _products(offer.products)


def _products(products: Products) -> Iterator[Complaint]:
    if not products.all and not _names_any(products):
        way_out = "add `all: true`, `tag`, `collection`, `category` or `skus`"
        yield Complaint("E054", "names no products", ("products",), way_out)
    if products.except_ is not None and not _names_any(products.except_):
        yield Complaint("E054", "excepts no products", ("products", "except"), "drop `except`")


def _names_any(parts: Parts) -> bool:
    return any(getattr(parts, name) for name in Parts.model_fields)
