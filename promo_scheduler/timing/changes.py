"""Clock changes and offsets for people, and where the system's zone data says something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from promo_scheduler.clock import require_utc
from promo_scheduler.timing.walltime import system_zone, zone_of

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_HORIZON_DAYS = 400  # a yearly change lies inside, whatever the day
_SYSTEM = Path("/usr/share/zoneinfo")


@dataclass(frozen=True, slots=True)
class ZoneNow:
    """A zone at an instant, and the clock changes around it within 400 days; instants are UTC."""

    offset: timedelta
    abbreviation: str
    last_change: datetime | None
    next_change: datetime | None
    next_offset: timedelta | None


@dataclass(frozen=True, slots=True)
class ZoneDifference:
    """The first instant (UTC) at which the system's zone data reads another offset than ours.

    `system` is None where the system does not know the zone at all.
    """

    zone: str
    at: datetime
    package: timedelta
    system: timedelta | None


def describe_zone(zone: str, at: datetime) -> ZoneNow:
    """What a zone's clocks show at an instant, since when, and when they change next."""
    tz, at = zone_of(zone), require_utc(at)
    before = list(_changes(tz, at - _HORIZON_DAYS * _DAY, _HORIZON_DAYS))
    change = next(_changes(tz, at, _HORIZON_DAYS), None)
    return ZoneNow(
        offset=_offset(tz, at),
        abbreviation=at.astimezone(tz).tzname() or "",
        last_change=before[-1] if before else None,
        next_change=change,
        next_offset=_offset(tz, change) if change else None,
    )


def system_differences(
    zones: Iterable[str], since: datetime, days: int = _HORIZON_DAYS, root: Path = _SYSTEM
) -> list[ZoneDifference]:
    """Where the system's zone data differs from the package's, from `since` on for `days`.

    Only other programs are concerned: nothing here is resolved with the system's. A system
    without any zone data differs nowhere.
    """
    if not root.is_dir():
        return []
    found = (_difference(zone, require_utc(since), days, root) for zone in sorted(set(zones)))
    return [difference for difference in found if difference]


def system_version(root: Path = _SYSTEM) -> str:
    """The IANA version of the system's zone data; empty where it has none, or does not say."""
    try:
        with (root / "tzdata.zi").open(encoding="utf-8") as file:
            words = file.readline().split()
    except (OSError, UnicodeDecodeError):
        return ""
    return words[-1] if words[1:2] == ["version"] else ""


def _difference(zone: str, since: datetime, days: int, root: Path) -> ZoneDifference | None:
    ours, theirs = zone_of(zone), system_zone(zone, root)
    if theirs is None:
        return ZoneDifference(zone, since, _offset(ours, since), None)
    moments = {since, *_changes(ours, since, days), *_changes(theirs, since, days)}
    for at in sorted(moments):
        if _offset(ours, at) != _offset(theirs, at):
            return ZoneDifference(zone, at, _offset(ours, at), _offset(theirs, at))
    return None


def _changes(tz: tzinfo, since: datetime, days: int) -> Iterator[datetime]:
    """Every instant at which the offset changes, day by day; two in one day count as one."""
    for day in range(days):
        low, high = since + day * _DAY, since + (day + 1) * _DAY
        if _offset(tz, low) != _offset(tz, high):
            yield _change_in(tz, low, high)


def _change_in(tz: tzinfo, low: datetime, high: datetime) -> datetime:
    before = _offset(tz, low)
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        if _offset(tz, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _offset(tz: tzinfo, at: datetime) -> timedelta:
    return at.astimezone(tz).utcoffset() or timedelta(0)
