"""What a rule of a named date finds in a year: first and last wall dates."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from promo_scheduler.calendar import (
    Between,
    Easter,
    FromTable,
    HijriDay,
    MonthDay,
    Moved,
    NthWeekday,
    Ramadan,
    Rule,
    Unless,
)
from promo_scheduler.region import Region
from promo_scheduler.timing.hijri import hijri_dates, ramadans
from promo_scheduler.timing.tables import tabled

Days = tuple[date, date]  # the first and the last date, both included


def days_of(rule: Rule, region: Region | None, year: int) -> tuple[Days, ...]:
    """Every occurrence in a year; () where it has none.

    `region` is asked for its Hijri calendar only; None is allowed where the rule needs none.
    Raises ValueError where a library's table ends before that year.
    """
    match rule:
        case Moved(inner, days):
            return tuple(_moved(each, days) for each in days_of(inner, region, year))
        case Between(first, last):
            starts = days_of(first, region, year)
            return tuple((start, _end(last, region, start)) for start, _ in starts)
        case Unless():
            return _unless(rule, region, year)
        case Ramadan():
            return ramadans(_needed(region), year)
        case _:
            return tuple((day, day) for day in _single(rule, region, year))


def _single(
    rule: MonthDay | NthWeekday | Easter | HijriDay | FromTable, region: Region | None, year: int
) -> tuple[date, ...]:
    match rule:
        case MonthDay(month, day):
            exists = day <= monthrange(year, month)[1]
            return (date(year, month, day),) if exists else ()
        case NthWeekday():
            return _nth_weekday(rule, year)
        case Easter(orthodox):
            return (_easter(year, orthodox=orthodox),)
        case HijriDay(month, day):
            return hijri_dates(_needed(region), month, day, year)
        case FromTable(table):
            return (tabled(table, year).day,)


def _nth_weekday(rule: NthWeekday, year: int) -> tuple[date, ...]:
    first, length = monthrange(year, rule.month)
    days = range(1 + (rule.weekday - first) % 7, length + 1, 7)
    index = rule.nth - 1 if rule.nth > 0 else rule.nth
    return (date(year, rule.month, days[index]),) if index < len(days) else ()


def _easter(year: int, *, orthodox: bool) -> date:
    """Easter Sunday in the Gregorian calendar, by python-dateutil (Oudin's algorithm)."""
    from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter

    return easter(year, EASTER_ORTHODOX if orthodox else EASTER_WESTERN)


def _moved(days: Days, count: int) -> Days:
    first, last = days
    return first + timedelta(days=count), last + timedelta(days=count)


def _end(rule: Rule, region: Region | None, start: date) -> date:
    """The last date of a range: the first one that the rule finds on or after its start."""
    for year in (start.year, start.year + 1):
        for _, last in days_of(rule, region, year):
            if last >= start:
                return last
    raise ValueError(f"no {rule} follows {start.isoformat()}")


def _unless(rule: Unless, region: Region | None, year: int) -> tuple[Days, ...]:
    found = days_of(rule.rule, region, year)
    refused = {first for first, _ in days_of(rule.other, region, year)}
    if any(first in refused for first, _ in found):
        return days_of(rule.instead, region, year)
    return found


def _needed(region: Region | None) -> Region:
    assert region is not None  # the caller knows which rules need one
    return region
