"""What any engine must do, with real daemons in this process over a real ledger.

Subclass `EngineContract`, give it a ledger and an engine, and the rest is tested. Nothing here knows
which engine it is.
"""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.channels.account import Account
from promo_scheduler.clock import Versions
from promo_scheduler.connector import Connector, Health, Observed, ObservedState, RemoteRef
from promo_scheduler.engine.accounts import Accounts
from promo_scheduler.engine.books import Books
from promo_scheduler.engine.clocks import SystemClock
from promo_scheduler.engine.dispatcher import Means
from promo_scheduler.engine.engines import Chore
from promo_scheduler.engine.lease import Lease
from promo_scheduler.engine.service import Parts, Service
from promo_scheduler.firing import Backoff, EventState
from promo_scheduler.ledger import Access, EventQuery, Ledger, Node
from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.plan import (
    Action,
    Application,
    Change,
    ChangeKind,
    Key,
    TriggerEvent,
    Window,
    WindowKey,
    natural_key,
)
from promo_scheduler.settings import Settings

CLOCK = SystemClock()
SECOND = timedelta(seconds=1)
CHANNEL = Channel("shop", "shelf", ("de",))
OFFER = Offer(PercentOff(Decimal(25)), Selection(everything=True))
BACKOFF = Backoff(timedelta(milliseconds=20), timedelta(milliseconds=50))
WITHIN = 40  # seconds that a test waits for what an engine does in its own time


class Shop(Connector):
    """What buyers see: which discount went live, and when. The daemons share it."""

    capabilities = Capabilities()

    def __init__(self):
        self.live, self.activated = {}, []

    async def find(self, natural_key):
        return (RemoteRef(natural_key, natural_key),) if natural_key in self.live else ()

    async def ensure(self, request):
        self.live.setdefault(request.natural_key, Observed.SCHEDULED)
        return RemoteRef(request.natural_key, request.natural_key)

    async def activate(self, ref):
        self.activated.append((ref.id, CLOCK.now()))
        self.live[ref.id] = Observed.ACTIVE

    async def deactivate(self, ref):
        self.live[ref.id] = Observed.ENDED

    async def read(self, ref):
        return ObservedState(self.live.get(ref.id, Observed.ABSENT))

    async def health(self):
        return Health(ok=True)


class Stage:
    """A ledger, a shop, and the daemons that run over them."""

    def __init__(self, url, folder):
        self.url, self._folder = url, folder
        self.shop, self.ledger = Shop(), self.opened()

    def opened(self):
        return Ledger.open(self.url, Access(b"key", "ann", self._folder))

    # ── what is planned ─────────────────────────────────────────────────────────────────────────
    def plan(self, *starts):
        """A window of an hour for each start, which is all that is due of it."""
        found = [_window(number, start) for number, start in enumerate(starts, start=1)]
        self._apply(*(_change(ChangeKind.CREATE, None, window) for window in found))
        return found

    def move(self, window, start):
        moved = replace(window, start=start, end=start + timedelta(hours=1))
        self._apply(_change(ChangeKind.MOVE, window, moved))
        return moved

    def cancel(self, window):
        self._apply(_change(ChangeKind.CANCEL, window, None))

    def _apply(self, *changes):
        events = tuple(
            TriggerEvent(Key(change.key, Action.ACTIVATE), change.after.start)
            for change in changes
            if change.after
        )
        self.ledger.apply(Application(changes, events, CLOCK.now(), "ann", Versions("2026f")))

    # ── what became of it ───────────────────────────────────────────────────────────────────────
    def states(self):
        return {event.event.key.window: event.state for event in self.ledger.events(EventQuery())}

    async def reach(self, state, *windows):
        await until(lambda: all(self.states()[window.key] is state for window in windows))

    def went_live(self, window):
        name = natural_key(self.ledger.stamp().id, window.key)
        return [at for ref, at in self.shop.activated if ref == name]

    # ── a daemon ────────────────────────────────────────────────────────────────────────────────
    def means(self, ledger, name, lease):
        return Means(
            books=Books(ledger, name),
            accounts=Accounts(
                {"shop": CHANNEL}, lambda channel: Account(channel, self.shop, CLOCK)
            ),
            clock=CLOCK,
            lease=Lease(CLOCK, lease),
            backoff=BACKOFF,
            max_in_flight=200,
        )


def _window(number, start):
    key = WindowKey("c", "p", "de", "-", "2026-11-11", number, "shop")
    end = start + timedelta(hours=1)
    return Window(key, "Europe/Berlin", "de", None, None, start, end, "EUR", OFFER)


def _change(kind, before, after):
    return Change(kind, (after or before).key, before, after, None, 1, kind.value)


async def until(condition):
    async with asyncio.timeout(WITHIN):
        while not condition():
            await asyncio.sleep(0.02)


class Tally:
    """A chore that notes how often it was done, and by how many at the same moment."""

    def __init__(self):
        self.done, self.at_once, self.most = 0, 0, 0

    async def __call__(self):
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0.2)
        self.at_once -= 1
        self.done += 1


class EngineContract:
    """Give `ledger_url` (a fixture) and `engine`; say how many daemons may share a ledger."""

    daemons = 1
    lease = None  # of each daemon; None where it is alone
    lead = SECOND / 2  # within which the engine has taken what is planned into its keeping

    @pytest.fixture
    def stage(self, ledger_url, tmp_path):
        stage = Stage(ledger_url, tmp_path)
        yield stage
        assert stage.ledger.verify() == []
        stage.ledger.close()

    # ── to be given ─────────────────────────────────────────────────────────────────────────────
    @asynccontextmanager
    async def engine(self, stage, means, chores):
        """A running engine for one daemon; gives its wake, and the chores that the daemon does."""
        raise NotImplementedError
        yield

    async def until_handed(self, stage, *windows):
        """Wait until the engine has taken these into its own keeping, where it has any."""

    def disturb(self, stage):
        """Double, hasten and lose whatever the engine keeps of its own, where it keeps anything."""

    def cut(self, stage):
        """Break the engine's connections, where it has any."""

    # ── to be used ──────────────────────────────────────────────────────────────────────────────
    @asynccontextmanager
    async def running(self, stage, chores=()):
        """As many daemons as may share the ledger; they begin and stop together."""
        enough, daemons = asyncio.Event(), []
        for number in range(self.daemons):
            up = asyncio.Event()
            live = self._live(stage, f"host:{number}:a", chores, up, enough)
            daemons.append((asyncio.create_task(live), up))
        try:
            await asyncio.gather(*(asyncio.wait_for(up.wait(), WITHIN) for _, up in daemons))
            yield
        finally:
            enough.set()
            await asyncio.gather(*(task for task, _ in daemons))

    async def _live(self, stage, name, chores, up, enough):
        async with self.daemon(stage, name, chores):
            up.set()
            await enough.wait()

    @asynccontextmanager
    async def daemon(self, stage, name, chores=()):
        ledger = stage.opened()
        means = stage.means(ledger, name, self.lease)
        node = Node(name, place="", engine="contract")
        async with self.engine(stage, means, chores) as (wake, own_chores):
            service = Service(Parts(means, wake, Settings(), node, chores=own_chores))
            task = asyncio.create_task(service.run())
            try:
                yield
            finally:
                service.stop()
                await asyncio.wait_for(task, WITHIN)
                await means.accounts.close()
        ledger.close()

    # ── the contract ────────────────────────────────────────────────────────────────────────────
    async def test_each_event_is_fired_once_and_never_before_it_is_due(self, stage):
        start = CLOCK.now() + SECOND
        windows = stage.plan(*(start + n * timedelta(milliseconds=80) for n in range(40)))
        async with self.running(stage):
            await stage.reach(EventState.DONE, *windows)
        for window in windows:
            (at,) = stage.went_live(window)
            assert at >= window.start

    async def test_what_is_overdue_when_a_daemon_starts_is_fired(self, stage):
        windows = stage.plan(*[CLOCK.now() - SECOND] * 3)
        async with self.running(stage):
            await stage.reach(EventState.DONE, *windows)
        assert [len(stage.went_live(window)) for window in windows] == [1, 1, 1]

    async def test_what_was_moved_after_it_was_handed_over_fires_at_its_new_instant(self, stage):
        soon = CLOCK.now() + self.lead
        later, sooner = stage.plan(soon, soon + 60 * SECOND)
        async with self.running(stage):
            await self.until_handed(stage, later, sooner)
            later = stage.move(later, soon + SECOND)
            sooner = stage.move(sooner, soon + SECOND / 2)
            await stage.reach(EventState.DONE, later, sooner)
        for window in (later, sooner):
            (at,) = stage.went_live(window)
            assert at >= window.start

    async def test_what_was_cancelled_after_it_was_handed_over_fires_nothing(self, stage):
        soon = CLOCK.now() + self.lead
        gone, witness = stage.plan(soon, soon + SECOND)
        async with self.running(stage):
            await self.until_handed(stage, gone, witness)
            stage.cancel(gone)
            await stage.reach(EventState.DONE, witness)
        assert stage.went_live(gone) == []

    async def test_jobs_that_are_doubled_early_or_lost_change_nothing(self, stage):
        windows = stage.plan(*[CLOCK.now() + self.lead] * 30)
        async with self.running(stage):
            await self.until_handed(stage, *windows)
            self.disturb(stage)
            await stage.reach(EventState.DONE, *windows)
        for window in windows:
            (at,) = stage.went_live(window)
            assert at >= window.start

    async def test_a_broken_connection_costs_no_event(self, stage):
        soon = CLOCK.now() + self.lead
        windows = stage.plan(*(soon + n * timedelta(milliseconds=100) for n in range(20)))
        async with self.running(stage):
            await self.until_handed(stage, *windows)
            self.cut(stage)
            await until(lambda: stage.shop.activated)
            self.cut(stage)
            await stage.reach(EventState.DONE, *windows)
        assert [len(stage.went_live(window)) for window in windows] == [1] * len(windows)

    async def test_a_chore_is_done_again_and_again_by_one_daemon_at_a_time(self, stage):
        tally = Tally()
        async with self.running(stage, (Chore("tally", SECOND, tally),)):
            await until(lambda: tally.done >= 2)
        assert tally.most == 1


class SharedEngineContract(EngineContract):
    """What an engine of several daemons on one ledger must do beyond that."""

    daemons = 2

    async def test_what_a_daemon_took_and_does_nothing_with_is_fired_by_another(self, stage):
        windows = stage.plan(*[CLOCK.now() + self.lead] * 30)
        ledger = stage.opened()
        means = stage.means(ledger, "host:deaf:a", self.lease)
        # Given an engine whose daemon hangs: it takes its part, and nobody asks it for that
        async with self.engine(stage, means, ()), self.daemon(stage, "host:1:a"):
            await self.until_handed(stage, *windows)
            # Then the other daemon fires all of it
            await stage.reach(EventState.DONE, *windows)
            means.books.close()
        ledger.close()
        assert [len(stage.went_live(window)) for window in windows] == [1] * 30
