"""One date that is meant: a written one, or one by its name in a region and year (T12, T13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from promo_scheduler.calendar import NamedDate
from promo_scheduler.region import Region
from promo_scheduler.timing import notices
from promo_scheduler.timing.named import NamedDays, in_words, named_days
from promo_scheduler.timing.notices import CannotBeMeant, Notice
from promo_scheduler.when import CalendarDay, Named

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where names are looked up: the workspace's named dates, a region, and today (a UTC date)."""

    named: Mapping[str, NamedDate]
    region: Region
    today: date


class Point(NamedTuple):
    """A date, with the range that its name means where it is a name."""

    day: date
    named: Named | None = None
    days: NamedDays | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def occurrence(self) -> str:
        if self.named is None or self.days is None:
            return self.day.isoformat()
        offset = f"{self.named.offset:+d}d" if self.named.offset else ""
        return self.days.occurrence + offset

    @property
    def name(self) -> str:
        """`black-friday 2026 -1d`, or nothing for a date that is written."""
        if self.named is None or self.days is None:
            return ""
        return str(replace(self.named, year=self.days.year))

    @property
    def words(self) -> str:
        """`black-friday 2026 -1d = 26 Nov 2026`, or nothing for a date that is written."""
        if self.named is None or self.days is None:
            return ""
        means = in_words(self.day, self.day) if self.named.offset else self.days.words
        return f"{self.name} = {means}"


def starts_of(first: CalendarDay, last: CalendarDay, lookup: Lookup) -> list[list[Point]]:
    """The first dates of a range, each with its alternatives.

    Before an end that is written there is one: of a name the last one not after it.
    """
    if not isinstance(first, Named) or isinstance(last, Named):
        return points_of(first, lookup)
    years = range(last.year - 2, last.year + 2) if first.year is None else (first.year,)
    found = [point for point in _points_in(first, years, lookup) if point.day <= last]
    if not found:
        raise _no_date(first, f"no date of {first} is known before {last}")
    return [[max(found, key=_by_day)]]


def _by_day(point: Point) -> date:
    return point.day


def points_of(day: CalendarDay, lookup: Lookup) -> list[list[Point]]:
    """The dates that are meant, each with its alternatives."""
    if not isinstance(day, Named):
        return [[Point(day)]]
    if day.year is not None:
        return [[_point(day, days)] for days in _of_year(day, day.year, lookup)]
    return [_next(day, lookup)]


def _point(named: Named, days: NamedDays, *, at_end: bool = False) -> Point:
    day = (days.last if at_end else days.first) + named.offset * _DAY
    said = (_disputed(named, days),) if days.dispute else ()
    return Point(day, named, days, said)


def _disputed(named: Named, days: NamedDays) -> Notice:
    message = f"{named.name} {days.year}: {days.dispute}"
    return Notice(notices.DISPUTED, message, help=days.pin)


def _of_year(named: Named, year: int, lookup: Lookup) -> tuple[NamedDays, ...]:
    try:
        found = named_days(lookup.named, lookup.region, named.name, year)
    except ValueError as error:
        raise _no_date(named, str(error)) from None
    if not found:
        raise _no_date(named, f"there is no {named.name} in {year}")
    return found


def _no_date(named: Named, message: str) -> CannotBeMeant:
    way_out = f"give it in config/calendars.yaml, under dates: {{ {named.name}: {{ years: … }} }}"
    return CannotBeMeant(notices.NO_SUCH_DATE, message, way_out)


def _next(named: Named, lookup: Lookup) -> list[Point]:
    """The last one that has begun, while it may last, and the next one."""
    points = sorted(_known(named, lookup), key=_by_day)
    begun = [point for point in points if point.day <= lookup.today]
    coming = [point for point in points if point.day > lookup.today]
    found = [*begun[-1:], *coming[:1]]
    if not found:
        raise _no_date(named, f"no date of {named.name} is known from {lookup.today} on")
    return [point._replace(notices=(*point.notices, _by_itself(named, point))) for point in found]


def _by_itself(named: Named, point: Point) -> Notice:
    return Notice(
        notices.EACH_YEAR,
        f"{named} without a year is {point.day} now, and the one after follows by itself",
        help=f'write "{point.name}" for this one alone',
        severity="info",
    )


def _known(named: Named, lookup: Lookup) -> Iterator[Point]:
    this = lookup.today.year
    return _points_in(named, range(max(this - 1, 1), this + 3), lookup)


def _points_in(
    named: Named, years: Iterable[int], lookup: Lookup, *, at_end: bool = False
) -> Iterator[Point]:
    """The dates of some years; one that a table lacks is no reason to lack the others."""
    for year in years:
        try:
            found = named_days(lookup.named, lookup.region, named.name, year)
        except ValueError:
            continue
        yield from (_point(named, days, at_end=at_end) for days in found)


def end_of(day: CalendarDay, first: Point, lookup: Lookup) -> Point:
    """The last date: of a name without a year the first one that is not before the start."""
    if not isinstance(day, Named):
        return _in_order(first, Point(day))
    if day.year is not None:
        ends = [_point(day, days, at_end=True) for days in _of_year(day, day.year, lookup)]
    else:
        years = range(first.day.year - 1, first.day.year + 3)
        ends = list(_points_in(day, years, lookup, at_end=True))
    end = next((point for point in sorted(ends, key=_by_day) if point.day >= first.day), None)
    if end is None:
        raise _no_date(day, f"no date of {day} is known from {first.day} on")
    return end


def _in_order(first: Point, last: Point) -> Point:
    if last.day < first.day:
        message = f"the last date, {last.day}, is before the first, {first.day}"
        raise CannotBeMeant(notices.NO_SUCH_DATE, message, "turn the two round")
    return last


def dates_left_out(named: Named, first: date, last: date, lookup: Lookup) -> Iterator[date]:
    """All dates that a name means about a range: of a name without a year every year's that is
    known there.
    """
    if named.year is not None:
        found: Iterable[Point] = (_point(named, d) for d in _of_year(named, named.year, lookup))
    else:
        found = _points_in(named, range(first.year - 1, last.year + 2), lookup)
    for point in found:
        assert point.days is not None  # it is of a name
        count = 1 if named.offset else (point.days.last - point.days.first).days + 1
        yield from (point.day + n * _DAY for n in range(count))
