"""Walls in a zone: [S(start), E(end)), or why nothing comes of them there (T4)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from promo_scheduler.clock import WallTime
from promo_scheduler.timing import notices
from promo_scheduler.timing.notices import Dropped, Impossible, Notice
from promo_scheduler.timing.walls import Walls, Written
from promo_scheduler.timing.walltime import (
    Exact,
    GapAt,
    Moment,
    Refused,
    Resolved,
    Skipped,
    date_exists,
    end_of,
    locate,
    start_of,
)
from promo_scheduler.when import ClockChange


class Hours(NamedTuple):
    """[start, end) in UTC, what is written, and what is to be said of them.

    There is one for every date and zone: a tuple is made in half the time.
    """

    start: datetime
    end: datetime
    written: Written
    notices: tuple[Notice, ...] = ()


Outcome = Hours | Dropped | Impossible


def hours_in(zone: str, walls: Walls, changes: ClockChange) -> Outcome:
    """The hours in a zone (an IANA name), by the policies for clock changes."""
    try:
        return _plain(zone, walls) or _resolve(zone, walls, changes)
    except OverflowError:
        message = f"{walls.start.day} is too far off for a calendar"
        return Impossible(Notice(notices.NOT_AFTER_START, message))


def _plain(zone: str, walls: Walls) -> Hours | None:
    """The hours where no clock changes at either end, as almost everywhere; else None."""
    start = locate(zone, walls.starts)
    end = start if walls.ends is None else locate(zone, walls.ends)
    if not isinstance(start, Exact) or not isinstance(end, Exact):
        return None
    until = end.instant + walls.elapsed
    if until <= start.instant:
        return None
    return Hours(start.instant, until, walls.written, walls.notices)


def _resolve(zone: str, walls: Walls, changes: ClockChange) -> Outcome:
    start = _accept(zone, walls.start, start_of(zone, walls.start, changes))
    if not isinstance(start, Resolved):
        return start
    if isinstance(start.located, GapAt) and not _has_date(zone, walls):
        return Dropped(notices.no_such_date(zone, walls.start.day))
    end = _end(zone, walls, start, changes)
    if not isinstance(end, Resolved):
        return end
    until = end.instant + walls.elapsed
    if until <= start.instant:
        return Dropped(notices.empty(zone, walls.start, walls.written.words))
    return Hours(start.instant, until, walls.written, _notices(zone, walls, start, end))


def _has_date(zone: str, walls: Walls) -> bool:
    """Whether the zone has the date (T8); a range that starts on none begins with the next."""
    return not walls.one_date or date_exists(zone, walls.start.day)


def _end(
    zone: str, walls: Walls, start: Resolved, changes: ClockChange
) -> Resolved | Dropped | Impossible:
    if walls.end is None:
        return Resolved(start.instant, Exact(start.instant))
    return _accept(zone, walls.end, end_of(zone, walls.end, changes))


def _accept(zone: str, wall: WallTime, moment: Moment) -> Resolved | Dropped | Impossible:
    match moment:
        case Resolved():
            return moment
        case Skipped():
            return Dropped(notices.left_out(zone, wall), wanted=True)
        case Refused(located):
            return Impossible(notices.refused(zone, wall, located))


def _notices(zone: str, walls: Walls, start: Resolved, end: Resolved) -> tuple[Notice, ...]:
    both = notices.both_passes(zone, start, end)
    if both:
        return (both, *walls.notices)
    of_end = notices.of_end(zone, walls.end, end) if walls.end else None
    found = (notices.of_start(zone, walls.start, start), of_end)
    return (*filter(None, found), *walls.notices)
