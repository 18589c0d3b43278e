"""A region's best hours on a date, as its configuration says."""

from __future__ import annotations

from datetime import date

from promo_scheduler.region import DayType, Peak, Region
from promo_scheduler.timing.calendars import day_type


def peak_on(region: Region, day: date, number: int) -> tuple[DayType, Peak]:
    """The region's peak of that number (from 1) on a date, and the type of day that decides it.

    Raises ValueError, which says what is missing, where there is no such peak.
    """
    kind = day_type(region, day)
    peaks = region.peaks.on(kind)
    if not 1 <= number <= len(peaks):
        count = f"{len(peaks)} peak{'s' * (len(peaks) != 1)}"
        raise ValueError(f"{region.name} has {count} on a {kind}, but peak({number}) is asked for")
    return kind, peaks[number - 1]
