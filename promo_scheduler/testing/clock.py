"""TickingClock: a clock that stands still until the test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from promo_scheduler.clock import require_utc


class TickingClock:
    """A Clock for tests. Instants are aware; monotonic time moves along with them, from 0."""

    def __init__(self, now: datetime = datetime(2030, 1, 1, tzinfo=UTC)) -> None:
        self._now = require_utc(now)
        self._monotonic = 0.0

    def now(self) -> datetime:
        """The instant that the test last set."""
        return self._now

    def monotonic(self) -> float:
        """Seconds ticked so far."""
        return self._monotonic

    def tick(self, step: timedelta = timedelta(seconds=1)) -> datetime:
        """Time passes: both readings move. Raises ValueError for a step backwards."""
        if step < timedelta(0):
            raise ValueError("time passes forwards; use set() for a clock that is stepped back")
        self._now += step
        self._monotonic += step.total_seconds()
        return self._now

    def set(self, now: datetime) -> None:
        """The wall clock is stepped, either way; monotonic time does not notice."""
        self._now = require_utc(now)
