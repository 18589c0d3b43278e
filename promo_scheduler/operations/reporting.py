"""Status: what is live, what comes next, what is late, failing or held, and which orders stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from promo_scheduler.audit import Stamp
from promo_scheduler.clock import Versions
from promo_scheduler.firing import EventRecord, EventState
from promo_scheduler.order import Order, Scope
from promo_scheduler.plan import Standing, StandingWindow

if TYPE_CHECKING:
    from promo_scheduler.ledger import EventQuery, Ledger, NodeState

NEXT_SHOWN = 10
LISTED = 50  # of what is live, late, failing or held; the rest is counted
FAILED_FOR = timedelta(days=7)  # as long as a failure is told
GRACE = timedelta(seconds=5)  # an event this long past its instant and not settled is overdue
# What is still to be done, and is not held by anybody.
WAITING = frozenset(
    {EventState.PENDING, EventState.HANDED, EventState.CLAIMED, EventState.UNCERTAIN}
)


@dataclass(frozen=True, slots=True)
class Totals:
    """How many there are of what a status lists in part."""

    live: int
    overdue: int
    failing: int
    held: int


@dataclass(frozen=True, slots=True)
class Status:
    """What stands, at one instant (UTC). Its lists are bounded, its totals are not.

    `changed` says which zone data and calendars are others than what stands was resolved with.
    """

    at: datetime
    stamp: Stamp
    live: tuple[StandingWindow, ...]
    next: tuple[EventRecord, ...]
    overdue: tuple[EventRecord, ...]
    failing: tuple[EventRecord, ...]
    held: tuple[EventRecord, ...]
    totals: Totals
    orders: tuple[Order, ...]
    nodes: tuple[NodeState, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether nothing is late or failing."""
        return not self.totals.overdue and not self.totals.failing


def status(ledger: Ledger, now: datetime, scope: Scope | None = None) -> Status:
    """Read the ledger for people. `now` is a UTC instant."""
    from promo_scheduler.ledger import EventQuery, WindowQuery
    from promo_scheduler.timing import versions

    stamp, within = ledger.stamp(), scope or Scope()
    live = WindowQuery(within, frozenset({Standing.LIVE, Standing.ENDING}), limit=LISTED)
    late = EventQuery(within, WAITING, until=now - GRACE, limit=LISTED)
    held = EventQuery(within, frozenset({EventState.HELD}), limit=LISTED)
    failing = (replace(late, with_reason=True), _failed(within, now))
    return Status(
        at=now,
        stamp=stamp,
        live=tuple(ledger.windows(live)),
        next=tuple(ledger.events(EventQuery(within, WAITING, since=now, limit=NEXT_SHOWN))),
        overdue=tuple(ledger.events(late)),
        failing=tuple(event for query in failing for event in ledger.events(query)),
        held=tuple(ledger.events(held)),
        totals=Totals(
            live=ledger.number_of_windows(live),
            overdue=ledger.number_of_events(late),
            failing=sum(map(ledger.number_of_events, failing)),
            held=ledger.number_of_events(held),
        ),
        orders=ledger.orders(),
        nodes=ledger.nodes(),
        changed=stamp.versions.changed(versions()) if stamp.versions != Versions() else (),
    )


def _failed(within: Scope, now: datetime) -> EventQuery:
    from promo_scheduler.ledger import EventQuery

    failed = frozenset({EventState.FAILED})
    return EventQuery(within, failed, since=now - FAILED_FOR, limit=LISTED)
