"""The lines of the world timeline: a region, or its zones and channels where they differ."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from promo_scheduler.plan import Window
from promo_scheduler.timing.walltime import local
from promo_scheduler.views.places import city
from promo_scheduler.views.words import offset


@dataclass(frozen=True, slots=True)
class Track:
    """One line: a region (or one of its zones, or of its channels) and its windows."""

    region: str
    zone: str
    detail: str  # which zone or channels, where the region has several lines
    windows: tuple[Window, ...]


def tracks(windows: Sequence[Window]) -> list[Track]:
    """One line for each region; more where its zones or channels differ. East comes first.

    Zones and channels with the same instants share a line.
    """
    found: list[Track] = []
    for region in dict.fromkeys(w.key.region for w in windows):
        lines = _lines([w for w in windows if w.key.region == region])
        several = len({zone for zones, *_ in lines for zone in zones}) > 1
        by_channel = _names_needed(lines)
        for zones, channels, own in lines:
            place = _cities(zones) if several else ""
            named = ", ".join(channels) if zones[0] in by_channel else ""
            detail = " ".join(part for part in (place, named) if part)
            found.append(Track(region, zones[0], detail, own))
    east = {
        track.region: max(distance(t) for t in found if t.region == track.region) for track in found
    }
    return sorted(found, key=lambda t: (-east[t.region], t.region, -distance(t), t.detail))


Drawn = tuple[list[str], list[str], tuple[Window, ...]]  # zones, channels, the windows of one


def _lines(windows: Sequence[Window]) -> list[Drawn]:
    """The lines of one region: what has the same instants on the same clocks is one."""
    by_place: dict[tuple[str, str], list[Window]] = {}
    for window in windows:
        by_place.setdefault((window.zone_name, window.key.channel), []).append(window)
    lines: dict[Hashable, Drawn] = {}
    for (zone, channel), mine in by_place.items():
        pattern = frozenset((w.key.campaign, w.key.phase, w.start, w.end) for w in mine)
        clocks = local(zone, min(w.start for w in mine)).utcoffset()
        zones, channels, _ = lines.setdefault((clocks, pattern), ([], [], tuple(mine)))
        zones += [zone] if zone not in zones else []
        channels += [channel] if channel not in channels else []
    return list(lines.values())


def _names_needed(lines: Sequence[Drawn]) -> set[str]:
    """The zones that have several lines, which only their channels tell apart."""
    firsts = [zones[0] for zones, *_ in lines]
    return {zone for zone in firsts if firsts.count(zone) > 1}


def _cities(zones: Sequence[str]) -> str:
    more = f" +{len(zones) - 1}" if len(zones) > 1 else ""
    return f"{city(zones[0])}{more}"


def distance(track: Track) -> float:
    """Seconds that the track's clock is ahead of UTC when its first window begins."""
    first = min(w.start for w in track.windows)
    ahead = local(track.zone, first).utcoffset() or timedelta(0)
    return ahead.total_seconds()


def offset_of(track: Track) -> str:
    return offset(local(track.zone, min(w.start for w in track.windows)))
