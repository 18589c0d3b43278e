"""Campaign and Phase: what a person writes in one file, once it has been read. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from promo_scheduler.errors import Place
from promo_scheduler.offer import Offer
from promo_scheduler.when import OnHoliday, When


@dataclass(frozen=True, slots=True)
class Phase:
    """A named part of a campaign. `order` counts from 0 as written; a later one wins an overlap."""

    name: str
    order: int
    when: When
    offer: Offer
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late a start may begin: within `start_within` of it (None: while the window lasts),
    with at least `min_remaining` of the window left.
    """

    start_within: timedelta | None = None
    min_remaining: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Variant:
    """A region's difference (on one channel, where `channel` is given): its phases, merged.

    `cancelled` holds the reason why the region takes no part any more.
    """

    region: str
    channel: str | None
    phases: tuple[Phase, ...]
    cancelled: str | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One file. `regions` are names, tags already resolved; `channels` None: all that serve it."""

    name: str
    title: str
    owner: str
    regions: tuple[str, ...]
    channels: tuple[str, ...] | None
    phases: tuple[Phase, ...]
    variants: tuple[Variant, ...] = ()
    priority: int = 0
    stack: bool = False
    late: Lateness = field(default_factory=Lateness)
    on_holiday: OnHoliday | None = None  # None: kept, and said
    place: Place | None = None

    def variant(self, region: str, channel: str) -> Variant:
        """What holds for a region on a channel: the narrowest override, else the campaign."""
        found = {v.channel: v for v in self.variants if v.region == region}
        return found.get(channel) or found.get(None) or Variant(region, None, self.phases)
