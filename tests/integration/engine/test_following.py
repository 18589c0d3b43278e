"""Following: a new day is planned as a new revision is, and new zone data before either."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from promo_scheduler import operations
from promo_scheduler.engine import daemon, zone_data
from promo_scheduler.engine.daemon import means_for
from promo_scheduler.engine.following import Follower
from promo_scheduler.ledger import Node
from promo_scheduler.operations import load_committed
from promo_scheduler.plan import Application, Change, ChangeKind, Standing
from promo_scheduler.testing import TickingClock
from promo_scheduler.timing import versions

CHANNELS = """\
channels:
  shop:
    connector: sandbox
    regions: [gb]
    settings: { url: "http://127.0.0.1:9" }
"""
CAMPAIGN = """\
campaign: sale
title: Sale
owner: ops@shop.example
regions: [gb]
phases:
  launch:
    when: { date: 2026-11-11, from: "10:00", until: "14:00" }
    offer: { percent: 10, products: all }
"""


ME = Node("me", place="", engine="embedded")


class Stage:
    """A follower on a clock that is moved by hand, and what it wrote into the log."""

    def __init__(self, root, settings="{}\n"):
        self.root, self.clock = root, TickingClock(datetime(2026, 11, 1, 12, tzinfo=UTC))
        for name, text in (
            ("config/settings.yaml", settings),
            ("config/channels.yaml", CHANNELS),
            ("campaigns/sale.yaml", CAMPAIGN),
        ):
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text)
        workspace = load_committed(root)
        self.ledger = operations.open_ledger(workspace)
        self.follower = Follower(workspace, means_for(workspace, self.ledger, self.clock, ME))

    async def look(self):
        with structlog.testing.capture_logs() as logs:
            await self.follower.look()
        return logs

    def start(self):
        (stands,) = self.ledger.standing(self.clock.now())
        return f"{stands.window.start:%H:%M}"

    def change(self, kind, after, **older):
        """Change the one window in the ledger, and what it stands on."""
        (stands,) = self.ledger.standing(self.clock.now())
        before = stands.window
        told = (kind, before.key, before, after and after(before), Standing.PLANNED)
        change = Change(*told, stands.generation, kind.value)
        stamp, now = self.ledger.stamp(), self.clock.now()
        made_of = (replace(stamp.versions, **older), stamp.revision, stamp.config_digest)
        self.ledger.apply(Application((change,), (), now, "me", *made_of))

    def stand_on_zone_data_of(self, version):
        """As if it had been resolved an hour earlier, by another version of the zone data."""
        hour = timedelta(hours=1)
        self.change(
            ChangeKind.MOVE,
            lambda window: replace(window, start=window.start - hour, end=window.end - hour),
            tzdata=version,
        )

    def stand_on_older_calendars(self):
        """As if it had been resolved with an older version of the holidays library."""
        stamp, now = self.ledger.stamp(), self.clock.now()
        older = replace(stamp.versions, holidays="0.1")
        made_of = (older, stamp.revision, stamp.config_digest)
        self.ledger.apply(Application((), (), now, "me", *made_of))


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path)
    yield made
    made.ledger.close()


async def test_the_same_files_are_planned_again_once_a_day(stage):
    # Given a sale of 11 November that was planned on the first
    assert [e["event"] for e in await stage.look()] == ["reconcile.applied"]
    # When it is taken out of the ledger on the same day, then nobody looks again
    stage.change(ChangeKind.CANCEL, None)
    stage.clock.tick(timedelta(hours=11, minutes=59))
    assert await stage.look() == []
    # But on the next day (UTC) it is planned again
    stage.clock.tick(timedelta(minutes=1))
    assert [e["event"] for e in await stage.look()] == ["reconcile.applied"]
    assert await stage.look() == []


async def test_new_calendars_are_told_and_taken_up(stage):
    await stage.look()
    stage.stand_on_older_calendars()
    (told,) = await stage.look()
    assert told["event"] == "reconcile.calendars-changed"
    assert told["changed"].startswith("holidays 0.1 → ")
    assert stage.ledger.stamp().versions == versions()
    assert await stage.look() == []


async def test_what_stands_follows_new_zone_data_whatever_is_wrong_with_the_files(stage):
    # Given a ledger on older zone data, and a campaign that does not load
    await stage.look()
    stage.stand_on_zone_data_of("2020x")
    campaign = stage.root / "campaigns" / "sale.yaml"
    campaign.write_text("campaign: [")
    # Then the windows move at once, and the rest is told, each once
    assert [e["event"] for e in await stage.look()] == ["zone-data.changed", "reconcile.refused"]
    assert stage.start() == "10:00"
    assert await stage.look() == []
    campaign.write_text(CAMPAIGN)
    assert await stage.look() == []


async def test_asked_for_what_moves_is_told_once_and_edits_of_it_wait(tmp_path):
    stage = Stage(tmp_path, "new_zone_data: ask\n")
    await stage.look()
    stage.stand_on_zone_data_of("2020x")
    told = await stage.look()
    assert [e["event"] for e in told] == ["zone-data.changed", "zone-data.waiting"]
    for _ in range(2):
        stage.clock.tick(timedelta(days=1))
        assert await stage.look() == []
    (tmp_path / "campaigns" / "sale.yaml").write_text(CAMPAIGN.replace("percent: 10", "percent: 9"))
    assert await stage.look() == []
    assert stage.start() == "09:00"
    # Until a person applies it: then the edit is planned without waiting for the next day
    found = operations.reresolve(load_committed(tmp_path), stage.ledger, stage.clock.now())
    operations.apply_moves(found, stage.ledger, stage.clock.now())
    assert [e["event"] for e in await stage.look()] == ["reconcile.applied"]
    assert stage.start() == "10:00"
    stage.ledger.close()


async def test_while_a_changed_configuration_waits_zone_data_are_renewed_and_nothing_is_told_twice(
    stage, monkeypatch
):
    renewals = []
    monkeypatch.setattr(zone_data, "renew", lambda: renewals.append(1) or versions())
    await stage.look()
    (stage.root / "config" / "channels.yaml").write_text(f"{CHANNELS}    stage_ahead: 3h\n")
    assert [e["event"] for e in await stage.look()] == ["reconcile.config-changed"]
    assert (await stage.look(), renewals) == ([], [])
    stage.clock.tick(timedelta(days=1))
    assert (await stage.look(), await stage.look(), renewals) == ([], [], [1])


async def test_zone_data_that_cannot_be_read_are_told_and_tried_again_the_same_day(
    stage, monkeypatch
):
    await stage.look()
    answers = [replace(versions(), tzdata=""), versions(), None]
    monkeypatch.setattr(zone_data, "renew", lambda: answers.pop(0))
    stage.clock.tick(timedelta(days=1))
    assert [e["event"] for e in await stage.look()] == ["zone-data.unreadable"]
    assert (await stage.look(), await stage.look(), answers) == ([], [], [None])


async def test_with_ask_all_waits_under_new_calendars_and_is_told_once(tmp_path):
    stage = Stage(tmp_path, "new_zone_data: ask\n")
    await stage.look()
    stage.stand_on_older_calendars()
    (tmp_path / "campaigns" / "sale.yaml").write_text(CAMPAIGN.replace("percent: 10", "percent: 9"))
    told = {e["event"]: e for e in await stage.look()}
    assert set(told) == {"reconcile.calendars-changed", "reconcile.waiting"}
    assert "promo apply" in told["reconcile.calendars-changed"]["way_out"]
    assert await stage.look() == []
    assert stage.ledger.stamp().versions.holidays == "0.1"
    stage.ledger.close()


@pytest.mark.parametrize("broken", ["campaigns", "campaigns and config"])
def test_a_start_finds_what_it_can_of_the_workspace(tmp_path, broken):
    # Given a workspace in git that was applied, and then a tree of its last commit is damaged
    stage = Stage(tmp_path)
    proposal = operations.propose(load_committed(tmp_path), stage.ledger, stage.clock.now())
    operations.apply(stage.ledger, proposal, stage.clock.now())
    identity = ["-c", "user.name=ann", "-c", "user.email=ann@shop.example"]
    for words in (["init", "-q"], ["add", "campaigns"], ["commit", "-q", "-m", "a change"]):
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)
    listed = subprocess.run(
        ["git", "rev-parse", "HEAD:campaigns"], cwd=tmp_path, check=True, capture_output=True
    )
    tree = listed.stdout.decode().strip()
    blob = tmp_path / ".git" / "objects" / tree[:2] / tree[2:]
    blob.chmod(0o600)
    blob.write_bytes(b"")
    if broken == "campaigns and config":
        (tmp_path / "config" / "channels.yaml").write_text("channels: [")
    # Then the configuration is found all the same, at the worst as it was applied
    with structlog.testing.capture_logs() as logs:
        found = daemon.workspace_at_start(tmp_path)
    assert (found.campaigns, list(found.channels), found.root) == ((), ["shop"], tmp_path)
    assert logs[0]["event"] == "workspace.refused"
    assert ("config.refused" in {e["event"] for e in logs}) is (broken != "campaigns")
    stage.ledger.close()


async def test_a_node_with_older_zone_data_than_the_ledger_s_moves_nothing_back(stage):
    # Given what stands by zone data that are newer than those installed here
    await stage.look()
    stage.stand_on_zone_data_of("2999a")
    before = stage.ledger.stamp().serial
    # When it looks, then it says so once, and neither plans nor resolves anything
    logs = [*await stage.look(), *await stage.look()]
    assert [(e["event"], e["stands_on"]) for e in logs] == [("zone-data.behind", "2999a")]
    assert (stage.ledger.stamp().serial, stage.start()) == (before, "09:00")
