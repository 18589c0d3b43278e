"""The daemon's lock on an embedded ledger, and what systemd is told."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from promo_scheduler.engine.lock import exclusive, holder
from promo_scheduler.engine.systemd import notify
from promo_scheduler.errors import LedgerInUse

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
