"""When a region's peak hours really are, as instants, and how intervals of instants add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from promo_scheduler.clock import WallTime
from promo_scheduler.region import Peak, Region
from promo_scheduler.timing.calendars import day_type
from promo_scheduler.timing.walltime import ends_at, local, starts_at

Interval = tuple[datetime, datetime]
_DAY = timedelta(days=1)


def peak_bands(region: Region, zone: str, first: datetime, last: datetime) -> tuple[Interval, ...]:
    """The region's peaks on a zone's clock within [first, last), by each date's type of day.

    Instants in UTC, in order and apart. Raises ValueError where the calendar is not known.
    """
    peaks = (
        (max(start, first), min(end, last))
        for day in _dates(zone, first, last)
        for start, end in _on(region, zone, day)
        if start < last and first < end
    )
    return merged(peaks)


def _dates(zone: str, first: datetime, last: datetime) -> Iterator[date]:
    """Every local date whose peaks may lie there: one more before, as a peak may cross midnight."""
    day, end = local(zone, first).date() - _DAY, local(zone, last).date()
    while day <= end:
        yield day
        day += _DAY


def _on(region: Region, zone: str, day: date) -> Iterator[Interval]:
    for peak in region.peaks.on(day_type(region, day)):
        yield _band(zone, day, peak)


def _band(zone: str, day: date, peak: Peak) -> Interval:
    ends = WallTime(day + peak.crosses_midnight * _DAY, peak.end)
    return starts_at(zone, WallTime(day, peak.start)), ends_at(zone, ends)


# ── adding up ───────────────────────────────────────────────────────────────────────────────────
def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same instants as intervals that lie apart, in order; empty ones vanish."""
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def shared(some: Iterable[Interval], others: Iterable[Interval]) -> tuple[Interval, ...]:
    """The instants that lie in both. Each side lies apart and in order, as `merged` gives it."""
    found: list[Interval] = []
    ones, twos = iter(some), iter(others)
    one, two = next(ones, None), next(twos, None)
    while one and two:
        start, end = max(one[0], two[0]), min(one[1], two[1])
        if start < end:
            found.append((start, end))
        if one[1] <= two[1]:
            one = next(ones, None)
        else:
            two = next(twos, None)
    return tuple(found)


def lasting(intervals: Iterable[Interval]) -> timedelta:
    """How long they last together; they lie apart."""
    return sum((end - start for start, end in intervals), timedelta(0))
