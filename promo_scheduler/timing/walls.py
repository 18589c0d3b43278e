"""What a `when` says for a date, before any zone: wall times, the same wherever they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from promo_scheduler.campaign import AtPeak, AtTime, For, LocalWhen, Until, WholePeak
from promo_scheduler.clock import DAY_SECONDS, TimeOfDay, WallTime
from promo_scheduler.region import DayType, Peak, Region
from promo_scheduler.timing import notices
from promo_scheduler.timing.durations import duration_text
from promo_scheduler.timing.notices import NO_PEAK, NOT_AFTER_START, Impossible, Notice
from promo_scheduler.timing.peaks import peak_on
from promo_scheduler.timing.walltime import naive

_DAY = timedelta(days=1)
_END_OF_DAY = TimeOfDay(DAY_SECONDS)


@dataclass(frozen=True, slots=True)
class Written:
    """What is written, for people: the date it belongs to, its wall times, and what decides them.

    The walls are None where instants are written, `end` also where a duration decides.
    """

    occurrence: str
    start: WallTime | None
    end: WallTime | None
    words: str


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
    """The hours of `when` in a region, from `first` to `last`: one date, or a range of them."""

    when: LocalWhen
    first: date
    last: date
    region: Region


class _Stop(Exception):
    """Carries what cannot be meant out of the steps below."""

    def __init__(self, code: str, message: str, help: str = "") -> None:
        self.impossible = Impossible(Notice(code, message, help))


def depends_on_region(when: LocalWhen) -> bool:
    """Whether the walls of a date differ between regions: their peaks do, a time does not."""
    return isinstance(when.start, AtPeak)


def walls_of(request: WallsRequest) -> Walls | Impossible:
    """The wall times that are meant (T6, T7)."""
    try:
        start, words = _start(request)
        return _with_end(request, start, words)
    except _Stop as stop:
        return stop.impossible
    except OverflowError:
        message = f"{request.first} is too far off for a calendar"
        return Impossible(Notice(NOT_AFTER_START, message))


def _start(request: WallsRequest) -> tuple[WallTime, str]:
    match request.when.start:
        case AtTime(time):
            if time == _END_OF_DAY:
                raise _Stop(NOT_AFTER_START, "24:00 is an end only", 'start at "00:00"')
            return WallTime(request.first, time), str(time)
        case AtPeak(number):
            kind, peak = _peak(request, request.first, number)
            return WallTime(request.first, peak.start), f"peak {kind} {peak}"


def _with_end(request: WallsRequest, start: WallTime, words: str) -> Walls:
    one_date = request.first == request.last
    match request.when.end:
        case Until(time, days):
            end = WallTime(_until_day(request, time, days), time)
            words = f"{words} to {_until_words(request, end)}"
            said = notices.of_last_minute(time)
        case WholePeak():
            end, said = _peak_end(request), ()
        case For():
            return _for(request, start, words)
    starts, ends = naive(start), naive(end)
    if ends <= starts:
        raise _not_after(start, end)
    written = Written(request.first.isoformat(), start, end, words)
    return Walls(written, start, end, starts, ends, one_date=one_date, notices=said)


def _for(request: WallsRequest, start: WallTime, words: str) -> Walls:
    """Days are counted on the wall, the rest is real time after them (T7)."""
    assert isinstance(request.when.end, For)
    if request.first != request.last:
        raise _Stop(
            NOT_AFTER_START,
            "a range of dates is one window that ends on its last date, not after a duration",
            "write until:, or each: day to repeat the hours on each date",
        )
    duration = request.when.end.duration
    words = f"{words} for {duration_text(duration)}"
    written = Written(request.first.isoformat(), start, None, words)
    end = WallTime(start.day + duration.days * _DAY, start.time) if duration.days else None
    ends = naive(end) if end else None
    return Walls(written, start, end, naive(start), ends, duration.elapsed)


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


def _not_after(start: WallTime, end: WallTime) -> _Stop:
    return _Stop(
        NOT_AFTER_START,
        f"expected an end after the start at {start.time} on {start.day}, "
        f"found {end.time} on {end.day}",
        'write until: "24:00" for the whole day, or "+1d 03:00" for the next one',
    )


def _peak_end(request: WallsRequest) -> WallTime:
    start = request.when.start
    if not isinstance(start, AtPeak):
        raise _Stop(NOT_AFTER_START, "expected an end: until or for", 'write until: "24:00"')
    _, peak = _peak(request, request.last, start.number)
    return WallTime(request.last + peak.crosses_midnight * _DAY, peak.end)


def _peak(request: WallsRequest, day: date, number: int) -> tuple[DayType, Peak]:
    try:
        return peak_on(request.region, day, number)
    except ValueError as missing:
        raise _Stop(
            NO_PEAK, str(missing), f"add it under peaks of the region {request.region.name}"
        ) from None
