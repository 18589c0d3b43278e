"""The daemon's lock on an embedded ledger, and what systemd is told."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from promo_scheduler.engine.lock import exclusive, held, holder, present
from promo_scheduler.engine.systemd import notify
from promo_scheduler.errors import LedgerInUse, LedgerUnavailable

HOLD = """
import sys
from pathlib import Path
from promo_scheduler.engine.lock import exclusive
with exclusive(Path(sys.argv[1]), "the first"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def a_holder(tmp_path):
    path = tmp_path / "state" / "daemon.lock"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield path, process
    process.kill()
    process.communicate()


def test_a_second_daemon_is_refused_with_the_first_ones_name(a_holder):
    path, _process = a_holder
    with pytest.raises(LedgerInUse, match="the first"), exclusive(path, "the second"):
        pass
    assert holder(path) == "the first"


def test_the_lock_is_free_the_moment_its_holder_is_killed(a_holder):
    path, process = a_holder
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert holder(path) is None
    with exclusive(path, "the second"):
        pass


def test_nobody_holds_a_lock_that_was_never_taken(tmp_path):
    assert holder(tmp_path / "none") is None


def test_whoever_looks_at_the_lock_does_not_refuse_a_daemon_that_starts(tmp_path):
    # Given somebody who looks who holds the lock, and holds it while he looks
    path = tmp_path / "daemon.lock"
    looking = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(looking, fcntl.LOCK_EX)
    # When a daemon starts in that moment, then it waits until he is done
    threading.Timer(0.05, os.close, [looking]).start()
    with exclusive(path, "the daemon"):
        assert holder(path) == "the daemon"


def test_nodes_that_share_a_ledger_are_all_seen(tmp_path):
    lock = tmp_path / "daemon.lock"
    with present(lock, "host:1:aa"), present(lock, "host:2:bb"):
        assert [name for name, _path in held(lock)] == ["host:1:aa", "host:2:bb"]
    assert held(lock) == []
    assert list((tmp_path / "nodes").iterdir()) == []


def test_the_file_of_a_node_that_was_killed_is_swept_by_the_next_one(tmp_path):
    lock = tmp_path / "daemon.lock"
    with present(lock, "host:1:aa"):
        left = next((tmp_path / "nodes").iterdir()).read_bytes()
    (tmp_path / "nodes" / "host-1-aa.lock").write_bytes(left)
    with present(lock, "host:2:bb"):
        assert [path.name for path in (tmp_path / "nodes").iterdir()] == ["host-2-bb.lock"]


def test_a_lock_that_cannot_be_had_is_told_with_its_place(tmp_path):
    (tmp_path / "in-the-way").write_text("")
    path = tmp_path / "in-the-way" / "daemon.lock"
    with pytest.raises(LedgerUnavailable, match="in-the-way"), exclusive(path, "ann"):
        pass


def test_systemd_is_told(tmp_path, monkeypatch):
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        notify("READY=1")
        assert systemd.recv(64) == b"READY=1"


def test_without_systemd_nothing_happens(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")


def test_a_listener_that_is_gone_or_does_not_read_keeps_nobody_waiting(tmp_path, monkeypatch):
    address = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        for _ in range(5000):  # far more than its queue holds
            notify("WATCHDOG=1")
        assert systemd.recv(64) == b"WATCHDOG=1"
    notify("WATCHDOG=1")
