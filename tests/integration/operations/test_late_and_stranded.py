"""Windows that begin late, and channels that are removed while something is on them."""

from datetime import timedelta

import pytest

from promo_scheduler.errors import PlanRefused

SHOP = """\
  shop:
    connector: sandbox
    regions: [gb]
    stage_ahead: 2h
    settings: { url: "http://127.0.0.1:9" }
"""
SECOND = """\
  second:
    when: { date: 2026-11-11, from: "11:00", until: "13:00" }
    offer: { percent: 20, products: { skus: [A-2] } }
"""
OTHER = """\
campaign: other
title: Other
owner: ops@shop.example
regions: [de]
phases:
  launch:
    when: { date: 2026-11-20, from: "10:00", until: "14:00" }
    offer: { percent: 10, products: { skus: [B-1] } }
"""


def codes(proposal):
    return [(f.problem.code, f.campaign, f.region) for f in proposal.errors]


@pytest.fixture
def live(desk):
    """The sale is live on the shop."""
    desk.apply()
    desk.pass_to("10:30")
    return desk


# ── late ────────────────────────────────────────────────────────────────────────────────────────
def test_a_window_begun_a_minute_ago_is_planned_and_starts_late_where_that_is_allowed(desk):
    desk.now = desk.now.replace(hour=10) + timedelta(seconds=60)
    proposal = desk.propose()

    assert proposal.errors == ()
    assert [change.policy for change in proposal.changes] == ["starts-late"]
    with pytest.raises(PlanRefused, match="starts-late"):
        desk.apply()
    desk.apply("starts-late")
    desk.pass_to("10:02")
    assert desk.stands() == [("sale/launch", "live", 90)]


def test_a_second_phase_that_would_be_late_does_not_block_the_price_fix_of_a_live_one(live):
    live.pass_to("11:01")
    live.correct(("percent: 90", "percent: 9"))
    live.write("campaigns/sale.yaml", (live.root / "campaigns/sale.yaml").read_text() + SECOND)

    proposal = live.apply("starts-late")

    assert proposal.errors == ()
    assert [change.policy for change in proposal.changes] == ["amend-live", "starts-late"]


# ── stranded ────────────────────────────────────────────────────────────────────────────────────
def test_a_channel_with_something_live_is_not_removed(live):
    accepted = live.ledger.stamp()
    live.edit("config/channels.yaml", (SHOP, ""))
    live.correct(("channels: [shop]\n", ""))
    live.write("campaigns/other.yaml", OTHER)
    proposal = live.propose()

    assert codes(proposal) == [("E120", "sale", "gb")]
    assert {change.key.campaign for change in proposal.changes} == {"other"}
    for scope in ({}, {"campaign": "other"}):
        with pytest.raises(PlanRefused, match=r"on shop, .*sale/launch/gb/-/2026-11-11/1/shop"):
            live.apply("withdraw", "starts-late", **scope)
    assert live.ledger.stamp() == accepted
    assert live.stands() == [("sale/launch", "live", 90)]


def test_the_daemon_reports_what_would_be_stranded_and_applies_nothing(live):
    accepted = live.ledger.stamp()
    live.edit("config/channels.yaml", (SHOP, ""))
    live.correct(("channels: [shop]\n", ""))
    live.write("campaigns/other.yaml", OTHER)

    done = live.reconcile()

    assert done.config_changed
    assert done.applied == ()
    assert [f.problem.code for f in done.findings if f.is_error] == ["E120"]
    assert live.ledger.stamp() == accepted


def test_a_region_with_something_live_is_not_taken_off_its_channel(live):
    live.edit("config/channels.yaml", ("regions: [gb]", "regions: [us]"))

    with pytest.raises(PlanRefused, match="does not serve gb any more"):
        live.apply("withdraw")


def test_the_target_of_a_region_with_something_live_is_not_changed(live):
    accepted = live.ledger.stamp()
    live.edit(
        "config/channels.yaml", ("regions: [gb]\n", "regions: [gb]\n    targets: { gb: uk }\n")
    )

    with pytest.raises(PlanRefused, match="whose place of gb was the account itself and is uk now"):
        live.apply("amend-live", "withdraw")

    assert live.ledger.stamp() == accepted
    assert live.window().target == "-"


def test_by_the_way_out_the_channel_is_removed_in_the_end(live):
    live.write("campaigns/other.yaml", OTHER)
    live.apply()
    live.correct(("channels: [shop]", "channels: [fair]"))
    live.apply("withdraw", "starts-late")
    live.edit("config/channels.yaml", (SHOP, ""))
    with pytest.raises(PlanRefused, match="strands sale in gb"):
        live.apply()  # it is being ended, and needs its channel for that

    live.pass_to("10:31")
    proposal = live.apply()

    assert proposal.errors == ()
    assert live.ledger.stamp().config_digest == proposal.config_digest


def test_a_channel_with_nothing_on_it_yet_is_removed_at_once(desk):
    desk.apply()
    desk.edit("config/channels.yaml", (SHOP, ""))
    desk.correct(("channels: [shop]", "channels: [fair]"))

    proposal = desk.apply()

    assert sorted(change.policy for change in proposal.changes) == ["cancel", "create"]
