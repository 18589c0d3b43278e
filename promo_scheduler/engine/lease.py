"""Lease: how long this daemon may act on what it has claimed, counted by its own monotonic clock.

The ledger's row says until when the others leave its claims alone. A daemon that was stopped past
that must not go on where it was: it asks here before each call to a channel. Its own count begins
when it asked for the lease, so that it runs out here no later than there.
"""

from __future__ import annotations

from datetime import timedelta

from promo_scheduler.clock import Clock
from promo_scheduler.connector import OutcomeUnknown

BEATS = 5  # how often a lease is renewed in its length


class LeaseLost(OutcomeUnknown):
    """This daemon's lease ran out: another one may have taken over what it had claimed."""


class Lease:
    """The lease of one daemon; `length` None is for the one whose file lock says it all.

    `term` counts how often it was lost: what was claimed in an earlier term may be another's now,
    however well the present one holds.
    """

    def __init__(self, clock: Clock, length: timedelta | None) -> None:
        self.length = length
        self.term = 0
        self._clock = clock
        self._until = float("inf") if length is None else float("-inf")  # monotonic seconds

    def renewed(self, asked_at: float) -> None:
        """The ledger has renewed it, as was asked at this monotonic second."""
        if self.length is not None:
            self._until = asked_at + self.length.total_seconds()

    def lost(self) -> None:
        """The ledger has this daemon down as dead: a new term begins."""
        self.term += 1

    def require(self, term: int) -> None:
        """Raises LeaseLost where it does not hold any more for what was claimed in a term."""
        if term != self.term or self._clock.monotonic() >= self._until:
            raise LeaseLost("the lease ran out before the call: another daemon may be doing it")
