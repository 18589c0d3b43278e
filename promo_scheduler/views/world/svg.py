"""The world timeline as an SVG picture that stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promo_scheduler.timing.walltime import local
from promo_scheduler.views.places import city
from promo_scheduler.views.tracks import Track
from promo_scheduler.views.words import count, days, offset
from promo_scheduler.views.world.axis import axis, present
from promo_scheduler.views.world.bars import Drawing, bars
from promo_scheduler.views.world.legend import legend
from promo_scheduler.views.world.lettering import fitting
from promo_scheduler.views.world.marks import pattern_definitions
from promo_scheduler.views.world.markup import NOTHING, Markup, joined, number, tag, text
from promo_scheduler.views.world.scale import LEFT, RIGHT
from promo_scheduler.views.world.scene import Lane, World, scene_of
from promo_scheduler.views.world.sky import sky
from promo_scheduler.views.world.style import svg_style

EDGE, HEADING = 16.0, 58.0


def world_svg(world: World) -> str:
    """The picture, as a document. A plan without windows is one line that says so."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{world_picture(world)}\n'


def world_picture(world: World, *, headed: bool = True) -> Markup:
    """The picture, as an element; without its heading where a page has one already."""
    if not world.plan.windows:
        nothing = tag("text", text("Nothing is planned."), x=EDGE, y=80)
        return _picture(world, Frame(640, 96, headed), nothing)
    scene, drawing = scene_of(world.plan.windows), Drawing.of(world)
    names, bottom = legend(scene, drawing)
    width = scene.scale.right + RIGHT
    layers = (
        *(sky(lane, world.region(lane.track.region), scene.scale) for lane in scene.lanes),
        axis(scene),
        *(_name(lane, world) for lane in scene.lanes),
        *(bars(lane, drawing) for lane in scene.lanes),
        present(scene, world.now),
        names,
    )
    return _picture(world, Frame(width, bottom + 4, headed), *layers)


@dataclass(frozen=True, slots=True)
class Frame:
    """The edges of the picture; without its heading it begins below that."""

    width: float
    bottom: float
    headed: bool

    @property
    def top(self) -> float:
        return 0 if self.headed else HEADING


def _picture(world: World, frame: Frame, *layers: Markup) -> Markup:
    width, height = frame.width, frame.bottom - frame.top
    return tag(
        "svg",
        Markup("\n"),
        joined(
            tag("title", text(f"World timeline: {title_of(world)}"), id="promo-title"),
            tag("desc", text(description(world)), id="promo-desc"),
            tag("style", Markup(svg_style())),
            pattern_definitions(),
            tag("rect", y=frame.top, width=width, height=height, class_="page"),
            _heading(world, width) if frame.headed else NOTHING,
            *layers,
        ),
        Markup("\n"),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 {number(frame.top)} {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        aria_labelledby="promo-title promo-desc",
        class_="promo",
    )


# ── words ───────────────────────────────────────────────────────────────────────────────────────
def title_of(world: World) -> str:
    """The titles of the campaigns that are drawn; of many, the first three."""
    names = list(dict.fromkeys(window.key.campaign for window in world.plan.windows))
    shown = ", ".join(world.title(name) for name in names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown or "no windows"


def facts(world: World) -> str:
    """What is drawn, in one line."""
    windows = world.plan.windows
    if not windows:
        return f"tzdata {world.plan.tzdata}"
    first, last = min(w.start for w in windows), max(w.end for w in windows)
    regions = {window.key.region for window in windows}
    parts = (
        days(first, last),
        count(len(regions), "region"),
        count(len(windows), "window"),
        f"tzdata {world.plan.tzdata}",
        *([f"revision {world.plan.revision[:12]}"] if world.plan.revision else []),
    )
    return " · ".join(parts)


def description(world: World) -> str:
    """The picture in words."""
    order = ", ".join(dict.fromkeys(world.region(n).title or n for n in _regions(world)))
    if not order:
        return "Nothing is planned."
    return (
        f"{facts(world)}. Hours run from left to right in UTC; a lane for each region, "
        f"from east to west: {order}. Each bar is a window, marked with the letter of its phase."
    )


def _regions(world: World) -> Sequence[str]:
    windows = world.plan.windows
    return [lane.track.region for lane in scene_of(windows).lanes] if windows else []


def _heading(world: World, width: float) -> Markup:
    title = fitting(title_of(world), width - 2 * EDGE, 20)
    return joined(
        tag("text", text(title), x=EDGE, y=34, class_="h1"),
        tag("text", text(facts(world)), x=EDGE, y=54, class_="h2 dim"),
    )


# ── the lanes' names ────────────────────────────────────────────────────────────────────────────
def _name(lane: Lane, world: World) -> Markup:
    room, track = LEFT - EDGE - 12, lane.track
    where = fitting(lane_place(track), room)
    if not lane.leads:
        return tag("text", text(where), x=EDGE, y=lane.top + 22, class_="dim")
    region = world.region(track.region)
    title = region.title or region.name
    return joined(
        tag("text", text(fitting(title, room, 13)), x=EDGE, y=lane.top + 13, class_="name"),
        tag("text", text(where), x=EDGE, y=lane.top + 28, class_="dim"),
    )


def lane_place(track: Track) -> str:
    """Which zone or channels, and how far its clock is from UTC."""
    ends = (min(w.start for w in track.windows), max(w.end for w in track.windows))
    offsets = dict.fromkeys(offset(local(track.zone, at)) for at in ends)
    return f"{track.detail or city(track.zone)} · {', '.join(offsets)}"
