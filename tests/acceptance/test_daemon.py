"""The daemon as a process, on a real shop and in real time: it fires, follows git, obeys, and stops."""

import json
import os
import re
import shutil
import signal
import socket
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
    regions: [de, us]
    targets: {{ de: de, us: us }}
    settings: {{ url: "{url}" }}
"""
CAMPAIGN = """
campaign: {name}
title: Flash
owner: ann@shop.example
regions: [{region}]
phases:
  sale:
    when: {{ clock: instant, from: "{start}", until: "{end}" }}
    offer: {{ percent: 25, products: all }}
"""


@pytest.fixture
def shop(tmp_path):
    log = tmp_path / "shop.jsonl"
    command = [sys.executable, "-m", "promo_scheduler.channels.sandbox", "--port", "0"]
    with subprocess.Popen(
        [*command, "--log", str(log)], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        yield re.search(r"http://\S+", process.stdout.readline())[0], log
        process.terminate()


@pytest.fixture
def workspace(tmp_path, shop):
    root = tmp_path / "workspace"
    (root / "campaigns").mkdir(parents=True)
    (root / "config").mkdir()
    (root / "config" / "settings.yaml").write_text("reconcile_every: 1s\n")
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


def campaign(root, name, region, begins_in, lasts):
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=begins_in)
    end = start + timedelta(seconds=lasts)
    text = CAMPAIGN.format(name=name, region=region, start=start.isoformat(), end=end.isoformat())
    (root / "campaigns" / f"{name}.yaml").write_text(text)
    return start, end


class Daemon:
    """A running `promo run`, and the log that it writes."""

    def __init__(self, process, path):
        self.process, self._path = process, path

    def log(self):
        lines = self._path.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def saw(self, event, **facts):
        return until(
            lambda: [e for e in self.log() if e["event"] == event and facts.items() <= e.items()],
            f"the log tells {event} {facts}, but: {self._path.read_text(encoding='utf-8')}",
        )

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


@contextmanager
def running(root, environment=ENVIRONMENT):
    path = root.parent / f"daemon-{time.monotonic_ns()}.log"
    with (
        path.open("w") as log,
        subprocess.Popen([*PROMO, "-w", str(root), "run"], stderr=log, env=environment) as process,
    ):
        daemon = Daemon(process, path)
        try:
            daemon.saw("engine.started")
            yield daemon
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


def promo(root, *words, code=0):
    done = subprocess.run(
        [*PROMO, "-w", str(root), *words], capture_output=True, text=True, env=ENVIRONMENT
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def effects(shop, *kinds):
    lines = shop[1].read_text(encoding="utf-8").splitlines() if shop[1].exists() else []
    return [e for e in map(json.loads, lines) if e["kind"] in kinds]


def test_a_window_opens_and_closes_on_the_shop_at_its_instants(workspace, shop):
    # Given a committed campaign of a few seconds, and the daemon
    start, end = campaign(workspace, "flash", "de", begins_in=8, lasts=3)
    commit(workspace)
    with running(workspace) as daemon:
        # When its time has passed
        until(lambda: effects(shop, "ended"), "the shop's log shows the end")
        daemon.saw("firing.settled", outcome="done", key=_key("flash", "de", start, "deactivate"))
        # Then the shop kept its instants, and the daemon stops with nothing half done
        turns = [(e["kind"], e["at"]) for e in effects(shop, "went_live", "ended")]
        assert turns == [("went_live", _text(start)), ("ended", _text(end))]
        assert daemon.stop() == 0
    assert "verified" in promo(workspace, "audit", "verify").lower()
    assert json.loads(promo(workspace, "status", "-o", "json"))["overdue"] == []


def _text(at):
    return at.isoformat().replace("+00:00", "Z")


def _key(name, region, start, action):
    return f"{name}/sale/{region}/-/{start.date()}/1/shop/{action}"


def test_a_restart_goes_on_from_the_ledger_alone(workspace, shop):
    # Given a daemon that is killed while a window is live
    campaign(workspace, "flash", "de", begins_in=8, lasts=10)
    commit(workspace)
    with running(workspace) as daemon:
        until(lambda: effects(shop, "went_live"), "it goes live")
        daemon.process.kill()
    # When another one starts, then the window is ended, and was live once
    with running(workspace) as daemon:
        until(lambda: effects(shop, "ended"), "it ends")
        assert daemon.stop() == 0
    assert len(effects(shop, "went_live")) == 1
    promo(workspace, "audit", "verify")


def test_a_second_daemon_is_refused_with_the_first_ones_name(workspace):
    with running(workspace) as daemon:
        done = subprocess.run(
            [*PROMO, "-w", str(workspace), "run"], capture_output=True, text=True, env=ENVIRONMENT
        )
        assert done.returncode == 1
        assert "E202" in done.stderr
        assert str(daemon.process.pid) in done.stderr


def test_it_follows_committed_files_and_a_broken_revision_changes_nothing(workspace):
    with running(workspace) as daemon:
        # A file that is not committed is not looked at
        start, _ = campaign(workspace, "later", "us", begins_in=3600, lasts=60)
        # A commit is planned and applied
        commit(workspace)
        daemon.saw("reconcile.applied", changes=1)
        # A revision that does not load is refused, and what stands stays
        (workspace / "campaigns" / "broken.yaml").write_text("campaign: [")
        commit(workspace)
        daemon.saw("reconcile.refused")
        events = json.loads(promo(workspace, "events", "-o", "json"))["events"]
        assert _key("later", "us", start, "activate") in [event["key"] for event in events]
        assert daemon.stop() == 0


def test_a_changed_config_and_a_withdrawal_wait_for_a_person(workspace, shop):
    campaign(workspace, "live", "de", begins_in=8, lasts=600)
    commit(workspace)
    with running(workspace) as daemon:
        until(lambda: effects(shop, "went_live"), "it goes live")
        # Taking the live campaign out of git does not end it by itself
        (workspace / "campaigns" / "live.yaml").unlink()
        commit(workspace)
        daemon.saw("reconcile.waiting", change="withdraw")
        assert effects(shop, "ended") == []
        # Somebody allows it: the daemon ends it at once
        promo(workspace, "apply", "--yes", code=1)
        promo(workspace, "apply", "--yes", "--allow-withdraw")
        until(lambda: effects(shop, "ended"), "it ends")
        # And a change of config/ waits as a whole
        (workspace / "config" / "settings.yaml").write_text("reconcile_every: 2s\n")
        commit(workspace)
        daemon.saw("reconcile.config-changed")


def test_stop_ends_what_is_live_with_the_daemon_running_or_dead(workspace, shop):
    campaign(workspace, "one", "de", begins_in=8, lasts=600)
    campaign(workspace, "two", "us", begins_in=8, lasts=600)
    commit(workspace)
    order = ("--reason", "wrong price", "--yes")
    with running(workspace) as daemon:
        until(lambda: len(effects(shop, "went_live")) == 2, "both go live")
        promo(workspace, "stop", "--region", "de", *order)
        until(lambda: effects(shop, "ended"), "the stopped one ends")
        assert daemon.stop() == 0
    promo(workspace, "stop", "--region", "us", *order)
    assert len(effects(shop, "ended")) == 2
    assert len(json.loads(promo(workspace, "status", "-o", "json"))["orders"]) == 2


def test_a_hold_takes_back_what_is_staged_and_its_release_stages_again(workspace, shop):
    campaign(workspace, "soon", "de", begins_in=14, lasts=600)
    commit(workspace)
    with running(workspace) as daemon:
        until(lambda: effects(shop, "created"), "it is staged")
        promo(workspace, "hold", "--region", "de", "--reason", "stock count", "--yes")
        daemon.saw("firing.settled", outcome="done", attempt=1)
        until(lambda: _state(workspace, "deactivate") == "done", "it is taken back")
        time.sleep(14)  # past its start: a held window must not go live, by the shop's own log
        assert effects(shop, "went_live") == []
        promo(workspace, "release", "--region", "de", "--reason", "counted", "--yes")
        until(lambda: effects(shop, "went_live"), "it goes live, late")
        assert daemon.stop() == 0


def _state(root, action):
    events = json.loads(promo(root, "events", "-o", "json"))["events"]
    return next(e["state"] for e in events if e["key"].endswith(action))


def test_systemd_is_told_that_it_is_ready_alive_and_stopping(workspace, tmp_path):
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(30)
        with running(workspace, {**ENVIRONMENT, "NOTIFY_SOCKET": address}) as daemon:
            assert systemd.recv(64) == b"READY=1"
            assert systemd.recv(64) == b"WATCHDOG=1"
            assert daemon.stop() == 0
        told = set()
        while b"STOPPING=1" not in told:
            told.add(systemd.recv(64))


def test_a_revision_that_does_not_load_keeps_no_ending_from_happening(workspace, shop):
    # Given a live window, and a daemon that died
    campaign(workspace, "flash", "de", begins_in=8, lasts=12)
    commit(workspace)
    with running(workspace) as daemon:
        until(lambda: effects(shop, "went_live"), "it goes live")
        daemon.process.kill()
    # When a colleague commits a broken file, and the daemon is started again
    (workspace / "campaigns" / "broken.yaml").write_text("campaign: [")
    commit(workspace)
    with running(workspace) as daemon:
        # Then it says so, and ends what is live
        daemon.saw("reconcile.refused")
        until(lambda: effects(shop, "ended"), "it ends")
        daemon.saw("firing.settled", outcome="done")
        assert daemon.stop() == 0


def test_neither_a_damaged_repository_nor_a_broken_config_keeps_an_ending_from_happening(
    workspace, shop
):
    # Given a live window, and a daemon that died
    campaign(workspace, "flash", "de", begins_in=8, lasts=12)
    commit(workspace)
    with running(workspace) as daemon:
        until(lambda: effects(shop, "went_live"), "it goes live")
        daemon.process.kill()
    # When the last commit is damaged, and config/ as it lies there does not load either
    for each in sorted((workspace / ".git" / "objects").glob("[0-9a-f][0-9a-f]/*")):
        each.chmod(0o600)
        each.write_bytes(b"")
    (workspace / "config" / "channels.yaml").write_text("channels: [")
    with running(workspace) as daemon:
        # Then the next daemon says so, and ends what is live by the configuration that was applied
        daemon.saw("config.refused")
        daemon.saw("reconcile.refused")
        until(lambda: effects(shop, "ended"), "it ends")
        assert daemon.stop() == 0


def test_a_changed_config_does_not_apply_itself_at_the_next_start(workspace, shop, tmp_path):
    # Given a workspace that was applied, and then pointed to a shop that is not there
    campaign(workspace, "flash", "de", begins_in=14, lasts=3)
    commit(workspace)
    promo(workspace, "apply", "--yes")
    channels = workspace / "config" / "channels.yaml"
    channels.write_text(channels.read_text().replace(shop[0], "http://127.0.0.1:9"))
    commit(workspace)
    # When the daemon starts, then it says so, and goes on with what was applied
    with running(workspace) as daemon:
        daemon.saw("reconcile.config-changed")
        until(lambda: effects(shop, "ended"), "it began and ended on the shop that was applied")
        assert daemon.stop() == 0


def test_a_hold_takes_back_what_is_staged_also_without_a_daemon(workspace, shop):
    campaign(workspace, "soon", "de", begins_in=600, lasts=600)
    commit(workspace)
    with running(workspace) as daemon:
        until(lambda: effects(shop, "created"), "it is staged")
        daemon.saw("firing.settled", outcome="done")
        assert daemon.stop() == 0
    promo(workspace, "hold", "--all", "--reason", "stock count", "--yes")
    assert _state(workspace, "deactivate") == "done"


def test_two_workspaces_on_one_ledger_are_one_daemon(workspace, tmp_path):
    settings = workspace / "config" / "settings.yaml"
    settings.write_text(f'ledger: "sqlite:///{tmp_path}/shared.db"\n')
    commit(workspace)
    copy = tmp_path / "copy"
    shutil.copytree(workspace, copy)
    with running(workspace):
        done = subprocess.run(
            [*PROMO, "-w", str(copy), "run"], capture_output=True, text=True, env=ENVIRONMENT
        )
        assert (done.returncode, "E202" in done.stderr) == (1, True)


def test_the_ledger_may_be_postgresql(workspace, shop, postgresql_url):
    # Given the same workspace with its ledger on a server, by a reference in its settings
    settings = workspace / "config" / "settings.yaml"
    settings.write_text('ledger: "${env:PROMO_LEDGER}"\nreconcile_every: 1s\n')
    campaign(workspace, "flash", "de", begins_in=9, lasts=3)
    commit(workspace)
    environment = {**ENVIRONMENT, "PROMO_LEDGER": postgresql_url}
    # When the daemon runs, then the window opens and closes, and the audit verifies
    with running(workspace, environment) as daemon:
        until(lambda: effects(shop, "ended"), "it ends")
        daemon.saw("firing.settled", outcome="done")
        assert daemon.stop() == 0
    done = subprocess.run(
        [*PROMO, "-w", str(workspace), "audit", "verify"],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert (done.returncode, "verified" in done.stdout) == (0, True)
