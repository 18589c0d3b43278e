"""Coverage: what each region gets of the plan, and which regions are left behind.

A region's hours are those in which at least one window is on there, on any channel; an hour on two
channels counts once. They are counted on its anchor's clock: the windows of its other zones are the
same ones on their own clocks. What an error stops does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from statistics import median

from promo_scheduler.clock import TimeOfDay, WallTime
from promo_scheduler.errors import Problem
from promo_scheduler.plan import Coverage, Plan, Window
from promo_scheduler.planning.codes import LEFT_BEHIND, LEFT_OUT
from promo_scheduler.region import Region
from promo_scheduler.timing.bands import Interval, lasting, merged, peak_bands, shared
from promo_scheduler.timing.walltime import local, starts_at
from promo_scheduler.workspace import Workspace

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_MIDNIGHT = TimeOfDay(0)
FAR_LESS = 4  # a region with less than a quarter of the median hours is left behind


def plan_weeks(plan: Plan, now: datetime) -> tuple[date, date]:
    """The plan's own weeks, from a Monday to a Sunday, on its windows' clocks; else this one.

    `now` is a UTC instant.
    """
    starts = [local(w.zone_name, w.start).date() for w in plan.windows] or [now.date()]
    last_moments = (local(w.zone_name, w.end - timedelta.resolution) for w in plan.windows)
    first, last = min(starts), max((at.date() for at in last_moments), default=now.date())
    return week_of(first)[0], week_of(last)[1]


def week_of(day: date) -> tuple[date, date]:
    """The Monday and the Sunday of a date's week."""
    monday = day - day.weekday() * _DAY
    return monday, monday + 6 * _DAY


def coverage(plan: Plan, workspace: Workspace, since: date, until: date) -> tuple[Coverage, ...]:
    """What every region that a channel serves gets from `since` to `until`, both included.

    Dates are each region's own. The regions come in the order of their names.
    """
    windows = _windows_by_region(plan)
    named = {region for channel in workspace.channels.values() for region in channel.regions}
    found = [
        _covered(workspace.regions[name], windows.get(name, ()), since, until)
        for name in sorted(named)
    ]
    usual = median([c.hours_per_week for c in found if c.campaigns] or [0.0])
    return tuple(replace(c, problem=_problem(c, usual)) for c in found)


def _windows_by_region(plan: Plan) -> dict[str, list[Window]]:
    stopped = {(f.campaign, f.region) for f in plan.findings if f.is_error}
    found: dict[str, list[Window]] = {}
    for window in plan.windows:
        key = window.key
        if not stopped & {(key.campaign, key.region), (key.campaign, "")}:
            found.setdefault(key.region, []).append(window)
    return found


def _covered(region: Region, windows: Sequence[Window], since: date, until: date) -> Coverage:
    days = (since, until + _DAY)
    first, last = (starts_at(region.anchor, WallTime(day, _MIDNIGHT)) for day in days)
    here = [w for w in windows if w.zone_name == region.anchor and w.start < last and first < w.end]
    hours = merged((max(w.start, first), min(w.end, last)) for w in here)
    weeks = (until - since + _DAY) / _WEEK
    return Coverage(
        region.name,
        tuple(dict.fromkeys(w.key.campaign for w in here)),
        lasting(hours) / timedelta(hours=1) / weeks,
        _peak_share(region, hours, first, last),
    )


def _peak_share(
    region: Region, hours: Sequence[Interval], first: datetime, last: datetime
) -> float | None:
    try:
        peaks = peak_bands(region, region.anchor, first, last)
    except ValueError:  # its calendar is not known there; what stands on it is an error of its own
        return None
    return lasting(shared(hours, peaks)) / lasting(hours) if hours and peaks else None


def _problem(covered: Coverage, usual: float) -> Problem | None:
    name, hours = covered.region, covered.hours_per_week
    if not covered.campaigns:
        message = f"{name} takes part in no campaign in these weeks"
        return Problem(LEFT_OUT, message, "warn", help=f"add {name} to a campaign's regions")
    if hours * FAR_LESS >= usual:
        return None
    message = f"{name} gets {hours:.1f} hours a week, less than a quarter of the usual {usual:.1f}"
    way_out = f"add {name} to more campaigns, or give it more phases or longer hours"
    return Problem(LEFT_BEHIND, message, "warn", help=way_out)
