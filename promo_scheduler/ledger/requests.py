"""What a ledger is asked: frozen requests, light to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from promo_scheduler.firing import EventState
from promo_scheduler.order import OrderKind, Scope
from promo_scheduler.plan import Standing


@dataclass(frozen=True, slots=True)
class Access:
    """How to open a ledger.

    `secret` keys the audit's seals; `actor` is who settles, where nobody else is named; relative
    SQLite paths are taken from `root`; `create` False refuses a ledger that is not there yet.
    """

    secret: bytes = field(repr=False)
    actor: str
    root: Path
    simulated: bool = False
    create: bool = True


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """What to claim: at most `limit` events that are due at `now` (UTC), for `owner`.

    The claim holds until `now + lease` unless it is renewed. A channel gets no more than `share`
    (None: any number), what is `in_flight` there counted, so that a slow one leaves room for the
    others (law 11).
    """

    now: datetime
    limit: int
    owner: str
    lease: timedelta
    endings_only: bool = False
    share: int | None = None
    in_flight: Mapping[str, int] = field(default_factory=dict)

    def room_on(self, channel: str) -> int:
        """How many more events the channel may have."""
        if self.share is None:
            return self.limit
        return self.share - self.in_flight.get(channel, 0)

    @property
    def full(self) -> list[str]:
        """The channels that may have none."""
        return [channel for channel in self.in_flight if self.room_on(channel) <= 0]


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A hold or a stop to be given."""

    kind: OrderKind
    scope: Scope
    reason: str


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events to read: in the scope, in one of the states (none given: any), due in
    [since, until), UTC; at most `limit` (None: all), in the order they are due.
    """

    scope: Scope = field(default_factory=Scope)
    states: frozenset[EventState] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class WindowQuery:
    """Which windows to read: in the scope, in one of these standings (none given: any), not over
    before `since` (UTC); at most `limit` (None: all), in the order they start.
    """

    scope: Scope = field(default_factory=Scope)
    standings: frozenset[Standing] = frozenset()
    since: datetime | None = None
    limit: int | None = None
