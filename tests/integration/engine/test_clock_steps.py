"""The system clock is set, either way, while events are pending, in backoff and in flight."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from promo_scheduler.channel import Capabilities, Channel, Limits
from promo_scheduler.channels.account import Account
from promo_scheduler.clock import Versions
from promo_scheduler.connector import (
    Connector,
    Health,
    Observed,
    ObservedState,
    RemoteRef,
    Retryable,
)
from promo_scheduler.engine.accounts import Accounts
from promo_scheduler.engine.books import Books
from promo_scheduler.engine.clocks import SystemClock
from promo_scheduler.engine.dispatcher import Means
from promo_scheduler.engine.lease import Lease
from promo_scheduler.engine.service import Parts, Service, nothing_left
from promo_scheduler.engine.wake import TimerWake
from promo_scheduler.firing import Backoff, EventState
from promo_scheduler.ledger import Access, EventQuery, Ledger, Node
from promo_scheduler.offer import Offer, PercentOff, Selection
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
EACH = 100
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STEPS = {"+60 s": MINUTE, "-60 s": -MINUTE, "+1 day": DAY, "-1 day": -DAY}


class SetClock(SystemClock):
    """The machine's clock, and how far somebody has set it."""

    def __init__(self):
        self.by = timedelta(0)

    def now(self):
        return super().now() + self.by


class Shop(Connector):
    """A channel in memory that can hang or fail, and notes what the clock showed at each effect."""

    capabilities = Capabilities()

    def __init__(self, clock):
        self.clock = clock
        self.gate, self.fails, self.calls = asyncio.Event(), False, 0
        self.gate.set()
        self.known, self.live, self.effects = set(), set(), []

    async def find(self, natural_key):
        self.calls += 1
        await self.gate.wait()
        if self.fails:
            raise Retryable("503")
        return (RemoteRef(natural_key, natural_key),) if natural_key in self.known else ()

    async def ensure(self, request):
        self.known.add(request.natural_key)
        return RemoteRef(request.natural_key, request.natural_key)

    async def activate(self, ref):
        self.live.add(ref.id)
        self.effects.append((ref.id, self.clock.now()))

    async def deactivate(self, ref):
        raise AssertionError("nothing here ends")

    async def read(self, ref):
        return ObservedState(Observed.ACTIVE if ref.id in self.live else Observed.SCHEDULED)

    async def health(self):
        return Health(ok=True)


class House:
    """A ledger and three channels: one that is quick, one that fails and one that hangs."""

    def __init__(self, folder, clock):
        self.clock = clock
        self.ledger = Ledger.open("sqlite:///ledger.db", Access(b"key", "ann", folder))
        self.shops = {name: Shop(clock) for name in ("quick", "failing", "hanging")}
        self.shops["failing"].fails = True
        self.shops["hanging"].gate.clear()

    def plan(self, channel, start):
        keys = [WindowKey("c", "p", "de", "-", "2026-11-11", n + 1, channel) for n in range(EACH)]
        end = start + timedelta(days=30)
        windows = [
            Window(key, "Europe/Berlin", "de", None, None, start, end, "EUR", OFFER) for key in keys
        ]
        changes = tuple(
            Change(ChangeKind.CREATE, w.key, None, w, None, 1, "create") for w in windows
        )
        events = tuple(TriggerEvent(Key(key, Action.ACTIVATE), start) for key in keys)
        now = self.clock.now()
        self.ledger.apply(Application(changes, events, now, "ann", Versions("2026f")))

    def service(self):
        node = Node("ann:1", place="", engine="embedded")
        limits = Limits(concurrency=EACH)
        channels = {n: Channel(n, "shop", ("de",), limits=limits) for n in self.shops}
        means = Means(
            books=Books(self.ledger, node.name),
            accounts=Accounts(
                channels, lambda channel: Account(channel, self.shops[channel.name], self.clock)
            ),
            clock=self.clock,
            lease=Lease(self.clock, None),
            backoff=Backoff(timedelta(milliseconds=20), timedelta(milliseconds=200)),
            max_in_flight=1000,
        )
        wake = TimerWake(self.clock)
        return Service(Parts(means, wake, Settings(), node, finished=nothing_left))

    def done(self, channel):
        query = EventQuery(Scope(channel=channel), frozenset({EventState.DONE}))
        return len(self.ledger.events(query))


@pytest.fixture
def house(tmp_path, monkeypatch):
    """APScheduler reads the machine's clock by itself: it sees the one that is set as well."""
    clock = SetClock()

    class TheirDatetime(datetime):
        @classmethod
        def now(cls, tz=None):
            return clock.now().astimezone(tz)

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", TheirDatetime)
    house = House(tmp_path, clock)
    yield house
    assert house.ledger.verify() == []
    house.ledger.close()


async def until(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
async def test_every_event_fires_once_whatever_the_clock_does(house, step):
    # Given a hundred events in flight, a hundred in backoff, a hundred that are still to come
    quick, failing, hanging = house.shops.values()
    start = house.clock.now()
    coming = start + timedelta(seconds=4)
    house.plan("hanging", start - timedelta(days=3))
    house.plan("failing", start - timedelta(days=3))
    house.plan("quick", coming)
    running = asyncio.create_task(house.service().run())
    await until(lambda: hanging.calls == EACH and failing.calls > EACH)
    # When the clock is set
    house.clock.by += step
    hanging.gate.set()
    failing.fails = False
    # Then what is due is done without waiting for an instant of the old future
    await until(lambda: house.done("hanging") == house.done("failing") == EACH)
    if step < timedelta(0):
        # And what is not due yet by the clock as it is, waits until somebody sets it right
        assert quick.calls == 0
        house.clock.by -= step
    await asyncio.wait_for(running, timeout=30)
    # And nothing is lost, nothing is done twice, and nothing before the clock showed its instant
    states = Counter(event.state for event in house.ledger.events(EventQuery()))
    assert states == {EventState.DONE: 3 * EACH}
    effects = [effect for shop in house.shops.values() for effect in shop.effects]
    assert len({ref for ref, _at in effects}) == len(effects) == 3 * EACH
    assert min(at for _ref, at in quick.effects) >= coming
