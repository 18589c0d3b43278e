"""A region's best hours on a date, as its configuration says."""

from __future__ import annotations

from promo_scheduler.region import DayType, Peak, Region


def peak_on(region: Region, kind: DayType, number: int) -> Peak:
    """The region's peak of that number (from 1) on a type of day.

    Raises ValueError, which says what is missing, where there is no such peak.
    """
    peaks = region.peaks.on(kind)
    if not 1 <= number <= len(peaks):
        count = f"{len(peaks)} peak{'s' * (len(peaks) != 1)}"
        raise ValueError(f"{region.name} has {count} on a {kind}, but peak({number}) is asked for")
    return peaks[number - 1]
