"""The axis of the world timeline: instants to places, and what is legible at that scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from promo_scheduler.plan import Window

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
LEFT, RIGHT = 208.0, 24.0  # room for the lanes' names, and after the last hour
NARROW, WIDE = 1040.0, 2600.0
DAY_AT_LEAST = 13.0  # units: a long range makes the picture wider, up to WIDE
HOUR_STEPS = (1, 2, 3, 6, 12)
DAY_STEPS = (1, 7, 14, 28, 91)
HOUR_ROOM, DAY_ROOM = 34.0, 84.0  # what `06` and `Wed 11 Nov` need with air around them
BRIEF_ROOM = 44.0  # what `Wed 11` needs
NIGHT_FROM, HATCH_FROM, PEAK_FROM = 9.0, 24.0, 24.0  # units a day: below, they would be noise


@dataclass(frozen=True, slots=True)
class Scale:
    """From `start` to `end` (UTC instants) over `width` units, beginning at LEFT."""

    start: datetime
    end: datetime
    width: float

    @classmethod
    def over(cls, windows: Sequence[Window]) -> Scale:
        """All windows with a little air: to full quarters of a day, or to days in a long range."""
        first, last = min(w.start for w in windows), max(w.end for w in windows)
        edge = timedelta(hours=6) if last - first < 6 * _DAY else _DAY
        start = _MONDAY + (first - _HOUR - _MONDAY) // edge * edge
        end = _MONDAY - (_MONDAY - last - _HOUR) // edge * edge
        days = (end - start) / _DAY
        return cls(start, end, min(max(NARROW, days * DAY_AT_LEAST), WIDE))

    @property
    def per_day(self) -> float:
        """Units a day."""
        return self.width * (_DAY / (self.end - self.start))

    @property
    def right(self) -> float:
        return LEFT + self.width

    def at(self, instant: datetime) -> float:
        """The place of an instant; what lies outside is put at the edge."""
        share = (instant - self.start) / (self.end - self.start)
        return LEFT + self.width * min(max(share, 0.0), 1.0)

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant <= self.end

    @property
    def shows_night(self) -> bool:
        return self.per_day >= NIGHT_FROM

    @property
    def night(self) -> str:
        """The class that nights are drawn in: hatched, or plain where hatching would blur."""
        return "night" if self.per_day >= HATCH_FROM else "nf"

    @property
    def shows_peaks(self) -> bool:
        return self.per_day >= PEAK_FROM

    # ── ticks ───────────────────────────────────────────────────────────────────────────────────
    @property
    def days_apart(self) -> int:
        """How many days lie between two dates that are written."""
        if self.per_day >= BRIEF_ROOM:
            return 1
        return next((n for n in DAY_STEPS[1:] if n * self.per_day >= DAY_ROOM), DAY_STEPS[-1])

    def date_words(self, day: date) -> str:
        """A date as there is room for it: `Wed 11 Nov`, `Wed 11`, `11 Nov`; Mondays in long ranges.

        Nothing for a date that is not written.
        """
        if self.per_day >= DAY_ROOM:
            return f"{day:%a} {day.day} {day:%b}"
        if self.per_day >= BRIEF_ROOM:
            return f"{day:%a} {day.day}" if day.day > 1 else f"{day.day} {day:%b}"
        number = day.toordinal() - 1  # of the days since a Monday
        return "" if number % self.days_apart else f"{day.day} {day:%b}"

    def days(self) -> Iterator[datetime]:
        """The UTC midnights to be written; those of weeks are Mondays."""
        return self._every(self.days_apart * _DAY)

    def hours(self) -> Iterator[datetime]:
        """The full hours to be written between them; none in a long range."""
        step = next((n for n in HOUR_STEPS if n * self.per_day / 24 >= HOUR_ROOM), None)
        return self._every(step * _HOUR) if step else iter(())

    def _every(self, step: timedelta) -> Iterator[datetime]:
        at = _MONDAY - (_MONDAY - self.start) // step * step
        while at <= self.end:
            yield at
            at += step
