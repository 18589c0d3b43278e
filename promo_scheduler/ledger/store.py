"""Ledger: the one door to what stands. Each call is one transaction, or one moment that is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from promo_scheduler.audit import Detail, Stamp
from promo_scheduler.errors import LedgerMismatch
from promo_scheduler.firing import EventRecord, EventState, Firing, Settlement
from promo_scheduler.ledger import (
    applying,
    baselines,
    claiming,
    counting,
    handing,
    ordering,
    reading,
    rewinding,
    settling,
    starving,
)
from promo_scheduler.ledger.encoding import micros
from promo_scheduler.ledger.handing import Enqueue
from promo_scheduler.ledger.opening import open_database
from promo_scheduler.ledger.requests import (
    Access,
    ClaimRequest,
    EventQuery,
    HandOver,
    OrderRequest,
    WindowQuery,
)
from promo_scheduler.ledger.sharing import Sharing
from promo_scheduler.ledger.tables import STAMP
from promo_scheduler.ledger.transaction import THINKS, read_stamp, transaction
from promo_scheduler.order import Order
from promo_scheduler.plan import Application, Key, StandingWindow
from promo_scheduler.pricing import PricedLane, PriceEntry


class Ledger(Sharing):
    """What stands, what is due, who does it, and the sealed record of all that.

    Every instant given must be aware (else NaiveDatetime), every instant returned is UTC. Any call
    may raise LedgerUnavailable; then nothing of it was recorded. Safe to use from several threads
    and processes at once; calls block while another one writes.
    """

    @classmethod
    def open(cls, url: str, access: Access) -> Ledger:
        """Open the ledger at a database URL; create and migrate it where needed.

        Raises LedgerUnavailable where it is out of reach, or absent and not to be created, and
        LedgerMismatch where it is simulated and should be real (or the other way round), of a newer
        schema, or sealed with another key.
        """
        return cls(open_database(url, access), access)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def stamp(self) -> Stamp:
        """What the ledger says of itself."""
        with self._database.reading() as connection:
            return read_stamp(connection)

    # ── planning ────────────────────────────────────────────────────────────────────────────────
    def standing(self, since: datetime) -> tuple[StandingWindow, ...]:
        """Every window that is not over, and those over that ended no earlier than `since`."""
        with self._database.reading() as connection:
            return reading.standing(connection, since)

    def apply(self, application: Application) -> int:
        """Write a plan's changes with their events and one audit entry each. Returns the serial.

        Every event that is moved to another state has its entry too, and so has the stamp. The
        serial is raised once, and not at all where nothing changes; orders and their release raise
        it as well. Raises StalePlan, with nothing written, where the serial is not the expected
        one, or where a window has moved on since in a way that the change did not count on.
        """
        with transaction(self._database, self._access, THINKS) as write:
            return applying.apply(write, application)

    # ── firing ──────────────────────────────────────────────────────────────────────────────────
    def next_due(self) -> datetime | None:
        """The earliest instant at which `claim` may find something; None where nothing is open.

        May lie in the past. What waits for another event to be settled is not counted.
        """
        with self._database.reading() as connection:
            return claiming.next_due(connection)

    def next_ready(self, after: datetime) -> datetime | None:
        """The earliest instant after this one at which something is ready; whether it may be
        claimed then is not looked at.
        """
        with self._database.reading() as connection:
            return claiming.next_ready(connection, after)

    def claim(self, request: ClaimRequest) -> tuple[list[Firing], tuple[Order, ...]]:
        """Take due events, and read the orders in force with them, in one transaction.

        Each lane (channel and target) gets its turn before any gets a second one, what is in flight
        there counted, and the nearest deadline goes first. One event of a window at a time, and no
        start before an ending that is due no later in its lane (law 5). No events means that
        nothing more can be done now; a few do not.

        With keys: those of them that can be claimed now; the others wait on without their jobs.
        """
        with transaction(self._database, self._access) as write:
            firings = claiming.claim(write, request)
            return firings, ordering.orders(write.connection, in_force=True)

    def settle(self, settlements: Sequence[Settlement], now: datetime, owner: str) -> list[bool]:
        """Record how attempts came out: one transaction, one sealed audit entry an event.

        False for each whose claim is no longer the owner's: it changes nothing, and is on record as
        `firing.late-answer`. The same answer once more is True, and nothing is written. Raises
        ValueError for an ending to be given up or held (law 2).
        """
        with transaction(self._database, self._access) as write:
            return settling.settle(write, settlements, now, owner)

    def rewind(self, now: datetime, furthest: timedelta) -> int:
        """After the clock was set back: let what is due, and waits for a try that is further away
        than `furthest`, be tried now. Returns how many.
        """
        with transaction(self._database, self._access) as write:
            return rewinding.rewind(write, now, furthest)

    def hand_over(self, request: HandOver, enqueue: Enqueue) -> int:
        """Mark what may soon be tried as handed to a queue, and enqueue it, in one transaction.

        `enqueue` gets the driver's own connection, and the events with the instants at which they
        may be tried; the first come first. Returns how many.
        """
        with self._database.reading() as connection:
            if not handing.has_any(connection, request):
                return 0
        with transaction(self._database, self._access) as write:
            return handing.hand_over(write.connection, request, enqueue)

    def hold_starved(self, now: datetime, patience: timedelta) -> int:
        """Hold the starts that have waited longer than `patience` for an ending (law 5).

        They go on by themselves once it is settled. Returns how many were held now.
        """
        with transaction(self._database, self._access) as write:
            return starving.hold_starved(write, now, patience)

    # ── prices ──────────────────────────────────────────────────────────────────────────────────
    def priced_lane(self, firing: Firing, now: datetime) -> PricedLane:
        """Where prices are overwritten: what is live on the firing's channel and target at `now`,
        without its own window, and every baseline there.

        A window is live from the claim of its start until its ending is due.
        """
        with self._database.reading() as connection:
            return baselines.lane_of(connection, firing, now)

    def record_prices(self, firing: Firing, entry: PriceEntry, now: datetime, owner: str) -> bool:
        """Put prices on record while the firing's claim is the owner's; False where it is lost,
        and then nothing is recorded. A baseline that is there already stays what it is.
        """
        with transaction(self._database, self._access) as write:
            return baselines.record(write, firing, entry, now, owner)

    # ── orders ──────────────────────────────────────────────────────────────────────────────────
    def give(
        self,
        request: OrderRequest,
        goes_down: Callable[[StandingWindow], bool],
        at: datetime,
        actor: str,
    ) -> tuple[Order, tuple[StandingWindow, ...]]:
        """Put an order in force; the windows that go down with it are ended now, and returned.

        They are chosen of those that are or may be on a channel, under the same lock, so that none
        slips through while it begins. Their open starts are held under the order, their ending is
        due at once, and the order's number stays on them, so that its release can bring them back.
        """
        with transaction(self._database, self._access, THINKS) as write:
            return ordering.give(write, request, goes_down, at, actor)

    def release(self, order_id: int, application: Application) -> int:
        """Take an order back, with the changes that bring back what it took down; the new serial.

        What it held goes on, and the time it was held does not count as late. A window that was
        taken down and that the changes leave out is not begun again. Raises UnknownKey where no
        order in force has this number, and StalePlan as `apply` does.
        """
        with transaction(self._database, self._access, THINKS) as write:
            return ordering.release(write, order_id, application)

    def orders(self, *, in_force: bool = True) -> tuple[Order, ...]:
        """The orders in force, or all that were ever given; oldest first."""
        with self._database.reading() as connection:
            return ordering.orders(connection, in_force=in_force)

    def retry(self, key: Key, at: datetime, actor: str) -> int:
        """Try again now what failed, was missed, waits for its next try, or starved.

        Returns the generation that is tried. Raises UnknownKey where nothing of the present one
        can be tried.
        """
        with transaction(self._database, self._access) as write:
            return ordering.retry(write, key, at, actor)

    # ── reading ─────────────────────────────────────────────────────────────────────────────────
    def events(self, query: EventQuery) -> list[EventRecord]:
        """The events that a query names."""
        with self._database.reading() as connection:
            return reading.events(connection, query)

    def event(self, key: Key) -> list[EventRecord]:
        """Every generation of one event, oldest first; empty where there is none."""
        with self._database.reading() as connection:
            return reading.event(connection, key)

    def windows(self, query: WindowQuery) -> list[StandingWindow]:
        """The windows that a query names."""
        with self._database.reading() as connection:
            return reading.windows(connection, query)

    def counts(self) -> Mapping[EventState, int]:
        """How many events are in each state; every state is named."""
        with self._database.reading() as connection:
            return counting.by_state(connection)

    def number_of_events(self, query: EventQuery) -> int:
        """How many events a query names, whatever its limit and SKU."""
        with self._database.reading() as connection:
            return counting.events(connection, query)

    def number_of_windows(self, query: WindowQuery) -> int:
        """How many windows a query names, whatever its limit and SKU."""
        with self._database.reading() as connection:
            return counting.windows(connection, query)

    def overdue(self, before: datetime) -> tuple[int, datetime | None]:
        """How many events are to be done that were due before an instant (UTC), and the earliest
        instant of those.
        """
        with self._database.reading() as connection:
            return counting.overdue(connection, before)

    # ── the rest ────────────────────────────────────────────────────────────────────────────────
    def note(self, kind: str, key: str, detail: Detail, at: datetime, actor: str) -> None:
        """Put on record what changes nothing here, such as `daemon.started`."""
        with transaction(self._database, self._access) as write:
            write.note(at, kind, key, detail, actor=actor)

    def set_simulated_now(self, at: datetime) -> None:
        """Remember how far the simulated clock has come. Raises LedgerMismatch on a real ledger."""
        with transaction(self._database, self._access) as write:
            if not write.stamp.simulated:
                raise LedgerMismatch("a real ledger has no simulated clock")
            write.connection.execute(STAMP.update().values(simulated_now=micros(at)))
