"""What a ledger is asked: frozen requests, light to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from promo_scheduler.audit import Head
from promo_scheduler.firing import EventState
from promo_scheduler.order import OrderKind, Scope
from promo_scheduler.plan import Key, Standing, WindowKey


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

    The claim holds as long as the owner's lease. A channel gets no more than `share` (None: any
    number), what is `in_flight` there counted, so that a slow one leaves room for the others (law
    11). `keys` given: these events and no others. On the channels `one_at_a_time` no more than one
    event of a lane (channel and target) is done at a time, by whomever.
    """

    now: datetime
    limit: int
    owner: str
    endings_only: bool = False
    share: int | None = None
    in_flight: Mapping[str, int] = field(default_factory=dict)
    keys: tuple[Key, ...] | None = None
    one_at_a_time: frozenset[str] = frozenset()

    def room_on(self, channel: str) -> int:
        """How many more events the channel may have."""
        if self.share is None:
            return self.limit
        return self.share - self.in_flight.get(channel, 0)


@dataclass(frozen=True, slots=True)
class HandOver:
    """What to hand over to a queue: at most `most` events that may be tried by `now` (UTC) and
    `horizon`.
    """

    now: datetime
    horizon: timedelta
    most: int


@dataclass(frozen=True, slots=True)
class Node:
    """A daemon among those that share a ledger. `name` is the owner of its claims; `place` is the
    machine and lock file of an embedded one, else empty.
    """

    name: str
    place: str
    engine: str


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node as the ledger has it, by the database's clock: since when (UTC), and how long its
    lease still lasts; below zero where it is dead and nobody has looked yet.
    """

    name: str
    place: str
    engine: str
    started_at: datetime
    lease_left: timedelta


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """A hold or a stop to be given."""

    kind: OrderKind
    scope: Scope
    reason: str


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events to read: in the scope, in one of the states (none given: any), due in
    [since, until), UTC; at most `limit` (None: all), in the order they are due. `with_reason`: only
    those of which something is known, such as why the last attempt failed.
    """

    scope: Scope = field(default_factory=Scope)
    states: frozenset[EventState] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    newest_first: bool = False
    with_reason: bool = False


@dataclass(frozen=True, slots=True)
class WindowQuery:
    """Which windows to read: in the scope, in one of these standings (none given: any), not over
    before `since` (UTC); at most `limit` (None: all), in the order they start.
    """

    scope: Scope = field(default_factory=Scope)
    standings: frozenset[Standing] = frozenset()
    since: datetime | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that was made: the audit's head in what was copied, and how many rows it has."""

    head: Head
    rows: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What a channel showed of a window (`state`, a word of `connector.Observed`); `refs` are the
    channel's own names of what was found there, the oldest first.
    """

    key: WindowKey
    state: str
    present: bool
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """What may be pruned: windows over `before` that instant (UTC), and the audit's entries after
    `since`, the present anchor, up to `anchor`.
    """

    before: datetime
    since: Head
    anchor: Head
    windows: int

    @property
    def entries(self) -> int:
        """How many entries of the audit go."""
        return self.anchor.seq - self.since.seq


@dataclass(frozen=True, slots=True)
class PruneRequest:
    """A cut to be made by `actor`. `archive` names the file that holds the entries, `digest` is its
    SHA-256 in hex; both are empty where no entry goes.
    """

    cut: Cut
    archive: str
    digest: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much a prune took away."""

    entries: int
    windows: int
    events: int
    orders: int

    def plus(self, other: Pruned) -> Pruned:
        """Both together."""
        return Pruned(
            *(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True))
        )
