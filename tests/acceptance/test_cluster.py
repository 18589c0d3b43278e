"""Three daemons on one PostgreSQL ledger, as processes, on a real shop: one of them is killed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMO = [sys.executable, "-m", "promo_scheduler"]
SHOP = [sys.executable, "-m", "promo_scheduler.channels.sandbox", "--port", "0", "--log"]
PHASES = 5
CHANNELS = """
channels:
  shop:
    connector: sandbox
    regions: [de, us]
    targets: {{ de: de, us: us }}
    settings: {{ url: "{url}" }}
"""
CAMPAIGN = """
campaign: flash
title: Flash
owner: ann@shop.example
regions: [de, us]
phases:
"""
PHASE = """
  p{number}:
    when: {{ clock: instant, from: "{start}", until: "{end}" }}
    offer: {{ percent: {number}, products: {{ skus: [A-{number}] }} }}
"""


@pytest.fixture
def environment(postgresql_url):
    names = {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PROMO_ACTOR": "ann"}
    return {**os.environ, **names, "PROMO_LEDGER": postgresql_url}


@pytest.fixture
def shop(tmp_path, environment):
    log = tmp_path / "shop.jsonl"
    with subprocess.Popen(
        [*SHOP, str(log)], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield re.search(r"http://\S+", process.stdout.readline())[0], log
        process.terminate()


@pytest.fixture
def workspace(tmp_path, shop):
    root = tmp_path / "workspace"
    (root / "campaigns").mkdir(parents=True)
    (root / "config").mkdir()
    settings = 'ledger: "${env:PROMO_LEDGER}"\nreconcile_every: 2s\n'
    (root / "config" / "settings.yaml").write_text(settings)
    (root / "config" / "channels.yaml").write_text(CHANNELS.format(url=shop[0]))
    git(root, "init", "-q")
    commit(root)
    return root


def git(root, *words):
    identity = ["-c", "user.name=ann", "-c", "user.email=ann@shop.example"]
    subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)


def commit(root):
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "a change")


def write_campaign(root, begins_in):
    """A phase each second, for one product each, that lasts three."""
    first = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=begins_in)
    text = CAMPAIGN
    for number in range(1, PHASES + 1):
        start = first + timedelta(seconds=number)
        end = start + timedelta(seconds=3)
        text += PHASE.format(number=number, start=start.isoformat(), end=end.isoformat())
    (root / "campaigns" / "flash.yaml").write_text(text)


def until(condition, what, seconds=60):
    """Wait for a condition of other processes; there is no clock of theirs to tick."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"expected: {what() if callable(what) else what}")


class Node:
    """A running `promo run --engine pgqueuer`, and the log that it writes."""

    def __init__(self, process, path):
        self.process, self._path = process, path

    @property
    def text(self):
        return self._path.read_text(encoding="utf-8")

    def log(self, event):
        lines = [line for line in self.text.splitlines() if line.startswith("{")]
        return [e for e in map(json.loads, lines) if e["event"] == event]

    def saw(self, event):
        return until(lambda: self.log(event), lambda: f"{event} in the log, but: {self.text}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@contextmanager
def running(root, environment, name):
    path = root.parent / f"{name}.log"
    command = [*PROMO, "-w", str(root), "run", "--engine", "pgqueuer"]
    with (
        path.open("w") as log,
        subprocess.Popen(command, stderr=log, env=environment) as process,
    ):
        try:
            yield Node(process, path)
        finally:
            process.kill()


def promo(root, environment, *words):
    return subprocess.run(
        [*PROMO, "-w", str(root), *words], capture_output=True, text=True, env=environment
    )


def effects(shop, *kinds):
    lines = shop[1].read_text(encoding="utf-8").splitlines() if shop[1].exists() else []
    return [e for e in map(json.loads, lines) if e["kind"] in kinds]


def test_of_three_nodes_one_is_killed_and_everything_begins_and_ends_once(
    workspace, shop, environment
):
    with ExitStack() as stack:
        nodes = [stack.enter_context(running(workspace, environment, f"n{n}")) for n in range(3)]
        for node in nodes:
            node.saw("engine.started")
        # Given a campaign of some seconds in two regions, which one of the nodes applies
        write_campaign(workspace, begins_in=13)
        commit(workspace)
        until(lambda: any(node.log("reconcile.applied") for node in nodes), "it is applied")
        listed = json.loads(promo(workspace, environment, "status", "-o", "json").stdout)["nodes"]
        assert [node["engine"] for node in listed] == ["pgqueuer"] * 3
        # When one of them is killed in the middle
        until(lambda: len(effects(shop, "went_live")) >= PHASES, "it is in the middle of it")
        nodes[0].process.kill()
        wanted = 2 * PHASES
        until(lambda: len(effects(shop, "ended")) >= wanted, lambda: nodes[1].text + nodes[2].text)
        # Then each window began and ended once, by the shop's own log
        for kind in ("went_live", "ended"):
            times = Counter(effect["name"] for effect in effects(shop, kind))
            assert sorted(times.values()) == [1] * wanted
        # And the others stop with nothing half done
        until(lambda: _open_still(workspace, environment) == 0, "all of it is on record")
        assert [node.stop() for node in nodes[1:]] == [0, 0]
        assert all(node.log("firing.settled") for node in nodes[1:])
        assert not any("Traceback" in node.text for node in nodes)
        assert not any(node.log("engine.queue-lost") for node in nodes)
    assert promo(workspace, environment, "audit", "verify").returncode == 0


def _open_still(root, environment):
    events = json.loads(promo(root, environment, "events", "-o", "json").stdout)["events"]
    return sum(event["state"] != "done" for event in events)


def test_a_ledger_in_sqlite_is_refused(workspace, environment, tmp_path):
    sqlite = {**environment, "PROMO_LEDGER": f"sqlite:///{tmp_path}/ledger.db"}
    done = promo(workspace, sqlite, "run", "--engine", "pgqueuer")
    assert (done.returncode, "E301" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    assert not (tmp_path / "ledger.db").exists()
