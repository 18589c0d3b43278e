"""A ledger that came from a copy: it starts held, reads its channels first, and then goes on.

The shop is a process of its own; what it shows is what its own log says.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMO = [sys.executable, "-m", "promo_scheduler"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PROMO_ACTOR": "ann"}
CHANNELS = """
channels:
  shop:
    connector: sandbox
    regions: [de]
    settings: {{ url: "{url}" }}
"""
CAMPAIGN = """
campaign: flash
title: Flash
owner: ann@shop.example
regions: [de]
phases:
  sale:
    when: {{ clock: instant, from: "{start}", until: "{end}" }}
    offer: {{ percent: 25, products: all }}
"""


@pytest.fixture
def shop(tmp_path):
    command = [sys.executable, "-m", "promo_scheduler.channels.sandbox", "--port", "0"]
    log = tmp_path / "shop.jsonl"
    with subprocess.Popen(
        [*command, "--log", str(log)], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        yield re.search(r"http://\S+", process.stdout.readline())[0], log
        process.terminate()


@pytest.fixture
def workspace(tmp_path, shop):
    """A window of many minutes that begins in some seconds, applied."""
    root = tmp_path / "workspace"
    (root / "campaigns").mkdir(parents=True)
    (root / "config").mkdir()
    (root / "config" / "settings.yaml").write_text("reconcile_every: 1s\n")
    (root / "config" / "channels.yaml").write_text(CHANNELS.format(url=shop[0]))
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=9)
    end = start + timedelta(minutes=20)
    campaign = CAMPAIGN.format(start=start.isoformat(), end=end.isoformat())
    (root / "campaigns" / "flash.yaml").write_text(campaign)
    promo(root, "apply", "--yes")
    return root


def promo(root, *words, code=0):
    done = subprocess.run(
        [*PROMO, "-w", str(root), *words], capture_output=True, text=True, env=ENVIRONMENT
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout or done.stderr


def told(root):
    return json.loads(promo(root, "status", "-o", "json"))


def _seen(status):
    return [p for p in status["pulse"] if p["head"]["seq"] >= status["ledger"]["head"]["seq"]]


@contextmanager
def running(root):
    path = root.parent / f"daemon-{time.monotonic_ns()}.log"
    with (
        path.open("w") as log,
        subprocess.Popen([*PROMO, "-w", str(root), "run"], stderr=log, env=ENVIRONMENT) as process,
    ):
        try:
            yield lambda event: until(lambda: event in path.read_text(), f"{event} in {path}")
        finally:
            process.kill()


def until(condition, what, seconds=45):
    """Wait for a condition of another process; there is no clock of its to tick."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"expected: {what}")


def effects(shop, kind):
    lines = shop[1].read_text(encoding="utf-8").splitlines() if shop[1].exists() else []
    return [e for e in map(json.loads, lines) if e["kind"] == kind]


def put_back_by_backup(root, saved):
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (root / ".promo" / name).unlink(missing_ok=True)
    promo(root, "restore", str(saved))


def put_back_by_hand(root, saved):
    for name in ("ledger.db-wal", "ledger.db-shm"):
        (root / ".promo" / name).unlink(missing_ok=True)
    shutil.copy(saved, root / ".promo" / "ledger.db")


def copy_by_hand(root, saved):
    """A snapshot of the file, as an administrator takes it while no daemon runs."""
    shutil.copy(root / ".promo" / "ledger.db", saved)


@pytest.mark.parametrize(
    ("save", "put_back"),
    [
        (lambda root, saved: promo(root, "backup", str(saved)), put_back_by_backup),
        (copy_by_hand, put_back_by_hand),
    ],
    ids=["by backup and restore", "a file copied back by hand"],
)
def test_it_starts_held_reads_its_channels_and_knows_what_is_live(
    workspace, shop, tmp_path, save, put_back
):
    # Given a copy from before the window began, and the window live by now
    saved = tmp_path / "saved.db"
    save(workspace, saved)
    with running(workspace) as saw:
        until(lambda: effects(shop, "went_live"), "it goes live")
        saw('"outcome": "done"')
        until(lambda: json.loads(promo(workspace, "status", "-o", "json"))["live"], "on record")
        time.sleep(1.2)  # the daemon's pulse, with the audit's head, is on its slate each second
    # When the old copy is put back and a daemon runs on it
    put_back(workspace, saved)
    with running(workspace) as saw:
        # Then it reads the channel, and holds everything until somebody has looked
        saw("observe.finished")
        status = json.loads(promo(workspace, "status", "-o", "json"))
        assert [(o["kind"], o["scope"]) for o in status["orders"]] == [
            ("hold", {})
        ]  # of everything
        kinds = [e["kind"] for e in map(json.loads, _audit(workspace))]
        assert "restore.observed" in kinds
        assert kinds.count("restore.finished") == 1
        # And what it did not know to be live is ended by a stop
        promo(workspace, "stop", "--all", "--reason", "wrong price", "--yes")
        assert len(effects(shop, "ended")) == 1
    assert len(effects(shop, "went_live")) == 1
    assert "verified" in promo(workspace, "audit", "verify").lower()


def _audit(root):
    out = promo(root, "audit", "export").splitlines()
    return [line for line in out if line.startswith("{")]


def test_its_hold_is_not_released_before_the_channels_were_read(workspace, tmp_path):
    saved = tmp_path / "saved.db"
    promo(workspace, "backup", str(saved))
    put_back_by_backup(workspace, saved)
    words = ("release", "--all", "--reason", "looked", "--yes")
    assert "have not all been read yet" in promo(workspace, *words, code=1)
    with running(workspace) as saw:
        saw("observe.finished")
        promo(workspace, *words)
    assert told(workspace)["orders"] == []
