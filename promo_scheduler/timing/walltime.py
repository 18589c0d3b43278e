"""A wall time in a zone, as an instant. The only module that resolves one, or imports `zoneinfo`.

The start of something is S(w): the first instant whose clock reads w or later (T2). Its end is
E(w): the first instant after which the clock never again reads less than w (T3). Both never
decrease as w grows, so a window [S, E) holds every instant at which the clock reads inside it.
All arithmetic is in UTC: between two aware values of one zone Python ignores `fold`.
"""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path

from promo_scheduler.clock import WallTime
from promo_scheduler.when import ClockChange, Fold, Gap

# T0: the tzdata package is the only source of zone data, before any ZoneInfo exists.
zoneinfo.reset_tzpath(to=[])
zoneinfo.ZoneInfo.clear_cache()

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


# ── what a wall time is in a zone ───────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Exact:
    """The clock reads it once."""

    instant: datetime


@dataclass(frozen=True, slots=True)
class GapAt:
    """The clock skips it, at `transition`; `shifted` is it by the offset before (RFC 5545)."""

    transition: datetime
    shifted: datetime


@dataclass(frozen=True, slots=True)
class FoldAt:
    """The clock reads it twice. `lower_edge`: it is what the clock is turned back to."""

    first: datetime
    second: datetime
    lower_edge: bool


Located = Exact | GapAt | FoldAt


def naive(wall: WallTime) -> datetime:
    """The wall time as a naive datetime; `24:00` is the next day's midnight."""
    return datetime.combine(wall.day, time.min) + timedelta(seconds=wall.time.seconds)


@lru_cache(maxsize=65_536)
def locate(zone: str, wall: datetime) -> Located:
    """What a wall time (as `naive` gives it) is in a zone: read once, skipped, or read twice."""
    tz = zoneinfo.ZoneInfo(zone)
    aware = wall.replace(tzinfo=tz)
    before, after = _offset(aware), _offset(aware.replace(fold=1))
    first = (wall - before).replace(tzinfo=UTC)
    if before == after:
        return Exact(first)
    second = (wall - after).replace(tzinfo=UTC)
    if before < after:
        return GapAt(_transition(tz, second, first), shifted=first)
    return FoldAt(first, second, lower_edge=_offset((second - _SECOND).astimezone(tz)) != after)


def _offset(aware: datetime) -> timedelta:
    return aware.utcoffset() or timedelta(0)


def _transition(tz: tzinfo, low: datetime, high: datetime) -> datetime:
    """The first instant of (low, high] with the offset that holds at `high`; found by halving."""
    wanted = _offset(high.astimezone(tz))
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        if _offset(middle.astimezone(tz)) == wanted:
            high = middle
        else:
            low = middle
    return high


def date_exists(zone: str, day: date) -> bool:
    """Whether the calendar of a zone has this date; Apia has no 2011-12-30."""
    midnight = datetime.combine(day, time.min)
    located = locate(zone, midnight)
    if not isinstance(located, GapAt):
        return True
    return located.transition != _first_of(locate(zone, midnight + _DAY))


def starts_at(zone: str, wall: WallTime) -> datetime:
    """S(w) as an instant in UTC: the first whose clock reads this wall time or later (T2)."""
    return _first_of(locate(zone, naive(wall)))


def ends_at(zone: str, wall: WallTime) -> datetime:
    """E(w) as an instant in UTC: after it the clock never again reads less than this (T3)."""
    located = locate(zone, naive(wall))
    if isinstance(located, FoldAt) and not located.lower_edge:
        return located.second
    return _first_of(located)


def _first_of(located: Located) -> datetime:
    match located:
        case Exact(instant):
            return instant
        case GapAt(transition):
            return transition
        case FoldAt(first):
            return first


# ── with the policies for clock changes (T5) ────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Resolved:
    """The instant (UTC) that is meant, and what the clocks do there."""

    instant: datetime
    located: Located


@dataclass(frozen=True, slots=True)
class Skipped:
    """`gap: skip` leaves this one out."""

    located: GapAt


@dataclass(frozen=True, slots=True)
class Refused:
    """`gap: error` or `fold: error` does not accept this one."""

    located: GapAt | FoldAt


Moment = Resolved | Skipped | Refused


def start_of(zone: str, wall: WallTime, changes: ClockChange) -> Moment:
    """When something starts that starts at this wall time: S(w), unless the policy says else."""
    located = locate(zone, naive(wall))
    match located:
        case Exact(instant):
            return Resolved(instant, located)
        case GapAt():
            return _in_gap(located, changes.gap)
        case FoldAt():
            return _in_fold(located, changes.fold)


def end_of(zone: str, wall: WallTime, changes: ClockChange) -> Moment:
    """When something ends that ends at this wall time: E(w), unless the policy says else.

    `end_fold` decides in a fold where it is given; else `fold: error` refuses ends as well.
    """
    located = locate(zone, naive(wall))
    match located:
        case Exact(instant):
            return Resolved(instant, located)
        case GapAt():
            return _in_gap(located, changes.gap)
        case FoldAt():
            return _in_fold(located, changes.end_fold or _rule_t3(located, changes.fold))


def _rule_t3(located: FoldAt, fold: Fold) -> Fold:
    """The second pass; at the lower edge the clock never reads less than w after the first."""
    if fold is Fold.ERROR:
        return fold
    return Fold.FIRST if located.lower_edge else Fold.LAST


def _in_gap(located: GapAt, gap: Gap) -> Moment:
    match gap:
        case Gap.SNAP:
            return Resolved(located.transition, located)
        case Gap.SHIFT:
            return Resolved(located.shifted, located)
        case Gap.SKIP:
            return Skipped(located)
        case Gap.ERROR:
            return Refused(located)


def _in_fold(located: FoldAt, fold: Fold) -> Moment:
    match fold:
        case Fold.FIRST:
            return Resolved(located.first, located)
        case Fold.LAST:
            return Resolved(located.second, located)
        case Fold.ERROR:
            return Refused(located)


# ── back to the wall ────────────────────────────────────────────────────────────────────────────
def local(zone: str, instant: datetime) -> datetime:
    """An instant as the clocks of a zone show it: an aware datetime, for people to read."""
    return instant.astimezone(zoneinfo.ZoneInfo(zone))


def search_path() -> tuple[str, ...]:
    """Where zone data is looked for before the package: nowhere (T0)."""
    return tuple(zoneinfo.TZPATH)


def forget_zones() -> None:
    """Read each zone's data again when it is next needed."""
    zoneinfo.ZoneInfo.clear_cache()


def zone_of(zone: str) -> tzinfo:
    """A zone's rules by the tzdata package."""
    return zoneinfo.ZoneInfo(zone)


def system_zone(zone: str, root: Path) -> tzinfo | None:
    """A zone's rules by the system's files under `root`; None where it has none that can be read.

    For comparing only: nothing is ever resolved with it.
    """
    try:
        with (root / zone).open("rb") as file:
            return zoneinfo.ZoneInfo.from_file(file, key=zone)
    except (OSError, ValueError):
        return None
