"""The sun against formulas that share nothing with the library's, wherever on Earth."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from math import asin, atan2, cos, degrees, radians, sin

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from promo_scheduler.region import City, Region
from promo_scheduler.source import shipped
from promo_scheduler.timing.sun import nights, sun_wall
from promo_scheduler.timing.walltime import naive, zone_of
from promo_scheduler.when import Sun

MINUTE = timedelta(minutes=1)
NEAREST = timedelta(seconds=45)  # half a minute, and what the formulas leave out
HOUR = timedelta(hours=1)
HORIZON = -0.8333  # of the sun's middle, when its upper edge is on the horizon
J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)


# ── the sun by the Astronomical Almanac's low-precision formulas (page C5, to 0.01°) ────────────
def sun_at(instant):
    """Right ascension and declination, degrees; and the days since J2000."""
    days = (instant - J2000) / timedelta(days=1)
    anomaly = radians(357.528 + 0.9856003 * days)
    mean = 280.460 + 0.9856474 * days
    ecliptic = radians(mean + 1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly))
    obliquity = radians(23.439 - 0.0000004 * days)
    ascension = atan2(cos(obliquity) * sin(ecliptic), cos(ecliptic))
    return degrees(ascension), degrees(asin(sin(obliquity) * sin(ecliptic))), days


def hour_angle(longitude, instant):
    """Degrees since noon, -180 to 180."""
    ascension, _, days = sun_at(instant)
    sidereal = 280.46062 + 360.98564737 * days + longitude
    return (sidereal - ascension + 180) % 360 - 180


def altitude(latitude, longitude, instant):
    _, declination, _ = sun_at(instant)
    turn = radians(hour_angle(longitude, instant))
    lat, dec = radians(latitude), radians(declination)
    return degrees(asin(sin(lat) * sin(dec) + cos(lat) * cos(dec) * cos(turn)))


def noon_of(region, day):
    """The solar noon nearest to 12:00 on the anchor's clock."""
    at_twelve = datetime.combine(day, time(12), tzinfo=zone_of(region.anchor)).astimezone(UTC)
    return at_twelve - hour_angle(float(region.city.longitude), at_twelve) / 15 * HOUR


def by_formula(region, sun, day):
    """The naive local time at which the altitude passes the horizon; None where it does not."""
    place = float(region.city.latitude), float(region.city.longitude)
    up = noon_of(region, day)
    down = up + (-12 if sun is Sun.SUNRISE else 12) * HOUR
    if altitude(*place, up) < HORIZON or altitude(*place, down) > HORIZON:
        return None
    while abs(up - down) > timedelta(seconds=5):
        middle = up + (down - up) / 2
        up, down = (middle, down) if altitude(*place, middle) > HORIZON else (up, middle)
    return up.astimezone(zone_of(region.anchor)).replace(tzinfo=None)


def disagreement(region, sun, day):
    found, expected = sun_wall(region, sun, day), by_formula(region, sun, day)
    assert found is not None
    assert expected is not None
    return abs(naive(found) - expected)


def a_region(zone, latitude, longitude):
    city = City("somewhere", Decimal(str(latitude)), Decimal(str(longitude)))
    return Region("xx", "Somewhere", (zone,), zone, "USD", city=city)


# ── where and when ──────────────────────────────────────────────────────────────────────────────
@cache
def shipped_regions():
    text = (shipped("config") / "regions.yaml").read_text(encoding="utf-8")
    entries = YAML(typ="safe").load(text)["regions"].values()
    return [
        a_region(
            entry.get("anchor", entry["zones"][0]),
            entry["city"]["latitude"],
            entry["city"]["longitude"],
        )
        for entry in entries
    ]


# none of them has changed its clocks since 2000
ZONES = ("UTC", "Etc/GMT+12", "Pacific/Kiritimati", "Asia/Kolkata", "Etc/GMT+3", "Asia/Shanghai")
DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))
EVENTS = st.sampled_from([Sun.SUNRISE, Sun.SUNSET])


def near_its_clock(longitude):
    """A zone without clock changes, its clock the one of that longitude."""
    hours = round(longitude / 15)
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


@pytest.mark.parametrize("sun", [Sun.SUNRISE, Sun.SUNSET])
def test_every_shipped_region_agrees_with_the_formula_all_year(sun):
    days = [date(2026, 1, 1) + timedelta(days=9 * number) for number in range(41)]
    found = [disagreement(region, sun, day) for region in shipped_regions() for day in days]

    assert len(found) > 1000
    assert max(found) <= NEAREST


@settings(max_examples=1000, deadline=None)
@given(st.integers(-60, 60), st.integers(-1800, 1800), DAYS, EVENTS)
@example(60, 600, date(2026, 8, 9), Sun.SUNRISE)  # the day on which it passes midnight UTC
def test_up_to_60_degrees_there_is_a_sun_every_day_and_it_agrees(latitude, tenths, day, sun):
    longitude = tenths / 10
    region = a_region(near_its_clock(longitude), latitude, longitude)

    assert disagreement(region, sun, day) <= 2 * MINUTE


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ZONES), st.integers(-60, 60), st.integers(-180, 180), DAYS, EVENTS)
def test_on_any_clock_the_days_follow_each_other(zone, latitude, longitude, day, sun):
    """Even where the clock is not that of the place: one sunset a date, a day apart."""
    region = a_region(zone, latitude, longitude)
    days = [day + timedelta(days=number) for number in range(30)]
    walls = [naive(sun_wall(region, sun, each)) for each in days]

    assert all(abs(later - at - 24 * HOUR) < 10 * MINUTE for at, later in pairwise(walls))
    assert all(
        abs(at.date() - each) <= timedelta(days=1) for at, each in zip(walls, days, strict=True)
    )


@settings(max_examples=300, deadline=None)
@given(st.integers(-89, 89), st.integers(-180, 180), DAYS, st.integers(1, 60))
def test_it_is_dark_exactly_while_the_sun_is_down(latitude, longitude, day, length):
    """Polar seasons as well; not looked at where the sun grazes the horizon."""
    first = datetime.combine(day, time(5), tzinfo=UTC)
    last = first + timedelta(days=length)
    found = nights(a_region("UTC", latitude, longitude), first, last)

    assert all(first <= dark < light <= last for dark, light in found)
    assert all(before[1] < after[0] for before, after in pairwise(found))
    for number in range(97):
        instant = first + number * (last - first) / 97
        height = altitude(latitude, longitude, instant) - HORIZON
        if abs(height) > 0.6:
            assert any(dark <= instant < light for dark, light in found) == (height < 0), instant


@settings(max_examples=300, deadline=None)
@given(st.integers(61, 89), st.integers(-180, 180), DAYS, EVENTS)
def test_toward_the_poles_there_is_a_sun_where_the_formula_has_one(latitude, longitude, day, sun):
    """Up to two days from where the polar seasons begin and end either may be right."""
    region = a_region(near_its_clock(longitude), latitude, longitude)
    around = [by_formula(region, sun, day + timedelta(days=number)) for number in range(-2, 3)]
    assume(len({each is None for each in around}) == 1)

    assert (sun_wall(region, sun, day) is None) == (around[2] is None)
