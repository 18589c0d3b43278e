"""The shop's own clock: another machine's, so not the daemon's. It can only be moved on.

Real time plus a shift; wherever it is set, it goes on from there at real speed.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class ShopClock:
    """The shop's present instant, aware and UTC."""

    def __init__(self, shift: timedelta = timedelta(0)) -> None:
        self._began = time.time()
        self._ticks = time.monotonic()
        self.shift = shift

    @classmethod
    def starting_at(cls, instant: datetime) -> ShopClock:
        """A clock that shows `instant` now."""
        clock = cls()
        clock.shift = instant - clock.now()
        return clock

    def now(self) -> datetime:
        """Steps of the machine's clock do not reach it."""
        seconds = self._began + time.monotonic() - self._ticks
        return datetime.fromtimestamp(seconds, UTC) + self.shift

    def move_to(self, instant: datetime) -> None:
        """Jump ahead. An instant that has passed changes nothing."""
        self.shift += max(instant - self.now(), timedelta(0))
