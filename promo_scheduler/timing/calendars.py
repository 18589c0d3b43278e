"""Public holidays, and which type of day a date is in a region (T13).

Holidays are dates of a code (`DE`, with a subdivision `DE-BY`), never display names.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from promo_scheduler.region import DayType, Region


def day_type(region: Region, day: date) -> DayType:
    """Weekday, weekend as the region has it, or public holiday; a holiday comes first.

    Raises ValueError where the region's calendar is not known.
    """
    if region.holidays and day in public_holidays(region.holidays, day.year):
        return DayType.HOLIDAY
    return DayType.WEEKEND if day.weekday() in region.weekend else DayType.WEEKDAY


@lru_cache(maxsize=1024)
def public_holidays(code: str, year: int) -> frozenset[date]:
    """The public holidays of a year. Raises ValueError for a code the library does not have."""
    from holidays import country_holidays

    country, _, subdivision = code.partition("-")
    try:
        found = country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError:
        raise ValueError(
            f'expected a country of the holidays library such as "DE" or "DE-BY", found "{code}"'
        ) from None
    return frozenset(found)
