"""Region: a market, with its zones and anchor, peak hours, calendars and currency."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from promo_scheduler.clock import TimeOfDay


class DayType(StrEnum):
    """The kinds of day on which people shop differently."""

    WEEKDAY = "weekday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Peak:
    """Hours of most sales, wall time; an `end` not after `start` lies on the next day."""

    start: TimeOfDay
    end: TimeOfDay

    @property
    def crosses_midnight(self) -> bool:
        return self.end <= self.start

    def __str__(self) -> str:
        return f"{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Peaks:
    """A region's peak windows by day type, the best first; an empty type falls back to weekday."""

    weekday: tuple[Peak, ...] = ()
    weekend: tuple[Peak, ...] = ()
    holiday: tuple[Peak, ...] = ()

    def on(self, kind: DayType) -> tuple[Peak, ...]:
        """The peaks of a day type: holiday falls back to weekend, weekend to weekday."""
        if kind is DayType.HOLIDAY:
            return self.holiday or self.weekend or self.weekday
        if kind is DayType.WEEKEND:
            return self.weekend or self.weekday
        return self.weekday


@dataclass(frozen=True, slots=True)
class City:
    """The place a region's sun is computed for; degrees, north and east positive."""

    name: str
    latitude: Decimal
    longitude: Decimal


@dataclass(frozen=True, slots=True)
class Holidays:
    """Which public holidays a region keeps: a country of the holidays library, by category.

    `observed`: the days on which a holiday that falls on a day off is made up for count too.
    """

    country: str
    subdivision: str = ""
    categories: tuple[str, ...] = ("public",)
    observed: bool = True

    def __str__(self) -> str:
        return "-".join(filter(None, (self.country, self.subdivision)))


@dataclass(frozen=True, slots=True)
class Blackout:
    """Dates, both included, on which no window of a region may lie."""

    first: date
    last: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """A market. `zones` are IANA names; `anchor` counts where a channel cannot target zones.

    `ramadans` are the announced first and last dates; for other years the computed calendar
    counts, shifted by `hijri_offset` days.
    """

    name: str
    title: str
    zones: tuple[str, ...]
    anchor: str
    currency: str
    locale: str = "en"
    city: City | None = None
    weekend: frozenset[int] = frozenset({5, 6})  # Monday is 0
    holidays: Holidays | None = None
    hijri_offset: int = 0
    ramadans: tuple[tuple[date, date], ...] = ()
    blackouts: tuple[Blackout, ...] = ()
    peaks: Peaks = field(default_factory=Peaks)
    rules: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()

    @property
    def language(self) -> str:
        return self.locale.partition("-")[0]
