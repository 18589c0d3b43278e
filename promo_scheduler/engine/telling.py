"""Telling in the log: what goes on being wrong is told once, not each time it is looked at."""

from __future__ import annotations

import structlog

from promo_scheduler.errors import InvalidWorkspace, PromoError

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


def _complaints(error: PromoError | OSError) -> list[str]:
    if isinstance(error, InvalidWorkspace):
        return [str(problem) for problem in error.problems]
    return [error.message if isinstance(error, PromoError) else str(error)]
