"""The sun on the anchor's clock, its words, and when it is dark (T12)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from promo_scheduler.clock import TimeOfDay
from promo_scheduler.errors import NaiveDatetime
from promo_scheduler.region import City, Region
from promo_scheduler.timing.sun import nights, sun_wall, sun_words
from promo_scheduler.timing.walltime import naive
from promo_scheduler.when import Sun

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
PLACES = {
    "Anchorage": ("America/Anchorage", "61.218", "-149.900"),
    "Apia": ("Pacific/Apia", "-13.833", "-171.767"),
    "Berlin": ("Europe/Berlin", "52.520", "13.405"),
    "Honolulu": ("Pacific/Honolulu", "21.307", "-157.858"),
    "Kiritimati": ("Pacific/Kiritimati", "1.983", "-157.360"),
    "London": ("Europe/London", "51.507", "-0.128"),
    "Los Angeles": ("America/Los_Angeles", "34.052", "-118.244"),
    "Mecca": ("Asia/Riyadh", "21.423", "39.826"),
    "New York": ("America/New_York", "40.713", "-74.006"),
    "Nuuk": ("America/Nuuk", "64.175", "-51.739"),
    "Paris": ("Europe/Paris", "48.857", "2.352"),
    "Reykjavik": ("Atlantic/Reykjavik", "64.147", "-21.942"),
    "Singapore": ("Asia/Singapore", "1.352", "103.820"),
    "Suva": ("Pacific/Fiji", "-18.142", "178.442"),
    "Sydney": ("Australia/Sydney", "-33.869", "151.209"),
    "Tokyo": ("Asia/Tokyo", "35.682", "139.692"),
    "Tromsø": ("Europe/Oslo", "69.649", "18.956"),
    "Urumqi": ("Asia/Shanghai", "43.825", "87.617"),
}


def a_region(place, zones=()):
    zone, latitude, longitude = PLACES[place]
    city = City(place, Decimal(latitude), Decimal(longitude))
    return Region(place, place, (zone, *zones), zone, "USD", city=city)


NOWHERE = Region("xx", "Nowhere", ("Europe/Oslo",), "Europe/Oslo", "NOK")


def wall(place, sun, day):
    found = sun_wall(a_region(place), sun, date.fromisoformat(day))
    return found and str(found)


def off_by(place, sun, day, expected):
    found = sun_wall(a_region(place), sun, date.fromisoformat(day))
    return abs(naive(found) - datetime.fromisoformat(expected))


# ── on the wall ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("place", "sun", "expected"),
    [  # as published by almanacs
        ("Los Angeles", Sun.SUNSET, "2026-06-21T20:08"),
        ("London", Sun.SUNRISE, "2026-06-21T04:43"),
        ("London", Sun.SUNSET, "2026-06-21T21:21"),
        ("London", Sun.SUNSET, "2026-12-21T15:53"),
        ("New York", Sun.SUNSET, "2026-06-21T20:31"),
        ("New York", Sun.SUNRISE, "2026-12-21T07:17"),
        ("New York", Sun.SUNSET, "2026-12-21T16:32"),
        ("Paris", Sun.SUNSET, "2026-06-21T21:58"),
        ("Berlin", Sun.SUNSET, "2026-06-21T21:33"),
        ("Tokyo", Sun.SUNRISE, "2026-06-21T04:26"),
        ("Tokyo", Sun.SUNSET, "2026-06-21T19:00"),
        ("Sydney", Sun.SUNRISE, "2026-12-21T05:41"),
        ("Sydney", Sun.SUNSET, "2026-12-21T20:05"),
        ("Singapore", Sun.SUNSET, "2026-06-21T19:12"),
        ("Anchorage", Sun.SUNSET, "2026-06-21T23:42"),
        ("Mecca", Sun.IFTAR, "2026-02-18T18:20"),
    ],
)
def test_the_sun_rises_and_sets_as_the_almanac_says(place, sun, expected):
    assert off_by(place, sun, expected[:10], expected) <= 2 * MINUTE


@pytest.mark.parametrize(
    "place", ["Los Angeles", "Honolulu", "Kiritimati", "Apia", "Suva", "Sydney", "Tokyo"]
)
def test_the_date_is_the_local_one_wherever_utc_has_another(place):
    region = a_region(place)

    for number in range(365):
        day = date(2026, 1, 1) + number * DAY
        rise, fall = (sun_wall(region, sun, day) for sun in (Sun.SUNRISE, Sun.SUNSET))

        assert (rise.day, fall.day) == (day, day)
        assert rise.time < TimeOfDay.parse("08:00") < TimeOfDay.parse("16:00") < fall.time


def test_a_sunset_after_midnight_belongs_to_the_evening_it_ends():
    assert off_by("Reykjavik", Sun.SUNSET, "2026-06-21", "2026-06-22T00:03") <= 2 * MINUTE
    assert off_by("Nuuk", Sun.SUNSET, "2026-06-21", "2026-06-22T01:03") <= 2 * MINUTE


def test_when_midnight_is_crossed_no_evening_is_lost_and_none_comes_twice():
    region = a_region("Reykjavik")
    days = [date(2026, 5, 1) + number * DAY for number in range(120)]
    sunsets = [naive(sun_wall(region, Sun.SUNSET, day)) for day in days]

    assert {(b - a) // timedelta(hours=12) for a, b in pairwise(sunsets)} <= {1, 2}
    assert all(timedelta(hours=23, minutes=50) < b - a < 1.01 * DAY for a, b in pairwise(sunsets))
    assert any(at.date() > day for at, day in zip(sunsets, days, strict=True))


def test_a_city_far_from_its_clock_has_its_own_sun():
    assert off_by("Urumqi", Sun.SUNRISE, "2026-12-21", "2026-12-21T09:39") <= 2 * MINUTE
    assert off_by("Urumqi", Sun.SUNSET, "2026-06-21", "2026-06-21T21:55") <= 2 * MINUTE


def test_the_anchor_s_clock_is_read_not_another_zone_s():
    alone, wide = a_region("New York"), a_region("New York", ("America/Los_Angeles",))
    day = date(2026, 11, 27)

    assert sun_wall(wide, Sun.SUNSET, day) == sun_wall(alone, Sun.SUNSET, day)


def test_the_clock_change_moves_the_sunset_by_its_hour():
    region = a_region("New York")
    before, after = (sun_wall(region, Sun.SUNSET, date(2026, 3, day)) for day in (7, 8))

    assert 60 <= (after.time.seconds - before.time.seconds) / 60 <= 63


def test_iftar_is_at_sunset():
    assert wall("Mecca", Sun.IFTAR, "2026-02-18") == wall("Mecca", Sun.SUNSET, "2026-02-18")


def test_it_is_given_to_the_full_minute():
    seconds = [
        sun_wall(a_region(place), sun, date(2026, 4, 1)).time.seconds
        for place in PLACES
        for sun in Sun
    ]

    assert {second % 60 for second in seconds} == {0}


@pytest.mark.parametrize("day", ["2026-06-21", "2026-12-21"])
@pytest.mark.parametrize("sun", list(Sun))
def test_under_the_midnight_sun_and_in_polar_night_there_is_none(sun, day):
    assert wall("Tromsø", sun, day) is None


def test_the_polar_seasons_begin_and_end_when_they_should():
    region = a_region("Tromsø")
    days = [date(2026, 1, 1) + number * DAY for number in range(365)]
    without = {day for day in days if sun_wall(region, Sun.SUNSET, day) is None}
    changes = [day for day in days[1:] if (day in without) != (day - DAY in without)]

    # 15 January, 18 May, 26 July, 27 November, as the place itself says
    expected = [date(2026, 1, 15), date(2026, 5, 18), date(2026, 7, 26), date(2026, 11, 27)]
    assert len(changes) == 4
    assert all(abs(a - b) <= 2 * DAY for a, b in zip(changes, expected, strict=True))


def test_a_region_without_a_city_is_refused_by_name():
    with pytest.raises(ValueError, match='region "xx" has no city'):
        sun_wall(NOWHERE, Sun.SUNSET, date(2026, 6, 21))


# ── in words ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("sun", "minutes", "words"),
    [
        (Sun.IFTAR, 60, "iftar+1h = sunset 17:42 + 60 min"),
        (Sun.SUNSET, -30, "sunset-30m = sunset 17:42 − 30 min"),
        (Sun.SUNRISE, 90, "sunrise+1h30m = sunrise 17:42 + 90 min"),
        (Sun.SUNSET, 0, "sunset 17:42"),
        (Sun.SUNRISE, 0, "sunrise 17:42"),
        (Sun.IFTAR, 0, "iftar = sunset 17:42"),
        (Sun.SUNSET, 0.5, "sunset+30s = sunset 17:42 + 30 s"),
        (Sun.SUNSET, -1.5, "sunset-1m30s = sunset 17:42 − 1 min 30 s"),
    ],
)
def test_the_words_say_what_decided_the_hour(sun, minutes, words):
    assert sun_words(sun, timedelta(minutes=minutes), TimeOfDay.parse("17:42")) == words


# ── when it is dark ─────────────────────────────────────────────────────────────────────────────
def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_night_runs_from_sunset_to_the_next_sunrise():
    (night,) = nights(a_region("London"), at("2026-06-21T12:00"), at("2026-06-22T12:00"))

    assert abs(night[0] - at("2026-06-21T20:21")) <= 2 * MINUTE
    assert abs(night[1] - at("2026-06-22T03:43")) <= 2 * MINUTE


def test_nights_are_clipped_to_what_is_asked_for():
    first, last = at("2026-06-21T01:00"), at("2026-06-21T23:00")
    found = nights(a_region("London"), first, last)

    assert (found[0][0], found[-1][1]) == (first, last)
    assert len(found) == 2


def test_within_one_night_or_one_day_the_answer_is_all_or_nothing():
    dark = (at("2026-12-21T20:00"), at("2026-12-21T21:00"))

    assert nights(a_region("London"), *dark) == (dark,)
    assert nights(a_region("Sydney"), at("2026-12-21T00:00"), at("2026-12-21T04:00")) == ()


@pytest.mark.parametrize("place", ["Honolulu", "Kiritimati", "Apia", "Suva", "Reykjavik"])
def test_every_day_has_its_night_wherever_the_zone_is(place):
    first, last = at("2026-01-01T00:00"), at("2027-01-01T00:00")
    found = nights(a_region(place), first, last)

    assert len(found) in (365, 366)
    assert all(a < b for night in found for a, b in [night])
    assert all(dark[1] < later[0] for dark, later in pairwise(found))


def test_polar_night_is_one_long_night_and_the_midnight_sun_none():
    winter = (at("2026-12-05T00:00"), at("2027-01-05T00:00"))
    summer = (at("2026-06-01T00:00"), at("2026-07-15T00:00"))

    assert nights(a_region("Tromsø"), *winter) == (winter,)
    assert nights(a_region("Tromsø"), *summer) == ()


def test_over_a_polar_year_the_nights_grow_into_one_and_shrink_to_none():
    found = nights(a_region("Tromsø"), at("2026-03-01T00:00"), at("2027-03-01T00:00"))
    longest = max(found, key=lambda night: night[1] - night[0])
    rests = [(dark[1], later[0]) for dark, later in pairwise(found)]
    brightest = max(rests, key=lambda light: light[1] - light[0])

    assert abs(longest[0] - at("2026-11-27T11:00")) <= 2 * DAY
    assert abs(longest[1] - at("2027-01-15T11:00")) <= 2 * DAY
    assert abs(brightest[0] - at("2026-05-17T22:00")) <= 2 * DAY
    assert abs(brightest[1] - at("2026-07-26T22:00")) <= 2 * DAY


def test_without_a_city_no_night_is_known():
    assert nights(NOWHERE, at("2026-01-01T00:00"), at("2026-02-01T00:00")) == ()


def test_a_naive_instant_is_refused():
    with pytest.raises(NaiveDatetime):
        nights(a_region("London"), datetime(2026, 1, 1), at("2026-01-02T00:00"))  # noqa: DTZ001 - the case
