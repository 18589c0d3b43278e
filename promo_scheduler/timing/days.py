"""Which dates a `when` means in a region: written, named, or repeated ones (T8, T12, T13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from promo_scheduler.region import Region
from promo_scheduler.timing import notices
from promo_scheduler.timing.calendars import is_holiday
from promo_scheduler.timing.notices import CannotBeMeant, Impossible, Notice
from promo_scheduler.timing.points import (
    Lookup,
    Point,
    dates_left_out,
    end_of,
    points_of,
    starts_of,
)
from promo_scheduler.timing.recurrence import dates_of
from promo_scheduler.when import (
    CalendarDay,
    Dates,
    EachDay,
    Except,
    Named,
    OnDates,
    OnHoliday,
    Recurrence,
    Span,
)

_DAY = timedelta(days=1)


class Days(NamedTuple):
    """The dates of one window, both included, and what it is called.

    `words` say which named date decided them; `fixed`: a name means that very day, so it is not
    moved for a holiday. `left_out` says why no window comes of them.
    """

    first: date
    last: date
    occurrence: str
    slot: int = 1
    words: str = ""
    notices: tuple[Notice, ...] = ()
    fixed: bool = False
    left_out: Notice | None = None


# Alternatives in the order of time, of which the first that is not over holds. A name without a
# year has two, the last one and the next one; everything else has one.
Choice = tuple[tuple[Days, ...], ...]


@dataclass(frozen=True, slots=True)
class DaysRequest:
    """The dates of `dates` where `lookup` says; `most` caps the dates of one `when`."""

    dates: Dates
    lookup: Lookup
    most: int


def names_a_date(dates: Dates) -> bool:
    """Whether the dates differ between regions and over time: a name does, a date does not."""
    match dates:
        case OnDates(days):
            return any(isinstance(day, Named) for day in days)
        case Span(first, last):
            ends: tuple[CalendarDay, ...] = (first, last)
        case EachDay(first, last, excluded) | Recurrence(_, first, last, excluded):
            ends = (first, last, *excluded.days)
            if excluded.holidays:
                return True
    return any(isinstance(day, Named) for day in ends)


def choices_of(request: DaysRequest) -> tuple[Choice, ...] | Impossible:
    """The dates of each window; or why they cannot be worked out."""
    try:
        return tuple(_choices(request))
    except CannotBeMeant as stop:
        return stop.impossible
    except OverflowError:
        return Impossible(Notice(notices.NO_SUCH_DATE, "a date is too far off for a calendar"))


def _choices(request: DaysRequest) -> Iterator[Choice]:
    dates = request.dates
    if isinstance(dates, OnDates):
        _cap(len(dates.days), request)
        for day in dict.fromkeys(dates.days):
            for points in points_of(day, request.lookup):
                yield tuple((_on(day, point),) for point in points)
        return
    for points in starts_of(dates.first, dates.last, request.lookup):
        ranges = ((point, end_of(dates.last, point, request.lookup)) for point in points)
        yield tuple(tuple(_within(dates, first, last, request)) for first, last in ranges)


def _cap(count: int, request: DaysRequest) -> None:
    if count > request.most:
        raise CannotBeMeant(
            notices.TOO_MANY,
            f"more than {request.most} dates come of this",
            f"narrow the range, or raise max_occurrences (now {request.most}) in "
            "config/settings.yaml",
        )


# ── windows ─────────────────────────────────────────────────────────────────────────────────────
def _on(day: CalendarDay, point: Point) -> Days:
    """A window on one date; over all of it where a name alone means a range."""
    last = point.day
    if point.days is not None and isinstance(day, Named) and not day.offset:
        last = point.days.last
    fixed = point.named is not None
    return Days(point.day, last, point.occurrence, 1, point.words, point.notices, fixed)


def _within(
    dates: Span | EachDay | Recurrence, first: Point, last: Point, request: DaysRequest
) -> Iterator[Days]:
    said = tuple(dict.fromkeys((*first.notices, *last.notices)))
    if isinstance(dates, Span):
        words = ", ".join(dict.fromkeys(filter(None, (first.words, last.words))))
        yield Days(first.day, last.day, first.occurrence, 1, words, said, fixed=True)
        return
    out = _excluded(dates.excluded, first.day, last.day, request)
    for day in _repeated(dates, first.day, last.day, request):
        if day in out or (dates.excluded.holidays and is_holiday(request.lookup.region, day)):
            continue
        if first.named is None or isinstance(dates, Recurrence):
            yield Days(day, day, day.isoformat(), notices=said)
            continue
        slot = (day - first.day).days + 1
        yield Days(day, day, first.occurrence, slot, f"{first.name} day {slot}", said)


def _repeated(
    dates: EachDay | Recurrence, first: date, last: date, request: DaysRequest
) -> tuple[date, ...]:
    if isinstance(dates, EachDay):
        count = (last - first).days + 1
        _cap(count, request)
        return tuple(first + n * _DAY for n in range(count))
    try:
        found = dates_of(dates.rule, first, last)
        days = tuple(islice(found, request.most + 1))
    except ValueError as refused:
        raise CannotBeMeant(notices.RULE_REFUSED, str(refused)) from None
    _cap(len(days), request)
    return days


def _excluded(excluded: Except, first: date, last: date, request: DaysRequest) -> frozenset[date]:
    """The dates that are left out."""
    out = {day for day in excluded.days if not isinstance(day, Named)}
    for named in excluded.days:
        if isinstance(named, Named):
            out.update(dates_left_out(named, first, last, request.lookup))
    return frozenset(out)


# ── holidays ────────────────────────────────────────────────────────────────────────────────────
def on_holidays(days: Days, region: Region, policy: OnHoliday | None) -> Days:
    """The dates after the policy for public holidays; a window keeps its name where it moves.

    Raises ValueError where a policy asks for a year that the region's calendar does not reach.
    """
    if days.fixed or policy is OnHoliday.KEEP:
        return days
    try:
        met = is_holiday(region, days.first)
    except ValueError as error:
        if policy is not None:
            raise
        return _said(days, notices.holidays_unknown(days.first, str(error)))
    return _met(days, region, policy) if met else days


def _met(days: Days, region: Region, policy: OnHoliday | None) -> Days:
    match policy:
        case OnHoliday.SKIP:
            return days._replace(left_out=notices.left_for_holiday(region, days.first))
        case OnHoliday.NEXT_DAY | OnHoliday.PREVIOUS_DAY:
            step = _DAY if policy is OnHoliday.NEXT_DAY else -_DAY
            day = days.first
            while is_holiday(region, day):
                day += step
            moved = days._replace(first=day, last=day)
            return _said(moved, notices.moved_off_holiday(region, days.first, day))
        case _:
            return _said(days, notices.on_holiday(region, days.first))


def _said(days: Days, notice: Notice) -> Days:
    return days._replace(notices=(*days.notices, notice))
