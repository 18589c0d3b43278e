"""Review: overlaps, and what a channel cannot do of a window."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from promo_scheduler.catalog import Product
from promo_scheduler.errors import Place, Problem
from promo_scheduler.offer import AmountOff, FixedPrice, Money
from promo_scheduler.plan import Standing, StandingWindow
from promo_scheduler.planning import DiffRequest, diff
from promo_scheduler.when import EachDay

DAY = "2026-11-11"
NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)


def said(findings):
    return [(f.problem.code, f.campaign, f.region) for f in findings]


# ── overlaps ────────────────────────────────────────────────────────────────────────────────────
def test_a_tie_between_campaigns_is_an_error_of_both_that_names_the_other_place(shop):
    world = shop.campaign("a", shop.phase("p", DAY, "10:00", "14:00"), priority=5)
    other = replace(shop.phase("q", DAY, "12:00", "16:00"), place=Place("campaigns/b.yaml", 3, 1))
    findings = world.campaign("b", other, priority=5).review()

    assert said(findings) == [("E116", "a", "de"), ("E116", "b", "de")]
    message = findings[0].problem.message
    assert "a (p) overlaps b (q) with the same priority 5" in message
    assert "from 2026-11-11T11:00Z to 2026-11-11T13:00Z" in message
    assert "campaigns/b.yaml:3:1" in message
    assert "campaigns/x.yaml:7:5" in findings[1].problem.message


def test_windows_that_only_touch_do_not_overlap(shop):
    world = shop.campaign("a", shop.phase("p", DAY, "10:00", "12:00"))
    assert world.campaign("b", shop.phase("q", DAY, "12:00", "14:00")).review() == ()


def test_the_same_hours_in_other_regions_do_not_overlap(world):
    world = world.region("de", "Europe/Berlin").region("fr", "Europe/Paris").channel()
    phase = world.phase("p", DAY, "10:00", "12:00")
    assert (
        world.campaign("a", phase, regions=["de"]).campaign("b", phase, regions=["fr"]).review()
        == ()
    )


def test_two_regions_on_one_target_do_overlap(world):
    world = world.region("de", "Europe/Berlin").region("at", "Europe/Vienna")
    world = world.channel(targets={"de": "euro", "at": "euro"})
    findings = world.campaign("a", world.phase("p", DAY, "10:00", "12:00")).review()

    assert said(findings) == [("E116", "a", "de"), ("E116", "a", "at")]


@pytest.fixture
def launch_and_last_call(shop):
    launch = shop.phase("launch", DAY, "00:00", "24:00", tags=["winter"])
    last_call = shop.phase("last-call", DAY, "20:00", "24:00", tags=["winter"])
    return shop.campaign("double-11", launch, last_call)


def test_where_the_channel_knows_priorities_the_later_phase_goes_first(launch_and_last_call):
    (finding,) = launch_and_last_call.can(overlap="priority").review()

    assert (finding.problem.code, finding.problem.severity) == ("W117", "info")
    assert finding.problem.message.startswith(
        "double-11 (last-call) goes before double-11 (launch) on shop in de"
    )


def test_where_prices_are_overwritten_the_ledger_lets_the_later_phase_go_first(shop):
    launch = shop.phase("launch", DAY, "00:00", "24:00", skus=["A"])
    last_call = shop.phase("last-call", DAY, "20:00", "24:00", skus=["A"])
    world = shop.campaign("double-11", launch, last_call)
    (finding,) = world.can(mechanism="price_overwrite").review()

    assert finding.problem.code == "W117"


@pytest.mark.parametrize("overlap", ["none", "stacks"])
def test_where_the_loser_cannot_be_suspended_an_overlap_is_an_error(launch_and_last_call, overlap):
    findings = launch_and_last_call.can(overlap=overlap).review()

    assert [f.problem.code for f in findings] == ["E117", "E117"]


def test_products_that_one_side_excludes_do_not_overlap(shop):
    rest = shop.offer(tags=["winter"], excluded=shop.offer(skus=["A", "B"]).products)
    launch = shop.phase("launch", DAY, "00:00", "24:00", offer=rest)
    last_call = shop.phase("last-call", DAY, "20:00", "24:00", skus=["A", "B"])

    assert shop.campaign("double-11", launch, last_call).review() == ()


def test_stacking_needs_both_sides_and_a_channel_that_stacks(shop):
    def found(channel, first, second):
        world = shop.can(overlap=channel)
        for name, stack in (("a", first), ("b", second)):
            world = world.campaign(name, world.phase("p", DAY, "10:00", "12:00"), stack=stack)
        return {f.problem.code for f in world.review()}

    assert found("stacks", True, True) == set()
    assert found("stacks", True, False) == {"E116"}
    assert found("priority", True, True) == {"E116"}


def test_the_higher_priority_goes_first_whatever_the_phases(shop):
    world = shop.can(overlap="priority")
    world = world.campaign("high", world.phase("p", DAY, "10:00", "12:00"), priority=9)
    low = [world.phase(f"p{n}", f"2026-11-1{n}", "10:00", "12:00") for n in (0, 1)]
    (finding,) = world.campaign("low", *low, priority=1).review()

    assert finding.problem.message.startswith("high (p) goes before low (p1)")
    assert finding.campaign == "low"


def test_a_later_phase_does_not_go_before_another_campaign(shop):
    world = shop.can(overlap="priority").campaign(
        "a",
        shop.phase("first", "2026-11-10", "10:00", "12:00"),
        shop.phase("p", DAY, "10:00", "12:00"),
    )
    findings = world.campaign("b", world.phase("q", DAY, "10:00", "12:00")).review()

    assert said(findings) == [("E116", "a", "de"), ("E116", "b", "de")]


def test_a_phase_that_overlaps_itself_is_a_tie(shop):
    days = EachDay(date(2026, 11, 11), date(2026, 11, 13))
    findings = shop.campaign("a", shop.phase("p", days, "10:00", "for 30h")).review()

    assert said(findings) == [("E116", "a", "de")]  # the pair is named once


def test_windows_already_past_are_not_reviewed(shop):
    world = shop.campaign("a", shop.phase("p", DAY, "10:00", "12:00"))
    world = world.campaign("b", world.phase("p", DAY, "10:00", "12:00"))
    end = datetime(2026, 11, 11, 11, tzinfo=UTC)

    assert world.review(now=end) == ()
    assert world.review(now=end - timedelta(seconds=1)) != ()


def test_ten_thousand_windows_are_reviewed_in_good_time(world):
    """A sweep for each place: were all pairs compared, this would be 50 million."""
    for name in "abcde":
        world = world.region(name, "Europe/Berlin")
    world = world.channel("one").channel("two").can(overlap="priority")
    days = EachDay(date(2026, 1, 1), date(2026, 7, 19))
    for number in range(5):
        world = world.campaign(
            f"c{number}", world.phase("p", days, "10:00", "12:00"), priority=number
        )
    plan = world.plan()
    assert len(plan.windows) == 10_000

    started = datetime.now(UTC)
    findings = world.review(plan=plan)
    took = datetime.now(UTC) - started

    assert len(findings) == 10 * 5 * 2
    assert took < timedelta(seconds=10)  # about 0.5 s; all pairs would take minutes


# ── what a channel cannot do ────────────────────────────────────────────────────────────────────
def problems(world, *phases, now=datetime(2026, 1, 1, tzinfo=UTC), **given):
    findings = world.campaign("x", *phases).review(now=now, **given)
    assert all(f.problem.help and f.problem.place and f.region == "de" for f in findings)
    return [(f.problem.code, f.problem.message) for f in findings]


def test_a_window_too_short_or_too_long_for_the_channel(shop):
    world = shop.can(min_duration=timedelta(hours=1), max_duration=timedelta(hours=24))
    short = world.phase("short", "2026-11-11", "10:00", "for 30m")
    fits = world.phase("fits", "2026-11-12", "10:00", "for 24h")
    long = world.phase("long", "2026-11-14", "10:00", "for 25h")

    assert problems(world, short, fits, long) == [
        ("E118", "shop takes windows of at least 1:00:00, this has 0:30:00"),
        ("E118", "shop takes windows of at most 1 day, 0:00:00, this has 1 day, 1:00:00"),
    ]


def test_a_channel_of_whole_days_by_the_stores_clock(shop):
    world = shop.can(granularity="day", time_basis="store")

    assert problems(world, world.phase("p", DAY, "00:00", "24:00")) == []
    assert problems(world, world.phase("p", DAY, "00:00", "for 1d")) == []
    (problem,) = problems(world, world.phase("p", DAY, "00:00", "22:00"))
    assert problem[0] == "E118"
    assert "from 2026-11-11 00:00:00 to 2026-11-11 22:00:00" in problem[1]


def test_a_whole_day_whose_midnight_does_not_exist_is_a_whole_day(world):
    world = world.region("de", "Africa/Cairo").channel().can(granularity="day", time_basis="store")

    assert problems(world, world.phase("p", "2026-04-24", "00:00", "24:00")) == []


def test_a_channel_of_whole_days_in_utc(shop):
    world = shop.can(granularity="day", time_basis="utc")

    assert len(problems(world, world.phase("p", DAY, "00:00", "24:00"))) == 1
    assert problems(world, world.phase("p", DAY, "01:00", "+1d 01:00")) == []


def test_a_channel_that_must_know_in_advance(shop):
    starts_at_9 = shop.phase("p", DAY, "10:00", "20:00")
    late = shop.can(start_must_be_future=True)
    early = shop.can(min_lead=timedelta(hours=1))
    nine = datetime(2026, 11, 11, 9, tzinfo=UTC)

    assert problems(late, starts_at_9, now=nine - timedelta(seconds=1)) == []
    assert [c for c, _ in problems(late, starts_at_9, now=nine)] == ["E118"]
    assert problems(early, starts_at_9, now=nine - timedelta(hours=1)) == []
    assert [c for c, _ in problems(early, starts_at_9, now=nine - timedelta(minutes=59))] == [
        "E118"
    ]


def test_a_channel_that_wants_no_notice_takes_a_window_that_has_begun(shop):
    phase = shop.phase("p", DAY, "10:00", "20:00")

    assert problems(shop, phase, now=datetime(2026, 11, 11, 9, 1, tzinfo=UTC)) == []


def test_a_late_second_phase_leaves_a_live_first_one_open_to_its_price_fix(utc):
    live = StandingWindow(utc.sale().plan().windows[0], Standing.LIVE, 1, touched=True)
    now = datetime(2026, 11, 11, 11, 1, tzinfo=UTC)
    fixed = utc.phase("p", DAY, "10:00", "14:00", percent=9, skus=["A-1"])
    late = utc.phase("q", DAY, "11:00", "13:00", skus=["A-2"])
    world = utc.campaign("sale", fixed, late)
    plan = replace(
        world.plan(), findings=world.review(now=now, touched=frozenset({live.window.key}))
    )

    request = DiffRequest(plan, (live,), world.workspace, world.abilities, now)
    assert plan.findings == ()
    assert [c.policy for c in diff(request).changes] == ["amend-live", "starts-late"]


def test_a_window_on_the_channel_already_is_not_late_for_it(shop):
    world = shop.can(start_must_be_future=True).campaign(
        "x", shop.phase("p", DAY, "10:00", "20:00")
    )
    (window,) = world.plan().windows

    assert world.review(now=NOON) != ()
    assert world.review(now=NOON, touched=frozenset({window.key})) == ()


def offering(shop, value):
    offer = shop.offer()
    return shop.phase("p", DAY, "10:00", "12:00", offer=replace(offer, value=value))


@pytest.mark.parametrize("value", [AmountOff, FixedPrice])
def test_an_amount_must_name_the_regions_currency(shop, value):
    euro, dollar = Money(Decimal(5), "EUR"), Money(Decimal(6), "USD")

    assert problems(shop, offering(shop, value((dollar, euro)))) == []
    (problem,) = problems(shop, offering(shop, value((dollar,))))
    assert problem[0] == "E119"
    assert "EUR" in problem[1]


def test_a_value_and_a_selection_that_the_channel_does_not_take(shop):
    world = shop.can(values=frozenset({"amount"}), selections=frozenset({"skus"}))
    products = {"tags": ["winter"], "excluded": shop.offer(skus=["A"]).products}

    assert problems(world, world.phase("p", DAY, "10:00", "12:00", **products)) == [
        ("E119", "shop takes no percent; it takes: amount"),
        ("E119", "shop cannot select products by except, tags"),
    ]


def test_where_prices_are_overwritten_the_skus_must_be_known(shop):
    world = shop.can(mechanism="price_overwrite")
    by_tag = world.phase("p", DAY, "10:00", "12:00", tags=["winter"])
    known = replace(world, catalog=(Product("A", tags=frozenset({"winter"})),))
    others = replace(world, catalog=(Product("A", tags=frozenset({"summer"})),))

    (problem,) = problems(world, by_tag)
    assert problem[0] == "E119"
    assert "without a catalogue nobody knows which SKUs are meant" in problem[1]
    assert problems(known, by_tag) == []
    (problem,) = problems(others, by_tag)
    assert "no product of the catalogue is meant" in problem[1]
    assert problems(world, world.phase("p", DAY, "10:00", "12:00", skus=["A"])) == []


def test_where_prices_are_overwritten_zones_cannot_differ(world):
    world = world.region("de", "Europe/Berlin", "Europe/Busingen").channel(zones="each")
    phase = world.phase("p", DAY, "10:00", "12:00", skus=["A"])

    (problem,) = problems(world.can(mechanism="price_overwrite"), phase)
    assert "a product has one price there, for every zone" in problem[1]


def test_a_connectors_own_check_is_heard_with_the_windows_place(shop):
    def check(window):
        return [Problem("E413", f"no sales at {window.start:%H:%M}", help="another hour")]

    found = problems(shop, shop.phase("p", DAY, "10:00", "12:00"), checks={"shop": check})

    assert found == [("E413", "no sales at 09:00")]


def test_the_same_complaint_about_many_dates_is_made_once(shop):
    days = EachDay(date(2026, 11, 11), date(2026, 11, 20))
    world = shop.can(max_duration=timedelta(hours=1))

    assert len(problems(world, world.phase("p", days, "10:00", "12:00"))) == 1


# ── codes ───────────────────────────────────────────────────────────────────────────────────────
def test_every_code_of_timing_and_planning_is_explained():
    from pathlib import Path

    import promo_scheduler.planning
    from promo_scheduler.views.planning_codes import PLANNING_CODES

    package = Path(promo_scheduler.planning.__file__).parents[1]
    sources = [*package.glob("timing/*.py"), *package.glob("planning/*.py")]
    used = {code for s in sources for code in re.findall(r'"([EW]\d{3})"', s.read_text("utf-8"))}

    assert used == set(PLANNING_CODES)
    assert all(re.fullmatch(r".+\.\n\n(.|\n)+", text) for text in PLANNING_CODES.values())
