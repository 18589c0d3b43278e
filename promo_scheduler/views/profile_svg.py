"""The learned profiles as a picture: a row a region, a panel a day type; black and white will do.

A solid bar above the hours is the learned window, with the whiskers of its start; a dashed one
below is the configured window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from promo_scheduler.clock import DAY_SECONDS, TimeOfDay
from promo_scheduler.region import Peak
from promo_scheduler.timing.learning import Lesson, Profile
from promo_scheduler.views.profile import by_hour, heading, in_peak, words

HOUR = 14  # pixels
DAY = 24 * HOUR
GAP, EDGE = 36, 24
TITLE, PANEL, BARS = 34, 148, 60
WIDTH = 2 * EDGE + 3 * DAY + 2 * GAP
HEAD, FOOT = 58, 44
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #111; }
.title { font-size: 18px; font-weight: 600; }
.region { font-size: 14px; font-weight: 600; }
.dim { fill: #555; font-size: 11px; }
.bar { fill: #b8b8b8; }
.in { fill: #333; }
.learned { stroke: #000; stroke-width: 5; }
.whisker { stroke: #000; stroke-width: 1.5; fill: none; }
.configured { stroke: #000; stroke-width: 2.5; stroke-dasharray: 5 4; }
.axis { stroke: #777; stroke-width: 1; }
"""


def profiles_svg(lessons: Sequence[Lesson]) -> str:
    """A whole SVG document; regions without orders are left out of it."""
    shown = [lesson for lesson in lessons if lesson.orders]
    height = HEAD + len(shown) * (TITLE + PANEL) + FOOT
    body = [
        part for n, each in enumerate(shown) for part in _region(each, HEAD + n * (TITLE + PANEL))
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"',
            f' viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc">',
            '<title id="title">When each region buys</title>',
            f'<desc id="desc">{escape(_description(shown))}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            _text(EDGE, 32, "When each region buys, by hour of its own clock", "title"),
            *body,
            *_legend(height - FOOT / 2),
            "</svg>\n",
        ]
    )


def _description(lessons: Sequence[Lesson]) -> str:
    return " ".join(
        f"{heading(lesson).plain}: "
        + "; ".join(f"{p.kind}: {words(p)[0].plain}, {words(p)[1]}" for p in lesson.profiles)
        + "."
        for lesson in lessons
    )


def _region(lesson: Lesson, top: float) -> Iterator[str]:
    yield _text(EDGE, top + 20, heading(lesson).plain, "region")
    for number, profile in enumerate(lesson.profiles):
        left = EDGE + number * (DAY + GAP)
        label = escape(f"{lesson.region.name} {profile.kind}: {words(profile)[0].plain}")
        yield f'<g transform="translate({left} {top + TITLE})"><title>{label}</title>'
        yield from _panel(profile)
        yield "</g>"


def _panel(profile: Profile) -> Iterator[str]:
    """A day type's bars, marks and words; its own origin is the upper left corner."""
    base = 26 + BARS
    hours = by_hour(profile)
    most = max(hours) or 1.0
    for hour, share in enumerate(hours):
        tall = BARS * share / most
        inside = any(in_peak(each.peak, hour * 3600 + 1800) for each in profile.learned)
        yield (
            f'<rect class="bar{" in" * inside}" x="{hour * HOUR + 1}" y="{base - tall:.1f}" '
            f'width="{HOUR - 2}" height="{tall:.1f}"/>'
        )
    yield _line("axis", 0, DAY, base)
    for hour in range(0, 25, 6):
        yield _text(hour * HOUR, base + 25, f"{hour:02d}", "dim", "middle")
    for each in profile.learned:
        yield from _window("learned", each.peak, 18)
        yield from _whiskers(each.earliest, each.latest)
    for peak in profile.configured:
        yield from _window("configured", peak, base + 8)
    first, second = words(profile)
    yield _text(0, 4, f"{profile.kind}: {first.plain}")
    for number, part in enumerate(second.split("; ", 1)):
        yield _text(0, base + 42 + number * 14, part, "dim")


def _window(kind: str, peak: Peak, y: float) -> Iterator[str]:
    """A window as a line, in two parts where it crosses midnight."""
    start, end = peak.start.seconds, peak.end.seconds
    parts = [(start, DAY_SECONDS), (0, end)] if peak.crosses_midnight else [(start, end)]
    for begin, until in parts:
        yield _line(kind, _x(begin), _x(until), y)


def _whiskers(earliest: TimeOfDay, latest: TimeOfDay) -> Iterator[str]:
    low, high = _x(earliest.seconds), _x(latest.seconds)
    parts = [(low, high)] if low <= high else [(low, DAY), (0, high)]
    ends = " ".join(f"M{x:.1f} 9V23" for x in (low, high))
    spans = " ".join(f"M{begin:.1f} 12H{until:.1f}" for begin, until in parts)
    yield f'<path class="whisker" d="{ends} {spans}"/>'


def _legend(y: float) -> Iterator[str]:
    marks = (("learned", "learned"), ("configured", "configured"))
    for number, (kind, word) in enumerate(marks):
        left = EDGE + number * 130
        yield _line(kind, left, left + 28, y - 4)
        yield _text(left + 36, y, word)
    at = f"translate({EDGE + 260} {y - 16})"
    yield f'<path class="whisker" transform="{at}" d="M0 9V23M28 9V23M0 12H28"/>'
    yield _text(EDGE + 296, y, "where 90 of 100 resamples of the days start it")
    yield f'<rect class="bar in" x="{EDGE + 580}" y="{y - 10}" width="10" height="11"/>'
    yield _text(EDGE + 598, y, "hours inside the learned window")


def _x(seconds: int) -> float:
    return seconds / 3600 * HOUR


def _line(kind: str, begin: float, end: float, y: float) -> str:
    return f'<line class="{kind}" x1="{begin:.1f}" x2="{end:.1f}" y1="{y}" y2="{y}"/>'


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
