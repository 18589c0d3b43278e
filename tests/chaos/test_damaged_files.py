"""A ledger's file that nobody may write, or that somebody overwrote, while the daemon runs.

Nothing is fired that cannot be recorded; the daemon says what is wrong, and lives.
"""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from bursts import FAULT_AFTER, Burst, Plan
from disks import immutable, ledger_file, overwrite
from scenarios import Scenario, each
from zygote import until


def read_only(stage):
    burst = Burst(stage, Plan(seconds=3))
    path = ledger_file(burst.roots[0])

    @contextmanager
    def fault(_):
        beside = [path.with_name(f"{path.name}-{suffix}") for suffix in ("wal", "shm")]
        with immutable(path, *beside) as done:
            if done is None:
                pytest.skip("files cannot be made immutable here")
            before = len(burst.shop.lines())
            yield
            told = burst.daemons[0].said("ledger.unavailable")
            assert told, "the daemon says that it cannot record"
            assert len(burst.shop.lines()) == before, "fired what it could not record"

    return burst.play("file read-only", fault)


def overwritten(stage):
    # Given a running daemon, between two instants
    burst = Burst(stage, Plan(seconds=3))
    daemon, shop = burst.daemons[0], burst.shop
    until(lambda: len(shop.turns("went_live")) >= 50, "the first instant")
    begin = burst.first + timedelta(seconds=1)
    until(lambda: datetime.now(UTC) >= begin, "the first instant is settled")
    # When its ledger's file is overwritten
    overwrite(ledger_file(burst.roots[0]))
    before = len(shop.lines())
    # Then it says so, fires nothing more at the next instants, and does not die of it
    until(lambda: daemon.said("ledger.unavailable"), daemon.child.errors)
    later = burst.first + timedelta(seconds=FAULT_AFTER)
    until(lambda: datetime.now(UTC) >= later, "the next instant is past")
    assert len(shop.lines()) == before, "fired what it could not record"
    assert daemon.child.alive
    assert "Traceback" not in daemon.child.errors()
    daemon.child.kill()
    return f"file overwritten: {len(daemon.said('ledger.unavailable'))} times told, none fired"


@each(Scenario("read-only", read_only), Scenario("overwritten", overwritten))
def test_what_cannot_be_recorded_is_not_fired(played, scenario):
    print(played(scenario))
