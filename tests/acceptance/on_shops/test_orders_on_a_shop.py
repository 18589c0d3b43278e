"""Orders on real shops: what is live comes down and is read back, with a daemon or without.

What counts is each shop's own log of effects; the shop's clock is moved ahead where a window would
have begun by itself.
"""

import pytest

ORDER = ("--reason", "wrong price", "--yes")
REGIONS = [
    "ae",
    "ar",
    "at",
    "au",
    "be",
    "br",
    "ca",
    "ch",
    "cl",
    "cn",
    "co",
    "cz",
    "de",
    "dk",
    "es",
    "fi",
    "fr",
    "gb",
    "gr",
    "hk",
    "ie",
    "in",
    "it",
    "jp",
    "us",
]  # 25
CHANNELS = ("store", "app", "market")  # the first two are on one shop
RUNNING = pytest.mark.parametrize("dies", [False, True], ids=["a daemon runs", "no daemon runs"])


def _channel(key):
    return key.rpartition("/")[2]


# ── stop, everywhere ────────────────────────────────────────────────────────────────────────────
@RUNNING
def test_one_stop_ends_25_regions_on_3_channels_and_shows_each_as_read_back(seller, shops, dies):
    # Given 75 live windows, and a daemon at work, or one that died
    store, market = shops
    with seller.live(REGIONS, CHANNELS) as daemon:
        assert [len(shop.effects("went_live")) for shop in shops] == [50, 25]
        if dies:
            daemon.kill()
            daemon.wait()
        # When everything is stopped
        said = seller.promo("stop", "--all", *ORDER)
    # Then it is down by the shops' own logs, before the command comes back
    assert (len(store.effects("ended")), len(market.effects("ended"))) == (50, 25)
    assert store.live() == market.live() == []
    # And each region and channel is told as read back
    rows = [line.split() for line in said.splitlines()]
    assert ["app", "market", "store"] in rows
    assert all([region, "ended", "ended", "ended"] in rows for region in REGIONS)
    assert "75 windows down, as read back from the channels" in said
    assert "75 windows to be taken down" in said
    seller.promo("audit", "verify")


@RUNNING
def test_a_channel_that_is_down_is_listed_keeps_no_other_up_and_is_ended_once_it_is_back(
    seller, shops, until, dies
):
    # Given a market that does not answer, and a daemon at work, or one that died
    store, market = shops
    with seller.live(REGIONS[:3], CHANNELS) as daemon:
        market.kill()
        if dies:
            daemon.kill()
            daemon.wait()
        # When everything is stopped, then the other channels are down, and these are listed
        told = seller.promo("stop", "--all", *ORDER, "--timeout", "4", "-o", "json", code=4)
        assert (len(store.effects("ended")), store.live()) == (6, [])
        assert [_channel(key) for key in told["unconfirmed"]] == ["market"] * 3
        sure = [each for each in told["taken_down"] if each["confirmed"]]
        assert [each["observed"] for each in sure] == ["ended"] * 6
        assert told["order"]["kind"] == "stop"
        left = [each["ending"] for each in told["taken_down"] if not each["confirmed"]]
        assert any(ending["attempt"] >= 1 and ending["reason"] for ending in left)
        # And once the market is back, the running daemon ends them, or the next one does
        market.start()
        if not dies:
            until(lambda: len(market.effects("ended")) == 3, "the running daemon ends them")
    if dies:
        with seller.daemon():
            until(lambda: len(market.effects("ended")) == 3, "the next daemon ends them")
    assert market.live() == []


def test_a_start_in_flight_is_taken_down_after_it_has_landed(seller, shop, until):
    # Given a shop that takes its time for each answer, and a start on its way there
    shop.misbehaves(latency_ms=1500)
    seller.plans(["de"])
    with seller.daemon():
        until(lambda: seller.states("activate") == {"claimed"}, "the start is in flight")
        # When it is stopped
        said = seller.promo("stop", "--campaign", "sale", *ORDER)
        # Then it is down, and had been live no more than once
        assert "1 window down" in said
        assert shop.live() == []
        assert len(shop.effects("went_live")) == len(shop.effects("ended")) <= 1
        assert seller.states("deactivate") == {"done"}


# ── hold, after staging ─────────────────────────────────────────────────────────────────────────
def test_without_a_hold_the_shop_begins_it_by_itself(staged, shop):
    """The control: what the tests below look at would show it."""
    assert len(shop.effects("created")) == 1
    assert len(shop.live_by(staged[1])) == 1


def test_nothing_of_what_was_staged_goes_live_after_a_hold(staged, seller, shop):
    said = seller.promo("hold", "--region", "de", *ORDER)
    assert "taken back" in said
    assert "1 window down, as read back from the channels" in said
    assert shop.live_by(staged[1]) == []


def test_nor_after_a_hold_without_a_daemon(staged, seller, shop):
    daemon, begins = staged
    daemon.kill()
    daemon.wait()
    assert "taken back" in seller.promo("hold", "--all", *ORDER)
    assert shop.live_by(begins) == []


# ── one effect per generation ───────────────────────────────────────────────────────────────────
def test_an_amended_a_cancelled_and_a_resumed_window_is_live_once_in_each_generation(
    seller, shop, until
):
    turns = []

    def sees(*more):
        """The shop's own log says these turns, and no others."""
        turns.extend(more)
        until(lambda: len(shop.effects("went_live", "ended")) >= len(turns), f"it logs {turns}")
        assert [e["kind"] for e in shop.effects("went_live", "ended")] == turns

    with seller.live(["de"]):
        sees("went_live")
        # Amended while live: the shop changes what it has
        seller.edits("percent: 25", "percent: 30")
        until(lambda: shop.effects("updated"), "the shop has the new offer")
        sees()
        # Cancelled, and revived
        cancelled = "overrides: { de: { cancelled: strike } }\nphases:"
        seller.edits("phases:", cancelled, "--allow-withdraw", "--end-now")
        sees("ended")
        seller.edits(cancelled, "phases:", "--start-late")
        sees("went_live")
        # Stopped, and resumed; twice
        for _ in range(2):
            seller.promo("stop", "--region", "de", *ORDER)
            sees("ended")
            seller.promo("resume", "--region", "de", *ORDER)
            sees("went_live")
        until(lambda: "claimed" not in seller.states("activate"), "all is settled")
    # Then every generation had one effect, and there is one discount
    done = [e.event.generation for e in seller.events("activate") if e.state == "done"]
    assert sorted(done) == [1, 2, 3, 4, 5]
    assert len(shop.live()) == 1
    seller.promo("audit", "verify")
