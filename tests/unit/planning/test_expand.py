"""Expansion: campaigns, regions, zones and channels to windows and events."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from promo_scheduler.campaign import Variant
from promo_scheduler.clock import WallTime
from promo_scheduler.order import Scope
from promo_scheduler.plan import Action
from promo_scheduler.settings import Settings
from promo_scheduler.timing import tzdata_version
from promo_scheduler.when import EachDay, InstantWhen, OnDates, Recurrence, Span

MAY_1, MAY_3 = date(2026, 5, 1), date(2026, 5, 3)


def keys(plan):
    return [str(window.key) for window in plan.windows]


def test_a_window_says_all_that_a_person_wrote(shop):
    offer = shop.offer(25, label=(("en", "Double 11"), ("de", "Singles' Day")))
    phase = shop.phase("launch", "2026-11-11", "00:00", "24:00", offer=offer)
    world = replace(shop, regions=(replace(shop.regions[0], locale="de-DE"),))
    plan = world.campaign("double-11", phase, priority=50, stack=True).plan()

    (window,) = plan.windows
    assert str(window.key) == "double-11/launch/de/-/2026-11-11/1/shop"
    assert (window.zone_name, window.target, window.currency) == (
        "Europe/Berlin",
        "de-store",
        "EUR",
    )
    assert window.start_wall == WallTime.parse("2026-11-11T00:00")
    assert window.end_wall == WallTime.parse("2026-11-11T24:00")
    assert window.start == datetime(2026, 11, 10, 23, tzinfo=UTC)
    assert window.end == datetime(2026, 11, 11, 23, tzinfo=UTC)
    assert (window.offer, window.rank, window.stack) == (offer, (50, 0), True)
    assert (window.label, window.decided_by) == ("Singles' Day", "00:00 to 24:00")
    assert (window.warnings, window.place) == ((), phase.place)
    assert plan.tzdata == tzdata_version()
    assert plan.findings == ()


def test_without_a_label_the_campaigns_title_is_the_label(shop):
    plan = shop.campaign("double-11", shop.phase("a", "2026-11-11", "00:00", "24:00")).plan()

    assert plan.windows[0].label == "Double-11"


def test_every_region_takes_part_at_its_own_peak(world, span):
    world = (
        world.region("de", "Europe/Berlin", peaks={"weekday": "19:30-21:30"})
        .region("jp", "Asia/Tokyo", peaks={"weekday": "21:00-23:00"}, currency="JPY")
        .channel()
    )
    plan = world.campaign("x", world.phase("a", "2026-11-11", "peak", "peak")).plan()

    assert [(w.key.region, *span(w), w.currency) for w in plan.windows] == [
        ("de", "11-11T18:30", "11-11T20:30", "EUR"),
        ("jp", "11-11T12:00", "11-11T14:00", "JPY"),
    ]
    assert plan.windows[0].decided_by == "peak weekday 19:30-21:30"


# ── who takes part ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def two_channels(world):
    world = world.region("de", "Europe/Berlin").region("us", "America/New_York")
    return world.channel("a", ["de"]).channel("b", ["de", "us"])


def places(plan):
    return [(w.key.region, w.key.channel) for w in plan.windows]


def test_a_region_takes_part_where_a_channel_lists_it(two_channels):
    plan = two_channels.campaign(
        "x", two_channels.phase("p", "2026-05-01", "10:00", "12:00")
    ).plan()

    assert places(plan) == [("de", "a"), ("de", "b"), ("us", "b")]


def test_a_campaign_may_allow_some_channels_and_regions_only(two_channels):
    phase = two_channels.phase("p", "2026-05-01", "10:00", "12:00")

    assert places(two_channels.campaign("x", phase, channels=("a",), regions=["de"]).plan()) == [
        ("de", "a")
    ]


def test_a_region_that_no_channel_serves_is_named(two_channels, codes):
    phase = two_channels.phase("p", "2026-05-01", "10:00", "12:00")
    plan = two_channels.campaign("x", phase, channels=("a",)).plan()

    assert codes(plan) == [("W116", "warn", "us")]


def test_a_cancelled_region_plans_nothing_and_the_others_do(two_channels, codes):
    phase = two_channels.phase("p", "2026-05-01", "10:00", "12:00")
    off = Variant("de", None, (phase,), cancelled="customs strike")
    plan = two_channels.campaign("x", phase, variants=(off,)).plan()

    assert places(plan) == [("us", "b")]
    assert codes(plan) == []


def test_a_regions_difference_on_one_channel_counts_there_only(two_channels):
    phase = two_channels.phase("p", "2026-05-01", "10:00", "12:00")
    less = replace(phase, offer=two_channels.offer(5))
    plan = two_channels.campaign("x", phase, variants=(Variant("de", "b", (less,)),)).plan()

    percents = {(w.key.region, w.key.channel): w.offer.value.percent for w in plan.windows}
    assert percents == {("de", "a"): 10, ("de", "b"): Decimal(5), ("us", "b"): 10}


def test_a_scope_narrows_what_is_planned(two_channels):
    first = two_channels.phase("p", "2026-05-01", "10:00", "12:00", skus=["A"])
    second = two_channels.phase("q", "2026-05-02", "10:00", "12:00", skus=["B"])
    world = two_channels.campaign("x", first, second).campaign("y", first)

    def planned(**scope):
        return {(k.campaign, k.phase, k.region, k.channel) for k in map(_key, _in(world, scope))}

    assert planned(campaign="y") == {
        ("y", "p", "de", "a"),
        ("y", "p", "de", "b"),
        ("y", "p", "us", "b"),
    }
    assert planned(campaign="x", region="us") == {("x", "p", "us", "b"), ("x", "q", "us", "b")}
    assert planned(phase="q", channel="a") == {("x", "q", "de", "a")}
    assert planned(sku="B", region="us") == {("x", "q", "us", "b")}


def _in(world, scope):
    return world.plan(scope=Scope(**scope)).windows


def _key(window):
    return window.key


# ── zones ───────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def america(world):
    zones = ("America/New_York", "America/Chicago", "America/Los_Angeles")
    return world.region("us", *zones, anchor="America/Chicago")


def test_a_channel_that_takes_zones_gets_a_window_for_each(america, span, codes):
    world = america.channel(zones="each")
    plan = world.campaign("x", world.phase("p", "2026-11-11", "12:00", "13:00")).plan()

    assert [(w.key.zone, w.zone_name, span(w)[0]) for w in plan.windows] == [
        ("America/New_York", "America/New_York", "11-11T17:00"),
        ("America/Chicago", "America/Chicago", "11-11T18:00"),
        ("America/Los_Angeles", "America/Los_Angeles", "11-11T20:00"),
    ]
    assert codes(plan) == []


def test_else_the_anchor_decides_and_the_plan_says_so(america, span, codes):
    world = america.channel()
    plan = world.campaign("x", world.phase("p", "2026-11-11", "12:00", "13:00")).plan()

    assert [(w.key.zone, w.zone_name, span(w)[0]) for w in plan.windows] == [
        ("-", "America/Chicago", "11-11T18:00")
    ]
    assert codes(plan) == [("W115", "info", "us")]
    assert "America/Los_Angeles" in plan.findings[0].problem.message


# ── dates ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("dates", "occurrences"),
    [
        (OnDates((MAY_3, MAY_1, MAY_3)), ["2026-05-03", "2026-05-01"]),
        (EachDay(MAY_1, MAY_3), ["2026-05-01", "2026-05-02", "2026-05-03"]),
        (Span(MAY_1, MAY_3), ["2026-05-01"]),
        (Recurrence("FREQ=DAILY;INTERVAL=2", MAY_1, MAY_3), ["2026-05-01", "2026-05-03"]),
    ],
)
def test_an_occurrence_is_named_by_the_date_it_starts_on(shop, dates, occurrences):
    plan = shop.campaign("x", shop.phase("p", dates, "10:00", "12:00")).plan()

    assert [w.key.occurrence for w in plan.windows] == occurrences
    assert {w.key.slot for w in plan.windows} == {1}


def test_a_range_is_one_window(shop, span):
    plan = shop.campaign("x", shop.phase("p", Span(MAY_1, MAY_3), "10:00", "12:00")).plan()

    assert [span(w) for w in plan.windows] == [("05-01T08:00", "05-03T10:00")]


def test_the_same_instant_everywhere(world, span):
    world = world.region("de", "Europe/Berlin").region("jp", "Asia/Tokyo").channel()
    east = timezone(timedelta(hours=8))
    when = InstantWhen(
        datetime(2026, 11, 11, 0, tzinfo=east), datetime(2026, 11, 11, 2, tzinfo=east)
    )
    phase = replace(world.phase("p", "2026-11-11", "10:00", "12:00"), when=when)
    plan = world.campaign("x", phase).plan()

    assert [span(w) for w in plan.windows] == [("11-10T16:00", "11-10T18:00")] * 2
    assert {w.key.occurrence for w in plan.windows} == {"2026-11-11"}  # as it is written
    assert {(w.start_wall, w.end_wall, w.decided_by) for w in plan.windows} == {
        (None, None, "the same instant everywhere")
    }
    assert all(w.start.tzinfo is UTC for w in plan.windows)


def test_an_instant_that_ends_before_it_starts_is_an_error(shop, codes):
    when = InstantWhen(datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
    phase = replace(shop.phase("p", "2026-11-11", "10:00", "12:00"), when=when)

    plan = shop.campaign("x", phase).plan()

    assert (plan.windows, codes(plan)) == ((), [("E111", "error", "de")])


def test_too_many_dates_is_an_error_that_says_how_to_raise_the_cap(shop, codes):
    world = replace(shop, settings=Settings(max_occurrences=2))
    for dates in (EachDay(MAY_1, MAY_3), Recurrence("FREQ=DAILY", MAY_1, date(9999, 1, 1))):
        plan = world.campaign("x", world.phase("p", dates, "10:00", "12:00")).plan()

        assert (plan.windows, codes(plan)) == ((), [("E115", "error", "de")])
        assert "max_occurrences (now 2)" in plan.findings[0].problem.help


def test_a_rule_that_cannot_be_followed_is_an_error_at_its_place(shop, codes):
    rule = Recurrence("FREQ=DAILY;UNTIL=20260503T000000Z", MAY_1, MAY_3)
    plan = shop.campaign("x", shop.phase("p", rule, "10:00", "12:00")).plan()

    assert codes(plan) == [("E114", "error", "de")]
    assert str(plan.findings[0].problem).startswith("campaigns/x.yaml:7:5: error[E114]")


# ── events ──────────────────────────────────────────────────────────────────────────────────────
def dues(plan):
    return [(e.key.action, e.due_at.strftime("%m-%dT%H:%M"), e.generation) for e in plan.events]


def test_a_window_is_staged_ahead_started_and_ended(shop):
    plan = shop.campaign("x", shop.phase("p", "2026-11-11", "10:00", "12:00")).plan()

    assert dues(plan) == [
        (Action.STAGE, "11-10T09:00", 1),
        (Action.ACTIVATE, "11-11T09:00", 1),
        (Action.DEACTIVATE, "11-11T11:00", 1),
    ]
    assert {event.key.window for event in plan.events} == {plan.windows[0].key}


def test_where_a_channel_cannot_start_by_itself_nothing_is_staged(shop):
    world = shop.can(native_start=False)
    plan = world.campaign("x", world.phase("p", "2026-11-11", "10:00", "12:00")).plan()

    assert [action for action, *_ in dues(plan)] == [Action.ACTIVATE, Action.DEACTIVATE]


def test_the_same_workspace_gives_the_same_plan(shop):
    world = shop.campaign("x", shop.phase("p", EachDay(MAY_1, MAY_3), "10:00", "12:00"))

    assert world.plan() == world.plan()
    assert len(set(keys(world.plan()))) == 3
