"""Window, TriggerEvent, Key, Plan, Standing, Change, Finding: what will happen, and what changes.

A key names wall dates, never instants: new zone data moves an event and never doubles it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from promo_scheduler.campaign import Lateness
from promo_scheduler.clock import Versions, WallTime
from promo_scheduler.errors import Place, Problem, UnknownKey
from promo_scheduler.offer import Offer
from promo_scheduler.when import ClockChange

NO_ZONE = "-"


class Action(StrEnum):
    """What a trigger event does: create in advance, make live, end."""

    STAGE = "stage"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"


@lru_cache(maxsize=4096)  # the same few names make up thousands of keys
def _encode(part: str) -> str:
    return quote(part, safe="")


class WindowKey(NamedTuple):
    """The identity of a window: every part of a Key but the action.

    Keys and events are by far the most values of a plan: as tuples they take half the time to make
    and to look up.
    """

    campaign: str
    phase: str
    region: str
    zone: str  # NO_ZONE unless the channel targets zones
    occurrence: str  # a literal wall date, or a name with its year
    slot: int  # the number of the window in that occurrence, from 1
    channel: str

    def __str__(self) -> str:
        parts = (self.campaign, self.phase, self.region, self.zone, self.occurrence)
        return "/".join((*map(_encode, parts), str(self.slot), _encode(self.channel)))

    @classmethod
    def parse(cls, text: str) -> WindowKey:
        """Read what `str` wrote. Raises UnknownKey where the text has another shape."""
        parts = [unquote(part) for part in text.split("/")]
        if len(parts) != 7 or not parts[5].isdecimal():
            raise UnknownKey(
                f'expected campaign/phase/region/zone/occurrence/slot/channel, found "{text}"',
                help="`promo events` lists the keys",
            )
        campaign, phase, region, zone, occurrence, slot, channel = parts
        return cls(campaign, phase, region, zone, occurrence, int(slot), channel)


class Key(NamedTuple):
    """The identity of a trigger event: its window's key and `/action`."""

    window: WindowKey
    action: Action

    def __str__(self) -> str:
        return f"{self.window}/{self.action.value}"

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read what `str` wrote. Raises UnknownKey where the text has another shape."""
        window, _, action = text.rpartition("/")
        if action not in Action.__members__.values():
            raise UnknownKey(
                f'expected a key that ends in an action ({", ".join(Action)}), found "{text}"',
                help="`promo events` lists the keys",
            )
        return cls(WindowKey.parse(window), Action(action))


def natural_key(ledger_id: str, window: WindowKey) -> str:
    """The name under which a channel knows a window's discount; the same for every generation.

    One ledger's id is part of it, so that two sellers' tools on one account never meet.
    """
    digest = hashlib.sha256(str(window).encode()).hexdigest()
    return f"promo-{ledger_id[:8]}-{digest[:16]}"


@dataclass(frozen=True, slots=True)
class WallSpan:
    """The walls that zone data turn into a window's [start, end), with nothing else beside them.

    `elapsed` is real time after the wall `end`; where that is None, after the start's instant.
    """

    start: WallTime
    end: WallTime | None
    elapsed: timedelta = timedelta(0)
    changes: ClockChange = field(default_factory=ClockChange)


@dataclass(frozen=True, slots=True)
class Window:
    """One phase in one region (and zone) on one channel: [start, end), instants in UTC.

    `start_wall` and `end_wall` are what the file means in `zone_name`; None under `clock: instant`
    and, for the end, where a duration decided it. `rank` orders overlapping offers: the
    campaign's priority, then the phase's order; higher wins. `decided_by` says in words what set
    the hours. `span` is what resolves them anew; None where no clock on the wall decides: instants
    that are written, and hours from the sun.
    """

    key: WindowKey
    zone_name: str
    target: str
    start_wall: WallTime | None
    end_wall: WallTime | None
    start: datetime
    end: datetime
    currency: str
    offer: Offer
    rank: tuple[int, int] = (0, 0)
    stack: bool = False
    late: Lateness = field(default_factory=Lateness)
    label: str = ""
    decided_by: str = ""
    warnings: tuple[str, ...] = ()
    span: WallSpan | None = None
    place: Place | None = field(default=None, compare=False)

    def reads_as(self, other: Window) -> bool:
        """Whether both say the same on the wall: only zone data can tell their instants apart.

        Where only a duration is known to decide the end, it has to be as long; without wall times
        nothing is said.
        """
        if self.start_wall is None or self.zone_name != other.zone_name:
            return False
        if self.span and other.span:
            return self.span == other.span
        same = (self.start_wall, self.end_wall) == (other.start_wall, other.end_wall)
        as_long = self.end - self.start == other.end - other.start
        return same and (self.end_wall is not None or as_long)


class _Draft:
    """The fields of a Window that is not frozen yet."""

    __slots__ = tuple(each.name for each in fields(Window))


WindowFields = tuple[
    WindowKey, str, str, WallTime | None, WallTime | None, datetime, datetime, str,
    Offer, tuple[int, int], bool, Lateness, str, str, tuple[str, ...],
    WallSpan | None, Place | None,
]  # fmt: skip


def window_of(values: WindowFields) -> Window:
    """A Window of the values of its fields, in their order.

    A plan is mostly windows, and to freeze one field by field takes four times as long.
    """
    draft: Any = _Draft()
    (
        draft.key, draft.zone_name, draft.target, draft.start_wall, draft.end_wall,
        draft.start, draft.end, draft.currency, draft.offer, draft.rank, draft.stack, draft.late,
        draft.label, draft.decided_by, draft.warnings, draft.span, draft.place,
    ) = values  # fmt: skip
    draft.__class__ = Window
    window: Window = draft
    return window


class TriggerEvent(NamedTuple):
    """Something to do at an instant (UTC). What stands is (key, generation)."""

    key: Key
    due_at: datetime
    generation: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule, overlap, guard or capability that spoke, and whom it concerns.

    A finding of severity `error` stops its own campaign × region, and nothing else.
    """

    problem: Problem
    campaign: str
    region: str = ""

    @property
    def is_error(self) -> bool:
        return self.problem.severity == "error"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the workspace asks for, at one revision and one version of zone data and calendars."""

    windows: tuple[Window, ...]
    events: tuple[TriggerEvent, ...]
    findings: tuple[Finding, ...]
    versions: Versions
    revision: str | None

    @property
    def tzdata(self) -> str:
        """The IANA version of the zone data."""
        return self.versions.tzdata


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one region gets of a plan. `peak_share`: how much of its hours lies in its own peak
    hours (0 to 1), None where it has none. `problem` warns where it gets too little.
    """

    region: str
    campaigns: tuple[str, ...]
    hours_per_week: float
    peak_share: float | None
    problem: Problem | None = None


class Standing(StrEnum):
    """Where a window stands in the ledger."""

    PLANNED = "planned"  # nothing of it is on the channel
    STAGED = "staged"  # created in advance, or being created
    LIVE = "live"  # its activation was begun
    ENDING = "ending"  # an early end was asked for and is not settled yet
    ENDED = "ended"
    CANCELLED = "cancelled"  # taken out before anything of it was on the channel
    MISSED = "missed"  # its start was missed, skipped or failed: on record


@dataclass(frozen=True, slots=True)
class StandingWindow:
    """A window as the ledger holds it.

    `touched`: something of it is, or may be, on the channel; it was handed to the connector, or is
    in flight. `taken_by` is the order that took it down, to be brought back by its release.
    `never_began`: it is being taken back because its start was missed.
    """

    window: Window
    standing: Standing
    generation: int
    touched: bool = False
    taken_by: int | None = None
    never_began: bool = False

    @property
    def is_over(self) -> bool:
        return self.standing in (Standing.ENDED, Standing.CANCELLED, Standing.MISSED)


class ChangeKind(StrEnum):
    """What a plan does to what stands."""

    CREATE = "create"
    MOVE = "move"
    AMEND = "amend"
    WITHDRAW = "withdraw"  # live or staged: its end is brought forward to now
    CANCEL = "cancel"  # nothing of it is on a channel yet


@dataclass(frozen=True, slots=True)
class Change:
    """One window's difference. `before` None: it is new or comes back; `after` None: it goes.

    `generation` is the one that will stand afterwards. `policy` is the word the settings and
    flags know it by: the kind, or `amend-live`, `move-live-end`, `starts-late`, `end-now`.
    """

    kind: ChangeKind
    key: WindowKey
    before: Window | None
    after: Window | None
    standing: Standing | None
    generation: int
    policy: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A window that new zone data leave as it stands, and why: a person has to look at it."""

    key: WindowKey
    reason: str


@dataclass(frozen=True, slots=True)
class Application:
    """Changes to be written in one transaction, with the events that they bring.

    `expected_serial` is the ledger's apply serial that the changes were computed against; None
    where they cannot be stale. `at` is a UTC instant.
    """

    changes: tuple[Change, ...]
    events: tuple[TriggerEvent, ...]
    at: datetime
    actor: str
    versions: Versions
    revision: str | None = None
    config_digest: str = ""
    expected_serial: int | None = None
    reason: str = ""  # why a person wanted it, where one was asked
