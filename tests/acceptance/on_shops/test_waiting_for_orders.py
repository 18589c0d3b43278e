"""The wait for an order: until the channels show that it is carried out, and never for ever."""

import re
import signal
from datetime import timedelta

import psycopg
import pytest

from promo_scheduler.ledger import Node
from promo_scheduler.operations import open_ledger
from promo_scheduler.source import load

ORDER = ("--reason", "wrong price", "--yes")


@pytest.fixture(name="take_away")
def served(postgresql, postgresql_url, monkeypatch):
    """A ledger's database on a server, named by PROMO_LEDGER; what is given takes it away."""
    monkeypatch.setenv("PROMO_LEDGER", postgresql_url)
    name = psycopg.conninfo.conninfo_to_dict(postgresql_url)["dbname"]
    ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"

    def take_away(*, cuts_all):
        with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
            if cuts_all:
                connection.execute(ends, [name])

    return take_away


def heard(process, words):
    """Read a process's stderr until it says these words."""
    said = ""
    for line in process.stderr:
        said += line
        if words in line:
            return said
    raise AssertionError(f"expected to hear {words!r}, heard {said!r}")


def test_what_is_not_confirmed_is_told_with_the_attempt_the_reason_and_the_next_try(seller, shop):
    # Given a live window on a shop that refuses everything, and no daemon
    with seller.live(["de"]):
        pass
    shop.misbehaves(rate_500=1)
    # When it is stopped, then the list says what is known
    said = seller.promo("stop", "--region", "de", *ORDER, "--timeout", "6", code=4)
    assert "1 of 1 windows are not confirmed to be down" in said
    assert "Not confirmed to be down" in said
    assert re.search(r"sale/launch de store +attempt \d+ · .*500", said)
    assert "start the daemon (`promo run`)" in said
    # And a second stop waits for the same window, and sees it down
    shop.misbehaves()
    again = seller.promo("stop", "--channel", "store", *ORDER)
    assert "1 window on the way down already" in again
    assert "1 window down, as read back from the channels" in again
    assert shop.live() == []


def test_what_a_daemon_leaves_that_dies_right_after_a_hold_is_taken_back_here(staged, seller, shop):
    # Given a staged window on a shop that answers slowly
    daemon, begins = staged
    shop.misbehaves(latency_ms=1500)
    # When the daemon is killed while the hold waits for it
    holding = seller.begin("hold", "--all", *ORDER)
    heard(holding, "is in force")
    daemon.kill()
    # Then the hold takes it back by itself
    out, err = holding.communicate(timeout=60)
    assert holding.returncode == 0, out + err
    assert "taken back" in out
    assert shop.live_by(begins) == []


def test_ctrl_c_ends_the_waiting_and_not_the_order(seller, shop, until):
    # Given a live window on a shop that answers slowly, and no daemon
    with seller.live(["de"]):
        pass
    shop.misbehaves(latency_ms=4000)
    # When the stop is interrupted
    stopping = seller.begin("stop", "--all", *ORDER)
    heard(stopping, "is in force")
    stopping.send_signal(signal.SIGINT)
    # Then it comes back with 130, says what stands, and leaves neither traceback nor log
    _, err = stopping.communicate(timeout=60)
    assert stopping.returncode == 130, err
    assert "stays in force" in err
    assert "Traceback" not in err
    assert "{" not in err
    assert len(seller.promo("status", "-o", "json")["orders"]) == 1
    # And a daemon ends it
    shop.misbehaves()
    with seller.daemon():
        until(lambda: shop.effects("ended"), "the daemon ends it")
    assert shop.live() == []


def test_a_hanging_channel_does_not_keep_the_command_beyond_its_timeout(seller, shops):
    # Given two live windows, one of them on a shop that hangs
    store, market = shops
    with seller.live(["de"], ("store", "market")):
        pass
    market.process.send_signal(signal.SIGSTOP)
    try:
        # When everything is stopped, then the other one is confirmed meanwhile
        told = seller.promo("stop", "--all", *ORDER, "--timeout", "4", "-o", "json", code=4)
    finally:
        market.process.send_signal(signal.SIGCONT)
    assert [key.rpartition("/")[2] for key in told["unconfirmed"]] == ["market"]
    assert store.live() == []


def test_a_daemon_on_another_machine_is_waited_for_and_not_worked_beside(
    seller, shop, until, postgresql_url, monkeypatch
):
    # Given a live window in a ledger on a server, and a daemon that is alive elsewhere
    monkeypatch.setenv("PROMO_LEDGER", postgresql_url)
    seller.keeps_its_ledger_at("${env:PROMO_LEDGER}")
    seller.plans(["de"])
    with seller.daemon() as daemon:
        until(lambda: seller.states("activate") == {"done"}, "it is live")
        daemon.terminate()
        daemon.wait(timeout=60)
    ledger = open_ledger(load(seller.root))
    ledger.enter(Node("far:1:a", place="far:lock", engine="embedded"), timedelta(minutes=5))
    # When it is stopped here, then nothing is done beside that daemon
    said = seller.promo("stop", "--all", *ORDER, "--timeout", "1", code=4)
    assert "the daemon goes on trying" in said
    assert shop.effects("ended") == []
    # And once that one has left, it is done here
    ledger.leave("far:1:a")
    ledger.close()
    assert "1 window down" in seller.promo("stop", "--all", *ORDER)
    assert shop.live() == []


def test_a_daemon_that_hangs_is_told_with_the_way_out(seller, shop):
    # Given a live window, and a daemon that holds the ledger and does nothing
    with seller.live(["de"]) as daemon:
        daemon.send_signal(signal.SIGSTOP)
        # When it is stopped, then nobody says that the daemon goes on
        said = seller.promo("stop", "--all", *ORDER, "--timeout", "8", code=4)
        assert "hangs: its last beat was" in said
        assert f"kill -9 {daemon.pid}" in said
        assert "goes on trying" not in said
        # And by the way out it comes down
        daemon.kill()
        daemon.wait()
    assert "1 window down, as read back" in seller.promo("stop", "--all", *ORDER)
    assert shop.live() == []


@pytest.mark.parametrize(
    ("cuts_all", "told"),
    [
        (False, "1 of 1 windows are not confirmed to be down"),
        (True, "1 window not confirmed to be down: sale/launch/de/-/"),
    ],
    ids=["for new connections", "for all"],
)
def test_a_ledger_that_is_out_of_reach_meanwhile_is_waited_for_and_what_is_left_is_listed(
    seller, shop, take_away, cuts_all, told
):
    # Given a live window on a shop that refuses everything, in a ledger on a server, and no daemon
    seller.keeps_its_ledger_at("${env:PROMO_LEDGER}")
    with seller.live(["de"]) as daemon:
        daemon.terminate()
        daemon.wait(timeout=60)
    shop.misbehaves(rate_500=1)
    # When the ledger goes out of reach while it is stopped
    stopping = seller.begin("stop", "--all", *ORDER, "--timeout", "12")
    heard(stopping, "is in force")
    take_away(cuts_all=cuts_all)
    # Then it goes on looking until its time is over, and lists what is left
    out, err = stopping.communicate(timeout=120)
    assert stopping.returncode == 4, out + err
    assert told in " ".join(err.split())  # however its lines are broken
    assert "Traceback" not in err
