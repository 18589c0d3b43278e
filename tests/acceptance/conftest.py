"""`promo` called in this process, and workspaces of an imaginary seller."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from promo_scheduler.cli import main

CHANNELS = """\
channels:
  storefront:
    connector: sandbox
    regions: [de, us]
    targets: { de: eu-store, us: us-store }
    settings: { url: "http://127.0.0.1:9" }
"""
CAMPAIGN = """\
campaign: winter
title: Winter
owner: ops@shop.example
regions: [de, us]
phases:
  launch:
    when: { date: DAY, from: "00:00", until: "24:00" }
    offer:
      percent: 25
      products: { tag: winter }
      label: { en: Winter sale, de: Winterschluss, aa: zz }
  evening:
    when: { date: DAY, from: "20:00", for: 2h }
    offer: { price: { USD: 10, EUR: 9 }, products: { skus: [A-1] } }
"""


@dataclass(frozen=True)
class Result:
    """What a call came to."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def promo(capsys, monkeypatch):
    """Call the command; its exit code and what it printed."""
    monkeypatch.setenv("PROMO_ACTOR", "ana@desk")
    monkeypatch.setenv("COLUMNS", "120")

    def call(*arguments):
        try:
            code = main([str(argument) for argument in arguments])
        finally:
            structlog.reset_defaults()  # a command that runs a daemon has set the log up
            printed = capsys.readouterr()
        return Result(code, printed.out, printed.err)

    return call


@pytest.fixture
def day() -> str:
    """A date a month ahead: what is past would not be planned."""
    return (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


@pytest.fixture
def workspace(tmp_path: Path, day: str) -> Path:
    """A campaign of two phases in two regions on one channel, a month ahead."""
    root = tmp_path / "shop"
    (root / "config").mkdir(parents=True)
    (root / "campaigns").mkdir()
    (root / "config" / "settings.yaml").write_text("{}\n")
    (root / "config" / "channels.yaml").write_text(CHANNELS)
    (root / "campaigns" / "winter.yaml").write_text(CAMPAIGN.replace("DAY", day))
    return root


@pytest.fixture
def write_campaign(workspace: Path, day: str):
    """Write another version of the campaign, or another one."""

    def write(replacing=("", ""), name="winter"):
        old, new = replacing
        text = CAMPAIGN.replace("DAY", day).replace(old, new)
        (workspace / "campaigns" / f"{name}.yaml").write_text(text)

    return write
