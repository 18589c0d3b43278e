"""What is said about a window's hours where the clocks change under them.

Codes are explained by `promo explain`; the words here name the zone, the time and what follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from promo_scheduler.clock import TimeOfDay, WallTime
from promo_scheduler.errors import Severity
from promo_scheduler.region import Blackout, Region
from promo_scheduler.timing.calendars import holiday_name
from promo_scheduler.timing.walltime import FoldAt, GapAt, Resolved, local

REFUSED_CLOCK_CHANGE = "E110"
NOT_AFTER_START = "E111"
NO_PEAK = "E112"
RULE_REFUSED = "E114"
TOO_MANY = "E115"
NO_SUN = "E121"
NO_SUCH_DATE = "E122"
ACROSS_BLACKOUT = "E123"
NO_CALENDAR = "E124"
GAP = "W110"
FOLD = "W111"
BOTH_PASSES = "W112"
LAST_MINUTE = "W113"
DROPPED = "W114"
ON_HOLIDAY = "W118"
BLACKOUT = "W119"
DISPUTED = "W120"
EACH_YEAR = "W121"
HOLIDAYS_UNKNOWN = "W122"

_LAST_MINUTE_OF_DAY, _END_OF_DAY = TimeOfDay.parse("23:59"), TimeOfDay.parse("24:00")


@dataclass(frozen=True, slots=True)
class Notice:
    """A code, what is the case, and the way out."""

    code: str
    message: str
    help: str = ""
    severity: Severity = "warn"


@dataclass(frozen=True, slots=True)
class Dropped:
    """No hours come of it on this date. `wanted`: the campaign's policy asks for that."""

    notice: Notice
    wanted: bool = False


@dataclass(frozen=True, slots=True)
class Impossible:
    """What is written cannot be meant."""

    notice: Notice


class CannotBeMeant(Exception):
    """Carries what cannot be meant out of the steps that find it; never leaves the room."""

    def __init__(self, code: str, message: str, help: str = "") -> None:
        self.impossible = Impossible(Notice(code, message, help))


def of_start(zone: str, wall: WallTime, start: Resolved) -> Notice | None:
    """What to say of a start that the clocks skip or read twice."""
    match start.located:
        case GapAt():
            return _gap(zone, wall, "starts", start)
        case FoldAt():
            return _fold(zone, wall, "starts", start)
        case _:
            return None


def of_end(zone: str, wall: WallTime, end: Resolved) -> Notice | None:
    """What to say of an end; at the edge of a gap or fold it is just where one expects it."""
    match end.located:
        case GapAt(transition, shifted) if transition != shifted:
            return _gap(zone, wall, "ends", end)
        case FoldAt(lower_edge=False):
            return _fold(zone, wall, "ends", end)
        case _:
            return None


def both_passes(zone: str, start: Resolved, end: Resolved) -> Notice | None:
    """What to say of a window that starts and ends in one repeated hour, and lasts over both."""
    match start.located, end.located:
        case FoldAt(first, ended), FoldAt(begun, second):
            if begun > ended or (start.instant, end.instant) != (first, second):
                return None  # another night's, or the policy asks for one of them
        case _:
            return None
    day = local(zone, first).date()
    return Notice(
        BOTH_PASSES,
        f"the clocks in {zone} go back on {day} and read these hours twice: "
        "the window lasts from the first time to the second",
        help="set fold: last, or end_fold: first, to have one of them only",
    )


def of_last_minute(time: TimeOfDay) -> tuple[Notice, ...]:
    """What to say of an end that leaves a day's last minute out."""
    if not _LAST_MINUTE_OF_DAY <= time < _END_OF_DAY:
        return ()
    words = f"an end at {time} leaves out the day's last minute"
    return (Notice(LAST_MINUTE, words, help='write until: "24:00"'),)


def refused(zone: str, wall: WallTime, located: GapAt | FoldAt) -> Notice:
    """`gap: error` or `fold: error` speaks."""
    if isinstance(located, GapAt):
        return Notice(
            REFUSED_CLOCK_CHANGE,
            f"{_skipped(zone, wall)}, and gap: error is set",
            help="choose another time, or set gap to snap, shift or skip",
        )
    return Notice(
        REFUSED_CLOCK_CHANGE,
        f"{_repeated(zone, wall)}, and fold: error is set",
        help="choose another time, or set fold to first or last",
    )


def left_out(zone: str, wall: WallTime) -> Notice:
    """`gap: skip` speaks."""
    return Notice(DROPPED, f"{_skipped(zone, wall)}: left out, as gap: skip says")


def no_such_date(zone: str, day: date) -> Notice:
    """A date that a zone's calendar jumped over."""
    return Notice(DROPPED, f"there is no {day} in {zone}: left out")


def empty(zone: str, start: WallTime, words: str) -> Notice:
    """A window in which no instant lies."""
    return Notice(
        DROPPED,
        f"{words} on {start.day} holds no instant in {zone}, as the clocks change: left out",
    )


def on_holiday(region: Region, day: date) -> Notice:
    """A window on a public holiday, with nothing said of those."""
    return Notice(
        ON_HOLIDAY,
        f"{_holiday(region, day)}: kept",
        help="set on_holiday: keep, skip, next-day or previous-day in the campaign",
    )


def holidays_unknown(day: date, why: str) -> Notice:
    """A date beyond the end of its region's calendar, with nothing said of holidays."""
    return Notice(
        HOLIDAYS_UNKNOWN,
        f"nobody can tell whether {day} is a public holiday: {why}",
        help="set on_holiday: keep in the campaign, or take another calendar for the region",
    )


def left_for_holiday(region: Region, day: date) -> Notice:
    """`on_holiday: skip` speaks."""
    return Notice(ON_HOLIDAY, f"{_holiday(region, day)}: left out, as on_holiday: skip says")


def moved_off_holiday(region: Region, day: date, to: date) -> Notice:
    """`on_holiday: next-day` or `previous-day` speaks."""
    return Notice(ON_HOLIDAY, f"{_holiday(region, day)}: moved to {to}")


def _holiday(region: Region, day: date) -> str:
    name = holiday_name(region, day)
    return f"{day} is a public holiday in {region.name}" + (f" ({name})" if name else "")


def in_blackout(region: Region, blackout: Blackout) -> Notice:
    """A window of one date that lies on dates on which none may."""
    return Notice(BLACKOUT, f"{_blackout(region, blackout)}: left out")


def across_blackout(region: Region, blackout: Blackout) -> Notice:
    """A longer window that reaches into such dates."""
    return Notice(
        ACROSS_BLACKOUT,
        f"the window reaches into dates on which none may lie: {_blackout(region, blackout)}",
        help="end it before, begin it after, or override the dates for this region",
    )


def _blackout(region: Region, blackout: Blackout) -> str:
    dates = f"{blackout.first} to {blackout.last}"
    reason = f" ({blackout.reason})" if blackout.reason else ""
    return f"{region.name} has a blackout from {dates}{reason}"


def _gap(zone: str, wall: WallTime, verb: str, at: Resolved) -> Notice:
    return Notice(GAP, f"{_skipped(zone, wall)}: {verb} at {_reading(zone, at.instant)}")


def _fold(zone: str, wall: WallTime, verb: str, at: Resolved) -> Notice:
    assert isinstance(at.located, FoldAt)
    which = "first" if at.instant == at.located.first else "second"
    return Notice(FOLD, f"{_repeated(zone, wall)}: {verb} at the {which}")


def _skipped(zone: str, wall: WallTime) -> str:
    return f"the clocks in {zone} skip {wall.time} on {wall.day}"


def _repeated(zone: str, wall: WallTime) -> str:
    return f"the clocks in {zone} read {wall.time} twice on {wall.day}"


def _reading(zone: str, instant: datetime) -> str:
    return f"{local(zone, instant):%H:%M}"
