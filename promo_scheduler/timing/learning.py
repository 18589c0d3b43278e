"""Learning a region's peaks from its orders (T14).

For each type of day: orders in each half hour on the region's clock, divided by how long that half
hour existed; as shares of a day; drawn toward the profile of all regions together by as much as
its orders are few; smoothed; then the best window of the length asked for. Days without orders
count: they lower how much is sold, not when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from promo_scheduler.clock import DAY_SECONDS
from promo_scheduler.region import DayType, Peak, Peaks, Region
from promo_scheduler.timing.best_windows import LearnedPeak, Search
from promo_scheduler.timing.calendars import day_type
from promo_scheduler.timing.day_shares import Shares, Spread, decisive, pooled
from promo_scheduler.timing.order_days import LocalDay, unpacked

LEAST_ORDERS = 200  # of a day type: fewer say nothing
DEFAULT_LENGTH = timedelta(hours=2)
SHORTEST = timedelta(minutes=30)
LONGEST = timedelta(hours=12)  # all windows of a day together: more is no peak


@dataclass(frozen=True, slots=True)
class Tally:
    """A region's orders by date on its clock, as `local_days` gives them."""

    region: Region
    days: tuple[LocalDay, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """The length of a window and how many a day. None: as the region's configuration has it.

    `regions`: those to learn for, all of them where none is named.
    """

    length: timedelta | None = None
    number: int | None = None
    regions: frozenset[str] = frozenset()

    def covers(self, region: str) -> bool:
        return not self.regions or region in self.regions


@dataclass(frozen=True, slots=True)
class Profile:
    """What the orders of one day type in one region say.

    `shares` are 48 shares of a day's orders, from local midnight, as the decision saw them.
    `learned` is empty where the configured windows are kept; `reason` then says why.
    """

    kind: DayType
    orders: int
    days: int
    days_without_orders: int
    shares: tuple[float, ...]
    configured: tuple[Peak, ...]
    learned: tuple[LearnedPeak, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A region and what its orders say: a profile for each day type."""

    region: Region
    profiles: tuple[Profile, ...]

    @property
    def orders(self) -> int:
        return sum(profile.orders for profile in self.profiles)

    @property
    def peaks(self) -> Peaks:
        """The region's peaks as they should be: what was learned, and what is kept."""
        old = self.region.peaks
        found = {p.kind.value: tuple(each.peak for each in p.learned) for p in self.profiles}
        after = replace(old, **{kind: peaks for kind, peaks in found.items() if peaks})
        for profile in self.profiles:  # what is kept must not follow what it falls back to
            before = old.on(profile.kind)
            if not profile.learned and before and after.on(profile.kind) != before:
                after = replace(after, **{profile.kind.value: before})
        return after

    @property
    def changed(self) -> tuple[DayType, ...]:
        """The day types whose peaks are to be written otherwise than they stand."""
        old, new = self.region.peaks, self.peaks
        return tuple(kind for kind in DayType if getattr(old, kind) != getattr(new, kind))


def learn(tallies: Sequence[Tally], wish: Wish) -> Iterator[Lesson]:
    """A lesson for each region asked for, in turn; all regions are the pool that each draws on.

    The same orders give the same answer. Raises ValueError where a region's calendar is not known.
    """
    samples = [_by_kind(tally) for tally in tallies]
    pools = {kind: pooled(Spread.of(sum(each[kind])) for each in samples) for kind in DayType}
    for tally, sample in zip(tallies, samples, strict=True):
        if not wish.covers(tally.region.name):
            continue
        profiles = (_Sample(tally.region, k, sample[k], pools[k]).profile(wish) for k in DayType)
        yield Lesson(tally.region, tuple(profiles))


def _by_kind(tally: Tally) -> Mapping[DayType, Sequence[int]]:
    """The packed days of each type."""
    days: dict[DayType, list[int]] = {kind: [] for kind in DayType}
    for each in tally.days:
        days[day_type(tally.region, each.day)].append(each.packed)
    return days


@dataclass(frozen=True, slots=True)
class _Sample:
    """The packed days of one type in a region, and what all regions together show."""

    region: Region
    kind: DayType
    days: Sequence[int]
    pool: Shares

    def profile(self, wish: Wish) -> Profile:
        seen = self._seen()
        if seen.orders < LEAST_ORDERS:
            reason = f"not enough data: {seen.orders} of {LEAST_ORDERS} orders"
            return replace(seen, reason=reason)
        length = wish.length or _usual_length(seen.configured)
        number = wish.number or max(len(seen.configured), 1)
        if number * length > LONGEST:
            return replace(seen, reason="its windows are longer than 12 hours together")
        return replace(seen, learned=tuple(Search(self.days, self.pool, length, number).peaks()))

    def _seen(self) -> Profile:
        own = Spread.of(sum(self.days))
        return Profile(
            kind=self.kind,
            orders=own.orders,
            days=len(self.days),
            days_without_orders=sum(not any(unpacked(day).orders) for day in self.days),
            shares=tuple(decisive(own, self.pool) if own.orders else own.shares),
            configured=self.region.peaks.on(self.kind),
        )


def _usual_length(configured: Sequence[Peak]) -> timedelta:
    if not configured:
        return DEFAULT_LENGTH
    first = configured[0]
    seconds = (first.end.seconds - first.start.seconds) % DAY_SECONDS
    return timedelta(seconds=seconds or DAY_SECONDS)
