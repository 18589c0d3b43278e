"""The hours in UTC above the lanes, and the line of the present."""

from __future__ import annotations

from datetime import datetime, timedelta

from promo_scheduler.views.words import clock
from promo_scheduler.views.world.lettering import width_of
from promo_scheduler.views.world.markup import NOTHING, Markup, joined, number, tag, text
from promo_scheduler.views.world.scale import DAY_ROOM, LEFT, Scale
from promo_scheduler.views.world.scene import TOP, Scene

DAYS, HOURS, FLAG = TOP - 20, TOP - 6, TOP - 50


def axis(scene: Scene) -> Markup:
    """Dates and hours; thin lines under the dates go through all lanes."""
    scale = scene.scale
    days = [_day(at, scale) for at in _dated(scale)]
    hours = [_hour(at, scale) for at in scale.hours() if scale.holds(at)]
    lines = "".join(
        f"M{number(scale.at(at))} {number(TOP - 2)}V{number(scene.bottom)}"
        for at in scale.days()
        if scale.holds(at)
    )
    return joined(
        tag("text", text("UTC"), x=LEFT - 10, y=DAYS, text_anchor="end", class_="b"),
        tag("path", d=f"M{number(LEFT)} {number(TOP)}H{number(scale.right)}", class_="rule"),
        tag("path", d=lines, class_="grid") if lines else NOTHING,
        *days,
        *hours,
    )


def _dated(scale: Scale) -> list[datetime]:
    """The midnights with a date; before them the range's start, where its date finds room."""
    found = [at for at in scale.days() if scale.holds(at)]
    soon = scale.at(found[0]) - LEFT if found else scale.width
    return [scale.start, *found] if scale.days_apart == 1 and soon > DAY_ROOM else found


def _day(at: datetime, scale: Scale) -> Markup:
    words = scale.date_words(at.date()) if scale.days_apart == 1 else f"{at.day} {at:%b %Y}"
    x = scale.at(at)
    if x + width_of(words) > scale.right + 20:
        return NOTHING
    return tag("text", text(words), x=x, y=DAYS, class_="b")


def _hour(at: datetime, scale: Scale) -> Markup:
    x = scale.at(at)
    tick = tag("path", d=f"M{number(x)} {number(TOP - 4)}v4", class_="tick")
    return joined(tick, tag("text", text(f"{at:%H}"), x=x, y=HOURS, class_="s dim mid num"))


def present(scene: Scene, now: datetime) -> Markup:
    """A line through all lanes, where the present lies in the range."""
    scale = scene.scale
    if not scale.holds(now):
        return NOTHING
    x, words = scale.at(now), f"now {clock(now - timedelta(seconds=now.second))} UTC"
    width = width_of(words) + 24
    left = min(x, scale.right + 16 - width)
    return tag(
        "g",
        tag("title", text(f"Now: {now:%a} {now.day} {now:%b %Y %H:%M} UTC")),
        tag("path", d=f"M{number(x)} {number(FLAG)}V{number(scene.bottom)}", class_="now"),
        tag("rect", x=left, y=FLAG, width=width, height=16, class_="nowflag"),
        tag("text", text(words), x=left + width / 2, y=FLAG + 12, class_="mid b onink"),
    )
