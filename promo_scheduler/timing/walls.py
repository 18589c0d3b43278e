"""What a `when` says for a date, before any zone: wall times, the same wherever they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from promo_scheduler.clock import DAY_SECONDS, TimeOfDay, WallTime
from promo_scheduler.plan import WallSpan
from promo_scheduler.region import DayType, Peak, Region
from promo_scheduler.timing import notices
from promo_scheduler.timing.calendars import day_type
from promo_scheduler.timing.days import Days
from promo_scheduler.timing.durations import duration_text
from promo_scheduler.timing.hijri import in_ramadan
from promo_scheduler.timing.notices import (
    NO_CALENDAR,
    NO_PEAK,
    NO_SUN,
    NOT_AFTER_START,
    CannotBeMeant,
    Impossible,
    Notice,
)
from promo_scheduler.timing.peaks import peak_on
from promo_scheduler.timing.sun import sun_wall, sun_words
from promo_scheduler.timing.walltime import local, naive, starts_at
from promo_scheduler.when import (
    AtPeak,
    AtSun,
    AtTime,
    For,
    LocalWhen,
    Sun,
    Until,
    UntilSun,
    WholePeak,
)

_DAY = timedelta(days=1)
_END_OF_DAY = TimeOfDay(DAY_SECONDS)


@dataclass(frozen=True, slots=True)
class Written:
    """What is written, for people: what it belongs to, its wall times, and what decides them.

    The walls are None where instants are written, `end` also where a duration decides. `slot` is
    the number of the window in its occurrence. `span` is what zone data turn into instants; None
    where instants are written, or the sun decides.
    """

    occurrence: str
    slot: int
    start: WallTime | None
    end: WallTime | None
    words: str
    span: WallSpan | None = None


@dataclass(frozen=True, slots=True)
class Walls:
    """A start, and an end as a wall time with real time after it.

    `end` None: the time is counted from the start's instant. `starts`, `ends`: both as naive
    datetimes. `one_date`: not a range of dates.
    """

    written: Written
    start: WallTime
    end: WallTime | None
    starts: datetime
    ends: datetime | None
    elapsed: timedelta = timedelta(0)
    one_date: bool = True
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class WallsRequest:
    """The hours of `when` in a region on these dates: one, or a range of them."""

    when: LocalWhen
    days: Days
    region: Region

    @property
    def first(self) -> date:
        return self.days.first

    @property
    def last(self) -> date:
        return self.days.last


def depends_on_region(when: LocalWhen) -> bool:
    """Whether the walls of a date differ between regions: peaks and sun do, a time does not."""
    return isinstance(when.start, AtPeak | AtSun) or isinstance(when.end, UntilSun)


def walls_of(request: WallsRequest) -> Walls | Impossible:
    """The wall times that are meant (T6, T7)."""
    try:
        start, words = _start(request)
        return _with_end(request, start, words)
    except CannotBeMeant as stop:
        return stop.impossible
    except OverflowError:
        message = f"{request.first} is too far off for a calendar"
        return Impossible(Notice(NOT_AFTER_START, message))


def _start(request: WallsRequest) -> tuple[WallTime, str]:
    match request.when.start:
        case AtTime(time):
            if time == _END_OF_DAY:
                raise CannotBeMeant(NOT_AFTER_START, "24:00 is an end only", 'start at "00:00"')
            return WallTime(request.first, time), str(time)
        case AtPeak(number):
            kind, peak = _peak(request, request.first, number)
            return WallTime(request.first, peak.start), f"peak {kind} {peak}"
        case AtSun() as sun:
            return _at_sun(request, request.first, sun)


def _at_sun(request: WallsRequest, day: date, at: AtSun | UntilSun) -> tuple[WallTime, str]:
    """The wall time, and the words that say how it came about (T12)."""
    sun = _sun(request, day, at)
    if sun is not None:
        there = _later(request.region.anchor, sun, at.offset)
        return there, sun_words(at.sun, at.offset, sun.time)
    if at.fallback is None:
        raise _no_sun(request, day, at.sun)
    return WallTime(day, at.fallback), f"fallback {at.fallback}"


def _later(zone: str, wall: WallTime, by: timedelta) -> WallTime:
    """What the clock reads real time after it read something (T7), also where it changes."""
    later = local(zone, starts_at(zone, wall) + by)
    return WallTime(later.date(), TimeOfDay(later.hour * 3600 + later.minute * 60 + later.second))


def _sun(request: WallsRequest, day: date, at: AtSun | UntilSun) -> WallTime | None:
    try:
        if at.sun is Sun.IFTAR and not in_ramadan(request.region, day):
            return None
        return sun_wall(request.region, at.sun, day)
    except ValueError as error:
        name = request.region.name
        way_out = "" if request.region.city else f"add city: to {name} in config/regions.yaml"
        raise CannotBeMeant(NO_SUN, str(error), way_out) from None


def _no_sun(request: WallsRequest, day: date, sun: Sun) -> CannotBeMeant:
    name = request.region.name
    if sun is Sun.IFTAR:
        message = f"{day} is not in Ramadan in {name}, so there is no iftar"
    else:
        message = f"there is no {sun} in {name} on {day}"
    return CannotBeMeant(NO_SUN, message, 'say what counts then, such as fallback: "18:00"')


def _with_end(request: WallsRequest, start: WallTime, words: str) -> Walls:
    one_date = request.first == request.last
    match request.when.end:
        case Until(time, days):
            end = WallTime(_until_day(request, time, days), time)
            words = f"{words} to {_until_words(request, end)}"
            said = notices.of_last_minute(time)
        case UntilSun(days=days) as sun:
            end, sun_says = _at_sun(request, request.last + days * _DAY, sun)
            words, said = f"{words} to {sun_says}", ()
        case WholePeak():
            end, ending = _peak_end(request)
            words, said = words if one_date else f"{words} to the end of {ending}", ()
        case For():
            return _for(request, start, words)
    starts, ends = naive(start), naive(end)
    if ends <= starts:
        raise _not_after(start, end)
    all_said = (*request.days.notices, *said)
    span = WallSpan(start, end, changes=request.when.changes)
    written = _written(request, span, end, words)
    return Walls(written, start, end, starts, ends, one_date=one_date, notices=all_said)


def _written(request: WallsRequest, span: WallSpan, end: WallTime | None, words: str) -> Written:
    days, when = request.days, request.when
    words = f"{days.words}, {words}" if days.words else words
    of_the_sun = isinstance(when.start, AtSun) or isinstance(when.end, UntilSun)
    kept = None if of_the_sun else span
    return Written(days.occurrence, days.slot, span.start, end, words, kept)


def _for(request: WallsRequest, start: WallTime, words: str) -> Walls:
    """Days are counted on the wall, the rest is real time after them (T7)."""
    assert isinstance(request.when.end, For)
    if request.first != request.last:
        raise CannotBeMeant(
            NOT_AFTER_START,
            "a range of dates is one window that ends on its last date, not after a duration",
            "write until:, or each: day to repeat the hours on each date",
        )
    duration = request.when.end.duration
    words = f"{words} for {duration_text(duration)}"
    end = WallTime(start.day + duration.days * _DAY, start.time) if duration.days else None
    span = WallSpan(start, end, duration.elapsed, request.when.changes)
    written = _written(request, span, None, words)
    ends, said = naive(end) if end else None, request.days.notices
    return Walls(written, start, end, naive(start), ends, duration.elapsed, notices=said)


def _until_day(request: WallsRequest, time: TimeOfDay, days: int) -> date:
    """The date of an end. Of two plain times on one date, an earlier one means the next day (T6).

    A range ends on its last date, and a peak never wraps.
    """
    start = request.when.start
    one_date = request.first == request.last
    if isinstance(start, AtTime) and one_date and days == 0 and time < start.time:
        return request.last + _DAY
    return request.last + days * _DAY


def _until_words(request: WallsRequest, end: WallTime) -> str:
    days = (end.day - request.first).days
    return f"+{days}d {end.time}" if days else str(end.time)


def _not_after(start: WallTime, end: WallTime) -> CannotBeMeant:
    return CannotBeMeant(
        NOT_AFTER_START,
        f"expected an end after the start at {start.time} on {start.day}, "
        f"found {end.time} on {end.day}",
        'write until: "24:00" for the whole day, or "+1d 03:00" for the next one',
    )


def _peak_end(request: WallsRequest) -> tuple[WallTime, str]:
    start = request.when.start
    if not isinstance(start, AtPeak):
        message = "expected an end: until or for"
        raise CannotBeMeant(NOT_AFTER_START, message, 'write until: "24:00"')
    kind, peak = _peak(request, request.last, start.number)
    day = request.last + peak.crosses_midnight * _DAY
    return WallTime(day, peak.end), f"peak {kind} {peak} on {request.last}"


def _peak(request: WallsRequest, day: date, number: int) -> tuple[DayType, Peak]:
    region = request.region
    try:
        kind = day_type(region, day)
    except ValueError as unknown:
        raise CannotBeMeant(NO_CALENDAR, str(unknown)) from None
    try:
        return kind, peak_on(region, kind, number)
    except ValueError as missing:
        way_out = f"add it under peaks of the region {region.name}"
        raise CannotBeMeant(NO_PEAK, str(missing), way_out) from None
