"""When: the dates and hours of a phase, as a person writes them, once they have been read.

Values only; dates here are wall dates. How they become instants is `timing/` and `planning/`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from promo_scheduler.clock import TimeOfDay


class Gap(StrEnum):
    """What to do with a wall time that the clocks skip (T5): `snap` is the transition instant."""

    SNAP = "snap"
    SHIFT = "shift"
    SKIP = "skip"
    ERROR = "error"


class Fold(StrEnum):
    """Which pass of a wall time that comes twice is meant (T5)."""

    FIRST = "first"
    LAST = "last"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class ClockChange:
    """The policies for clock changes; `end_fold` None means rule T3."""

    gap: Gap = Gap.SNAP
    fold: Fold = Fold.FIRST
    end_fold: Fold | None = None


@dataclass(frozen=True, slots=True)
class Duration:
    """`days` are counted on the wall clock, `elapsed` is real time after that (T7)."""

    days: int = 0
    elapsed: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Named:
    """A date by its name, `offset` days from it. `year` None: the one that is on, else the next.

    A name may mean a range: alone it is all of it, with an offset days are counted from its first
    date, or as an end from its last.
    """

    name: str
    offset: int = 0
    year: int | None = None

    def __str__(self) -> str:
        year = f" {self.year}" if self.year else ""
        return f"{self.name}{year}" + (f" {self.offset:+d}d" if self.offset else "")


CalendarDay = date | Named


class OnHoliday(StrEnum):
    """What becomes of a window whose date is a public holiday of its region."""

    KEEP = "keep"
    SKIP = "skip"
    NEXT_DAY = "next-day"
    PREVIOUS_DAY = "previous-day"


class Sun(StrEnum):
    """What a day's sun, or the fast that follows it, decides."""

    SUNRISE = "sunrise"
    SUNSET = "sunset"
    IFTAR = "iftar"  # sunset in Ramadan; on other days there is none


@dataclass(frozen=True, slots=True)
class AtTime:
    """A start at a plain wall time."""

    time: TimeOfDay


@dataclass(frozen=True, slots=True)
class AtPeak:
    """A start at the region's own peak; `number` 2 is the second peak of the day."""

    number: int = 1


@dataclass(frozen=True, slots=True)
class AtSun:
    """A start `offset` from the sun at the region's city; `fallback` where there is none (T12)."""

    sun: Sun
    offset: timedelta = timedelta(0)
    fallback: TimeOfDay | None = None


@dataclass(frozen=True, slots=True)
class Until:
    """An exclusive end at a wall time, `days` after the day it would otherwise fall on."""

    time: TimeOfDay
    days: int = 0


@dataclass(frozen=True, slots=True)
class UntilSun:
    """An exclusive end `offset` from the sun, `days` after the day it would otherwise fall on;
    `fallback` where there is none.
    """

    sun: Sun
    offset: timedelta = timedelta(0)
    days: int = 0
    fallback: TimeOfDay | None = None


@dataclass(frozen=True, slots=True)
class For:
    """An end a duration after the start."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class WholePeak:
    """The end of the peak that the start named."""


@dataclass(frozen=True, slots=True)
class Except:
    """Dates that are left out of a repetition: these, and the region's public holidays."""

    days: tuple[CalendarDay, ...] = ()
    holidays: bool = False


@dataclass(frozen=True, slots=True)
class OnDates:
    """One window on each of these dates; over all of a range where the name means one."""

    days: tuple[CalendarDay, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """One continuous window from the first date to the last, both included."""

    first: CalendarDay
    last: CalendarDay


@dataclass(frozen=True, slots=True)
class EachDay:
    """The same hours on each date from the first to the last, both included."""

    first: CalendarDay
    last: CalendarDay
    excluded: Except = field(default_factory=Except)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """An RFC 5545 rule over naive local dates, within [first, last], both included (T8)."""

    rule: str
    first: CalendarDay
    last: CalendarDay
    excluded: Except = field(default_factory=Except)


Dates = OnDates | Span | EachDay | Recurrence
Start = AtTime | AtPeak | AtSun
End = Until | UntilSun | For | WholePeak


@dataclass(frozen=True, slots=True)
class LocalWhen:
    """Dates and hours on each zone's own wall clock (`clock: local`, the default; T9)."""

    dates: Dates
    start: Start
    end: End
    changes: ClockChange = field(default_factory=ClockChange)


@dataclass(frozen=True, slots=True)
class InstantWhen:
    """The same moment everywhere (`clock: instant`): two aware instants, end exclusive."""

    start: datetime
    end: datetime


When = LocalWhen | InstantWhen
