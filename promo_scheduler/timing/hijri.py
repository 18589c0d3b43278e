"""The Hijri calendar of a region: Ramadan, Eid and other dates by Hijri month and day (T12).

Umm al-Qura by the hijridate library, moved by the region's `hijri_offset` days, because most
countries announce their months instead of computing them; an announced Ramadan wins over the
computed one of its Hijri year, and Shawwal starts on the day after its last date. Years here are
Gregorian, and one of them can hold two Ramadans (2030). All dates are wall dates.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from itertools import chain

from promo_scheduler.region import Region

_RAMADAN, _SHAWWAL = 9, 10
_FIRST_YEAR, _LAST_YEAR = 1925, 2076  # of which hijridate's table (1343 to 1500 AH) has every day
_DAY = timedelta(days=1)

Announced = tuple[tuple[date, date], ...]


def ramadans(region: Region, year: int) -> tuple[tuple[date, date], ...]:
    """First and last date of every Ramadan that starts in a Gregorian year: one, or two in 2030.

    Raises ValueError for a year outside 1925 to 2076, which the calendar does not cover.
    """
    found = _ramadans_near(region.hijri_offset, region.ramadans, year)
    return tuple((first, last) for first, last in found if first.year == year)


def hijri_dates(region: Region, month: int, day: int, year: int) -> tuple[date, ...]:
    """Every date of a Gregorian year that is this Hijri month (1 to 12) and day (1 to 30) there.

    Mostly one; none where day 30 falls out; two where the lunar year fits in twice.
    Raises ValueError for a year outside 1925 to 2076.
    """
    return _hijri_dates(region.hijri_offset, region.ramadans, (month, day), year)


def in_ramadan(region: Region, day: date) -> bool:
    """Whether a date lies in Ramadan there. Raises ValueError outside the years 1925 to 2076."""
    return day in _fasting_days(region.hijri_offset, region.ramadans, day.year)


def computed_ramadan(near: date) -> date:
    """The first date of Ramadan by Umm al-Qura in the Hijri year of a date.

    Raises ValueError for a date that the calendar does not reach.
    """
    return _month(hijri_year(near), _RAMADAN)[0]


@lru_cache(maxsize=4096)
def _fasting_days(offset: int, announced: Announced, year: int) -> frozenset[date]:
    """Every date of Ramadan in a Gregorian year, also of one that started the year before."""
    found = _ramadans_near(offset, announced, year)
    return frozenset(chain.from_iterable(_days(first, last) for first, last in found))


def _days(first: date, last: date) -> tuple[date, ...]:
    return tuple(first + number * _DAY for number in range((last - first).days + 1))


@lru_cache(maxsize=4096)
def _ramadans_near(offset: int, announced: Announced, year: int) -> Announced:
    """The Ramadans of every Hijri year that touches a Gregorian year, in order."""
    said = {hijri_year(first): (first, last) for first, last in announced}
    years = _hijri_years(year)
    return tuple(said.get(hijri) or _computed_ramadan(offset, hijri) for hijri in years)


def _computed_ramadan(offset: int, hijri: int) -> tuple[date, date]:
    first, length = _month(hijri, _RAMADAN)
    start = first + offset * _DAY
    return start, start + (length - 1) * _DAY


@lru_cache(maxsize=4096)
def _hijri_dates(
    offset: int, announced: Announced, month_day: tuple[int, int], year: int
) -> tuple[date, ...]:
    month, day = month_day
    found = []
    for hijri, ramadan in zip(
        _hijri_years(year), _ramadans_near(offset, announced, year), strict=True
    ):
        first, length = _start_and_length(hijri, month, offset, ramadan)
        if day <= length:
            found.append(first + (day - 1) * _DAY)
    return tuple(each for each in found if each.year == year)


def _start_and_length(
    hijri: int, month: int, offset: int, ramadan: tuple[date, date]
) -> tuple[date, int]:
    """First date and number of days of a month; `ramadan` is the one of that Hijri year there."""
    first, length = _month(hijri, month)
    if month == _RAMADAN:
        return ramadan[0], (ramadan[1] - ramadan[0]).days + 1
    if month == _SHAWWAL:
        return ramadan[1] + _DAY, length
    return first + offset * _DAY, length


@lru_cache(maxsize=4096)
def _month(hijri: int, month: int) -> tuple[date, int]:
    """First date and number of days of a month by Umm al-Qura."""
    from hijridate import Hijri

    first = Hijri(hijri, month, 1)
    return date.fromordinal(first.to_gregorian().toordinal()), first.month_length()


def _hijri_years(year: int) -> range:
    """The Hijri years that touch a Gregorian year.

    In none of those covered does one begin on 1 January, so an offset brings in no other.
    """
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(
            f"the Umm al-Qura calendar covers the years {_FIRST_YEAR} to {_LAST_YEAR}, not {year}"
        )
    return range(hijri_year(date(year, 1, 1)), hijri_year(date(year, 12, 31)) + 1)


def hijri_year(day: date) -> int:
    """The Hijri year that a date lies in; Ramadan is months away from its borders.

    Raises ValueError for a date that the calendar does not reach.
    """
    from hijridate import Gregorian

    try:
        return Gregorian.fromdate(day).to_hijri().year
    except OverflowError:
        raise ValueError(f"the Umm al-Qura calendar does not reach {day.isoformat()}") from None
