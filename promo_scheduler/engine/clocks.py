"""The clocks: the system's, and one that skips ahead. Nobody else asks the operating system."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from promo_scheduler.clock import require_utc


class SystemClock:
    """The time of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SimulatedClock:
    """Runs at real speed from `start` (UTC), and skips ahead when told; never back.

    Leases, timeouts, backoff and rates therefore take as long as they really do.
    """

    def __init__(self, start: datetime) -> None:
        self._base = require_utc(start)
        self._since = time.monotonic()

    def now(self) -> datetime:
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    def monotonic(self) -> float:
        return time.monotonic()

    def skip_to(self, instant: datetime) -> None:
        """Make `instant` the present, unless it is past already."""
        if instant > self.now():
            self._base, self._since = instant, time.monotonic()
