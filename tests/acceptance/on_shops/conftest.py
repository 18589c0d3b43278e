"""Two real shops, a workspace that sells on them, and whoever gives orders there."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from promo_scheduler.ledger import EventQuery
from promo_scheduler.operations import open_ledger
from promo_scheduler.source import load

ROOT = Path(__file__).parents[3]
PROMO = [sys.executable, "-m", "promo_scheduler"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "PROMO_ACTOR": "ann"}
CHANNEL = """\
  {name}:
    connector: sandbox
    regions: [{regions}]
    targets: {{ {targets} }}
    settings: {{ url: "{url}", timeout: "5" }}
"""
CAMPAIGN = """\
campaign: sale
title: Sale
owner: ann@shop.example
regions: [{regions}]
phases:
  launch:
    when: {{ clock: instant, from: "{start}", until: "{end}" }}
    offer: {{ percent: 25, products: all }}
"""
SETTINGS = "reconcile_every: 1h\nretry: { shortest: 1s, longest: 2s }\n"


def until(condition, what, seconds=60):
    """Wait for a condition of another process; there is no clock of its to tick."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"expected: {what}")


class Shop:
    """A shop as a process; it can be killed, and started again as it was."""

    def __init__(self, folder, name):
        self._log, self._state = folder / f"{name}.jsonl", folder / f"{name}.state"
        self._port = 0
        self.start()

    def start(self):
        files = ["--log", str(self._log), "--state", str(self._state)]
        command = [sys.executable, "-m", "promo_scheduler.channels.sandbox", *files]
        self.process = subprocess.Popen(
            [*command, "--port", str(self._port)],
            stdout=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        self.url = re.search(r"http://\S+", self.process.stdout.readline())[0]
        self._port = int(self.url.rpartition(":")[2])

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, path, data=None):
        body = None if data is None else json.dumps(data).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, body)) as answer:
            return json.load(answer)

    def misbehaves(self, **faults):
        """From now on; none given: no more."""
        self.ask("/control/faults", faults)

    def live_by(self, instant):
        """What has gone live by then, by the shop's own log and clock."""
        self.ask("/control/clock", {"now": instant.isoformat().replace("+00:00", "Z")})
        return self.effects("went_live")

    def effects(self, *kinds):
        lines = self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []
        return [e for e in map(json.loads, lines) if e["kind"] in kinds]

    def live(self):
        """What a buyer gets now: the names of the discounts that count."""
        found = self.ask("/discounts")["discounts"]
        return [each["name"] for each in found if each["state"] == "active"]


class Seller:
    """A workspace, and whoever gives orders in it."""

    def __init__(self, root, shops, promo):
        self.root, self._shops, self._promo = root, shops, promo
        self._write("config/settings.yaml", SETTINGS)

    def _write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def keeps_its_ledger_at(self, reference):
        self._write("config/settings.yaml", f'{SETTINGS}ledger: "{reference}"\n')

    def sells(self, regions, channels=("store",)):
        """In these regions, on these channels; `market` is on the second shop."""
        store, market = self._shops
        parts = [
            CHANNEL.format(
                name=name,
                regions=", ".join(regions),
                targets=", ".join(f"{region}: {region}-{name}" for region in regions),
                url=(market if name == "market" else store).url,
            )
            for name in channels
        ]
        self._write("config/channels.yaml", "channels:\n" + "".join(parts))

    def plans(self, regions, begins_in=-60, lasts=3600):
        """A campaign of some seconds from now on, applied; when it begins."""
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=begins_in)
        end = start + timedelta(seconds=lasts)
        named = {"start": start.isoformat(), "end": end.isoformat()}
        self._write("campaigns/sale.yaml", CAMPAIGN.format(regions=", ".join(regions), **named))
        self.promo("apply", "--yes", "--start-late")
        return start

    def edits(self, old, new, *flags):
        path = self.root / "campaigns" / "sale.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        self.promo("apply", "--yes", *flags)

    def promo(self, *words, code=0):
        """Call the command here; what it said, or with `json` what it told programs."""
        result = self._promo("-w", self.root, *words)
        assert result.code == code, result
        return result.json if "json" in words else result.out + result.err

    def begin(self, *words):
        """Call the command as a process of its own."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [*PROMO, "-w", str(self.root), *words]
        environment = {**os.environ, **ENVIRONMENT}
        return subprocess.Popen(command, text=True, env=environment, **pipes)

    def events(self, action):
        ledger = open_ledger(load(self.root))
        try:
            found = ledger.events(EventQuery())
        finally:
            ledger.close()
        return [each for each in found if each.event.key.action == action]

    def states(self, action):
        return {each.state.value for each in self.events(action)}

    @contextmanager
    def daemon(self):
        """A daemon at work, killed in the end."""
        log = self.root / "daemon.log"
        command = [*PROMO, "-w", str(self.root), "run"]
        environment = {**os.environ, **ENVIRONMENT}
        with (
            log.open("w") as file,
            subprocess.Popen(command, stderr=file, env=environment) as process,
        ):
            try:
                until(lambda: "engine.started" in log.read_text(), "the daemon starts")
                yield process
            finally:
                process.kill()

    @contextmanager
    def live(self, regions, channels=("store",)):
        """The campaign live everywhere there, and a daemon at work."""
        self.sells(regions, channels)
        self.plans(regions)
        with self.daemon() as daemon:
            until(lambda: self.states("activate") == {"done"}, "it is live everywhere")
            yield daemon


@pytest.fixture(name="until")
def waiting():
    """Wait for a condition of another process."""
    return until


@pytest.fixture
def shops(tmp_path):
    """Two shops: store and market."""
    both = [Shop(tmp_path, "store"), Shop(tmp_path, "market")]
    yield both
    for shop in both:
        if shop.process.poll() is None:
            shop.kill()


@pytest.fixture
def shop(shops):
    """The store."""
    return shops[0]


@pytest.fixture
def seller(tmp_path, shops, promo):
    """Who sells in Germany, on the store."""
    seller = Seller(tmp_path / "workspace", shops, promo)
    seller.sells(["de"])
    return seller


@pytest.fixture
def staged(seller, until):
    """A window of the shop's own, created in advance, that begins in ten minutes; the daemon that
    did it, and an instant after the window's start.
    """
    begins = seller.plans(["de"], begins_in=600)
    with seller.daemon() as daemon:
        until(lambda: seller.states("stage") == {"done"}, "it is staged")
        yield daemon, begins + timedelta(seconds=1)
