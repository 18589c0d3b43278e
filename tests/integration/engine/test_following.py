"""Following: a new day is planned as a new revision is, and new zone data before either."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from promo_scheduler import operations
from promo_scheduler.engine.daemon import means_for
from promo_scheduler.engine.following import Follower
from promo_scheduler.operations import load_committed
from promo_scheduler.plan import Application
from promo_scheduler.testing import TickingClock

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
        self.follower = Follower(workspace, means_for(workspace, self.ledger, self.clock, "me"))

    async def look(self):
        with structlog.testing.capture_logs() as logs:
            await self.follower.look()
        return logs

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
    # When the ledger is changed under it on the same day, then it is not looked at again
    stage.stand_on_older_calendars()
    stood = stage.ledger.stamp().serial
    stage.clock.tick(timedelta(hours=11, minutes=59))
    assert await stage.look() == []
    # But on the next day (UTC) it is, and the versions that differ are noticed
    stage.clock.tick(timedelta(minutes=1))
    (told,) = await stage.look()
    assert told["event"] == "zone-data.changed"
    assert (told["moves"], "holidays 0.1," in told["from"]) == (0, True)
    assert stage.ledger.stamp().serial == stood + 1
    assert await stage.look() == []


async def test_definitions_that_do_not_load_are_told_and_tried_again(stage):
    await stage.look()
    stage.stand_on_older_calendars()
    campaign = stage.root / "campaigns" / "sale.yaml"
    campaign.write_text("campaign: [")
    stage.clock.tick(timedelta(days=1))
    assert {e["event"] for e in await stage.look()} == {"zone-data.refused", "reconcile.refused"}
    campaign.write_text(CAMPAIGN)
    assert [e["event"] for e in await stage.look()] == ["zone-data.changed"]


async def test_with_ask_nothing_is_planned_while_the_moves_cannot_be_told(tmp_path):
    stage = Stage(tmp_path, "new_zone_data: ask\n")
    await stage.look()
    stage.stand_on_older_calendars()
    (tmp_path / "campaigns" / "sale.yaml").write_text("campaign: [")
    stage.clock.tick(timedelta(days=1))
    assert {e["event"] for e in await stage.look()} == {"zone-data.refused"}
    stage.ledger.close()
