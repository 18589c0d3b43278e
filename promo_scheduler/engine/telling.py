"""Telling in the log: what goes on being wrong is told once, not each time it is looked at."""

from __future__ import annotations

import time
from collections import Counter

import structlog

from promo_scheduler.errors import InvalidWorkspace, LedgerUnavailable, PromoError

QUIET = 60.0  # seconds in which more of the same kind is only counted

log = structlog.get_logger()


class Told:
    """What was told already."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def warn(self, event: str, **facts: str) -> None:
        """A warning, unless the same was told before."""
        told = f"{event} {sorted(facts.items())}"
        if told not in self._told:
            self._told.add(told)
            log.warning(event, **facts)

    def refuse(self, event: str, error: PromoError | OSError) -> None:
        """Everything that an error complains of."""
        for problem in _complaints(error):
            self.warn(event, problem=problem)


class Often:
    """What happens again and again: the first of a kind is a warning, the rest are counted."""

    def __init__(self) -> None:
        self._since: dict[tuple[str, ...], float] = {}
        self._more: Counter[tuple[str, ...]] = Counter()

    def warn(self, event: str, kind: tuple[str, ...], **facts: str | int) -> None:
        """A warning, unless one of this kind was given within the last minute."""
        now = time.monotonic()
        if now - self._since.get(kind, float("-inf")) < QUIET:
            self._more[kind] += 1
            log.debug(event, **facts)
            return
        self._since[kind] = now
        log.warning(event, **facts, more_before=self._more.pop(kind, 0))


class Trouble:
    """What keeps the ledger from being used: told when it begins, when it changes and when it ends.

    Claims, outcomes and the rest are written apart: one may go on while another fails.
    """

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def claiming(self, error: LedgerUnavailable | None) -> None:
        """How the last claim went."""
        self._tell("claiming", error)

    def settling(self, error: LedgerUnavailable | None) -> None:
        """How the last writing of outcomes went."""
        self._tell("settling", error)

    def housekeeping(self, error: LedgerUnavailable | None) -> None:
        """How the last look after others went; it writes also while nothing is due."""
        self._tell("housekeeping", error)

    def _tell(self, what: str, error: LedgerUnavailable | None) -> None:
        if error is None:
            if self.of.pop(what, None) is not None:
                log.warning("ledger.back", after=what)
        elif self.of.get(what) != error.message:
            self.of[what] = error.message
            log.error("ledger.unavailable", while_=what, error=error.message, way_out=error.help)


def _complaints(error: PromoError | OSError) -> list[str]:
    if isinstance(error, InvalidWorkspace):
        return [str(problem) for problem in error.problems]
    return [error.message if isinstance(error, PromoError) else str(error)]
