"""What lies behind the windows of a lane: night, peak hours, local midnights, clock changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from promo_scheduler.clock import TimeOfDay, WallTime
from promo_scheduler.region import Region
from promo_scheduler.timing.bands import Interval, peak_bands
from promo_scheduler.timing.changes import describe_zone
from promo_scheduler.timing.sun import nights
from promo_scheduler.timing.walltime import local, starts_at
from promo_scheduler.timing.zone_places import place_of
from promo_scheduler.views.words import Dates, lasting, offset
from promo_scheduler.views.world.lettering import width_of
from promo_scheduler.views.world.markup import Markup, joined, number, tag, text
from promo_scheduler.views.world.scale import Scale
from promo_scheduler.views.world.scene import STRIP, Lane

_DAY = timedelta(days=1)
_MIDNIGHT = TimeOfDay(0)
_TOO_LONG = 3660 * _DAY
CREST = 3.0
EVERY_MIDNIGHT = 18.0  # units a day
DATE_ROOM = 40.0


# ── what there is ───────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Turn:
    """The clocks change at an instant (UTC), by `by`; `before` and `after` are readings."""

    at: datetime
    by: timedelta
    before: datetime
    after: datetime

    @property
    def short(self) -> str:
        """`+1 h`, `−30 min`."""
        minutes = int(abs(self.by).total_seconds() // 60)
        sign = "−" if self.by < timedelta(0) else "+"
        return f"{sign}{minutes // 60} h" if not minutes % 60 else f"{sign}{minutes} min"

    @property
    def words(self) -> str:
        """`Sun 25 Oct 02:00, UTC+2 to UTC+1`: on the clock before the change."""
        reading = (self.before.replace(tzinfo=None) + timedelta(seconds=1)).replace(microsecond=0)
        moment = Dates(reading.year).moment(reading)
        return f"{moment}, {offset(self.before)} to {offset(self.after)}"


def turns(zone: str, first: datetime, last: datetime) -> Iterator[Turn]:
    """The clock changes of a zone within [first, last); none in a range too long to show them."""
    at = first
    while last - first < _TOO_LONG:
        change = describe_zone(zone, at).next_change
        if change is None or change >= last:
            return
        before, after = local(zone, change - timedelta(seconds=1)), local(zone, change)
        by = (after.utcoffset() or timedelta(0)) - (before.utcoffset() or timedelta(0))
        yield Turn(change, by, before, after)
        at = change


def nights_in(region: Region, zone: str, first: datetime, last: datetime) -> tuple[Interval, ...]:
    """The nights at the region's city; on another zone's clock, at the place of that zone."""
    if region.city and zone == region.anchor:
        return nights(region, first, last)
    there = place_of(zone) or region.city
    return nights(replace(region, city=there, zones=(zone,), anchor=zone), first, last)


def peaks_in(region: Region, zone: str, first: datetime, last: datetime) -> tuple[Interval, ...]:
    """The region's peaks; none where its calendar is not known, which is no matter of a picture."""
    try:
        return peak_bands(region, zone, first, last)
    except ValueError:
        return ()


# ── drawing ─────────────────────────────────────────────────────────────────────────────────────
def sky(lane: Lane, region: Region, scale: Scale) -> Markup:
    """Everything behind the windows."""
    zone = lane.track.zone
    parts = [_band(lane, scale, [(scale.start, scale.end)], "day")]
    if scale.shows_night:
        dark = nights_in(region, zone, scale.start, scale.end)
        parts.append(_band(lane, scale, dark, scale.night))
    if scale.shows_peaks:
        peaks = peaks_in(region, zone, scale.start, scale.end)
        parts += [_band(lane, scale, peaks, "peak"), _crests(lane, scale, peaks)]
    parts.append(_midnights(lane, scale))
    parts += [_turn(lane, scale, turn) for turn in turns(zone, scale.start, scale.end)]
    return joined(*parts)


def _band(lane: Lane, scale: Scale, spans: Sequence[Interval], name: str) -> Markup:
    return _boxes(scale, spans, lane.top, lane.height, name)


def _crests(lane: Lane, scale: Scale, spans: Sequence[Interval]) -> Markup:
    """A solid line under the peak, which tells it without colour."""
    return _boxes(scale, spans, lane.top + lane.height - CREST, CREST, "crest")


def _boxes(scale: Scale, spans: Sequence[Interval], top: float, height: float, name: str) -> Markup:
    places = ((scale.at(start), scale.at(end)) for start, end in spans)
    path = "".join(
        f"M{number(left)} {number(top)}H{number(right)}v{number(height)}H{number(left)}z"
        for left, right in places
    )
    return tag("path", d=path, class_=name) if path else Markup("")


def _midnights(lane: Lane, scale: Scale) -> Markup:
    """A tick where each local date begins, and the dates that find room."""
    ticks, dates, free = "", [], 0.0
    for day in _dates(lane.track.zone, scale):
        x = scale.at(starts_at(lane.track.zone, WallTime(day, _MIDNIGHT)))
        ticks += f"M{number(x)} {number(lane.top)}v{number(lane.height)}"
        words = scale.date_words(day)
        if words and x >= free and x + width_of(words, 9.5) + 6 < scale.right:
            dates.append(
                tag("text", text(words), x=x + 4, y=lane.top + 9.5, class_="s dim halo sky")
            )
            free = x + DATE_ROOM
    return joined(tag("path", d=ticks, class_="midnight"), *dates) if ticks else Markup("")


def _date(words: str, x: float, lane: Lane) -> Markup:
    return tag("text", text(words), x=x + 4, y=lane.top + 9.5, class_="s dim halo sky")


def _dates(zone: str, scale: Scale) -> Iterator[date]:
    """The local dates that begin in the range: all, or in a long one Mondays."""
    day, last = local(zone, scale.start).date() + _DAY, local(zone, scale.end).date()
    while day <= last:
        if scale.per_day >= EVERY_MIDNIGHT or day.weekday() == 0:
            yield day
        day += _DAY


def _turn(lane: Lane, scale: Scale, turn: Turn) -> Markup:
    """A dashed line, and a tag that says by how much."""
    x, width = scale.at(turn.at), width_of(turn.short, 9.5) + 8
    flag = tag(
        "rect", x=x - width, y=lane.top + 1, width=width, height=STRIP - 1, rx=2, class_="tagged"
    )
    words = tag("text", text(turn.short), x=x - width / 2, y=lane.top + 10, class_="s b mid")
    line = tag("path", d=f"M{number(x)} {number(lane.top)}v{number(lane.height)}", class_="change")
    title = tag("title", text(f"The clocks in {lane.track.zone} change: {turn.words}"))
    return tag("g", title, line, flag, words)


def turn_words(turn: Turn) -> str:
    """A clock change in a table: when, from what to what, and by how much."""
    way = "back" if turn.by < timedelta(0) else "forward"
    return f"{turn.words}: {lasting(turn.by)} {way}"
