"""Hours and durations as a person writes them, read into the campaign's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from promo_scheduler.clock import DAY_SECONDS, TimeOfDay
from promo_scheduler.source.complaint import is_showable, shown
from promo_scheduler.source.dates import FIRST_YEAR, LAST_YEAR
from promo_scheduler.source.nodes import Text
from promo_scheduler.source.scalars import Reads, complain
from promo_scheduler.when import AtPeak, AtSun, AtTime, Duration, Sun, Until, UntilSun

_SEXAGESIMAL = re.compile(r"[-+]?[0-9]+(:[0-9]+)+")
_PEAK = re.compile(r"peak(?:\(([0-9]{1,2})\))?")
_SUN = re.compile(r"(sunset|sunrise|iftar)(?: *([-+]) *([0-9a-zA-Z]+))?")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[-+][0-9]{2}:[0-9]{2})?"
)
_LATER = re.compile(r"\+([0-9]{1,3})d +(.+)")
_FARTHEST = timedelta(hours=18)  # what is farther from the sun than this belongs to another day


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment on Earth, in UTC (`clock: instant`)."""

    at: datetime


# ── hours ───────────────────────────────────────────────────────────────────────────────────────
def _time(text: Text) -> TimeOfDay:
    if text.plain and _SEXAGESIMAL.fullmatch(text):
        raise complain(
            "E030",
            f"{text} without quotes is a number to other YAML readers",
            f'quote it: "{text}"',
        )
    try:
        return TimeOfDay.parse(text)
    except ValueError:
        way_out = f'did you mean "0{text}"?' if re.fullmatch(r"[0-9]:[0-9]{2}", text) else ""
        raise complain(
            "E031", f'expected a time from "00:00" to "24:00", found {shown(text)}', way_out
        ) from None


def _sun(found: re.Match[str]) -> tuple[Sun, timedelta]:
    """What of the sun is meant, and how far from it."""
    if found[2] is None:
        return Sun(found[1]), timedelta(0)
    distance = _elapsed(Text.of(found[3], plain=False))
    if distance > _FARTHEST:
        raise complain("E031", f"{found[3]} is too far from {found[1]}", "at most 18h either way")
    return Sun(found[1]), -distance if found[2] == "-" else distance


def _instant(text: Text) -> Instant:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise complain("E031", f"no such moment: {shown(text)} ({error})") from None
    if at.tzinfo is None:
        raise complain(
            "E046",
            f"{shown(text)} has no offset, so it is no instant",
            "add Z or an offset such as +08:00, with `clock: instant`; or give `date` and HH:MM",
        )
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise complain("E033", f"expected a year from {FIRST_YEAR} to {LAST_YEAR}")
    return Instant(at.astimezone(UTC))


def _start(text: Text) -> AtTime | AtPeak | AtSun | Instant:
    if sun := _SUN.fullmatch(text):
        return AtSun(*_sun(sun))
    if peak := _PEAK.fullmatch(text):
        return _peak(peak)
    if _INSTANT.fullmatch(text):
        return _instant(text)
    time = _time(text)
    if time.seconds == DAY_SECONDS:
        raise complain("E032", "24:00 is an end only", 'write "00:00" and the next date')
    return AtTime(time)


def _peak(peak: re.Match[str]) -> AtPeak:
    number = int(peak[1] or 1)
    if number < 1:
        raise complain("E031", "peaks are counted from 1", "write peak or peak(1)")
    return AtPeak(number)


def _end(text: Text) -> Until | UntilSun | Instant:
    if sun := _SUN.fullmatch(text):
        return UntilSun(*_sun(sun))
    if _PEAK.fullmatch(text):
        raise complain(
            "E041",
            "`until: peak` says neither which end of the peak nor of which day",
            "give a time, or `from: peak` without an end for the whole peak",
        )
    if _INSTANT.fullmatch(text):
        return _instant(text)
    if later := _LATER.fullmatch(text):
        return _later(later)
    return Until(_time(text))


def _later(later: re.Match[str]) -> Until | UntilSun:
    days = int(later[1])
    if days < 1:
        raise complain(
            "E031", "expected +1d or more", 'a time of the same day stands alone: "23:00"'
        )
    if sun := _SUN.fullmatch(later[2]):
        return UntilSun(*_sun(sun), days)
    return Until(_time(Text.of(later[2], plain=False)), days)


_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
_MOMENT = _INSTANT.pattern.replace(")?$", ")$")
_OF_THE_SUN = _SUN.pattern
Start = Annotated[
    AtTime | AtPeak | AtSun | Instant,
    Reads(
        "a time, peak or the sun",
        _start,
        {"type": "string", "pattern": rf"^({_CLOCK}|{_PEAK.pattern}|{_OF_THE_SUN}|{_MOMENT})$"},
    ),
]
End = Annotated[
    Until | UntilSun | Instant,
    Reads(
        "a time",
        _end,
        {
            "type": "string",
            "pattern": rf"^((\+[0-9]+d +)?({_CLOCK}|24:00|{_OF_THE_SUN})|{_MOMENT})$",
        },
    ),
]
ClockTime = Annotated[
    TimeOfDay, Reads("a time", _time, {"type": "string", "pattern": f"^({_CLOCK}|24:00)$"})
]


# ── durations ───────────────────────────────────────────────────────────────────────────────────
def _duration(text: Text) -> Duration:
    from promo_scheduler.timing import parse_duration

    try:
        return parse_duration(text)
    except (ValueError, OverflowError) as error:
        way_out = "a number and a unit: 90m, 2h, 1d, 1d12h; or ISO: PT24H, P1D"
        short = is_showable(text) and len(text) < 60
        found = str(error) if short else f"expected a duration, found {shown(text)}"
        raise complain("E034", found, way_out) from None


def _some_duration(text: Text) -> Duration:
    duration = _duration(text)
    if duration == Duration():
        raise complain("E034", f"expected a duration above zero, found {shown(text)}")
    return duration


def _elapsed(text: Text) -> timedelta:
    duration = _duration(text)
    return timedelta(days=duration.days) + duration.elapsed


def _some_elapsed(text: Text) -> timedelta:
    elapsed = _elapsed(text)
    if not elapsed:
        raise complain("E034", f"expected a duration above zero, found {shown(text)}")
    return elapsed


Length = Annotated[Duration, Reads("a duration", _some_duration)]
Elapsed = Annotated[timedelta, Reads("a duration", _elapsed)]  # a day is 24 hours here
SomeElapsed = Annotated[timedelta, Reads("a duration", _some_elapsed)]
