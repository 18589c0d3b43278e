"""What other schedulers get wrong, by their own bug reports; here each is right."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from promo_scheduler import record
from promo_scheduler.campaign import Lateness
from promo_scheduler.connector import Forbidden, Retryable
from promo_scheduler.firing import Backoff, EventState, Fire, Firing, Miss, after_failure, decide
from promo_scheduler.plan import Action, Standing, StandingWindow
from promo_scheduler.planning import DiffRequest, diff
from promo_scheduler.timing import local
from promo_scheduler.when import EachDay, Recurrence, Span

NEW_YEAR, NEW_YEARS_EVE = date(2026, 1, 1), date(2026, 12, 31)
HOUR = timedelta(hours=1)


def one(world, zone, *phases):
    """The windows of a region with one zone."""
    return world.region("x", zone).channel().campaign("sale", *phases).plan().windows


def test_noon_is_noon_in_chicago_new_york_and_phoenix(world):
    """Adobe Commerce: noon in Chicago fires at 13:00 in New York and at 11:00 in Phoenix."""
    for name, zone in (
        ("chicago", "America/Chicago"),
        ("new-york", "America/New_York"),
        ("phoenix", "America/Phoenix"),
    ):
        world = world.region(name, zone)
    phase = world.phase("p", "2026-07-04", "12:00", "13:00")
    windows = world.channel().campaign("sale", phase).plan().windows

    assert {f"{local(w.zone_name, w.start):%H:%M}" for w in windows} == {"12:00"}
    assert {w.key.region: f"{w.start:%H:%M}" for w in windows} == {
        "chicago": "17:00",
        "new-york": "16:00",
        "phoenix": "19:00",
    }


def test_a_date_written_anywhere_counts_in_the_regions_zone(world):
    """Magento 21966: a from-date saved in Amsterdam stays hidden for five hours in New York."""
    (window,) = one(world, "America/New_York", world.phase("p", "2026-11-27", "00:00", "24:00"))

    assert local(window.zone_name, window.start).isoformat() == "2026-11-27T00:00:00-05:00"


@pytest.mark.parametrize("zone", ["Asia/Karachi", "Europe/London", "America/Los_Angeles"])
def test_daily_windows_leave_no_gap_at_the_local_or_the_utc_midnight(world, zone):
    """OpenMage 1191: a rule at GMT+5 is dead from midnight to 05:00."""
    days = EachDay(NEW_YEAR, NEW_YEARS_EVE)
    windows = one(world, zone, world.phase("p", days, "00:00", "24:00"))

    assert len(windows) == 365
    assert all(before.end == after.start for before, after in pairwise(windows))


def test_a_midnight_in_winter_is_not_the_one_of_the_summer_in_which_it_was_planned(world):
    """WooCommerce 17903: Black Friday missed midnight, as its timer was made in summer time."""
    fridays = Recurrence("FREQ=WEEKLY;BYDAY=FR", date(2026, 7, 3), date(2026, 11, 27))
    windows = one(world, "America/New_York", world.phase("p", fridays, "00:00", "24:00"))

    assert f"{windows[0].start:%m-%d %H:%M}" == "07-03 04:00"
    assert f"{windows[-1].start:%m-%d %H:%M}" == "11-27 05:00"


def test_a_sale_lasts_through_its_last_day(world):
    """WooCommerce 22186: the sale ends when its last day starts."""
    days = Span(date(2026, 11, 27), date(2026, 11, 30))
    (window,) = one(world, "Europe/Berlin", world.phase("p", days, "00:00", "24:00"))

    assert local(window.zone_name, window.end).isoformat() == "2026-12-01T00:00:00+01:00"
    assert window.end - window.start == 4 * 24 * HOUR


@pytest.mark.parametrize("zone", ["Africa/Cairo", "America/Havana", "America/Santiago"])
def test_there_is_one_midnight_a_local_day_where_the_clocks_change_at_midnight(world, zone):
    """APScheduler 606: the midnight job is skipped at the change; celery 1604: noon runs twice."""
    days = EachDay(NEW_YEAR, NEW_YEARS_EVE)
    windows = one(world, zone, world.phase("p", days, "00:00", "00:30"))
    noons = one(world, zone, world.phase("p", days, "12:00", "13:00"))

    skipped = 1  # 00:00 to 00:30 does not exist in the night in which the clocks go forward
    assert len(windows) == 365 - skipped
    assert len({local(zone, w.start).date() for w in noons}) == len(noons) == 365
    assert len({w.key for w in noons}) == 365


def test_a_change_of_clocks_in_one_region_touches_no_other(world):
    """Airflow 30195: two runs together when summer time starts, then none."""
    days = EachDay(date(2026, 3, 1), date(2026, 4, 5))
    world = world.region("de", "Europe/Berlin").region("jp", "Asia/Tokyo").channel()
    windows = world.campaign("sale", world.phase("p", days, "02:30", "03:30")).plan().windows

    steps = {
        region: {after.start - before.start for before, after in pairwise(found)}
        for region, found in _by_region(windows).items()
    }
    assert steps["jp"] == {24 * HOUR}
    assert steps["de"] == {24 * HOUR, 23.5 * HOUR}  # 02:30, then 03:00 in that night, then 02:30


def _by_region(windows):
    regions = {window.key.region for window in windows}
    return {name: [w for w in windows if w.key.region == name] for name in regions}


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Africa/Cairo", "2026-04-24"),
        ("America/Santiago", "2026-09-06"),
        ("Asia/Beirut", "2026-03-29"),
        ("America/Havana", "2026-03-08"),
    ],
)
def test_where_midnight_never_happens_the_day_starts_at_01_00(world, zone, day):
    """Temporal's documents, 952: zones where 00:00 never happens."""
    (window,) = one(world, zone, world.phase("p", day, "00:00", "24:00"))

    assert f"{local(zone, window.start):%Y-%m-%dT%H:%M}" == f"{day}T01:00"
    assert window.end - window.start == 23 * HOUR
    assert len(window.warnings) == 1


def standing_as_before_a_reversal(world, state):
    """What stands, planned by zone data that read Beirut an hour off."""
    (window,) = world.plan().windows
    old = replace(window, start=window.start - HOUR, end=window.end - HOUR)
    return old, StandingWindow(old, state, 1, touched=state is not Standing.PLANNED)


@pytest.fixture
def beirut(world):
    world = world.region("lb", "Asia/Beirut").channel()
    return world.campaign("sale", world.phase("p", "2026-04-01", "10:00", "12:00"))


def changes(world, stands, now):
    request = DiffRequest(world.plan(), (stands,), world.workspace, world.abilities, now)
    return diff(request).changes


def test_new_zone_data_moves_what_has_not_begun_visibly_and_under_its_key(beirut):
    """Moment Timezone 1053: Lebanon reversed its summer time within four days."""
    old, stands = standing_as_before_a_reversal(beirut, Standing.PLANNED)
    (change,) = changes(beirut, stands, old.start - 24 * HOUR)

    assert (change.policy, change.key, change.generation) == ("move", old.key, 1)
    assert (change.before.start, change.after.start) == (old.start, old.start + HOUR)


def test_new_zone_data_does_not_start_again_what_has_begun(beirut):
    old, stands = standing_as_before_a_reversal(beirut, Standing.LIVE)
    (change,) = changes(beirut, stands, old.start + timedelta(minutes=1))

    assert change.policy == "move-live-end"
    assert change.after.start == old.start


def test_a_window_over_midnight_belongs_to_the_day_it_starts(world):
    """Keep 6780: a window from 20:00 to 08:00 is never true."""
    (window,) = one(world, "Europe/Berlin", world.phase("p", "2026-11-11", "20:00", "08:00"))

    assert window.key.occurrence == "2026-11-11"
    assert window.end - window.start == 12 * HOUR


def test_planning_twice_is_planning_once(world):
    """Terraform 27721: one plan is applied twice."""
    world = world.region("de", "Europe/Berlin").channel()
    world = world.campaign("sale", world.phase("p", "2026-11-11", "10:00", "12:00"))
    now = datetime(2026, 11, 1, tzinfo=UTC)
    request = DiffRequest(world.plan(), (), world.workspace, world.abilities, now)
    stands = tuple(StandingWindow(c.after, Standing.PLANNED, 1) for c in diff(request).changes)

    assert len(stands) == 1
    assert diff(replace(request, standing=stands)).changes == ()


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", "2026-03-08"),
        ("America/New_York", "2026-11-01"),
        ("Africa/Cairo", "2026-04-24"),
        ("America/Nuuk", "2026-03-28"),
        ("Australia/Lord_Howe", "2026-04-05"),
    ],
)
def test_saving_a_window_again_and_again_never_moves_it(world, zone, day):
    """Umbraco 779, Shopware 13029: every save moves the time."""
    world = world.region("x", zone).channel()
    world = world.campaign("sale", world.phase("p", day, "01:30", "23:30"))
    (planned,) = world.plan().windows

    saved = planned
    for _ in range(3):
        saved = record.window_from(json.loads(json.dumps(record.window_data(saved))))

    assert (saved.start, saved.end) == (planned.start, planned.end)
    assert (saved.start_wall, saved.end_wall) == (planned.start_wall, planned.end_wall)
    stands = StandingWindow(saved, Standing.PLANNED, 1)
    assert changes(world, stands, planned.start - 24 * HOUR) == ()


def test_a_plan_says_what_the_preview_said(world):
    """Argo 3831: the command and the page disagree about one window. Here one evaluator serves all."""
    days = EachDay(date(2026, 3, 1), date(2026, 4, 30))
    world = world.region("de", "Europe/Berlin").region("us", "America/New_York").channel()
    world = world.campaign("sale", world.phase("p", days, "02:30", "03:30"))
    plan, now = world.plan(), datetime(2026, 1, 1, tzinfo=UTC)
    proposed = diff(DiffRequest(plan, (), world.workspace, world.abilities, now))

    assert {change.after for change in proposed.changes} == set(plan.windows)
    assert {(e.key, e.due_at) for e in proposed.events} == {(e.key, e.due_at) for e in plan.events}


# ── when it is done ─────────────────────────────────────────────────────────────────────────────
def firing(world, action, **given):
    """The start or the end of a sale on 2026-11-11 from 10:00 to 12:00, about to be done."""
    world = world.region("de", "Europe/Berlin").channel()
    world = world.campaign("sale", world.phase("p", "2026-11-11", "10:00", "12:00"), **given)
    plan = world.plan()
    event = next(event for event in plan.events if event.key.action is action)
    return Firing(event, plan.windows[0], "promo-1", attempt=1, fence=1)


def test_a_start_that_is_a_little_late_is_fired_and_how_late_it_may_be_is_ours_to_say(world):
    """APScheduler 292: a job is 1.8 s late, and so skipped."""
    late = timedelta(seconds=1.8)
    start = firing(world, Action.ACTIVATE)
    strict = firing(world, Action.ACTIVATE, late=Lateness(start_within=timedelta(seconds=1)))

    assert decide(start, start.event.due_at + late, []) == Fire()
    assert isinstance(decide(strict, strict.event.due_at + late, []), Miss)


@pytest.mark.parametrize("error", [Retryable("503"), Forbidden("no")])
def test_an_ending_comes_late_rather_than_never(world, error):
    """Sylius 16206: the discount outlives its end."""
    ending = firing(world, Action.DEACTIVATE)
    much_later = ending.event.due_at + timedelta(days=365)

    assert decide(ending, much_later, []) == Fire()
    failed = after_failure(ending, error, much_later, Backoff(), Random(1))
    assert failed.state is EventState.PENDING
    assert failed.retry_at > much_later


def test_after_an_outage_over_start_and_end_the_start_is_missed_and_the_ending_done(world):
    """Saleor: an outage over start and end announces both at once."""
    start, ending = firing(world, Action.ACTIVATE), firing(world, Action.DEACTIVATE)
    afterwards = ending.event.due_at + HOUR

    missed = decide(start, afterwards, [])
    assert isinstance(missed, Miss)
    assert missed.reason
    assert decide(ending, afterwards, []) == Fire()


def test_what_an_outage_slept_through_is_not_announced_afterwards(world):
    """Saleor: an outage over start and end announces both at once."""
    world = world.region("de", "Europe/Berlin").channel()
    world = world.campaign("sale", world.phase("p", "2026-11-11", "10:00", "12:00"))
    afterwards = datetime(2026, 11, 12, tzinfo=UTC)
    request = DiffRequest(world.plan(), (), world.workspace, world.abilities, afterwards)

    assert diff(request).events == ()
