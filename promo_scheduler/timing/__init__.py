"""Timing: from wall times to instants. The only room that knows zone data, calendars and peaks.

What decides is in the modules: `walls` (what is written for a date), `walltime` (a wall time in a
zone), `hours` (a window's hours there), `recurrence`, `peaks`, `calendars`; `changes` tells people
of clock changes. What is light enough to be needed everywhere is here.
"""

from promo_scheduler.timing.durations import parse_duration
from promo_scheduler.timing.walltime import local
from promo_scheduler.timing.zonedata import tzdata_version, versions, zones

__all__ = ["local", "parse_duration", "tzdata_version", "versions", "zones"]
