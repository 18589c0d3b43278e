"""One window told in a few lines: in a picture where one points at it, and in a calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from promo_scheduler.plan import Window
from promo_scheduler.timing.walltime import local
from promo_scheduler.views.lengths import length_words
from promo_scheduler.views.places import channels_of, city
from promo_scheduler.views.words import Dates, offer, offset


@dataclass(frozen=True, slots=True)
class Telling:
    """How windows are told: `titles` of the campaigns and `places` of the regions by name.

    `viewer` is a zone whose clock is told too.
    """

    titles: Mapping[str, str]
    places: Mapping[str, str]
    viewer: str = ""

    def heading(self, window: Window) -> str:
        """`Double 11: launch, Germany`."""
        key = window.key
        title = self.titles.get(key.campaign) or key.campaign
        return f"{title}: {key.phase}, {self.places.get(key.region) or key.region}"

    def hours(self, window: Window) -> Iterator[str]:
        """On its own clock, in UTC, and on the viewer's."""
        dates = Dates(0)
        zone = window.zone_name
        there = offset(local(zone, window.start))
        yield f"{dates.local(zone, window.start, window.end)} ({zone}, {there})"
        yield dates.utc(window.start, window.end)
        if self.viewer:
            span = dates.local(self.viewer, window.start, window.end)
            yield f"{span} in {city(self.viewer)}"

    def story(self, windows: Sequence[Window]) -> list[str]:
        """Everything about a window; `windows` are the same one on several channels."""
        window = windows[0]
        return [
            *self.hours(window),
            offer(window.offer, window.currency),
            f"lasts {length_words([window])}",
            f"decided by {window.decided_by}",
            f"on {', '.join(channels_of(windows))}",
            *(f"! {warning}" for warning in window.warnings),
        ]
