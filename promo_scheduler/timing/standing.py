"""What stands, resolved again: the walls of a window under the zone data at hand (T1, T11)."""

from __future__ import annotations

from datetime import timedelta

from promo_scheduler.plan import WallSpan
from promo_scheduler.timing.hours import Outcome, hours_in
from promo_scheduler.timing.notices import REFUSED_CLOCK_CHANGE, Impossible, Notice
from promo_scheduler.timing.walls import Walls, Written
from promo_scheduler.timing.walltime import naive
from promo_scheduler.timing.zonedata import zones


def resolve_span(zone: str, span: WallSpan) -> Outcome:
    """The hours of a span in a zone (an IANA name), or why nothing comes of it there."""
    if zone not in zones():
        return Impossible(Notice(REFUSED_CLOCK_CHANGE, f"the zone data have no {zone} any more"))
    words = f"{span.start.time} until {span.end.time}" if span.end else str(span.start.time)
    return hours_in(
        zone,
        Walls(
            written=Written("", 1, span.start, span.end, words),
            start=span.start,
            end=span.end,
            starts=naive(span.start),
            ends=naive(span.end) if span.end else None,
            elapsed=span.elapsed,
            one_date=span.end is None or span.end.day - span.start.day <= timedelta(days=1),
        ),
        span.changes,
    )
