"""`promo tz` where new calendars moved a window, and nobody has edited since, or somebody has."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from promo_scheduler import operations
from promo_scheduler.plan import Application, Change, ChangeKind, Standing
from promo_scheduler.source import load
from promo_scheduler.timing import versions

CHANNELS = """\
channels:
  shop:
    connector: sandbox
    regions: [de]
    settings: { url: "http://127.0.0.1:9" }
"""
CAMPAIGN = """\
campaign: sale
title: Sale
owner: ops@shop.example
regions: [de]
phases:
  launch:
    when: { date: DAY, from: "00:00", until: "24:00" }
    offer: { percent: 10, products: all }
"""
KEY = "sale/launch/de/-/DAY/1/shop"


class Seller:
    """A workspace in git that was applied, with older calendars by which the sale is an hour off."""

    def __init__(self, root, promo):
        self.root, self.promo = root, lambda *words: promo("-w", root, *words)
        self.day = str(datetime.now(UTC).date() + timedelta(days=90))
        (root / "config").mkdir()
        (root / "campaigns").mkdir()
        (root / "config" / "settings.yaml").write_text("new_zone_data: ask\n")
        (root / "config" / "channels.yaml").write_text(CHANNELS)
        (root / ".gitignore").write_text(".promo\n")
        self.write(CAMPAIGN)
        self.git("init", "-q")
        self.commit()
        assert self.promo("apply", "--yes").code == 0
        self.stand_on_older_calendars()

    def write(self, text):
        (self.root / "campaigns" / "sale.yaml").write_text(text.replace("DAY", self.day))

    def git(self, *words):
        identity = ["-c", "user.name=ann", "-c", "user.email=ann@shop.example"]
        subprocess.run(["git", *identity, *words], cwd=self.root, check=True, capture_output=True)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a change")

    def stand_on_older_calendars(self):
        ledger, hour = operations.open_ledger(load(self.root)), timedelta(hours=1)
        now, stamp = datetime.now(UTC), ledger.stamp()
        (stands,) = ledger.standing(now)
        before = stands.window
        older = replace(before, start=before.start - hour, end=before.end - hour)
        older = replace(older, span=None)  # the sun, say, decided it
        moved = Change(ChangeKind.MOVE, before.key, before, older, Standing.PLANNED, 1, "move")
        made_of = (replace(stamp.versions, holidays="0.1"), stamp.revision, stamp.config_digest)
        ledger.apply(Application((moved,), (), now, "ann", *made_of))
        ledger.close()

    def diff(self):
        return self.promo("tz", "diff", "-o", "json").json

    def stands_on(self):
        ledger = operations.open_ledger(load(self.root))
        try:
            return ledger.stamp().versions
        finally:
            ledger.close()


@pytest.fixture
def seller(tmp_path, promo):
    root = tmp_path / "shop"
    root.mkdir()
    return Seller(root, promo)


def test_what_a_calendar_moves_is_in_the_diff_and_applied_with_it(seller):
    shown = seller.diff()
    key = KEY.replace("DAY", seller.day)
    assert [move["key"] for move in shown["changes"]["move"]] == shown["by_calendar"] == [key]
    text = seller.promo("tz", "diff").out
    assert "holidays 0.1 → " in text and "by a calendar" in text and "1 hour later" in text
    assert seller.promo("tz", "apply", "--yes").code == 0
    assert seller.stands_on() == versions()
    assert "Nothing moves." in seller.promo("tz", "diff").out


@pytest.mark.parametrize("is_committed", [True, False])
def test_with_an_edit_nothing_is_said_to_be_the_calendar_s(seller, is_committed):
    # Given an edit beside the new calendars
    seller.write(CAMPAIGN.replace("percent: 10", "percent: 9"))
    if is_committed:
        seller.commit()
    # Then an edit that is committed sends to the plan, and one that is not is left out
    shown = seller.diff()
    assert len(shown["by_calendar"]) == (not is_committed)
    assert ("`promo plan` shows what the" in seller.promo("tz", "diff").out) is is_committed
    assert seller.promo("tz", "apply", "--yes").code == 0
    assert (seller.stands_on().holidays == "0.1") is is_committed
    (change,) = seller.promo("plan", "-o", "json").json["changes"][
        "move" if is_committed else "amend"
    ]
    assert change["after"]["offer"] == {"percent": "9", "products": {"all": True}}


def test_a_damaged_repository_keeps_nobody_from_looking_and_stopping(seller):
    # Given a workspace whose commits cannot be read, and whose config/ does not load
    for each in (seller.root / ".git" / "objects").glob("[0-9a-f][0-9a-f]/*"):
        each.chmod(0o600)
        each.write_bytes(b"")
    (seller.root / "config" / "channels.yaml").write_text("channels: [")
    # Then what stands can still be looked at, and held
    for words in (["status"], ["events"], ["audit", "verify"], ["tz", "diff"]):
        assert seller.promo(*words).code == 0
    held = seller.promo("hold", "--region", "de", "--reason", "damaged", "--yes")
    assert held.code == 0
