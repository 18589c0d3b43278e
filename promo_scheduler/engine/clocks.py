"""The clocks: the system's, and one that skips ahead. Nobody else asks the operating system."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from promo_scheduler.clock import require_utc

_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)  # Linux has it


def elapsed() -> float:
    """Seconds of real time, the sleep of a suspended machine included.

    `time.monotonic` stands still on Linux while a laptop sleeps. A lease counted by it would seem
    to hold at the awakening, though others have long taken over; and the wall clock, which goes on,
    would seem to have been set.
    """
    return time.monotonic() if _BOOTTIME is None else time.clock_gettime(_BOOTTIME)


class SystemClock:
    """The time of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return elapsed()


class SimulatedClock:
    """Runs at real speed from `start` (UTC), and skips ahead when told; never back.

    Leases, timeouts, backoff and rates therefore take as long as they really do.
    """

    def __init__(self, start: datetime) -> None:
        self._base = require_utc(start)
        self._since = elapsed()

    def now(self) -> datetime:
        return self._base + timedelta(seconds=elapsed() - self._since)

    def monotonic(self) -> float:
        return elapsed()

    def skip_to(self, instant: datetime) -> None:
        """Make `instant` the present, unless it is past already."""
        if instant > self.now():
            self._base, self._since = instant, elapsed()
