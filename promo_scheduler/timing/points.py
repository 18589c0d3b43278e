"""One date that is meant: a written one, or one by its name in a region and year (T12, T13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
        return str(replace(self.named, year=self.days.first.year))

    @property
    def words(self) -> str:
        """`black-friday 2026 -1d = 26 Nov 2026`, or nothing for a date that is written."""
        if self.named is None or self.days is None:
            return ""
        means = in_words(self.day, self.day) if self.named.offset else self.days.words
        return f"{self.name} = {means}"


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
    year = days.first.year
    return Notice(
        notices.DISPUTED,
        f"{named.name} {year}: {days.dispute}",
        help=f"pin it in config/calendars.yaml: "
        f"dates: {{ {named.name}: {{ years: {{ {year}: {days.first} }} }} }}",
    )


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
        help=f'write "{replace(named, year=point.day.year)}" for this one alone',
        severity="info",
    )


def _known(named: Named, lookup: Lookup) -> Iterator[Point]:
    this = lookup.today.year
    for year in range(max(this - 1, 1), this + 3):
        try:
            found = named_days(lookup.named, lookup.region, named.name, year)
        except ValueError:
            continue  # a year that the table lacks is no reason to lack the others
        yield from (_point(named, days) for days in found)


def end_of(day: CalendarDay, first: Point, lookup: Lookup) -> Point:
    """The last date: of a name without a year the first one that is not before the start."""
    if not isinstance(day, Named):
        return _in_order(first, Point(day))
    since = first.day.year - 1 if day.year is None else day.year
    years = range(since, since + 4) if day.year is None else (day.year,)
    ends = []
    for year in years:
        try:
            found = named_days(lookup.named, lookup.region, day.name, year)
        except ValueError as error:
            if day.year is not None:
                raise _no_date(day, str(error)) from None
            continue
        ends += [_point(day, days, at_end=True) for days in found]
    end = next((point for point in sorted(ends, key=_by_day) if point.day >= first.day), None)
    if end is None:
        raise _no_date(day, f"no date of {day} is known from {first.day} on")
    return end


def _in_order(first: Point, last: Point) -> Point:
    if last.day < first.day:
        message = f"the last date, {last.day}, is before the first, {first.day}"
        raise CannotBeMeant(notices.NO_SUCH_DATE, message, "turn the two round")
    return last


def every_date_of(named: Named, year: int, lookup: Lookup) -> Iterator[date]:
    """All dates that a name means in a year; one, where it has an offset."""
    for days in _of_year(named, year, lookup):
        last = days.first if named.offset else days.last
        count = (last - days.first).days + 1
        yield from (days.first + (named.offset + n) * _DAY for n in range(count))
