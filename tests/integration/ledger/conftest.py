"""A ledger on each database, and short ways to say what happens to it."""

import contextlib
import shutil
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from promo_scheduler.clock import Versions
from promo_scheduler.connector import Observed, ObservedState, Receipt, RemoteRef
from promo_scheduler.firing import EventState, Settlement
from promo_scheduler.ledger import (
    Access,
    ClaimRequest,
    EventQuery,
    HandOver,
    Ledger,
    Node,
    OrderRequest,
    Seen,
)
from promo_scheduler.ledger.location import Location
from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.order import OrderKind, Scope
from promo_scheduler.plan import (
    Action,
    Application,
    Change,
    ChangeKind,
    Key,
    TriggerEvent,
    Window,
    WindowKey,
)

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASE, RUN_OUT = timedelta(seconds=60), timedelta(0)  # by the database's clock, which nobody ticks
VERSIONS = Versions("2026f", "0.109", "2.6.0", "3.2")
SECRET = b"the audit key of these tests"


def a_window(campaign="double-11", *, start=NOON, end=None, **more):
    """A window of one campaign, two hours long; the target is its own unless another is given."""
    key = WindowKey(campaign, "launch", more.pop("region", "de"), "-", "2026-11-10", 1, "shop")
    offer = Offer(PercentOff(Decimal(25)), Selection(skus=frozenset({"A-1"})))
    given = {"target": campaign, "currency": "EUR", "offer": offer, "label": "Double 11"}
    given |= {"start_wall": None, "end_wall": None, "end": end or start + 2 * HOUR}
    return Window(key, "Europe/Berlin", start=start, **given | more)


def its_events(window, generation=1, stage_ahead=None):
    """Activate and deactivate, and before them stage where asked for."""
    due = {Action.ACTIVATE: window.start, Action.DEACTIVATE: window.end}
    if stage_ahead is not None:
        due[Action.STAGE] = window.start - stage_ahead
    return tuple(TriggerEvent(Key(window.key, a), at, generation) for a, at in due.items())


class Desk:
    """A ledger, the present instant, and the daemon's name; `at` moves the clock."""

    def __init__(self, url, root, *, simulated=False):
        self.url, self.root, self.now, self.owner = url, root, NOON - 4 * HOUR, "daemon-1"
        self.access = Access(SECRET, "daemon", root, simulated=simulated)
        self.ledger = Ledger.open(url, self.access)

    def at(self, now):
        self.now = now
        return self

    # ── planning ────────────────────────────────────────────────────────────────────────────────
    def apply(self, *changes, events=(), expected=None, at=None):
        return self.ledger.apply(self.application(*changes, events=events, expected=expected))

    def application(self, *changes, events=(), expected=None):
        return Application(
            changes, tuple(events), self.now, "ann", VERSIONS, "abc123", "c0ffee", expected
        )

    def create(self, window, generation=1, stage_ahead=None):
        events = its_events(window, generation, stage_ahead)
        change = self.change(ChangeKind.CREATE, window, generation)
        self.apply(change, events=events)
        return window

    def change(self, kind, window, generation=1, saw=None):
        """`saw`: where the window stood when the change was planned."""
        gone = kind in (ChangeKind.WITHDRAW, ChangeKind.CANCEL)
        after = None if gone else window
        return Change(kind, window.key, window, after, saw, generation, kind.value, "the plan")

    # ── firing ──────────────────────────────────────────────────────────────────────────────────
    def claim(self, limit=100, owner=None, **more):
        request = ClaimRequest(self.now, limit, owner or self.owner, **more)
        firings, _ = self.ledger.claim(request)
        return firings

    def claim_one(self, **more):
        (firing,) = self.claim(**more)
        return firing

    def settle(self, firing, state=EventState.DONE, owner=None, **more):
        settlement = Settlement(firing, state, **more)
        (stood,) = self.ledger.settle([settlement], self.now, owner or self.owner)
        return stood

    def done(self, firing, **more):
        """Handed over and done, as reading back showed."""
        ref = RemoteRef("remote-7", firing.natural_key)
        receipt = Receipt(ref, ObservedState(Observed.ACTIVE), **more)
        return self.settle(firing, handed_at=self.now, receipt=receipt)

    def run(self, until, limit=50):
        """Do all that becomes due until then, each at its own instant."""
        for _ in range(limit):
            due = self.ledger.next_due()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            for firing in self.claim():
                assert self.done(firing)
        self.now = until

    # ── nodes ───────────────────────────────────────────────────────────────────────────────────
    def enter(self, name, place="", lease=LEASE):
        """A daemon that is alive; or, with a lease that has `RUN_OUT`, one that fell silent."""
        self.ledger.enter(Node(name, place, "pgqueuer"), lease)

    def fall_silent(self, name):
        """Its lease runs out, and it has not heard of it."""
        assert self.ledger.beat(name, RUN_OUT)

    # ── handing over ────────────────────────────────────────────────────────────────────────────
    def hand_over(self, horizon=5 * HOUR, most=1000):
        """Everything of the horizon; what was enqueued, as (key, instant)."""
        jobs = []
        request = HandOver(self.now, horizon, most)
        count = self.ledger.hand_over(request, lambda _, events: jobs.extend(events))
        assert count == len(jobs)
        return [(job.key, job.due_at) for job in jobs]

    # ── orders ──────────────────────────────────────────────────────────────────────────────────
    def on_its_channel(self, window):
        """As if reading its channel had shown something of it."""
        self.ledger.observed([Seen(window.key, "scheduled", present=True)], self.now, "ann")

    def hold(self, *take_down, kind=OrderKind.HOLD, **scope):
        request = OrderRequest(kind, Scope(**scope), "stock count")
        keys = {window.key for window in take_down}
        order, _ = self.ledger.give(request, lambda s: s.window.key in keys, self.now, "ann")
        return order

    # ── reading ─────────────────────────────────────────────────────────────────────────────────
    def state(self, window, action, generation=None):
        records = self.ledger.event(Key(window.key, action))
        if generation is not None:
            records = [r for r in records if r.event.generation == generation]
        return records[-1].state

    def record(self, window, action):
        return self.ledger.event(Key(window.key, action))[-1]

    def standing(self, window):
        found = {w.window.key: w for w in self.ledger.standing(NOON - timedelta(days=9999))}
        return found[window.key]

    def kinds(self, key=""):
        return [entry.kind for entry in self.ledger.audit(key=key)]

    def events(self, **asked):
        return self.ledger.events(EventQuery(**asked))

    def told(self, key):
        """The entries of one event: kind, state, and the order or serial behind it."""
        entries = [e for e in self.ledger.audit(key=str(key)) if e.key == str(key)]
        causes = [e.detail.get("order") or e.detail.get("serial") for e in entries]
        return [(e.kind, e.detail["state"], c) for e, c in zip(entries, causes, strict=True)]

    # ── the database behind it ──────────────────────────────────────────────────────────────────
    @contextlib.contextmanager
    def raw(self):
        """A plain connection to the database."""
        engine = sa.create_engine(Location.parse(self.url, self.root).url)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    @contextlib.contextmanager
    def tampering(self):
        """A connection of somebody who owns the database, the audit's triggers taken away."""
        with self.raw() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("ALTER TABLE promo_audit DISABLE TRIGGER ALL")
            else:
                for name in ("no_update", "no_delete", "no_replace"):
                    connection.exec_driver_sql(f"DROP TRIGGER promo_audit_{name}")
            yield connection


@pytest.fixture(scope="session")
def made_in_sqlite(tmp_path_factory):
    """The file of an empty ledger: to migrate one anew for each test takes longer than the test."""
    folder = tmp_path_factory.mktemp("made")
    Ledger.open("sqlite:///ledger.db", Access(SECRET, "daemon", folder)).close()
    return folder / "ledger.db"


@pytest.fixture(scope="session")
def made_in_postgresql(postgresql, tmp_path_factory):
    """As `made_in_sqlite`: a database to be copied."""
    with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE promo_made")
    access = Access(SECRET, "daemon", tmp_path_factory.mktemp("made"))
    Ledger.open(postgresql.get_uri(database="promo_made"), access).close()
    return "promo_made"


@pytest.fixture
def template(request):
    """What a new PostgreSQL database begins as: empty, or a ledger where the test has a desk."""
    has_desk = "desk" in request.fixturenames
    return request.getfixturevalue("made_in_postgresql") if has_desk else "template1"


@pytest.fixture
def postgresql_url(postgresql, template):
    """The URL of a new database."""
    name = f"promo_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield postgresql.get_uri(database=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def desk(ledger_url: str, made_in_sqlite: Path, tmp_path: Path):
    if ledger_url.startswith("sqlite") and not (tmp_path / "ledger.db").exists():
        shutil.copy(made_in_sqlite, tmp_path)
    made = Desk(ledger_url, tmp_path)
    yield made
    made.ledger.close()


@pytest.fixture
def window():
    """Makes windows: see `a_window`."""
    return a_window


@pytest.fixture
def events_of():
    """Makes a window's events: see `its_events`."""
    return its_events


@pytest.fixture
def moved():
    """The same window at other hours."""
    return lambda window, by: replace(window, start=window.start + by, end=window.end + by)
