"""All that the picture shows, as tables of HTML: every window, and the clocks of the lanes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from promo_scheduler.plan import Window
from promo_scheduler.region import DayType, Region
from promo_scheduler.timing.walltime import local
from promo_scheduler.views.lengths import length_words
from promo_scheduler.views.places import blocks, channels_of, city, heading
from promo_scheduler.views.tables import WINDOWS, dates_of, utc_over_all, viewer_over_all
from promo_scheduler.views.tracks import Track, tracks
from promo_scheduler.views.words import Dates, clock, offer
from promo_scheduler.views.world.bars import Drawing
from promo_scheduler.views.world.markup import Markup, joined, tag, text
from promo_scheduler.views.world.scale import Scale
from promo_scheduler.views.world.scene import World
from promo_scheduler.views.world.sky import nights_in, turn_words, turns


def window_rows(world: World) -> Markup:
    """Every window, by region from east to west; a row for all channels that share it."""
    drawing, dates = Drawing.of(world), dates_of(world.plan.windows)
    viewer = [f"Time in {city(world.viewer)}"] if world.viewer else []
    heads = ("Phase", "Local time", "UTC", *viewer, "Length", "Offer", "Channels", "Decided by")
    groups = []
    for block in blocks(world.plan.windows, WINDOWS):
        everything = [window for row in block.rows for window in row]
        title = heading(block, everything, world.workspace.regions).plain
        head = tag("tr", tag("th", text(title), scope="rowgroup", colspan=len(heads) + 1))
        rows = (_row(row, drawing, dates) for row in block.rows)
        groups.append(tag("tbody", joined(head, *rows)))
    caption = f"Every window, by region from east to west; dates without a year are {dates.year}"
    return _table(caption, (*heads, "To know"), groups)


def _row(row: Sequence[Window], drawing: Drawing, dates: Dates) -> Markup:
    window, world = row[0], drawing.world
    viewer = [viewer_over_all(row, world.viewer, dates)] if world.viewer else []
    hours = (
        dates.local(window.zone_name, window.start, window.end),
        utc_over_all(row, dates),
        *viewer,
    )
    stopped = ("stopped by an error",) if world.is_stopped(window) else ()
    rest = (
        length_words(row),
        offer(window.offer, window.currency),
        ", ".join(channels_of(row)),
        window.decided_by,
        "\n".join((*stopped, *window.warnings)),
    )
    return tag(
        "tr",
        tag("th", text(drawing.named(window)), scope="row"),
        *(tag("td", text(cell), class_="t") for cell in hours),
        *(tag("td", text(cell)) for cell in rest),
    )


# ── the clocks ──────────────────────────────────────────────────────────────────────────────────
def clock_rows(world: World) -> Markup:
    """Each lane's zone: its clock changes, its peak hours, its first night."""
    scale = Scale.over(world.plan.windows)
    rows = [_clock(track, world, scale) for track in tracks(world.plan.windows)]
    heads = ("Region", "Zone", "Clock changes", "Peak hours", "First night")
    return _table("The lanes: clocks, peak hours and night", heads, [tag("tbody", joined(*rows))])


def _clock(track: Track, world: World, scale: Scale) -> Markup:
    region = world.region(track.region)
    changes = [turn_words(turn) for turn in turns(track.zone, scale.start, scale.end)]
    cells = (
        " ".join(filter(None, (track.zone, track.detail))),
        "; ".join(changes) or "none",
        _peaks(region),
        _night(region, track.zone, scale),
    )
    name = tag("th", text(region.title or region.name), scope="row")
    return tag("tr", name, *(tag("td", text(cell)) for cell in cells))


def _peaks(region: Region) -> str:
    kinds = ((kind, region.peaks.on(kind)) for kind in DayType)
    return "; ".join(f"{kind} {', '.join(map(str, peaks))}" for kind, peaks in kinds if peaks)


def _night(region: Region, zone: str, scale: Scale) -> str:
    found = nights_in(region, zone, scale.start, scale.start + timedelta(days=2))
    night = next((n for n in found if n[0] > scale.start), None)
    if night is None:
        return ""
    sets, rises = (local(zone, at) for at in night)
    return f"{Dates(sets.year).day(sets)} {clock(sets)} to {clock(rises)}"


def _table(caption: str, heads: Sequence[str], bodies: Sequence[Markup]) -> Markup:
    columns = tag("tr", *(tag("th", text(head), scope="col") for head in heads))
    return tag("table", joined(tag("caption", text(caption)), tag("thead", columns), *bodies))
