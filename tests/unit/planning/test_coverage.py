"""What each region gets, and which ones are left behind."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from promo_scheduler.errors import Problem
from promo_scheduler.plan import Finding
from promo_scheduler.planning.coverage import coverage, plan_weeks
from promo_scheduler.region import Holidays
from promo_scheduler.when import Span

WEEK = (date(2026, 11, 9), date(2026, 11, 15))
NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)


WEDNESDAY = "2026-11-11"
SPAN = Span(date(2026, 11, 9), date(2026, 11, 15))


@pytest.fixture
def markets(world):
    """Three markets on one channel, with an hour's peak each."""
    for name in ("de", "fr", "pl"):
        world = world.region(name, "Europe/Berlin", peaks={"weekday": "20:00-21:00"})
    return world.channel()


def covered(world, plan=None, week=WEEK):
    found = coverage(plan or world.plan(), world.workspace, *week)
    return {each.region: each for each in found}


def whole_day(world):
    return world.phase("day", WEDNESDAY, "00:00", "24:00")


def test_hours_are_counted_by_the_week_and_the_share_in_the_peak(markets):
    # Given five hours on one Wednesday, of which one lies in the peak
    shop = markets.campaign("x", markets.phase("p", WEDNESDAY, "17:00", "22:00"))

    found = covered(shop, week=(date(2026, 11, 9), date(2026, 11, 22)))["de"]

    assert found.campaigns == ("x",)
    assert found.hours_per_week == pytest.approx(2.5)
    assert found.peak_share == pytest.approx(0.2)
    assert found.problem is None


def test_an_hour_that_two_windows_share_counts_once(markets):
    phases = (
        markets.phase("one", WEDNESDAY, "10:00", "14:00"),
        markets.phase("two", WEDNESDAY, "12:00", "16:00"),
    )

    assert covered(markets.campaign("x", *phases))["de"].hours_per_week == pytest.approx(6)


def test_only_what_lies_between_the_dates_counts(markets):
    shop = markets.campaign("x", markets.phase("p", "2026-11-15", "20:00", "+1d 04:00"))

    assert covered(shop)["de"].hours_per_week == pytest.approx(4)


def test_a_region_that_gets_nothing_is_warned_of(markets):
    shop = markets.campaign("x", whole_day(markets), regions=("de", "fr"))

    found = covered(shop)

    assert found["pl"].problem.code == "W130"
    assert found["pl"].peak_share is None
    assert [found[name].problem for name in ("de", "fr")] == [None, None]


@pytest.mark.parametrize(("end", "code"), [("05:59", "W131"), ("06:00", None)])
def test_less_than_a_quarter_of_the_usual_hours_is_warned_of(markets, end, code):
    # Given a whole day in two regions, and in the third a quarter of it, or a minute less
    few = markets.campaign("few", markets.phase("p", WEDNESDAY, "00:00", end), regions=("pl",))
    shop = few.campaign("many", whole_day(markets), regions=("de", "fr"))

    problem = covered(shop)["pl"].problem

    assert (problem.code if problem else None) == code


@pytest.mark.parametrize("holidays", [Holidays("XX"), Holidays("LK")], ids=str)
def test_where_the_calendar_is_not_known_there_is_no_share_in_the_peak(world, holidays):
    world = world.region("xx", "Europe/Berlin", holidays=holidays, peaks={"weekday": "20:00-21:00"})
    world = world.region("de", "Europe/Berlin").channel()

    found = covered(
        world.campaign("x", whole_day(world)), week=(date(2028, 1, 3), date(2028, 1, 9))
    )

    assert found["xx"].peak_share is None


def test_what_an_error_stops_does_not_count(markets):
    shop = markets.campaign("x", whole_day(markets))
    stopped = Finding(Problem("E118", "too long"), "x", "fr")
    plan = replace(shop.plan(), findings=(stopped,))

    found = covered(shop, plan)

    assert found["fr"].campaigns == ()
    assert found["de"].campaigns == ("x",)


def test_a_region_of_several_zones_is_counted_on_its_anchors_clock(world):
    shop = world.region("us", "America/New_York", "Pacific/Honolulu").channel(zones="each")
    shop = shop.campaign("x", whole_day(world))

    assert len(shop.plan().windows) == 2
    assert covered(shop)["us"].hours_per_week == pytest.approx(24)


def test_the_plans_own_weeks_run_from_monday_to_sunday_on_local_clocks(markets):
    # Given a window from Monday 00:00 in Berlin, which is still Sunday in UTC, to Sunday 24:00
    shop = markets.campaign("x", markets.phase("p", SPAN, "00:00", "24:00"))

    assert plan_weeks(shop.plan(), NOW) == WEEK


def test_without_a_window_this_week_counts(markets):
    assert plan_weeks(markets.plan(), NOW) == (date(2026, 11, 2), date(2026, 11, 8))
