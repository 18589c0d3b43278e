"""Orders as days of a zone's clock, and as shares of a day (T14)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from promo_scheduler.timing.day_shares import Spread, decisive, pooled
from promo_scheduler.timing.order_days import EPOCH, QUARTERS, local_days, unpacked

MONDAY = date(2025, 1, 6)
QUARTER = timedelta(minutes=15)


def counted(instants):
    """Instants as a file's orders are counted."""
    days = {}
    for instant in instants:
        day, quarter = divmod((instant - EPOCH) // QUARTER, QUARTERS)
        days.setdefault(day, [0] * QUARTERS)[quarter] += 1
    return days


def at(zone, day, clock):
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)


def each_day(zone, days, *clocks):
    """An order at each of these wall times on each of the dates."""
    return [at(zone, day, clock) for day in days for clock in clocks]


# ── days on the region's clock ──────────────────────────────────────────────────────────────────
def test_orders_are_counted_on_the_clock_of_the_zone():
    # Given 20:30 in Kathmandu, at 14:45 UTC, in the last quarter of an hour of UTC
    (day,) = local_days("Asia/Kathmandu", counted([datetime(2025, 1, 6, 14, 45, tzinfo=UTC)]))

    lanes = unpacked(day.packed)
    assert day.day == MONDAY
    assert [half for half, n in enumerate(lanes.orders) if n] == [41]


@pytest.mark.parametrize(
    ("day", "hour", "quarters"),
    [(date(2025, 3, 30), 1, 0), (date(2025, 10, 26), 1, 4), (date(2025, 6, 1), 1, 2)],
    ids=["skipped", "read twice", "an ordinary day"],
)
def test_a_half_hour_lasts_as_long_as_the_clock_shows_it(day, hour, quarters):
    around = [day - timedelta(days=1), day + timedelta(days=1)]

    found = {
        d.day: d
        for d in local_days("Europe/London", counted(each_day("Europe/London", around, "12:00")))
    }

    lasted = unpacked(found[day].packed).quarters
    assert lasted[2 * hour : 2 * hour + 2] == (quarters, quarters)
    assert sum(lasted) == 96 + 2 * (quarters - 2)


def test_the_first_and_last_day_count_only_between_the_first_and_last_order():
    first, last = local_days(
        "UTC", counted([at("UTC", MONDAY, "21:00"), at("UTC", MONDAY + timedelta(days=1), "02:00")])
    )

    assert sum(unpacked(first.packed).quarters) == 12
    assert sum(unpacked(last.packed).quarters) == 9


def test_a_date_that_the_zone_does_not_have_is_left_out():
    around = (datetime(2011, 12, 29, 12, tzinfo=UTC), datetime(2011, 12, 31, 12, tzinfo=UTC))

    days = [d.day for d in local_days("Pacific/Apia", counted(around))]

    assert date(2011, 12, 30) not in days
    assert days == [date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]


def test_no_orders_are_no_days():
    assert local_days("Europe/London", {}) == []


# ── shares ──────────────────────────────────────────────────────────────────────────────────────
def test_hours_that_exist_more_or_less_often_do_not_look_busier():
    # Given one order every quarter of an hour, across the spring change of London
    start = datetime(2025, 3, 25, tzinfo=UTC)
    instants = [start + n * QUARTER for n in range(96 * 100)]

    total = sum(d.packed for d in local_days("Europe/London", counted(instants)))

    # Then no half hour has a greater share than another one, though their orders differ
    assert len(set(unpacked(total).orders)) > 1
    assert Spread.of(total).shares == pytest.approx([1 / 48] * 48)


def test_few_orders_are_drawn_toward_the_pool_by_the_rule():
    # Given 150 orders all at midnight, and a pool that buys all at noon
    own = Spread(150, [1.0] + [0.0] * 47)
    pool = [0.0] * 24 + [1.0] + [0.0] * 23

    shares = decisive(own, pool)

    # Then (150·own + 50·pooled)/200, and the smoothing takes nothing away
    assert sum(shares[-6:]) + sum(shares[:6]) == pytest.approx(0.75)
    assert sum(shares[18:31]) == pytest.approx(0.25)


def test_smoothing_goes_round_midnight():
    own = Spread(1000, [1.0] + [0.0] * 47)

    shares = decisive(own, own.shares)

    assert shares[1] == pytest.approx(shares[-1])
    assert shares[0] > shares[1] > shares[2] > 0


def test_the_pool_weighs_regions_by_their_orders():
    morning, night = [1.0] + [0.0] * 47, [0.0] * 47 + [1.0]

    pool = pooled([Spread(300, morning), Spread(100, night), Spread(0, [0.0] * 48)])

    assert (pool[0], pool[47]) == (0.75, 0.25)
