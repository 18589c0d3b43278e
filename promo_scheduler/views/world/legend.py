"""What the marks mean: each phase, and what lies behind the windows."""

from __future__ import annotations

from collections.abc import Iterator

from promo_scheduler.views.world.bars import Drawing
from promo_scheduler.views.world.lettering import width_of
from promo_scheduler.views.world.marks import Mark
from promo_scheduler.views.world.markup import Markup, joined, number, tag, text
from promo_scheduler.views.world.scene import MARK, ROW, Scene
from promo_scheduler.views.world.sky import EVERY_MIDNIGHT, turns

START, LINE, SWATCH = 16.0, 28.0, 34.0
Item = tuple[Markup, str]  # a swatch whose upper left corner is 0, 0; its words


def legend(scene: Scene, drawing: Drawing) -> tuple[Markup, float]:
    """The legend under the lanes, and where it ends."""
    x, y, right = START, scene.bottom + 22, scene.scale.right
    placed: list[Markup] = []
    for group in (list(_phases(drawing)), list(_signs(scene, drawing))):
        for swatch, words in group:
            width = SWATCH + 8 + width_of(words) + 22
            if x > START and x + width > right:
                x, y = START, y + LINE
            placed.append(_item(swatch, words, x, y))
            x += width
        x, y = START, y + LINE
    return joined(*placed), y


def _item(swatch: Markup, words: str, x: float, y: float) -> Markup:
    label = tag("text", text(words), x=SWATCH + 8, y=ROW / 2 + 4)
    return tag("g", swatch, label, transform=f"translate({number(x)} {number(y)})")


def _phases(drawing: Drawing) -> Iterator[Item]:
    several = len({campaign for campaign, _ in drawing.marks}) > 1
    for (campaign, phase), mark in drawing.marks.items():
        title = f"{drawing.world.title(campaign)}: " if several else ""
        yield _phase(mark), f"{title}{phase}"


def _phase(mark: Mark) -> Markup:
    return joined(
        tag("rect", width=SWATCH, height=ROW, rx=2.5, class_=f"{mark.fill} {mark.edge}"),
        tag("rect", width=MARK, height=ROW, rx=2.5, class_=mark.ink),
        tag("text", text(mark.letter), x=MARK / 2, y=ROW / 2 + 3.6, class_="badge onink"),
    )


def _signs(scene: Scene, drawing: Drawing) -> Iterator[Item]:
    scale = scene.scale
    if scale.shows_night:
        yield _box(scale.night), "night, by the sun there"
    if scale.shows_peaks:
        crest = tag("rect", y=ROW - 3, width=SWATCH, height=3, class_="crest")
        yield joined(_box("peak"), crest), "the region's own peak hours"
    each = scale.per_day >= EVERY_MIDNIGHT
    yield _line("midnight"), "local midnight" if each else "a local week begins"
    if any(list(turns(lane.track.zone, scale.start, scale.end)) for lane in scene.lanes):
        yield _line("change"), "clocks change there"
    if any(window.warnings for window in drawing.world.plan.windows):
        sign = joined(
            tag("circle", cx=SWATCH / 2, cy=ROW / 2, r=5, class_="warn"),
            tag("text", text("!"), x=SWATCH / 2, y=ROW / 2 + 3.4, class_="s b mid"),
        )
        yield sign, "a warning about its hours"
    if any(f.is_error for f in drawing.world.plan.findings):
        yield (
            tag("rect", width=SWATCH, height=ROW, rx=2.5, class_="p7 e7 stopped"),
            "stopped by an error",
        )
    if scale.holds(drawing.world.now):
        yield _line("now"), "now"


def _box(name: str) -> Markup:
    return tag("rect", width=SWATCH, height=ROW, class_=name)


def _line(name: str) -> Markup:
    ground = _box("day")
    return joined(ground, tag("path", d=f"M{number(SWATCH / 2)} 0v{number(ROW)}", class_=name))
