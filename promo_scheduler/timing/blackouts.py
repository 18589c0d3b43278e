"""Blackouts: dates of a region on which no window may lie."""

from __future__ import annotations

from datetime import date, timedelta

from promo_scheduler.region import Blackout, Region
from promo_scheduler.timing import notices
from promo_scheduler.timing.hours import Hours
from promo_scheduler.timing.notices import Dropped, Impossible
from promo_scheduler.timing.walls import Walls
from promo_scheduler.timing.walltime import local

_MOMENT = timedelta(microseconds=1)  # ends are exclusive: midnight belongs to the day before


def blackout_of(region: Region, walls: Walls) -> Dropped | Impossible | None:
    """Why a window may not be: one date is left out, a range that reaches into them is refused."""
    last = ((walls.ends or walls.starts) + walls.elapsed - _MOMENT).date()
    found = _met(region, walls.start.day, last)
    if found is None:
        return None
    if walls.one_date and found.first <= walls.start.day <= found.last:
        return Dropped(notices.in_blackout(region, found))
    return Impossible(notices.across_blackout(region, found))


def blackout_at(region: Region, zone: str, hours: Hours) -> Impossible | None:
    """Why a window that is the same instant everywhere may not be on the clocks of this zone."""
    first, last = local(zone, hours.start).date(), local(zone, hours.end - _MOMENT).date()
    found = _met(region, first, last)
    return Impossible(notices.across_blackout(region, found)) if found else None


def _met(region: Region, first: date, last: date) -> Blackout | None:
    """A blackout that meets these dates; one that holds the first of them before any other."""
    met = [each for each in region.blackouts if each.first <= last and first <= each.last]
    return min(met, key=lambda each: each.first > first, default=None)
