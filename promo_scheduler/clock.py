"""Time as a noun: the Clock everything takes as an argument, what a clock on the wall shows, and
the versions of what turns the one into the other.

Instants are aware datetimes in UTC. Wall times carry no zone and are never datetimes, so that
nobody can compare the two by accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from promo_scheduler.errors import NaiveDatetime

DAY_SECONDS = 86_400


class Clock(Protocol):
    """Where the present instant comes from."""

    def now(self) -> datetime:
        """The present instant: aware, UTC."""

    def monotonic(self) -> float:
        """Seconds of real time that never step; only differences mean something."""


def require_utc(instant: datetime) -> datetime:
    """The same instant in UTC. Raises NaiveDatetime where no zone is attached."""
    if instant.tzinfo is None:
        raise NaiveDatetime(
            f"expected an aware instant, found the naive {instant.isoformat()}",
            help="attach a zone, for example datetime(..., tzinfo=UTC)",
        )
    return instant.astimezone(UTC)


def _is_two_digits(text: str) -> bool:
    return len(text) == 2 and text.isascii() and text.isdecimal()


@dataclass(frozen=True, slots=True, order=True)
class TimeOfDay:
    """A wall time in seconds since local midnight, 0 to 86400; 86400 is `24:00`, an end only."""

    seconds: int

    def __post_init__(self) -> None:
        if not 0 <= self.seconds <= DAY_SECONDS:
            raise ValueError(f"a time of day lies between 00:00 and 24:00, not {self.seconds} s")

    @classmethod
    def parse(cls, text: str) -> TimeOfDay:
        """Read `HH:MM` or `HH:MM:SS`. Raises ValueError for anything else."""
        parts = text.split(":")
        if len(parts) not in (2, 3) or not all(map(_is_two_digits, parts)):
            raise ValueError(f'expected a time like "20:30", found "{text}"')
        hours, minutes, seconds = (int(p) for p in [*parts, "00"][:3])
        total = hours * 3600 + minutes * 60 + seconds
        if minutes > 59 or seconds > 59 or total > DAY_SECONDS:
            raise ValueError(f'expected a time from "00:00" to "24:00", found "{text}"')
        return cls(total)

    def __str__(self) -> str:
        minutes, seconds = divmod(self.seconds, 60)
        text = f"{minutes // 60:02d}:{minutes % 60:02d}"
        return f"{text}:{seconds:02d}" if seconds else text


@dataclass(frozen=True, slots=True, order=True)
class WallTime:
    """A date and a time of day as somebody reads them off the wall, in no zone yet."""

    day: date
    time: TimeOfDay

    @classmethod
    def parse(cls, text: str) -> WallTime:
        """Read `YYYY-MM-DDTHH:MM`; `24:00` is allowed. Raises ValueError otherwise."""
        day, _, time = text.partition("T")
        return cls(date.fromisoformat(day), TimeOfDay.parse(time))

    def __str__(self) -> str:
        return f"{self.day.isoformat()}T{self.time}"


@dataclass(frozen=True, slots=True)
class Versions:
    """What wall times and named dates are resolved with (T1): the IANA version of the zone data,
    and the versions of the calendars' libraries. Empty where it is not known.
    """

    tzdata: str = ""
    holidays: str = ""
    hijridate: str = ""
    astral: str = ""

    @property
    def calendars(self) -> Mapping[str, str]:
        """The calendars' libraries with their versions."""
        return {name: getattr(self, name) for name in CALENDARS}

    def changed(self, after: Versions) -> tuple[str, ...]:
        """What differs afterwards: `tzdata 2026a → 2026f`."""
        names = ("tzdata", *CALENDARS)
        pairs = ((name, getattr(self, name), getattr(after, name)) for name in names)
        return tuple(f"{name} {a or '?'} → {b or '?'}" for name, a, b in pairs if a != b)

    def __str__(self) -> str:
        known = {"tzdata": self.tzdata, **self.calendars}
        return ", ".join(f"{name} {version}" for name, version in known.items() if version)


CALENDARS = ("holidays", "hijridate", "astral")
