"""The best windows of a day, and how sure they are (T14).

The day is a circle: a window may cross midnight. How sure a start is, a bootstrap by whole days
tells: orders of one day hang together, so days are drawn again, not orders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from math import ceil
from random import Random

from promo_scheduler.clock import DAY_SECONDS, TimeOfDay
from promo_scheduler.region import Peak
from promo_scheduler.timing.day_shares import STEP, Shares, Spread, decisive
from promo_scheduler.timing.order_days import HALF_HOURS

DAY = timedelta(days=1)
RESAMPLES = 200
LEFT_OUT = RESAMPLES // 20  # on either side: what lies between is 90 of 100


@dataclass(frozen=True, slots=True)
class LearnedPeak:
    """A window that was found. 90 of 100 resamples start it from `earliest` to `latest`, which may
    lie on either side of midnight. `share`: of the day type's orders, those that fall into it.
    """

    peak: Peak
    earliest: TimeOfDay
    latest: TimeOfDay
    share: float


@dataclass(frozen=True, slots=True)
class Search:
    """Looks for the `number` best windows of a `length` in packed days of one type.

    Together they are no longer than half the day, so that there is always room for the next one.
    """

    days: Sequence[int]
    pool: Shares
    length: timedelta
    number: int

    def peaks(self) -> Iterator[LearnedPeak]:
        """The windows, the best first. The same days give the same answer."""
        total = sum(self.days)
        starts = self._starts(total)
        shares = self._inside(Spread.of(total).shares)
        for start, (low, high) in zip(starts, self._moves(total, starts), strict=True):
            window = Peak(_time(start), _end(start * STEP + self.length))
            yield LearnedPeak(window, _time(start + low), _time(start + high), shares[start])

    def _starts(self, total: int) -> list[int]:
        """The best windows by their first half hour, none over another.

        A top of the curve with more than an even share comes before a slope of another one.
        """
        score = self._inside(decisive(Spread.of(total), self.pool))
        apart, even = ceil(self.length / STEP), self.length / DAY
        chosen = [max(range(HALF_HOURS), key=score.__getitem__)]
        while len(chosen) < self.number:
            free = [s for s in range(HALF_HOURS) if all(abs(_turn(s - c)) >= apart for c in chosen)]
            tops = [s for s in free if score[s] > even and _is_top(score, s)]
            chosen.append(max(tops or free, key=score.__getitem__))
        return chosen

    def _inside(self, shares: Shares) -> list[float]:
        """The share of orders in a window that starts at each half hour, round midnight too."""
        whole, part = divmod(self.length, STEP)
        sums = [0.0, *accumulate([*shares, *shares])]
        rest = part / STEP
        return [
            sums[at + whole] - sums[at] + rest * shares[(at + whole) % HALF_HOURS]
            for at in range(HALF_HOURS)
        ]

    def _moves(self, total: int, starts: Sequence[int]) -> list[tuple[int, int]]:
        """How far before and after each start the resamples put it, in half hours.

        Of a resample's windows the nearest one counts. The seed is the orders themselves.
        """
        draw = Random(total)  # noqa: S311 (nothing here is secret)
        moves: list[list[int]] = [[] for _ in starts]
        for _ in range(RESAMPLES):
            again = self._starts(sum(draw.choices(self.days, k=len(self.days))))
            for start, moved in zip(starts, moves, strict=True):
                moved.append(min((_turn(other - start) for other in again), key=abs))
        ordered = map(sorted, moves)
        return [(moved[LEFT_OUT - 1], moved[-LEFT_OUT]) for moved in ordered]


def _is_top(score: Sequence[float], at: int) -> bool:
    return score[at - 1] <= score[at] >= score[(at + 1) % HALF_HOURS]


def _turn(half_hours: int) -> int:
    """The shorter way round the day, from -24 to 23 half hours."""
    return (half_hours + HALF_HOURS // 2) % HALF_HOURS - HALF_HOURS // 2


def _time(half_hour: int) -> TimeOfDay:
    return TimeOfDay(half_hour % HALF_HOURS * int(STEP.total_seconds()))


def _end(since_midnight: timedelta) -> TimeOfDay:
    """The midnight that ends the day is 24:00."""
    seconds = int(since_midnight.total_seconds())
    return TimeOfDay(seconds if seconds <= DAY_SECONDS else seconds - DAY_SECONDS)
