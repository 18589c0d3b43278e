"""New zone data under a ledger: what has not begun moves with its wall, what has begun does not.

The older data is a copy of the tzdata package in which one zone has another zone's rules: real
files, read by the real resolver. London keeps another hour there, so today's data moves the sale.
"""

import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from promo_scheduler import operations
from promo_scheduler.errors import LedgerMismatch, PlanRefused, StalePlan
from promo_scheduler.firing import EventState as State
from promo_scheduler.firing import Fire, Miss, Settlement, decide
from promo_scheduler.ledger import ClaimRequest, EventQuery
from promo_scheduler.operations.definitions import definitions
from promo_scheduler.timing import versions
from promo_scheduler.timing.zonedata import renew

AN_HOUR_AHEAD, AN_HOUR_BEHIND = "Etc/GMT-1", "Etc/GMT+1"  # POSIX: the sign is turned round
LATE = 'late: { start_within: "20m" }\n'
TWO_HOURS = ('until: "14:00"', "for: 2h")
ASK = "new_zone_data: ask\n"
OTHER = """\
campaign: other
title: Other
owner: ops@shop.example
regions: [gb]
channels: [shop]
phases:
  launch:
    when: { date: 2026-11-20, from: "10:00", until: "14:00" }
    offer: { percent: 10, products: { skus: [B-1] } }
"""


@pytest.fixture
def zone_data(tmp_path_factory):
    """Puts zone data in use in which London has the rules of another zone."""

    @contextmanager
    def in_use(rules):
        folder = tmp_path_factory.mktemp("zones")
        package = Path(str(files("tzdata")))
        shutil.copytree(package, folder / "tzdata", ignore=shutil.ignore_patterns("__pycache__"))
        zones = folder / "tzdata" / "zoneinfo"
        (zones / "Europe" / "London").write_bytes((package / "zoneinfo" / rules).read_bytes())
        code = (folder / "tzdata" / "__init__.py").read_text()
        (folder / "tzdata" / "__init__.py").write_text(f'{code}\nIANA_VERSION = "2020x"\n')
        with pytest.MonkeyPatch.context() as patch:
            patch.syspath_prepend(folder)
            renew()
            yield
        renew()

    yield in_use
    renew()


@pytest.fixture
def shop(desk, zone_data):
    """Applies the sale under older zone data; the desk stands at 07:00 UTC on its day."""

    def applied(rules, *edits, settings=""):
        desk.correct(*edits)
        desk.write("config/settings.yaml", settings or "{}\n")
        with zone_data(rules):
            desk.apply()
        return desk

    return applied


def reresolve(desk):
    return operations.reresolve(desk.root, desk.ledger, desk.now)


def applied_alone(desk):
    found = reresolve(desk)
    operations.apply_alone(found, desk.ledger, desk.now)
    return found


def told(found):
    return [(change.kind.value, change.policy, change.generation) for change in found.changes]


def span(desk):
    window = desk.window()
    return f"{window.start:%H:%M}", f"{window.end:%H:%M}"


def events(desk):
    """Each event: its action, when it is due, its state."""
    return {
        f"{r.event.key.action}.{r.event.generation}": (f"{r.event.due_at:%H:%M}", r.state.value)
        for r in desk.ledger.events(EventQuery())
    }


def judge(desk):
    """Do what is due now as the daemon does: a start is judged, and missed where it is too late."""
    for _ in range(9):
        request = ClaimRequest(desk.now, 9, "daemon", timedelta(minutes=1))
        firings, orders = desk.ledger.claim(request)
        for firing in firings:
            match decide(firing, desk.now, orders):
                case Fire():
                    settlement = Settlement(firing, State.DONE, handed_at=desk.now)
                case Miss(reason):
                    settlement = Settlement(firing, State.MISSED, reason)
            assert desk.ledger.settle([settlement], desk.now, "daemon") == [True]


def kinds(desk):
    return [entry.kind for entry in desk.ledger.audit()]


# ── what moves ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("rules", "before"),
    [(AN_HOUR_AHEAD, ("09:00", "13:00")), (AN_HOUR_BEHIND, ("11:00", "15:00"))],
)
def test_what_is_pending_moves_with_its_wall_and_is_on_record(shop, rules, before):
    # Given a sale that was resolved with other rules for London
    desk = shop(rules)
    desk.now = desk.now.replace(hour=5)
    assert span(desk) == before
    assert operations.is_outdated(desk.ledger)
    # When it is resolved anew
    found = applied_alone(desk)
    # Then its instants are those of its wall time, and its events with them
    assert told(found) == [("move", "move", 1)]
    assert span(desk) == ("10:00", "14:00")
    assert events(desk) == {
        "stage.1": ("08:00", "pending"),
        "activate.1": ("10:00", "pending"),
        "deactivate.1": ("14:00", "pending"),
    }
    # And the ledger stands on the versions at hand, which the audit tells with both
    assert desk.ledger.stamp().versions == versions()
    assert not operations.is_outdated(desk.ledger)
    *_, entry = desk.ledger.audit()
    assert entry.kind == "zone-data.applied"
    assert entry.detail["changed"] == [f"tzdata 2020x → {versions().tzdata}"]
    assert kinds(desk).count("plan.move") == entry.detail["moves"] == 1
    assert told(reresolve(desk)) == []


def test_an_edit_since_the_last_apply_is_not_carried_along(shop):
    desk = shop(AN_HOUR_AHEAD)
    git(desk.root)
    desk.now = desk.now.replace(hour=5)
    with_revision(desk)
    desk.correct(('from: "10:00"', 'from: "12:00"'))
    git(desk.root)
    applied_alone(desk)
    assert span(desk) == ("10:00", "14:00")


def git(root):
    identity = ["-c", "user.name=ann", "-c", "user.email=ann@shop.example"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "a change"]):
        subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)


def with_revision(desk):
    """Stamp the ledger with the commit, and keep the older zone data in the stamp."""
    stood = desk.ledger.stamp().versions
    proposal = replace(desk.propose().only(()), stood_with=stood, keeps_versions=True)
    operations.apply(desk.ledger, proposal, desk.now)
    assert desk.ledger.stamp().versions == stood


def test_what_is_staged_is_staged_again_in_a_new_generation(shop):
    desk = shop(AN_HOUR_BEHIND)  # 11:00 to 15:00 UTC, staged at 09:00
    desk.pass_to("09:10")
    assert desk.stands() == [("sale/launch", "staged", 90)]
    assert told(applied_alone(desk)) == [("move", "move", 2)]
    now = events(desk)
    assert now["stage.2"] == ("09:10", "pending") and now["activate.2"] == ("10:00", "pending")
    assert now["activate.1"][1] == now["deactivate.1"][1] == "superseded"


def test_what_is_live_is_not_started_again_and_its_end_moves_with_the_wall(shop):
    # Given a sale that went live at 09:00, an hour early by today's data
    desk = shop(AN_HOUR_AHEAD)
    desk.pass_to("09:10")
    assert desk.stands() == [("sale/launch", "live", 90)]
    # When it is resolved anew, then the end on the wall is kept, without a person
    assert told(applied_alone(desk)) == [("move", "move-live-end", 2)]
    assert span(desk) == ("09:00", "14:00")
    desk.pass_to("10:10")
    assert desk.stands() == [("sale/launch", "live", 90)]
    desk.pass_to("14:10")
    assert desk.stands() == [("sale/launch", "ended", 90)]


def test_a_live_window_whose_end_now_lies_in_the_past_ends_now(shop):
    desk = shop(AN_HOUR_BEHIND)  # 11:00 to 15:00 UTC
    desk.pass_to("14:30")
    assert desk.stands() == [("sale/launch", "live", 90)]
    assert told(applied_alone(desk)) == [("withdraw", "end-now", 1)]
    desk.pass_to("14:31")
    assert desk.stands() == [("sale/launch", "ended", 90)]


def test_a_duration_counts_from_the_start_that_was_fired(shop):
    desk = shop(AN_HOUR_BEHIND, TWO_HOURS)  # 11:00 to 13:00 UTC, by the wall 10:00 to 12:00
    desk.pass_to("11:10")
    assert told(applied_alone(desk)) == []
    assert span(desk) == ("11:00", "13:00")


def test_what_has_ended_is_not_started_again(shop):
    desk = shop(AN_HOUR_AHEAD)  # 09:00 to 13:00 UTC
    desk.pass_to("13:10")
    assert desk.stands() == [("sale/launch", "ended", 90)]
    assert told(applied_alone(desk)) == []
    done = desk.reconcile()
    assert (done.applied, done.waiting) == ((), ())


# ── a start that lies in the past by now ────────────────────────────────────────────────────────
def test_a_pending_start_in_the_past_fires_while_it_may_still_be_late(shop):
    desk = shop(AN_HOUR_BEHIND)
    desk.now = desk.now.replace(hour=10, minute=15)  # no daemon ran: nothing is staged
    applied_alone(desk)
    assert events(desk)["activate.1"] == ("10:00", "pending")
    judge(desk)
    assert desk.stands() == [("sale/launch", "live", 90)]


def test_a_pending_start_further_in_the_past_than_it_may_be_late_is_missed(shop):
    desk = shop(AN_HOUR_BEHIND, ("phases:", f"{LATE}phases:"))
    desk.now = desk.now.replace(hour=10, minute=30)
    applied_alone(desk)
    judge(desk)
    assert desk.stands() == [("sale/launch", "missed", 90)]
    assert "firing.missed" in kinds(desk)


def test_a_window_that_lies_in_the_past_as_a_whole_is_missed_and_not_just_cancelled(shop):
    desk = shop(AN_HOUR_BEHIND, ('until: "14:00"', 'until: "10:30"'))
    desk.now = desk.now.replace(hour=10, minute=45)
    assert told(applied_alone(desk)) == [("move", "move", 1)]
    judge(desk)
    assert desk.stands() == [("sale/launch", "missed", 90)]


def test_a_staged_start_in_the_past_begins_at_once_while_it_may_still_be_late(shop):
    desk = shop(AN_HOUR_BEHIND, ("phases:", f"{LATE}phases:"))
    desk.pass_to("10:15")
    assert told(applied_alone(desk)) == [("move", "move", 2)]
    judge(desk)
    assert desk.stands() == [("sale/launch", "live", 90)]


def test_a_staged_start_that_is_too_late_is_missed_and_taken_back(shop):
    desk = shop(AN_HOUR_BEHIND, ("phases:", f"{LATE}phases:"))
    desk.pass_to("10:30")
    assert told(applied_alone(desk)) == [("withdraw", "end-now", 1)]
    assert events(desk)["activate.1"] == ("11:00", "missed")
    (missed,) = [e for e in desk.ledger.audit() if e.kind == "firing.missed"]
    assert "it was at 2026-11-11T10:00Z" in missed.detail["reason"]
    judge(desk)
    assert desk.stands() == [("sale/launch", "ended", 90)]


# ── who applies it ──────────────────────────────────────────────────────────────────────────────
def test_asked_for_nothing_moves_until_a_person_applies_it(shop):
    desk = shop(AN_HOUR_AHEAD, settings=ASK)
    desk.now = desk.now.replace(hour=5)
    stood = desk.ledger.stamp()
    found = applied_alone(desk)
    assert (found.asks, len(found.waiting), found.alone) == (True, 1, ())
    assert desk.ledger.stamp() == stood
    # An edit that comes meanwhile is applied without it
    desk.write("campaigns/other.yaml", OTHER)
    done = operations.reconcile_with(load(desk), desk.ledger, desk.now, found.changes)
    assert [change.key.campaign for change in done.applied] == ["other"]
    assert desk.ledger.stamp().versions == stood.versions
    assert {f"{w.window.start:%H:%M}" for w in desk.ledger.standing(desk.now)} == {"09:00", "10:00"}
    # Until somebody says so
    operations.apply(desk.ledger, reresolve(desk).proposal, desk.now)
    assert {f"{w.window.start:%H:%M}" for w in desk.ledger.standing(desk.now)} == {"10:00"}
    assert desk.ledger.stamp().versions == versions()


def load(desk):
    return operations.load_committed(desk.root)


def test_where_a_person_was_to_be_asked_but_nothing_moves_the_versions_are_taken_over(shop):
    desk = shop("Europe/London", settings=ASK)
    assert told(applied_alone(desk)) == []
    assert desk.ledger.stamp().versions == versions()


def test_what_an_edit_left_waiting_for_a_person_keeps_waiting(shop):
    # Given a live sale whose longer end waits for a person, and new zone data
    desk = shop("Europe/London")
    desk.pass_to("10:10")
    desk.correct(('until: "14:00"', 'until: "15:00"'))
    assert [change.policy for change in desk.reconcile().waiting] == ["move-live-end"]
    # When it is resolved anew, then the edit is found again, and still waits
    found = reresolve(desk)
    assert [change.policy for change in found.waiting] == ["move-live-end"]
    assert found.alone == ()


def test_the_apply_of_one_campaign_alone_does_not_count_as_resolved_anew(shop):
    desk = shop(AN_HOUR_AHEAD)
    desk.now = desk.now.replace(hour=5)
    desk.write("campaigns/other.yaml", OTHER)
    desk.apply(campaign="other")
    assert operations.is_outdated(desk.ledger)
    desk.apply()
    assert not operations.is_outdated(desk.ledger)


def test_a_saved_plan_is_bound_to_the_calendars_too(desk):
    proposal = desk.propose()
    saved = operations.SavedPlan.of(proposal, frozenset())
    saved.refuse_if_stale(proposal)
    newer = replace(proposal.plan.versions, holidays="99")
    other = replace(proposal, plan=replace(proposal.plan, versions=newer))
    with pytest.raises(StalePlan, match="calendars"):
        saved.refuse_if_stale(other)


# ── the definitions that the ledger stands on ───────────────────────────────────────────────────
def test_nothing_can_move_before_something_was_applied(desk):
    assert not operations.is_outdated(desk.ledger)
    with pytest.raises(PlanRefused, match="nothing was applied"):
        reresolve(desk)


def test_the_commit_and_the_configuration_that_were_applied_count(desk):
    git(desk.root)
    desk.apply()
    desk.correct(("percent: 90", "percent: 80"))
    desk.edit("config/channels.yaml", ("stage_ahead: 2h", "stage_ahead: 5h"))
    git(desk.root)
    found = definitions(desk.root, desk.ledger.stamp())
    (campaign,) = found.workspace.campaigns
    assert int(campaign.phases[0].offer.value.percent) == 90
    assert found.workspace.channels["shop"].stage_ahead.total_seconds() == 2 * 3600
    assert (found.workspace.root, found.remark) == (desk.root, "")
    assert found.workspace.revision == desk.ledger.stamp().revision


def test_what_was_applied_uncommitted_is_counted_from_its_commit_and_said(desk):
    git(desk.root)
    desk.correct(("percent: 90", "percent: 80"))
    desk.apply()
    found = definitions(desk.root, desk.ledger.stamp())
    (campaign,) = found.workspace.campaigns
    assert int(campaign.phases[0].offer.value.percent) == 90
    assert "was not committed" in found.remark


def test_a_commit_that_is_gone_leaves_the_committed_files_and_is_said(desk):
    git(desk.root)
    desk.apply()
    shutil.rmtree(desk.root / ".git")
    desk.correct(("percent: 90", "percent: 80"))
    git(desk.root)
    found = definitions(desk.root, desk.ledger.stamp())
    (campaign,) = found.workspace.campaigns
    assert int(campaign.phases[0].offer.value.percent) == 80
    assert "is not here" in found.remark


def test_another_configuration_without_a_copy_is_refused(desk):
    desk.apply()
    desk.edit("config/channels.yaml", ("stage_ahead: 2h", "stage_ahead: 5h"))
    assert definitions(desk.root, desk.ledger.stamp()).workspace.channels["shop"].stage_ahead
    shutil.rmtree(desk.root / ".promo" / "applied")
    with pytest.raises(LedgerMismatch, match="no copy"):
        definitions(desk.root, desk.ledger.stamp())
