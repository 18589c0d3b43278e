"""The clocks of regions: the time there, the offset, the next clock change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.text import Text

from promo_scheduler.record import instant
from promo_scheduler.region import Region
from promo_scheduler.timing.changes import ZoneNow, describe_zone
from promo_scheduler.timing.walltime import local
from promo_scheduler.views.grid import Grid, Line, Row
from promo_scheduler.views.words import Dates, offset, relative

DIM = "bright_black"


@dataclass(frozen=True, slots=True)
class ZoneClock:
    """One zone of a region; `there` is the present on its clocks (aware)."""

    region: Region
    zone: str
    there: datetime
    now: ZoneNow


def clocks_of(regions: Iterable[Region], now: datetime) -> list[ZoneClock]:
    """A clock for every zone of every region, the easternmost region first."""
    found = [
        ZoneClock(region, zone, local(zone, now), describe_zone(zone, now))
        for region in regions
        for zone in region.zones
    ]
    anchors = {clock.region.name: clock.now.offset for clock in found if _is_anchor(clock)}
    return sorted(found, key=lambda c: (-anchors[c.region.name], c.region.name, not _is_anchor(c)))


def _is_anchor(clock: ZoneClock) -> bool:
    return clock.zone == clock.region.anchor


def clock_grid(clocks: Sequence[ZoneClock], now: datetime) -> Grid:
    """One row for each zone; the first one of a region is its anchor."""
    dates = Dates(now.year)
    items: list[Line | Row] = []
    last = ""
    for clock in clocks:
        first = clock.region.name != last
        last = clock.region.name
        cells = (
            Text(clock.region.name if first else "", style="bold"),
            Text(clock.zone),
            Text(f"{clock.there:%a %H:%M}"),
            Text(f"{offset(clock.there)} {_letters(clock.now)}".rstrip(), style=DIM),
            Text(_next_change(clock, dates)),
            Text(relative(clock.now.next_change, now) if clock.now.next_change else "", style=DIM),
            Text(clock.region.title if first else ""),
        )
        items.append(Row(cells))
    return Grid(items, indent=0, spill=(6, 5, 4), drop=frozenset({5, 6}))


def _letters(now: ZoneNow) -> str:
    """The zone's abbreviation; nothing for one that only repeats the offset, such as `+03`."""
    return now.abbreviation if now.abbreviation.isalpha() else ""


def _next_change(clock: ZoneClock, dates: Dates) -> str:
    change = clock.now.next_change
    if change is None:
        return ""
    then = local(clock.zone, change)
    return f"{offset(then)} from {dates.day(then).partition(' ')[2]}"


def clock_data(clock: ZoneClock) -> dict[str, Any]:
    """A clock as JSON-able data; offsets in seconds east of UTC."""
    change, after = clock.now.next_change, clock.now.next_offset
    return {
        "region": clock.region.name,
        "zone": clock.zone,
        "anchor": _is_anchor(clock),
        "local": clock.there.isoformat(),
        "offset": int(clock.now.offset.total_seconds()),
        "abbreviation": clock.now.abbreviation,
        "next_change": instant(change) if change else None,
        "next_offset": int(after.total_seconds()) if after is not None else None,
    }
