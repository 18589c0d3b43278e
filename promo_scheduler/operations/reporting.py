"""Status: what is live, what comes next, what is late, failing or held, and which orders stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from promo_scheduler.audit import Stamp
from promo_scheduler.clock import Versions
from promo_scheduler.firing import EventRecord, EventState
from promo_scheduler.order import Order, Scope
from promo_scheduler.plan import Standing, StandingWindow

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger

NEXT_SHOWN = 10
GRACE = timedelta(seconds=5)  # an event this long past its instant and not settled is overdue
# What is still to be done, and is not held by anybody.
WAITING = frozenset(
    {EventState.PENDING, EventState.HANDED, EventState.CLAIMED, EventState.UNCERTAIN}
)


@dataclass(frozen=True, slots=True)
class Status:
    """What stands, at one instant (UTC).

    `changed` says which zone data and calendars are others than what stands was resolved with.
    """

    at: datetime
    stamp: Stamp
    live: tuple[StandingWindow, ...]
    next: tuple[EventRecord, ...]
    overdue: tuple[EventRecord, ...]
    failing: tuple[EventRecord, ...]
    held: tuple[EventRecord, ...]
    orders: tuple[Order, ...]
    counts: Mapping[EventState, int]
    changed: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether nothing is late or failing."""
        return not self.overdue and not self.failing


def status(ledger: Ledger, now: datetime, scope: Scope | None = None) -> Status:
    """Read the ledger for people. `now` is a UTC instant."""
    from promo_scheduler.ledger import EventQuery, WindowQuery
    from promo_scheduler.timing import versions

    stamp = ledger.stamp()
    within = scope or Scope()
    coming = EventQuery(within, WAITING, since=now, limit=NEXT_SHOWN)
    late = ledger.events(EventQuery(within, WAITING, until=now - GRACE))
    live = frozenset({Standing.LIVE, Standing.ENDING})
    return Status(
        at=now,
        stamp=stamp,
        live=tuple(ledger.windows(WindowQuery(within, live))),
        next=tuple(ledger.events(coming)),
        overdue=tuple(late),
        failing=(
            *(event for event in late if event.reason),
            *ledger.events(EventQuery(within, frozenset({EventState.FAILED}), since=_recent(now))),
        ),
        held=tuple(ledger.events(EventQuery(within, frozenset({EventState.HELD})))),
        orders=ledger.orders(),
        counts=ledger.counts(),
        changed=stamp.versions.changed(versions()) if stamp.versions != Versions() else (),
    )


def ending(ledger: Ledger, now: datetime) -> tuple[StandingWindow, ...]:
    """The windows that are to be ended and not confirmed to be. `now` is a UTC instant."""
    return tuple(w for w in ledger.standing(since=now) if w.standing is Standing.ENDING)


def _recent(now: datetime) -> datetime:
    return now - timedelta(days=7)
