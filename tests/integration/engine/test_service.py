"""The service on a real ledger: channels that hang or break, orders, and lateness."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import structlog

from promo_scheduler.campaign import Lateness
from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.channels.account import Account
from promo_scheduler.clock import Versions
from promo_scheduler.connector import (
    ChannelDown,
    Connector,
    Forbidden,
    Health,
    Observed,
    ObservedState,
    RateLimited,
    RemoteRef,
    Retryable,
)
from promo_scheduler.engine.accounts import Accounts
from promo_scheduler.engine.books import Books, Room
from promo_scheduler.engine.clocks import SystemClock
from promo_scheduler.engine.dispatcher import Means
from promo_scheduler.engine.lease import Lease
from promo_scheduler.engine.logs import configure
from promo_scheduler.engine.service import Parts, Service, nothing_left
from promo_scheduler.engine.wake import TimerWake
from promo_scheduler.firing import Backoff, EventState
from promo_scheduler.ledger import Access, EventQuery, Ledger, Node
from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.operations import hold
from promo_scheduler.order import Scope
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
from promo_scheduler.settings import Settings

OFFER = Offer(PercentOff(Decimal(25)), Selection(everything=True))


class Shelf(Connector):
    """A channel in memory that can hang, refuse, or be broken."""

    capabilities = Capabilities()

    def __init__(self, channel, settings):
        self.gate, self.error, self.live, self.calls = asyncio.Event(), None, {}, 0
        self.gate.set()

    async def find(self, natural_key):
        self.calls += 1
        await self.gate.wait()
        if self.error:
            raise self.error
        return (RemoteRef(natural_key, natural_key),) if natural_key in self.live else ()

    async def ensure(self, request):
        self.live.setdefault(request.natural_key, Observed.SCHEDULED)
        return RemoteRef(request.natural_key, request.natural_key)

    async def activate(self, ref):
        self.live[ref.id] = Observed.ACTIVE

    async def deactivate(self, ref):
        self.live[ref.id] = Observed.ENDED

    async def read(self, ref):
        return ObservedState(self.live.get(ref.id, Observed.ABSENT))

    async def health(self):
        return Health(ok=True)


class Stage:
    """A ledger, two channels, and a service to run over them."""

    def __init__(self, folder):
        self.ledger = Ledger.open("sqlite:///ledger.db", Access(b"key", "ann", folder))
        self.clock = SystemClock()
        self.channels = {name: Channel(name, "shelf", ("de",)) for name in ("quick", "slow")}
        self.shelves = {}

    def plan(self, channel, count=1, *, lasts=timedelta(hours=1), due=None, late=Lateness()):
        start = due or datetime.now(UTC) - timedelta(seconds=1)
        changes, events = [], []
        for number in range(count):
            key = WindowKey("c", "p", "de", "-", "2026-11-11", number + 1, channel)
            window = Window(
                key,
                "Europe/Berlin",
                "de",
                None,
                None,
                start,
                start + lasts,
                "EUR",
                OFFER,
                late=late,
            )
            changes.append(Change(ChangeKind.CREATE, key, None, window, None, 1, "create"))
            events.append(TriggerEvent(Key(key, Action.ACTIVATE), start))
        now = datetime.now(UTC)
        self.ledger.apply(Application(tuple(changes), tuple(events), now, "ann", Versions("2026f")))

    def connect(self, channel):
        shelf = self.shelves.get(channel.name) or Shelf(channel, {})
        if isinstance(shelf, Exception):
            raise shelf
        self.shelves[channel.name] = shelf
        return Account(channel, shelf, self.clock)

    def service(self):
        settings = Settings()
        node = Node("ann:1", place="", engine="embedded")
        backoff = Backoff(timedelta(milliseconds=20), timedelta(milliseconds=50))
        accounts = Accounts(self.channels, self.connect)
        means = Means(
            books=Books(self.ledger, node.name),
            accounts=accounts,
            clock=self.clock,
            lease=Lease(self.clock, None),
            backoff=backoff,
            max_in_flight=settings.max_in_flight,
        )
        return Service(Parts(means, TimerWake(self.clock), settings, node, finished=nothing_left))

    def states(self, channel="quick"):
        events = self.ledger.events(EventQuery(Scope(channel=channel)))
        return [event.state for event in events]


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    assert stage.ledger.verify() == []
    stage.ledger.close()


async def run(stage):
    await asyncio.wait_for(stage.service().run(), timeout=30)


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_what_is_due_is_fired_once_and_settled(stage):
    stage.plan("quick", 25)
    await run(stage)
    assert stage.states() == [EventState.DONE] * 25
    assert set(stage.shelves["quick"].live.values()) == {Observed.ACTIVE}


async def test_a_channel_that_hangs_never_delays_another(stage):
    # Given far more than may be in flight on a channel that does not answer, due first
    stage.shelves["slow"] = Shelf(None, {})
    stage.shelves["slow"].gate.clear()
    stage.plan("slow", 1500, due=datetime.now(UTC) - timedelta(seconds=30))
    stage.plan("quick", 40)
    running = asyncio.create_task(stage.service().run())
    # When the other channel's events are due, then they are all fired meanwhile
    await until(lambda: stage.states("quick") == [EventState.DONE] * 40)
    assert EventState.DONE not in stage.states("slow")
    # And once it answers, nothing of the slow one was lost
    stage.shelves["slow"].gate.set()
    await asyncio.wait_for(running, timeout=60)
    assert set(stage.states("slow")) == {EventState.DONE}


async def test_a_connector_that_cannot_be_made_fails_its_own_firings(stage):
    stage.shelves["slow"] = KeyError("a bug of somebody else")
    stage.plan("slow", lasts=timedelta(seconds=2))
    stage.plan("quick")
    await run(stage)
    assert stage.states("quick") == [EventState.DONE]
    assert stage.states("slow") == [EventState.MISSED]  # tried again until its window was over


@pytest.mark.parametrize(
    "error",
    [
        asyncio.CancelledError(),
        RuntimeError("token s3cret is malformed"),
        RateLimited("429", retry_after=timedelta.max),
        ChannelDown("closed", until=datetime.max.replace(tzinfo=UTC)),
    ],
    ids=["cancels itself", "a bug", "asks to wait for ever", "closed for ever"],
)
async def test_whatever_a_connector_raises_the_claim_is_settled(stage, error, capsys):
    # Given a connector that raises it, once
    shelf = stage.shelves["quick"] = Shelf(None, {})
    shelf.error = error
    stage.plan("quick")
    service = stage.service()
    running = asyncio.create_task(service.run())
    # When it has done so, then the event is to be tried again, and a stop is clean
    await until(lambda: stage.states()[0] is not EventState.CLAIMED and shelf.calls)
    service.stop()
    await asyncio.wait_for(running, timeout=30)
    (event,) = stage.ledger.events(EventQuery())
    assert event.state in (EventState.PENDING, EventState.UNCERTAIN, EventState.FAILED)
    assert "s3cret" not in "".join(capsys.readouterr())
    assert "s3cret" not in str(list(stage.ledger.audit()))


async def test_a_channel_that_is_no_longer_configured_says_so(stage):
    stage.plan("gone", lasts=timedelta(seconds=1.5))
    await run(stage)
    (event,) = stage.ledger.events(EventQuery(Scope(channel="gone")))
    assert event.state in (EventState.FAILED, EventState.MISSED)
    kinds = [entry.kind for entry in stage.ledger.audit()]
    reasons = [str(entry.detail.get("reason")) for entry in stage.ledger.audit()]
    assert "firing.retry" in kinds
    assert any("no longer configured" in reason for reason in reasons)


async def test_a_refused_start_is_on_record_as_failed(stage):
    stage.shelves["quick"] = Shelf(None, {})
    stage.shelves["quick"].error = Forbidden("this account may not do this")
    stage.plan("quick")
    await run(stage)
    (event,) = stage.ledger.events(EventQuery())
    assert (event.state, event.attempt) == (EventState.FAILED, 1)
    assert "may not do this" in event.reason


async def test_a_start_is_retried_by_the_ledger_until_it_works(stage):
    shelf = stage.shelves["quick"] = Shelf(None, {})
    shelf.error = Retryable("503")
    stage.plan("quick")
    running = asyncio.create_task(stage.service().run())
    await until(lambda: shelf.calls >= 3)
    shelf.error = None
    await asyncio.wait_for(running, timeout=30)
    (event,) = stage.ledger.events(EventQuery())
    assert event.state is EventState.DONE
    assert event.attempt >= 4


async def test_a_held_start_is_not_fired_and_a_window_that_is_over_is_missed(stage):
    stage.plan("slow", lasts=timedelta(seconds=0.2))
    stage.plan("quick")
    hold(stage.ledger, Scope(channel="quick"), "stock count", datetime.now(UTC))
    await run(stage)
    assert stage.states("slow") == [EventState.MISSED]
    assert stage.states("quick") == [EventState.HELD]
    assert "quick" not in stage.shelves


async def test_a_stop_leaves_nothing_half_done(stage):
    shelf = stage.shelves["quick"] = Shelf(None, {})
    shelf.gate.clear()
    stage.plan("quick", 3)
    service = stage.service()
    running = asyncio.create_task(service.run())
    await until(lambda: shelf.calls == 3)
    service.stop()
    shelf.gate.set()
    await asyncio.wait_for(running, timeout=30)
    assert stage.states() == [EventState.DONE] * 3


@pytest.fixture
def quiet_again():
    """Takes back what a test has set up of the log."""
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("quiet_again")
async def test_a_channel_that_is_down_is_told_once_and_costs_no_attempts(stage, capsys):
    # Given two hundred events on a channel that says that it is closed
    configure("warning")
    shelf = stage.shelves["slow"] = Shelf(None, {})
    shelf.error = ChannelDown("closed for maintenance")
    stage.plan("slow", 200)
    stage.plan("quick", 5)
    running = asyncio.create_task(stage.service().run())
    # When it has been probed and answers at last
    await until(lambda: stage.states("quick") == [EventState.DONE] * 5 and shelf.calls >= 3)
    shelf.error = None
    await asyncio.wait_for(running, timeout=60)
    # Then all are done, it was told once that it was down and once that it is back
    assert stage.states("slow") == [EventState.DONE] * 200
    log = capsys.readouterr().err
    assert (log.count('"channel.down"'), log.count('"channel.up"')) == (1, 1)
    assert log.count("firing.attempt-failed") == 1
    # And no event was tried again and again meanwhile
    tried = [event.attempt for event in stage.ledger.events(EventQuery(Scope(channel="slow")))]
    assert sum(tried) < 200 + 125 + 10  # an eighth of what may be in flight, and the probes


async def test_outcomes_wait_for_a_ledger_that_is_locked_and_nothing_is_done_twice(stage, tmp_path):
    # Given a firing under way, and a database that somebody locks for longer than anybody waits
    shelf = stage.shelves["quick"] = Shelf(None, {})
    shelf.gate.clear()
    stage.plan("quick", 3)
    running = asyncio.create_task(stage.service().run())
    await until(lambda: shelf.calls == 3)
    with sqlite3.connect(tmp_path / "ledger.db", isolation_level=None) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        shelf.gate.set()
        await until(lambda: len(shelf.live) == 3)
        assert stage.states() == [EventState.CLAIMED] * 3
        # When it is let go
        somebody.execute("COMMIT")
    somebody.close()
    await asyncio.wait_for(running, timeout=60)
    # Then the outcomes are on record, each from its first attempt
    events = stage.ledger.events(EventQuery())
    assert [(e.state, e.attempt) for e in events] == [(EventState.DONE, 1)] * 3


@pytest.mark.parametrize("odd", ["half an emoji: \ud83d", "a NUL: \0", "whole: 🙂"])
async def test_odd_characters_in_one_channel_s_answer_keep_nobody_off_the_record(stage, odd):
    # Given a channel whose refusals hold what a database does not take
    shelf = stage.shelves["slow"] = Shelf(None, {})
    shelf.error = Forbidden(odd)
    stage.plan("slow", 3)
    stage.plan("quick", 20)
    # When all is due, then each outcome is on record, those of the odd channel too
    await run(stage)
    assert stage.states("quick") == [EventState.DONE] * 20
    assert stage.states("slow") == [EventState.FAILED] * 3
    (reason,) = {e.reason for e in stage.ledger.events(EventQuery(Scope(channel="slow")))}
    assert reason.startswith(odd.partition(":")[0])


async def test_what_waits_for_a_channel_that_is_down_hides_nobody_s_next_instant(stage):
    # Given an event that is overdue on a channel without room, and one of another to come
    now = datetime.now(UTC)
    later = now + timedelta(minutes=3)
    stage.plan("slow", due=now - timedelta(seconds=30))
    stage.plan("quick", due=later)
    books = Books(stage.ledger, "ann:1")
    # When the ledger is looked at, then nothing can be claimed, and it is looked at again then
    room = Room(limit=10, share=1, in_flight={"slow": 1})
    taken = await books.take(now, room)
    assert (taken.firings, taken.wake_at) == ((), later)
    assert taken.next_due < now
    books.close()
