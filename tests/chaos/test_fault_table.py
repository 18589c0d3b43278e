"""APScheduler's fault table, on a real daemon: 300 events, each fired once, whatever happens.

Short: the faults last 3 s. Long (`pytest -m long tests/chaos`): as long as in the table.
"""

import pytest
from bursts import CLUSTER, Burst, Plan, stopped
from disks import full, ledger_file, locked, no_file_may_grow, small_disk
from scenarios import Scenario, each
from switched_on import has_cluster

IMPATIENT = "sqlite:///.promo/ledger.db?timeout=1"  # so that a short lock is a fault, too


def sqlite_locked(seconds, ledger=""):
    def play(stage):
        burst = Burst(stage, Plan(seconds, ledger=ledger))
        return burst.play("SQLite locked", lambda b: locked(ledger_file(b.roots[0])))

    return play


def disk_full(seconds):
    def play(stage):
        with small_disk(stage.folder / "disk") as disk:
            if disk is None:
                return files_at_their_limit(seconds)(stage)
            burst = Burst(stage, Plan(seconds, ledger=f"sqlite:///{disk}/ledger.db"))
            return burst.play("disk full", lambda b: full(disk))

    return play


def files_at_their_limit(seconds):
    def play(stage):
        burst = Burst(stage, Plan(seconds))
        pid = burst.daemons[0].child.pid
        return burst.play("files may not grow", lambda b: no_file_may_grow(pid))

    return play


def daemon_stopped(seconds, what, **plan):
    def play(stage):
        ledger = stage.database() if stage.server else ""
        return Burst(stage, Plan(seconds, ledger=ledger, **plan)).play(what, stopped)

    return play


def table(lock, disk, stop, suffix=""):
    rows = [
        Scenario(f"sqlite-locked{suffix}", sqlite_locked(lock, IMPATIENT if lock < 5 else "")),
        Scenario(f"disk-full{suffix}", disk_full(disk)),
        Scenario(f"file-limit{suffix}", files_at_their_limit(disk)),
        Scenario(f"daemon-stopped{suffix}", daemon_stopped(stop, "SQLite daemon stopped")),
    ]
    if has_cluster():
        play = daemon_stopped(stop + 3, "one of three workers stopped", **CLUSTER)
        rows.append(Scenario(f"worker-stopped{suffix}", play, postgresql=True))
    return rows


@each(*table(lock=3, disk=3, stop=4))
def test_every_event_fires_once_through_a_short_fault(played, scenario):
    print(played(scenario))


@pytest.mark.long
@each(*table(lock=12, disk=4, stop=12, suffix="-long"))
def test_every_event_fires_once_through_a_long_fault(played, scenario):
    print(played(scenario))
