"""Region: a market, with its zones and anchor, peak hours, calendars and currency."""

from __future__ import annotations

from dataclasses import dataclass, field
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
class Region:
    """A market. `zones` are IANA names; `anchor` counts where a channel cannot target zones."""

    name: str
    title: str
    zones: tuple[str, ...]
    anchor: str
    currency: str
    locale: str = "en"
    city: City | None = None
    weekend: frozenset[int] = frozenset({5, 6})  # Monday is 0
    holidays: str = ""  # a code of the holidays library, with an optional subdivision: "DE-BY"
    peaks: Peaks = field(default_factory=Peaks)
    rules: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()

    @property
    def language(self) -> str:
        return self.locale.partition("-")[0]
