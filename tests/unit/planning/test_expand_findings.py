"""What expansion leaves out, and what it says about clock changes."""

from datetime import date

from promo_scheduler.region import Holidays
from promo_scheduler.when import ClockChange, EachDay, Gap, OnDates, Span

MAY_1, MAY_3 = date(2026, 5, 1), date(2026, 5, 3)


# ── what is left out ────────────────────────────────────────────────────────────────────────────
GAP_DAY = date(2026, 3, 8)


def test_an_empty_window_among_others_is_dropped_with_a_warning(world, codes):
    world = world.region("us", "America/New_York").channel()
    days = OnDates((GAP_DAY, date(2026, 3, 9)))
    plan = world.campaign("x", world.phase("p", days, "02:00", "03:00")).plan()

    assert [w.key.occurrence for w in plan.windows] == ["2026-03-09"]
    assert codes(plan) == [("W114", "warn", "us")]


def test_an_empty_window_that_was_the_only_one_is_an_error_in_that_region_alone(world, codes):
    world = world.region("us", "America/New_York").region("de", "Europe/Berlin").channel()
    plan = world.campaign("x", world.phase("p", OnDates((GAP_DAY,)), "02:00", "03:00")).plan()

    assert [w.key.region for w in plan.windows] == ["de"]
    assert codes(plan) == [("W114", "warn", "us"), ("E113", "error", "us")]


def test_a_date_left_out_on_demand_is_no_error(world, codes):
    world = world.region("us", "America/New_York").channel()
    skip = ClockChange(gap=Gap.SKIP)
    plan = world.campaign(
        "x", world.phase("p", OnDates((GAP_DAY,)), "02:30", "12:00", changes=skip)
    ).plan()

    assert (plan.windows, codes(plan)) == ((), [("W114", "warn", "us")])


def test_a_phase_without_any_date_is_an_error(shop, codes):
    plan = shop.campaign("x", shop.phase("p", Span(MAY_3, MAY_1), "10:00", "12:00")).plan()

    assert codes(plan) == [("E122", "error", "de")]


def test_a_date_that_does_not_exist_does_not_double_the_next(world, span, codes):
    world = world.region("ws", "Pacific/Apia").channel()
    days = OnDates((date(2011, 12, 30), date(2011, 12, 31)))
    plan = world.campaign("x", world.phase("p", days, "00:00", "24:00")).plan()

    assert [span(w) for w in plan.windows] == [("12-30T10:00", "12-31T10:00")]
    assert codes(plan) == [("W114", "warn", "ws")]


def test_a_peak_that_a_region_lacks_stops_that_region_alone(world, codes):
    world = world.region("de", "Europe/Berlin").region(
        "jp", "Asia/Tokyo", peaks={"weekday": "21:00-23:00"}
    )
    world = world.channel()
    plan = world.campaign("x", world.phase("p", "2026-11-11", "peak", "peak")).plan()

    assert [w.key.region for w in plan.windows] == ["jp"]
    assert codes(plan) == [("E112", "error", "de")]


def test_an_unknown_calendar_of_holidays_is_an_error_and_no_traceback(world, codes):
    world = world.region(
        "de", "Europe/Berlin", holidays=Holidays("XX"), peaks={"weekday": "19:30-21:30"}
    )
    world = world.channel()
    plan = world.campaign("x", world.phase("p", "2026-11-11", "peak", "peak")).plan()

    assert codes(plan) == [("E124", "error", "de")]


# ── what is said ────────────────────────────────────────────────────────────────────────────────
def test_a_clock_change_is_said_on_the_window_and_once_among_the_findings(world, codes):
    world = world.region("eg", "Africa/Cairo").channel("a").channel("b")
    plan = world.campaign("x", world.phase("p", "2026-04-24", "00:00", "24:00")).plan()

    assert codes(plan) == [("W110", "warn", "eg")]
    message = plan.findings[0].problem.message
    assert message == "the clocks in Africa/Cairo skip 00:00 on 2026-04-24: starts at 01:00"
    assert [w.warnings for w in plan.windows] == [(message,), (message,)]


def test_an_end_at_23_59_on_many_dates_is_said_once(shop, codes):
    plan = shop.campaign("x", shop.phase("p", EachDay(MAY_1, MAY_3), "10:00", "23:59")).plan()

    assert len(plan.windows) == 3
    assert codes(plan) == [("W113", "warn", "de")]
