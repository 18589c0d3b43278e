"""Peaks learned from orders (T14): on the region's clock, by type of day, round midnight."""

from datetime import UTC, date, datetime, time, timedelta
from math import exp
from random import Random
from zoneinfo import ZoneInfo

import pytest

from promo_scheduler.clock import TimeOfDay
from promo_scheduler.region import DayType, Peak, Peaks, Region
from promo_scheduler.timing.learning import Tally, Wish, learn
from promo_scheduler.timing.order_days import EPOCH, QUARTERS, local_days

MONDAY = date(2025, 1, 6)
QUARTER = timedelta(minutes=15)
WEEKDAYS, WEEKEND = range(5), (5, 6)
ZONES = (
    *("America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/Mexico_City"),
    *("America/St_Johns", "Europe/London", "Europe/Berlin", "Europe/Helsinki", "Africa/Cairo"),
    *("Africa/Lagos", "Asia/Dubai", "Asia/Tehran", "Asia/Kolkata", "Asia/Kathmandu"),
    *("Asia/Shanghai", "Asia/Tokyo", "Australia/Adelaide", "Australia/Lord_Howe"),
    *("Pacific/Auckland", "Pacific/Chatham"),
)


def peak(text):
    return Peak(*map(TimeOfDay.parse, text.split("-")))


def region(zone="Europe/London", **given):
    return Region("gb", "Britain", (zone,), zone, "GBP", **given)


def counted(instants):
    """Instants as a file's orders are counted."""
    days = {}
    for instant in instants:
        day, quarter = divmod((instant - EPOCH) // QUARTER, QUARTERS)
        days.setdefault(day, [0] * QUARTERS)[quarter] += 1
    return days


def at(zone, day, clock):
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)


def dates(first, days, weekdays=range(7)):
    every = (first + timedelta(days=n) for n in range(days))
    return [day for day in every if day.weekday() in weekdays]


def each_day(zone, days, *clocks):
    """An order at each of these wall times on each of the dates."""
    return [at(zone, day, clock) for day in days for clock in clocks]


def learned(instants, wish=None, **given):
    """The profiles by day type of one region alone."""
    mine = region(**given)
    tally = Tally(mine, tuple(local_days(mine.anchor, counted(instants))))
    (lesson,) = learn([tally], wish or Wish())
    return lesson, {profile.kind: profile for profile in lesson.profiles}


# ── windows ─────────────────────────────────────────────────────────────────────────────────────
def test_weekday_weekend_and_holiday_are_learned_apart_by_the_regions_own_week():
    # Given a region whose weekend is Friday and Saturday
    days = dates(MONDAY, 364)
    work = [day for day in days if day.weekday() not in (4, 5)]
    off = [day for day in days if day.weekday() in (4, 5)]
    instants = each_day("Asia/Riyadh", work, "20:15", "20:45", "21:15", "21:45")
    instants += each_day("Asia/Riyadh", off, "10:15", "10:45", "11:15", "11:45")

    _, found = learned(instants, zone="Asia/Riyadh", weekend=frozenset({4, 5}))

    assert str(found[DayType.WEEKDAY].learned[0].peak) == "20:00-22:00"
    assert str(found[DayType.WEEKEND].learned[0].peak) == "10:00-12:00"
    assert found[DayType.HOLIDAY].days == 0


@pytest.mark.parametrize(("orders", "enough"), [(199, False), (200, True)])
def test_under_200_orders_the_configured_window_is_kept_and_the_reason_said(orders, enough):
    configured = Peaks(weekday=(peak("19:30-21:30"),))
    days = dates(MONDAY, 364, WEEKDAYS)[:orders]

    lesson, found = learned(each_day("Europe/London", days, "12:45"), peaks=configured)

    weekday = found[DayType.WEEKDAY]
    assert bool(weekday.learned) is enough
    if not enough:
        assert weekday.reason == "not enough data: 199 of 200 orders"
        assert lesson.peaks == configured
        assert lesson.changed == ()


def test_a_peak_may_cross_midnight():
    days = dates(MONDAY, 200, WEEKDAYS)

    _, found = learned(each_day("Europe/London", days, "23:15", "23:45", "00:15", "00:45"))

    (only,) = found[DayType.WEEKDAY].learned
    assert str(only.peak) == "23:00-01:00"
    assert only.peak.crosses_midnight
    assert only.share == pytest.approx(1.0)


def test_a_peak_that_ends_the_day_ends_at_24():
    days = dates(MONDAY, 200, WEEKDAYS)

    _, found = learned(each_day("Europe/London", days, "22:15", "22:45", "23:15", "23:45"))

    assert str(found[DayType.WEEKDAY].learned[0].peak) == "22:00-24:00"


@pytest.mark.parametrize(
    ("wish", "window"),
    [
        (Wish(), "11:00-14:00"),
        (Wish(timedelta(hours=1)), "12:00-13:00"),
        (Wish(timedelta(minutes=75)), "12:00-13:15"),
    ],
    ids=["as configured", "as asked", "no whole half hours"],
)
def test_the_window_is_as_long_as_asked_else_as_configured(wish, window):
    instants = each_day(
        "Europe/London", dates(MONDAY, 364, WEEKDAYS), "11:45", "12:15", "12:45", "13:10"
    )

    _, found = learned(instants, wish, peaks=Peaks(weekday=(peak("19:00-22:00"),)))

    assert str(found[DayType.WEEKDAY].learned[0].peak) == window


def test_the_second_peak_is_another_top_and_not_the_slope_of_the_first():
    # Given a great evening and a lunch that is smaller than the evening's slopes
    evening = ("19:15", "19:45", "20:15", "20:45", "20:50", "21:15", "21:20", "21:45", "22:15")
    instants = each_day("Europe/London", dates(MONDAY, 200, WEEKDAYS), *evening, "12:15", "12:45")

    _, found = learned(instants, Wish(number=2))

    first, second = found[DayType.WEEKDAY].learned
    assert str(first.peak) == "20:00-22:00"
    assert abs(second.peak.start.seconds - 12 * 3600) <= 3600


def test_where_there_is_one_top_only_the_second_peak_lies_beside_the_first():
    instants = each_day(
        "Europe/London",
        dates(MONDAY, 200, WEEKDAYS),
        *[f"{h}:30" for h in (19, 20, 21, 22)],
        "20:45",
    )

    _, found = learned(instants, Wish(number=2))

    first, second = (each.peak.start.seconds for each in found[DayType.WEEKDAY].learned)
    assert abs(first - second) == 2 * 3600


def test_as_many_peaks_are_looked_for_as_are_configured():
    both = Peaks(weekday=(peak("20:00-22:00"), peak("12:00-14:00")))
    instants = each_day(
        "Europe/London", dates(MONDAY, 200, WEEKDAYS), "08:30", "09:00", "17:30", "18:00", "18:15"
    )

    lesson, found = learned(instants, peaks=both)

    assert len(found[DayType.WEEKDAY].learned) == 2
    assert len(lesson.peaks.weekday) == 2


def test_windows_that_fill_more_than_half_the_day_are_no_peaks():
    instants = each_day("Europe/London", dates(MONDAY, 364, WEEKDAYS), "12:45")

    _, found = learned(instants, peaks=Peaks(weekday=(peak("00:00-24:00"),)))

    assert found[DayType.WEEKDAY].learned == ()
    assert "12 hours" in found[DayType.WEEKDAY].reason


def test_a_kept_window_does_not_follow_the_new_one_it_would_fall_back_to():
    # Given only a weekday's window, which weekends use too, and enough orders on weekdays alone
    configured = Peaks(weekday=(peak("19:00-21:00"),))
    instants = each_day("Europe/London", dates(MONDAY, 364, WEEKDAYS), "12:45")

    lesson, _ = learned(instants, peaks=configured)

    assert str(lesson.peaks.on(DayType.WEEKDAY)[0]) == "12:00-14:00"
    assert lesson.peaks.on(DayType.WEEKEND) == configured.weekday
    assert lesson.peaks.on(DayType.HOLIDAY) == configured.weekday


def test_days_without_orders_are_days_and_are_told():
    # Given a shop that sells on Sundays and never on Saturdays
    sundays = dates(MONDAY, 364, (6,))

    _, found = learned(
        each_day("Europe/London", sundays, "10:15", "10:45", "11:15", "11:45", "12:15")
    )

    weekend = found[DayType.WEEKEND]
    assert (weekend.days, weekend.days_without_orders) == (103, 51)
    assert weekend.learned[0].earliest == weekend.learned[0].latest


# ── how sure ────────────────────────────────────────────────────────────────────────────────────
def test_the_same_orders_give_the_same_answer():
    draw = Random(1)
    instants = shoppers(draw, "Europe/London", buying(20, 3), dates(MONDAY, 90, WEEKDAYS), 400)

    assert learned(instants)[0] == learned(instants)[0]


def test_days_that_differ_make_the_start_less_sure_than_days_that_are_alike():
    # Given the same number of orders at 11 and at 20 o'clock: mixed in each day, or by the day
    days = dates(MONDAY, 140, WEEKDAYS)
    alike = each_day("Europe/London", days, "11:15", "20:15", "20:45", "20:50")
    apart = each_day("Europe/London", days[::2], "11:15", "11:45", "11:50", "12:10")
    apart += each_day("Europe/London", days[1::2], "20:15", "20:45", "20:50", "20:55")

    sure, unsure = (learned(each)[1][DayType.WEEKDAY].learned[0] for each in (alike, apart))

    assert sure.earliest == sure.latest
    assert unsure.earliest != unsure.latest


def buying(top, width):
    """How much is bought in each quarter of a day: some by day, most around `top` o'clock."""

    def weight(quarter):
        hour = quarter / 4 + 0.125
        apart = min((hour - top) % 24, (top - hour) % 24)
        return (0.005 if 1 <= hour < 7 else 0.025) + exp(-((apart / width) ** 2) / 2)

    return [weight(quarter) for quarter in range(QUARTERS)]


def shoppers(draw, zone, weights, days, count):
    quarters = draw.choices(range(QUARTERS), weights, k=count)
    return [at(zone, draw.choice(days), f"{q // 4:02d}:{q % 4 * 15:02d}") for q in quarters]


def test_evening_shoppers_of_20_zones_are_recovered_within_an_hour_in_95_of_100_runs():
    off = []
    for seed in range(5):
        draw, truth, tallies = Random(seed), {}, []
        for zone in ZONES:
            weights = buying(draw.uniform(18, 23), 2)
            truth[zone] = max(range(48), key=lambda s, w=weights: sum((w * 2)[2 * s : 2 * s + 8]))
            instants = [
                instant
                for kind in (WEEKDAYS, WEEKEND)
                for instant in shoppers(draw, zone, weights, dates(MONDAY, 182, kind), 400)
            ]
            home = Region(zone, zone, (zone,), zone, "EUR")
            tallies.append(Tally(home, tuple(local_days(zone, counted(instants)))))
        for lesson in learn(tallies, Wish(timedelta(hours=2))):
            for profile in lesson.profiles[:2]:
                half = profile.learned[0].peak.start.seconds // 1800
                off.append(abs((half - truth[lesson.region.name] + 24) % 48 - 24))

    assert len(off) == 200
    assert sum(each <= 2 for each in off) >= 0.95 * len(off)
