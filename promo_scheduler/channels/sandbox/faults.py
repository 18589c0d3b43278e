"""Faults on demand: how the shop misbehaves when somebody asks it to, from a seed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from random import Random
from typing import Any, Literal

from promo_scheduler.channels.sandbox.wire import Refused

Fault = Literal["429", "500", "lost"]


@dataclass(frozen=True, slots=True)
class Faults:
    """Rates are shares of requests from 0 to 1. `lost_answers` counts writes only: the effect
    happens, the connection is closed, no answer comes. `ignore_field` is one of start, end, offer,
    target, rank, stack, prices: silently not taken from what a client writes.
    """

    latency_ms: float = 0
    rate_429: float = 0
    retry_after: int = 1  # seconds, told with a 429
    rate_500: float = 0
    lost_answers: float = 0
    ignore_field: str = ""
    seed: int = 0


IGNORABLE = ("", "start", "end", "offer", "target", "rank", "stack", "prices")


def faults_data(faults: Faults) -> dict[str, Any]:
    """Faults as plain data."""
    return asdict(faults)


def faults_from(data: object) -> Faults:
    """Read what a client sent. Raises Refused for a name or type that is not known."""
    known = {field.name: type(field.default) for field in fields(Faults)}
    if not isinstance(data, dict) or not set(data) <= set(known):
        raise Refused(422, "invalid", f"expected some of: {', '.join(known)}")
    if data.get("ignore_field", "") not in IGNORABLE:
        raise Refused(422, "invalid", f"ignore_field: expected one of {', '.join(IGNORABLE[1:])}")
    numbers = [value for name, value in data.items() if name != "ignore_field"]
    if not all(isinstance(number, int | float) and number >= 0 for number in numbers):
        raise Refused(422, "invalid", "expected numbers that are not negative")
    return Faults(**data)


class Misbehaviour:
    """The faults in force, and the dice that decide about each request."""

    def __init__(self) -> None:
        self.set(Faults())

    def set(self, faults: Faults) -> None:
        """From now on, with the dice set back."""
        self.faults = faults
        self._random = Random(faults.seed)  # noqa: S311 (dice of a demonstration, not a secret)
        self.quiet = faults == Faults(seed=faults.seed)

    def before(self) -> Fault | None:
        """Whether a request is refused before it has any effect."""
        if self._hits(self.faults.rate_429):
            return "429"
        return "500" if self._hits(self.faults.rate_500) else None

    def loses_answer(self) -> bool:
        """Whether the answer to a write is lost after its effect."""
        return self._hits(self.faults.lost_answers)

    def _hits(self, rate: float) -> bool:
        return rate > 0 and self._random.random() < rate
