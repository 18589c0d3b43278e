"""How the orders of a day are spread over its half hours: shares that sum to one (T14)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import exp
from operator import mul

from promo_scheduler.timing.order_days import HALF_HOURS, unpacked

POOLED_WEIGHT = 50  # k: the orders that the pooled profile is worth
STEP = timedelta(minutes=30)
_SMOOTHING = timedelta(minutes=45)  # the kernel's standard deviation
_REACH = 5  # half hours on either side; beyond three standard deviations nothing is left
_WEIGHTS = [exp(-((n * STEP / _SMOOTHING) ** 2) / 2) for n in range(-_REACH, _REACH + 1)]
_KERNEL = [weight / sum(_WEIGHTS) for weight in _WEIGHTS]

Shares = Sequence[float]  # one for each half hour of the day, from local midnight


@dataclass(frozen=True, slots=True)
class Spread:
    """How many orders, and the share of each half hour if all had existed equally long."""

    orders: int
    shares: Shares

    @classmethod
    def of(cls, total: int) -> Spread:
        """What packed days, summed up, come to; all shares are 0 where there are no orders."""
        lanes = unpacked(total)
        pairs = zip(lanes.orders, lanes.quarters, strict=True)
        rates = [orders / quarters if quarters else 0.0 for orders, quarters in pairs]
        whole = sum(rates) or 1.0
        return cls(sum(lanes.orders), [rate / whole for rate in rates])


def pooled(spreads: Iterable[Spread]) -> Shares:
    """The profile of all of them together, each on its own clock, weighted by its orders."""
    known = [spread for spread in spreads if spread.orders]
    whole = sum(spread.orders for spread in known)
    weighted = [[spread.orders / whole * s for s in spread.shares] for spread in known]
    return [sum(column) for column in zip(*weighted, strict=True)] or [0.0] * HALF_HOURS


def decisive(own: Spread, pool: Shares) -> Shares:
    """The profile that decides: (n·own + k·pooled)/(n + k), then smoothed."""
    n, k = own.orders, POOLED_WEIGHT
    both = zip(own.shares, pool, strict=True)
    return _smoothed([(n * mine + k * ours) / (n + k) for mine, ours in both])


def _smoothed(shares: Shares) -> Shares:
    """By a Gaussian kernel, round the circle of the day."""
    around = [*shares[-_REACH:], *shares, *shares[:_REACH]]
    return [sum(map(mul, _KERNEL, around[at : at + len(_KERNEL)])) for at in range(HALF_HOURS)]
