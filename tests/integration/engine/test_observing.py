"""Reading the channels of a ledger that came from a copy: round by round, until all have answered."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.channels.account import Account
from promo_scheduler.clock import Versions
from promo_scheduler.connector import Connector, Health, RateLimited
from promo_scheduler.engine.accounts import Accounts
from promo_scheduler.engine.books import Books
from promo_scheduler.engine.dispatcher import Means
from promo_scheduler.engine.lease import Lease
from promo_scheduler.engine.observing import Observer
from promo_scheduler.firing import Backoff
from promo_scheduler.ledger import Access, Ledger
from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.operations.keeping import hold_restored
from promo_scheduler.plan import Application, Change, ChangeKind, Window, WindowKey
from promo_scheduler.testing import TickingClock

OFFER = Offer(PercentOff(Decimal(25)), Selection(everything=True))


class Empty(Connector):
    """A channel that holds nothing, and may refuse to say so."""

    capabilities = Capabilities()

    def __init__(self):
        self.calls, self.error = 0, None

    async def find(self, natural_key):
        self.calls += 1
        if self.error:
            raise self.error
        return ()

    async def ensure(self, request):
        raise AssertionError("nothing is written here")

    async def deactivate(self, ref):
        raise AssertionError("nothing is written here")

    async def read(self, ref):
        raise AssertionError("nothing is found here")

    async def health(self):
        return Health(ok=True)


class Restored:
    """A ledger from a copy with live windows on two channels, and who reads these."""

    def __init__(self, folder):
        self.clock = TickingClock(datetime(2026, 11, 11, 12, tzinfo=UTC))
        self.ledger = Ledger.open("sqlite:///ledger.db", Access(b"key", "ann", folder))
        self.channels = {name: Channel(name, "empty", ("de",)) for name in ("store", "fair")}
        self.shelves = {name: Empty() for name in self.channels}
        hold_restored(self.ledger, self.clock.now(), "an older one")
        books = Books(self.ledger, "ann:1")
        accounts = Accounts(self.channels, self._connect)
        lease = Lease(self.clock, None)
        self.observer = Observer(Means(books, accounts, self.clock, lease, Backoff(), 100))

    def _connect(self, channel):
        return Account(channel, self.shelves[channel.name], self.clock)

    def plan(self, *numbers):
        now, changes = self.clock.now(), []
        times = (now - timedelta(hours=1), now + timedelta(hours=1), "EUR", OFFER)
        for channel in self.channels:
            for number in numbers:
                key = WindowKey("c", "p", "de", "-", "2026-11-11", number, channel)
                window = Window(key, "Europe/Berlin", "de", None, None, *times)
                changes.append(Change(ChangeKind.CREATE, key, None, window, None, 1, "create"))
        self.ledger.apply(Application(tuple(changes), (), now, "ann", Versions("2026f")))

    def read_of(self, channel):
        told = [entry.key for entry in self.ledger.audit() if entry.kind == "restore.observed"]
        return sum(key.endswith(f"/{channel}") for key in told)


@pytest.fixture
def restored(tmp_path):
    restored = Restored(tmp_path)
    yield restored
    assert restored.ledger.verify() == []
    restored.ledger.close()


async def test_a_channel_that_asks_to_wait_is_told_once_a_round_and_delays_no_other(restored):
    # Given seventy windows on each of two channels, one of which asks to be left alone
    restored.plan(*range(1, 71))
    fair = restored.shelves["fair"]
    fair.error = RateLimited("slow down", retry_after=timedelta(seconds=30))
    # When they are read, then the other one is read, and this one is told in one line
    with capture_logs() as logs:
        await restored.observer.look()
    told = [line for line in logs if line["event"] == "observe.unanswered"]
    assert [(line["channel"], line["windows"]) for line in told] == [("fair", 70)]
    assert "slow down" in told[0]["error"] or "asked to wait" in told[0]["error"]
    assert (restored.read_of("store"), restored.read_of("fair")) == (70, 0)
    assert fair.calls <= restored.channels["fair"].limits.concurrency
    # And while the pause lasts it is not called at all
    calls = fair.calls
    await restored.observer.look()
    assert fair.calls == calls
    # And after it the rest is read, and that is the end of it
    fair.error = None
    restored.clock.tick(timedelta(seconds=30))
    await restored.observer.look()
    assert restored.read_of("fair") == 70
    assert restored.ledger.stamp().copied_at is None
