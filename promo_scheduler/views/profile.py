"""When a region buys: the profile of each day type, with the learned and the configured window.

Bars are hours on the region's clock. What is learned, configured or both is told by the mark under
them, not by colour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from promo_scheduler.region import Peak
from promo_scheduler.timing.learning import Lesson, Profile
from promo_scheduler.views.grid import Grid, Line, Row
from promo_scheduler.views.words import count, plain

BARS = " ▁▂▃▄▅▆▇█"
LEARNED, CONFIGURED, BOTH = "━", "┄", "═"
DIM, NEW = "bright_black", "bold"
WIDE_FROM = 104  # columns: there an hour takes two
HALF_HOUR = 1800
NAMED = 5  # unknown places


@dataclass(frozen=True, slots=True)
class Profiles:
    """A rich renderable that takes the width it is given."""

    lessons: tuple[Lesson, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        drawn = _Drawing(2 if options.max_width >= WIDE_FROM else 1)
        items: list[Line | Row] = []
        for lesson in self.lessons:
            if lesson.orders:
                items += [*drawn.region(lesson), Line()]
        silent = [lesson.region.name for lesson in self.lessons if not lesson.orders]
        if silent:
            items += [Line(Text(f"No orders, so nothing changes: {', '.join(silent)}")), Line()]
        if len(silent) < len(self.lessons):
            items.append(Line(_legend()))
        yield Grid(items)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws hours `width` columns wide."""

    width: int

    def region(self, lesson: Lesson) -> Iterator[Line | Row]:
        yield Line(heading(lesson))
        yield Row((Text(), self._axis(), Text()))
        for profile in lesson.profiles:
            first, second = words(profile)
            yield Row((Text(str(profile.kind)), self._bars(profile), first))
            yield Row((Text(), self._marks(profile), Text(second, style=DIM)))

    def _axis(self) -> Text:
        step = 3 if self.width == 2 else 6
        ticks = (f"╷{hour:02d}".ljust(step * self.width) for hour in range(0, 24, step))
        return Text("".join(ticks), style=DIM)

    def _bars(self, profile: Profile) -> Text:
        hours = by_hour(profile)
        most = max(hours) or 1.0
        levels = (max(round(8 * share / most), share > 0) for share in hours)
        return Text("".join(BARS[level] * self.width for level in levels), style="cyan")

    def _marks(self, profile: Profile) -> Text:
        new = [self._covers(each.peak) for each in profile.learned]
        old = [self._covers(peak) for peak in profile.configured]
        text = Text()
        for cell in range(24 * self.width):
            learned, configured = (any(is_in(cell) for is_in in each) for each in (new, old))
            mark = (BOTH if configured else LEARNED) if learned else CONFIGURED
            text.append(mark if learned or configured else " ", style=NEW if learned else DIM)
        return text

    def _covers(self, peak: Peak) -> Callable[[int], bool]:
        """Whether a column lies in a peak, for at least half of it; round midnight too."""
        column = 2 * HALF_HOUR // self.width
        return lambda cell: in_peak(peak, cell * column + column // 2)


def in_peak(peak: Peak, second: int) -> bool:
    """Whether a second of the day lies in a peak."""
    if peak.crosses_midnight:
        return second >= peak.start.seconds or second < peak.end.seconds
    return peak.start.seconds <= second < peak.end.seconds


def by_hour(profile: Profile) -> list[float]:
    """The 24 shares of a day's orders, an hour each."""
    return [sum(profile.shares[at : at + 2]) for at in range(0, len(profile.shares), 2)]


# ── words ───────────────────────────────────────────────────────────────────────────────────────
def heading(lesson: Lesson) -> Text:
    """`gb United Kingdom · Europe/London · 17,812 orders`."""
    region = lesson.region
    text = Text(region.name, style="bold")
    rest = Text(style="not bold")
    if region.title not in ("", region.name):
        rest.append(f" {region.title}")
    rest.append(f" · {region.anchor}", style=DIM)
    if len(region.zones) > 1:
        rest.append(f", anchor of {len(region.zones)} zones: all orders are read on its clock", DIM)
    rest.append(f" · {count(lesson.orders, 'order')}", style=DIM)
    return text.append_text(rest)


def words(profile: Profile) -> tuple[Text, str]:
    """What becomes of the configured window, and what speaks for it."""
    old = listed(profile.configured)
    if not profile.learned:
        return Text(f"{old} kept" if old else "none configured"), profile.reason
    new = listed([each.peak for each in profile.learned])
    decided = Text(f"{new}, as configured") if new == old else Text(f"{old or 'none'} → ")
    if new != old:
        decided.append(new, style=NEW)
    return decided, f"{_evidence(profile)}; {_basis(profile)}"


def listed(peaks: Sequence[Peak]) -> str:
    """Peaks one after another: `20:30-23:30, 12:00-13:30`."""
    return ", ".join(map(str, peaks))


def _evidence(profile: Profile) -> str:
    spans = ", ".join(
        str(each.earliest) if each.earliest == each.latest else f"{each.earliest}–{each.latest}"
        for each in profile.learned
    )
    share = sum(each.share for each in profile.learned)
    return f"90 % sure to start {spans}; {share * 100:.0f} % of {count(profile.orders, 'order')}"


def _basis(profile: Profile) -> str:
    empty = profile.days_without_orders
    return count(profile.days, "day") + (f", {empty:,} without orders" if empty else "")


def _legend() -> Text:
    return Text(
        f"{LEARNED * 2} learned   {CONFIGURED * 2} configured   {BOTH * 2} both   "
        "bars: orders by hour of the region's clock, smoothed; few are drawn toward all regions",
        style=DIM,
    )


def places_notes(
    kind: str, unknown: Mapping[str, int], shared: Mapping[str, Sequence[str]]
) -> list[str]:
    """What is to be said of the places that orders came from. `kind`: region or country."""
    notes = [
        f"Orders from {country} count for each of {', '.join(names)}: "
        "the file does not tell them apart."
        for country, names in shared.items()
    ]
    if unknown:
        total = count(sum(unknown.values()), "order")
        most = sorted(unknown.items(), key=lambda item: (-item[1], item[0]))
        named = ", ".join(f"{plain(name)} {number:,}" for name, number in most[:NAMED])
        more = f" and {len(most) - NAMED:,} more" if len(most) > NAMED else ""
        notes.append(f"{total} of a {kind} that no region here has: {named}{more}.")
    return notes


# ── for programs ────────────────────────────────────────────────────────────────────────────────
def lesson_data(lesson: Lesson) -> dict[str, Any]:
    """A lesson as JSON-able data; times are on the clock of `zone`."""
    return {
        "region": lesson.region.name,
        "zone": lesson.region.anchor,
        "zones": list(lesson.region.zones),
        "orders": lesson.orders,
        "profiles": [_profile_data(profile) for profile in lesson.profiles],
        "changes": {kind.value: list(map(str, lesson.peaks.on(kind))) for kind in lesson.changed},
    }


def _profile_data(profile: Profile) -> dict[str, Any]:
    return {
        "day_type": profile.kind.value,
        "orders": profile.orders,
        "days": profile.days,
        "days_without_orders": profile.days_without_orders,
        "hours": [round(share, 5) for share in by_hour(profile)],
        "configured": list(map(str, profile.configured)),
        "learned": [
            {
                "peak": str(each.peak),
                "start_from": str(each.earliest),
                "start_until": str(each.latest),
                "share": round(each.share, 4),
            }
            for each in profile.learned
        ],
        "reason": profile.reason or None,
    }
