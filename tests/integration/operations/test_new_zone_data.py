"""New zone data under a ledger: what has not begun moves with its wall, what has begun does not.

The older data is a copy of the tzdata package in which one zone has another zone's rules: real
files, read by the real resolver. London keeps another hour there, so today's data moves the sale.
"""

import shutil
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from promo_scheduler import operations
from promo_scheduler.errors import LedgerMismatch, PlanRefused, StalePlan
from promo_scheduler.firing import EventState as State
from promo_scheduler.firing import Fire, Miss, Settlement, decide
from promo_scheduler.ledger import ClaimRequest, EventQuery
from promo_scheduler.plan import Application
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


def load(desk):
    return operations.load_committed(desk.root)


def reresolve(desk):
    return operations.reresolve(load(desk), desk.ledger, desk.now)


def applied_alone(desk):
    """What the daemon does before it plans anything."""
    found = reresolve(desk)
    if not found.waits:
        operations.apply_moves(found, desk.ledger, desk.now)
    return found


def reconciled(desk):
    done = operations.reconcile_with(load(desk), desk.ledger, desk.now)
    return [c.policy for c in done.applied], [c.policy for c in done.waiting]


NOTHING = ([], [])


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
        request = ClaimRequest(desk.now, 9, "daemon")
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
    assert entry.detail["to"] == str(versions())
    assert entry.detail["changed"] == [f"tzdata 2020x → {versions().tzdata}"]
    assert kinds(desk).count("plan.move") == entry.detail["moves"] == 1
    assert told(reresolve(desk)) == []


def test_an_edit_since_the_last_apply_is_not_carried_along(shop):
    # Given a committed edit of the hours, the offer and the policies, and new zone data
    desk = shop(AN_HOUR_AHEAD)
    desk.now = desk.now.replace(hour=5)
    desk.correct(('from: "10:00"', 'fold: last, from: "12:00"'), ("percent: 90", "percent: 80"))
    # When what stands is resolved anew, then it moves by its own walls, and no more
    applied_alone(desk)
    assert span(desk) == ("10:00", "14:00")
    assert desk.stands() == [("sale/launch", "planned", 90)]


@pytest.mark.parametrize("broken", ["campaign: [", "", None])
def test_campaigns_that_do_not_load_keep_no_live_end_from_following_its_wall(shop, broken):
    desk = shop(AN_HOUR_AHEAD)
    desk.pass_to("09:10")
    config = load(desk)
    if broken is None:
        (desk.root / "campaigns" / "sale.yaml").unlink()
    else:
        desk.write("campaigns/sale.yaml", broken)
    found = operations.reresolve(config, desk.ledger, desk.now)
    operations.apply_moves(found, desk.ledger, desk.now)
    assert span(desk) == ("09:00", "14:00")


def test_an_edit_that_waits_does_not_hide_that_a_live_end_moves(shop):
    desk = shop(AN_HOUR_AHEAD)
    desk.pass_to("09:10")
    desk.correct(("percent: 90", "percent: 80"))
    assert told(applied_alone(desk)) == [("move", "move-live-end", 2)]
    assert span(desk) == ("09:00", "14:00")
    assert reconciled(desk) == ([], ["amend-live"])


def test_an_edit_of_a_policy_for_clock_changes_is_no_new_zone_data(desk, zone_data):
    # Given a night on which London reads 01:30 twice, planned for the first time it does
    night = 'date: 2026-10-25, from: "01:30", until: "05:00"'
    desk.correct(('date: 2026-11-11, from: "10:00", until: "14:00"', f"{night}, fold: first"))
    desk.now = desk.now.replace(month=10, day=20)
    with zone_data("Europe/London"):
        desk.apply()
        assert span(desk) == ("00:30", "05:00")
    # When the other time is asked for in the file, and only the version is new
    desk.correct(("fold: first", "fold: last"))
    assert told(applied_alone(desk)) == []
    # Then the edit is found by planning
    assert [change.policy for change in desk.propose().changes] == ["move"]


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
    assert reconciled(desk) == NOTHING


def test_an_edited_duration_counts_from_the_start_that_was_fired_too(shop):
    desk = shop(AN_HOUR_AHEAD, TWO_HOURS)  # 09:00 to 11:00 UTC
    desk.pass_to("09:10")
    applied_alone(desk)
    desk.correct(("for: 2h", "for: 3h"))
    desk.apply()
    assert span(desk) == ("09:00", "12:00")


def test_days_are_counted_on_the_wall_so_such_a_live_end_moves(shop):
    desk = shop(AN_HOUR_AHEAD, ('until: "14:00"', "for: 5d"))  # 09:00 UTC to 09:00 on the 16th
    desk.pass_to("09:10")
    assert told(applied_alone(desk)) == [("move", "move-live-end", 2)]
    assert f"{desk.window().end:%d %H:%M}" == "16 10:00"
    assert reconciled(desk) == NOTHING


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
    # And no plan brings it back while it is taken off the channel, nor when it stands as missed
    assert reconciled(desk) == NOTHING
    assert desk.propose().changes == ()
    judge(desk)
    assert desk.stands() == [("sale/launch", "missed", 90)]
    assert reconciled(desk) == NOTHING
    assert desk.apply().changes == ()


# ── who applies it ──────────────────────────────────────────────────────────────────────────────
def test_asked_for_nothing_moves_until_a_person_applies_it(shop):
    desk = shop(AN_HOUR_AHEAD, settings=ASK)
    desk.now = desk.now.replace(hour=5)
    stood = desk.ledger.stamp()
    found = applied_alone(desk)
    assert (found.waits, len(found.changes)) == (True, 1)
    assert operations.to_catch_up(load(desk), desk.ledger, desk.now) is None
    assert desk.ledger.stamp() == stood
    # An edit that comes meanwhile is applied without it
    desk.write("campaigns/other.yaml", OTHER)
    done = operations.reconcile_with(load(desk), desk.ledger, desk.now)
    assert [change.key.campaign for change in done.applied] == ["other"]
    assert desk.ledger.stamp().tzdata == stood.tzdata
    assert starts(desk) == {"sale": "09:00", "other": "10:00"}
    # Until somebody says so
    operations.apply_moves(reresolve(desk), desk.ledger, desk.now)
    assert starts(desk) == {"sale": "10:00", "other": "10:00"}
    assert desk.ledger.stamp().versions == versions()


def starts(desk):
    found = desk.ledger.standing(desk.now)
    return {each.window.key.campaign: f"{each.window.start:%H:%M}" for each in found}


def test_what_is_taken_out_does_not_wait_for_a_move(shop):
    desk = shop(AN_HOUR_AHEAD, settings=ASK)
    desk.now = desk.now.replace(hour=5)
    (desk.root / "campaigns" / "sale.yaml").unlink()
    assert reconciled(desk) == (["cancel"], [])
    assert desk.stands() == [("sale/launch", "cancelled", 90)]


def test_what_was_live_before_an_order_goes_live_again_however_zone_data_move_its_start(shop):
    # Given a sale that went live by the older data, and was stopped
    desk = shop(AN_HOUR_BEHIND, ("phases:", f"{LATE}phases:"))
    desk.pass_to("11:05")
    assert desk.stands() == [("sale/launch", "live", 90)]
    desk.stop()
    desk.pass_to("11:10")
    # When it is resumed under the new ones, by which it should have begun long ago
    desk.resume()
    applied_alone(desk)
    judge(desk)
    # Then it is live again, and ends when its wall says so
    assert desk.stands() == [("sale/launch", "live", 90)]
    assert span(desk) == ("11:00", "14:00")


@pytest.mark.parametrize("edit", [("title: Sale", "title: Sale!"), ("percent: 90", "percent: 80")])
def test_while_a_move_waits_for_a_person_nothing_else_changes_that_window(shop, edit):
    # Given a move that waits, and an edit of the same window
    desk = shop(AN_HOUR_AHEAD, settings=ASK)
    desk.now = desk.now.replace(hour=5)
    desk.correct(edit)
    # Then the daemon, and whoever plans and applies, leave the window out, and say which
    assert reconciled(desk) == NOTHING
    proposal = desk.apply()
    assert (proposal.changes, len(proposal.set_aside)) == ((), 1)
    assert (span(desk), desk.stands()) == (("09:00", "13:00"), [("sale/launch", "planned", 90)])
    assert desk.ledger.stamp().tzdata == "2020x"
    # And once the move is applied, the edit goes on
    operations.apply_moves(reresolve(desk), desk.ledger, desk.now)
    assert span(desk) == ("10:00", "14:00")
    assert desk.propose().changes


def test_where_a_person_was_to_be_asked_but_nothing_moves_the_versions_are_taken_over(shop):
    desk = shop("Europe/London", settings=ASK)
    assert told(applied_alone(desk)) == []
    assert desk.ledger.stamp().versions == versions()


def test_what_an_edit_left_waiting_for_a_person_keeps_waiting(shop):
    # Given a live sale whose longer end waits for a person, and new zone data
    desk = shop("Europe/London")
    desk.pass_to("10:10")
    desk.correct(('until: "14:00"', 'until: "15:00"'))
    assert reconciled(desk) == ([], ["move-live-end"])
    # When it is resolved anew, then the edit is none of it, and still waits
    assert told(applied_alone(desk)) == []
    assert reconciled(desk) == ([], ["move-live-end"])


@pytest.mark.parametrize("settings", ["apply: { auto: [] }\n", "{}\n"])
def test_whatever_the_daemon_may_apply_of_edits_new_zone_data_are_its_own_policy(shop, settings):
    desk = shop(AN_HOUR_AHEAD, settings=settings)
    desk.now = desk.now.replace(hour=5)
    applied_alone(desk)
    assert span(desk) == ("10:00", "14:00")


def test_the_apply_of_one_campaign_alone_does_not_count_as_resolved_anew(shop):
    desk = shop(AN_HOUR_AHEAD)
    desk.now = desk.now.replace(hour=5)
    desk.write("campaigns/other.yaml", OTHER)
    desk.apply(campaign="other")
    assert operations.has_new_zone_data(desk.ledger)
    desk.apply()
    assert operations.has_new_zone_data(desk.ledger)
    applied_alone(desk)
    assert not operations.has_new_zone_data(desk.ledger)


def test_an_apply_takes_up_zone_data_under_which_nothing_moves(shop):
    desk = shop("Europe/London")
    desk.apply(campaign="sale")
    assert not operations.has_new_zone_data(desk.ledger)


def test_before_a_person_applies_a_plan_what_stands_follows_new_zone_data(shop):
    # Given an untouched window that by new zone data lies in the past as a whole
    desk = shop(AN_HOUR_BEHIND, ('until: "14:00"', 'until: "10:30"'))
    desk.now = desk.now.replace(hour=10, minute=45)
    # When a plan is applied, then it is on record as missed, and not just cancelled
    found = operations.to_catch_up(load(desk), desk.ledger, desk.now)
    assert len(found.changes) == 1
    operations.apply_moves(found, desk.ledger, desk.now)
    assert desk.apply().changes == ()
    judge(desk)
    assert desk.stands() == [("sale/launch", "missed", 90)]


def test_a_changed_configuration_without_a_copy_of_the_applied_one_sets_the_moves_aside(shop):
    desk = shop(AN_HOUR_AHEAD)
    desk.now = desk.now.replace(hour=5)
    desk.edit("config/channels.yaml", ("stage_ahead: 2h", "stage_ahead: 3h"))
    shutil.rmtree(desk.root / ".promo" / "applied")
    with pytest.raises(LedgerMismatch, match="no copy"):
        reresolve(desk)
    assert operations.to_catch_up(load(desk), desk.ledger, desk.now) is None
    assert len(desk.apply().set_aside) == 1
    assert told(applied_alone(desk)) == [("move", "move", 1)]
    assert events(desk)["stage.1"] == ("07:00", "pending")


def test_what_comes_to_nothing_is_left_as_it_stands_and_said(shop):
    # Given a sale at an hour that London's clocks skip, and older data by which they do not
    hours = 'date: 2027-03-28, from: "01:30", until: "14:00", gap: error'
    desk = shop(AN_HOUR_AHEAD, ('date: 2026-11-11, from: "10:00", until: "14:00"', hours))
    # When it is resolved anew, then the policy speaks, and the window stays for a person to see
    found = applied_alone(desk)
    assert told(found) == []
    (left,) = found.left
    assert "gap: error is set" in left.reason
    assert span(desk) == ("00:30", "13:00")


# ── dates by their names ────────────────────────────────────────────────────────────────────────
def test_an_edit_that_puts_the_live_end_of_a_bare_name_into_the_past_ends_it_now(desk):
    # Given a live sale on Black Friday, of whatever year
    desk.now = desk.now.replace(day=27)
    desk.correct(("date: 2026-11-11", "date: black-friday"))
    desk.apply()
    desk.pass_to("11:00")
    assert desk.stands() == [("sale/launch", "live", 90)]
    # When its hours are cut to end before now, so that the name means next year's
    desk.correct(('until: "14:00"', 'until: "10:30"'))
    # Then it is an end that was put into the past, as for a written date, and no withdrawal
    assert "end-now" in reconciled(desk)[1]
    desk.apply("end-now")
    desk.pass_to("11:01")
    assert ("sale/launch", "ended", 90) in desk.stands()


def test_a_live_window_of_a_bare_name_whose_end_moves_into_the_past_ends_by_itself(desk, zone_data):
    desk.now = desk.now.replace(day=27)
    desk.correct(("date: 2026-11-11", "date: black-friday"))
    with zone_data(AN_HOUR_BEHIND):  # 11:00 to 15:00 UTC
        desk.apply()
    desk.pass_to("14:30")
    assert told(applied_alone(desk)) == [("withdraw", "end-now", 1)]
    assert "withdraw" not in reconciled(desk)[1]
    desk.pass_to("14:31")
    assert ("sale/launch", "ended", 90) in desk.stands()


# ── new calendars ───────────────────────────────────────────────────────────────────────────────
def stand_on_older_calendars(desk):
    """As if it had been planned with an older version of the holidays library."""
    stamp = desk.ledger.stamp()
    older = replace(stamp.versions, holidays="0.1")
    made_of = (older, stamp.revision, stamp.config_digest)
    desk.ledger.apply(Application((), (), desk.now, "ana", *made_of))


def test_new_calendars_are_taken_up_by_planning_and_on_record(desk):
    desk.apply()
    stand_on_older_calendars(desk)
    desk.write("campaigns/other.yaml", OTHER)
    assert operations.is_outdated(desk.ledger) and not operations.has_new_zone_data(desk.ledger)
    assert reconciled(desk) == (["create"], [])
    assert desk.ledger.stamp().versions == versions()
    *_, entry = desk.ledger.audit()
    assert (entry.kind, entry.detail["moves"]) == ("zone-data.applied", 0)


def test_the_plan_of_one_campaign_does_not_take_up_new_calendars(desk):
    desk.apply()
    stand_on_older_calendars(desk)
    desk.write("campaigns/other.yaml", OTHER)
    desk.apply(campaign="other")
    assert desk.ledger.stamp().versions.holidays == "0.1"


def test_asked_for_all_waits_under_new_calendars_until_somebody_applies_the_plan(desk):
    desk.write("config/settings.yaml", ASK)
    desk.apply()
    stand_on_older_calendars(desk)
    desk.write("campaigns/other.yaml", OTHER)
    done = operations.reconcile_with(load(desk), desk.ledger, desk.now)
    assert (done.applied, done.calendars_wait, len(done.waiting)) == ((), True, 1)
    assert desk.ledger.stamp().versions.holidays == "0.1"
    desk.apply()
    assert desk.ledger.stamp().versions == versions()


def test_a_saved_plan_is_bound_to_the_calendars_too(desk):
    proposal = desk.propose()
    saved = operations.SavedPlan.of(proposal, frozenset())
    saved.refuse_if_stale(proposal)
    newer = replace(proposal.plan.versions, holidays="99")
    other = replace(proposal, plan=replace(proposal.plan, versions=newer))
    with pytest.raises(StalePlan, match="calendars"):
        saved.refuse_if_stale(other)


def test_nothing_can_move_before_something_was_applied(desk):
    assert not operations.is_outdated(desk.ledger)
    with pytest.raises(PlanRefused, match="nothing was applied"):
        reresolve(desk)
