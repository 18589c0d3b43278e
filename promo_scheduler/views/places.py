"""Where things happen: what is the same on several channels, and on the clocks of several zones,
is said once. Regions come from east to west, the way a day travels.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, TypeVar

from rich.text import Text

from promo_scheduler.plan import NO_ZONE, Window
from promo_scheduler.region import Region
from promo_scheduler.timing.walltime import local
from promo_scheduler.views.words import offset

DIM = "bright_black"
T = TypeVar("T")
Regions = Mapping[str, Region]


@dataclass(frozen=True, slots=True)
class Block(Generic[T]):
    """A region, or those of its zones in which everything is the same on their own clocks.

    Each row holds what is the same but for the channel and the zone; `zones` are in the order of
    the sun, and `by_zone` tells whether a channel targets them.
    """

    region: str
    zones: tuple[str, ...]
    by_zone: bool
    rows: tuple[tuple[T, ...], ...]


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """How the things to be grouped are read: their window, and their content without the place."""

    window: Callable[[T], Window]
    content: Callable[[T], Hashable]


@dataclass(slots=True)
class _Place(Generic[T]):
    region: str
    zone: str
    by_zone: bool
    rows: dict[Hashable, list[T]] = field(default_factory=dict)


def blocks(things: Sequence[T], read: Reading[T]) -> list[Block[T]]:
    """The things by region, the easternmost first, each said once."""
    merged: dict[Hashable, list[_Place[T]]] = {}
    for place in _places(things, read):
        merged.setdefault(_signature(place, read), []).append(place)
    east = _eastmost(things, read)
    found = [_block(places, read) for places in merged.values()]
    return sorted(found, key=lambda b: (-east[b.region], b.region, b.by_zone, b.zones))


def _places(things: Sequence[T], read: Reading[T]) -> list[_Place[T]]:
    found: dict[tuple[str, str, str], _Place[T]] = {}
    for thing in sorted(things, key=lambda t: _order(read.window(t))):
        key, zone = read.window(thing).key, read.window(thing).zone_name
        place = found.setdefault(
            (key.region, key.zone, zone), _Place(key.region, zone, key.zone != NO_ZONE)
        )
        place.rows.setdefault(read.content(thing), []).append(thing)
    return list(found.values())


def _order(window: Window) -> tuple[object, ...]:
    return window.key.campaign, window.start, window.rank, window.key


def _signature(place: _Place[T], read: Reading[T]) -> Hashable:
    """Equal for zones of one region in which everything is the same; unique for anything else."""
    channels = (tuple(read.window(t).key.channel for t in row) for row in place.rows.values())
    same = tuple(zip(place.rows, channels, strict=True))
    return (place.region, same) if place.by_zone else (place.region, place.zone)


def _block(places: list[_Place[T]], read: Reading[T]) -> Block[T]:
    places.sort(key=lambda place: -_ahead(read.window(next(iter(place.rows.values()))[0])))
    return Block(
        places[0].region,
        tuple(place.zone for place in places),
        places[0].by_zone,
        tuple(
            tuple(thing for place in places for thing in place.rows[content])
            for content in places[0].rows
        ),
    )


def _eastmost(things: Sequence[T], read: Reading[T]) -> dict[str, float]:
    east: dict[str, float] = {}
    for window in map(read.window, things):
        region, ahead = window.key.region, _ahead(window)
        east[region] = max(ahead, east.get(region, ahead))
    return east


def _ahead(window: Window) -> float:
    """Seconds that the window's clock is ahead of UTC when it begins."""
    return (local(window.zone_name, window.start).utcoffset() or timedelta(0)).total_seconds()


# ── what to say of them ─────────────────────────────────────────────────────────────────────────
def on_its_clock(window: Window) -> Hashable:
    """All of a window but its channel, zone and instants: equal where people see the same."""
    start, end = (local(window.zone_name, at) for at in (window.start, window.end))
    return (
        (window.key.campaign, window.key.phase, window.key.occurrence, window.key.slot),
        (start.replace(tzinfo=None), end.replace(tzinfo=None)),
        (window.offer, window.label, window.rank, window.warnings, window.decided_by),
    )


def channels_of(windows: Sequence[Window]) -> list[str]:
    """The channels, each once."""
    return sorted({window.key.channel for window in windows})


def heading(block: Block[T], windows: Sequence[Window], regions: Regions) -> Text:
    """`de Germany · Europe/Berlin UTC+1`; several zones with their offsets."""
    text = Text(block.region, style="bold")
    region = regions.get(block.region)
    rest = Text(style="not bold")
    if region and region.title not in ("", region.name):
        rest.append(f" {region.title}")
    rest.append(f" · {_zones_and_offsets(windows)}", style=DIM)
    if region and not block.by_zone and len(region.zones) > 1:
        rest.append(f", anchor of {len(region.zones)} zones", style=DIM)
    return text.append_text(rest)


def _zones_and_offsets(windows: Sequence[Window]) -> str:
    offsets: dict[str, dict[str, None]] = {}
    for window in sorted(windows, key=lambda w: (-_ahead(w), w.start)):
        found = offsets.setdefault(window.zone_name, {})
        found[offset(local(window.zone_name, window.start))] = None
    if len(offsets) == 1:
        return " ".join((*offsets, ", ".join(next(iter(offsets.values())))))
    cities: dict[str, list[str]] = {}
    for zone, found in offsets.items():
        cities.setdefault("/".join(found), []).append(city(zone))
    return ", ".join(f"{', '.join(names)} {words}" for words, names in cities.items())


def city(zone: str) -> str:
    """The last part of a zone's name: `New York`."""
    return zone.rpartition("/")[2].replace("_", " ")
