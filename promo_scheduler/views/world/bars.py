"""The windows of a lane: a bar each, with its phase's letter, pattern and colour, and its story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promo_scheduler.plan import Window
from promo_scheduler.views.story import Telling
from promo_scheduler.views.words import value
from promo_scheduler.views.world.lettering import width_of
from promo_scheduler.views.world.marks import Mark, PhaseName, marks_of
from promo_scheduler.views.world.markup import NOTHING, Markup, tag, text
from promo_scheduler.views.world.scene import MARK, ROW, Bar, Lane, World

_AIR = 5.0
Hours = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What bars are drawn with. `alike` are the windows that share a bar, by their hours."""

    world: World
    marks: Mapping[PhaseName, Mark]
    telling: Telling
    alike: Mapping[Hours, Sequence[Window]]

    @classmethod
    def of(cls, world: World) -> Drawing:
        windows = world.plan.windows
        alike: dict[Hours, list[Window]] = {}
        for window in windows:
            alike.setdefault(_hours(window), []).append(window)
        return cls(world, marks_of(windows), telling_of(world), alike)

    def mark(self, window: Window) -> Mark:
        return self.marks[window.key.campaign, window.key.phase]

    def named(self, window: Window) -> str:
        """The letter and the name of a phase, with its campaign where there are several."""
        several = len({campaign for campaign, _ in self.marks}) > 1
        title = f"{self.world.title(window.key.campaign)}: " if several else ""
        return f"{self.mark(window).letter} {title}{window.key.phase}"


def telling_of(world: World) -> Telling:
    """How the workspace calls its campaigns and regions."""
    return Telling(
        {campaign.name: campaign.title for campaign in world.workspace.campaigns},
        {name: region.title for name, region in world.workspace.regions.items()},
        world.viewer,
    )


def _hours(window: Window) -> Hours:
    key = window.key
    return (key.campaign, key.phase, key.region, window.zone_name, window.start, window.end)


def bars(lane: Lane, drawing: Drawing) -> Markup:
    """Every window of a lane."""
    return Markup("\n".join(_bar(bar, drawing) for bar in lane.bars))


def _bar(bar: Bar, drawing: Drawing) -> Markup:
    window, mark = bar.window, drawing.mark(bar.window)
    stopped = drawing.world.is_stopped(window)
    lines = [
        drawing.telling.heading(window),
        *(["stopped by an error: it will not be applied"] if stopped else []),
        *drawing.telling.story(drawing.alike[_hours(window)]),
    ]
    dashed = " stopped" if stopped else ""
    box = {"x": bar.left, "y": bar.top, "height": ROW, "rx": 2.5}
    return tag(
        "g",
        tag("title", text("\n".join(lines))),
        tag("rect", **box, width=bar.width, class_=f"{mark.fill} {mark.edge}{dashed}"),
        tag("rect", **box, width=MARK, class_=f"{mark.ink}{dashed}"),
        _badge(bar, mark),
        _label(bar, mark),
        _warning(bar) if window.warnings else NOTHING,
    )


def _badge(bar: Bar, mark: Mark) -> Markup:
    middle, base = bar.left + MARK / 2, bar.top + ROW / 2 + 3.6
    return tag("text", text(mark.letter), x=middle, y=base, class_="badge onink")


def _label(bar: Bar, mark: Mark) -> Markup:
    """The phase and what is off, inside the bar; the phase beside it; or the letter alone."""
    phase = bar.window.key.phase
    whole = f"{phase} · {value(bar.window.offer, bar.window.currency)}"
    inside, beside = bar.width - MARK - 2 * _AIR, bar.room - 2 * _AIR
    base = bar.top + ROW / 2 + 4
    for words in (whole, phase):
        if width_of(words) <= inside:
            x = bar.left + MARK + _AIR
            return tag("text", text(words), x=x, y=base, class_=f"halo o{mark.number}")
    if width_of(phase) <= beside:
        x = bar.left + bar.width + _AIR - 1
        return tag("text", text(phase), x=x, y=base, class_="halo sky")
    return NOTHING


def _warning(bar: Bar) -> Markup:
    """A flag at its upper corner: there is something to know about its hours."""
    x, y = bar.left + bar.width, bar.top
    return tag(
        "g",
        tag("circle", cx=x, cy=y, r=5, class_="warn"),
        tag("text", text("!"), x=x, y=y + 3.4, class_="s b mid"),
    )
