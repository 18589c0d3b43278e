"""The sun at a region's city: sunrise and sunset on the anchor's clock, and when it is dark (T12).

A solar day is counted around its noon. A local date has the solar day that is on when its clocks
read 12:00; its sunrise is the last before that noon and its sunset the first after it. So a sunset
may read 00:03 of the next date (Reykjavik in June) and still belongs to the evening people mean.
Computed by the astral library, rounded to the nearest minute; the sun rises and sets as in the
almanacs (US Naval Observatory): its upper edge on a level horizon under 34' of refraction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from promo_scheduler.clock import TimeOfDay, WallTime, require_utc
from promo_scheduler.region import City, Region
from promo_scheduler.timing.durations import duration_text
from promo_scheduler.timing.walltime import local, zone_of
from promo_scheduler.when import Duration, Sun

if TYPE_CHECKING:
    from astral import Observer

_HORIZON = -50 / 60  # degrees of the sun's middle: 34' of refraction and 16' of its own radius
_SECONDS_A_DEGREE = 240  # the sun takes a day for 360 degrees of longitude
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_HALF_DAY = timedelta(hours=12) + _MINUTE  # solar days are up to half a minute longer than others
_NOON = time(12)


def sun_wall(region: Region, sun: Sun, day: date) -> WallTime | None:
    """When the sun rises or sets on a local date, as the anchor's clock shows it, to the minute.

    None where it does not that day; polar seasons begin and end right to two days. `iftar` is
    sunset; whether it is Ramadan is asked elsewhere.
    Raises ValueError where the region has no city.
    """
    if region.city is None:
        raise ValueError(f'region "{region.name}" has no city: give one to have a {sun} there')
    event = Sun.SUNRISE if sun is Sun.SUNRISE else Sun.SUNSET
    return _wall(region.city, region.anchor, event, day)


@lru_cache(maxsize=65_536)
def _wall(city: City, zone: str, event: Sun, day: date) -> WallTime | None:
    noon = datetime.combine(day, _NOON, tzinfo=zone_of(zone)).astimezone(UTC)
    instant = _event(city, event, _solar_day(city, noon))
    if instant is None:
        return None
    shown = local(zone, instant)
    seconds = shown.hour * 3600 + shown.minute * 60 + shown.second
    return WallTime(shown.date(), TimeOfDay(seconds))


def sun_words(sun: Sun, offset: timedelta, at: TimeOfDay) -> str:
    """What decided a time: `iftar+1h = sunset 17:42 + 60 min`, or just `sunset 17:42`.

    `at` is when the sun rises or sets, before the offset.
    """
    seen = f"{Sun.SUNRISE if sun is Sun.SUNRISE else Sun.SUNSET} {at}"
    if not offset:
        return seen if seen.startswith(sun) else f"{sun} = {seen}"
    plain, sign = ("-", "−") if offset < timedelta(0) else ("+", "+")
    length = abs(offset)
    asked = f"{sun}{plain}{duration_text(Duration(elapsed=length))}"
    return f"{asked} = {seen} {sign} {_minutes(length)}"


def _minutes(length: timedelta) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    return " ".join(f"{n} {unit}" for n, unit in ((minutes, "min"), (seconds, "s")) if n)


# ── when it is dark ─────────────────────────────────────────────────────────────────────────────
def nights(
    region: Region, first: datetime, last: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """The intervals between sunset and sunrise within [first, last]: UTC instants, in order.

    Polar night is dark throughout, midnight sun never. None where the region has no city.
    """
    dark: list[tuple[datetime, datetime]] = []
    if region.city is None:
        return ()
    since, end = require_utc(first), require_utc(last)
    for sunrise, sunset in _daylight(region.city, since, end):
        if since < min(sunrise, end):
            dark.append((since, min(sunrise, end)))
        since = max(since, sunset)
    return (*dark, (since, end)) if since < end else tuple(dark)


def _daylight(city: City, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From when to when the sun is up, for each solar day that touches [first, last]."""
    day, end = _solar_day(city, first) - _DAY, _solar_day(city, last) + _DAY
    while day <= end:
        sunrise, sunset = _light(city, day)
        if sunrise < sunset:
            yield sunrise, sunset
        day += _DAY


def _light(city: City, day: date) -> tuple[datetime, datetime]:
    """Sunrise and sunset of a solar day; midnight or noon where the sun is up or down instead.

    Six hours from noon tells which: there the sun is as high as on the average of the day.
    """
    from astral.sun import elevation, noon

    observer = _observer(city)
    middle, quarter = noon(observer, day), _HALF_DAY / 2
    sunrise, sunset = _event(city, Sun.SUNRISE, day), _event(city, Sun.SUNSET, day)
    if sunrise is None:
        sunrise = middle - _HALF_DAY if elevation(observer, middle - quarter) > 0 else middle
    if sunset is None:
        sunset = middle + _HALF_DAY if elevation(observer, middle + quarter) > 0 else middle
    return sunrise, sunset


# ── solar days ──────────────────────────────────────────────────────────────────────────────────
def _solar_day(city: City, instant: datetime) -> date:
    """The solar day (by mean sun) that is on at the city; its noon is near 12:00 by that count."""
    return (instant + timedelta(seconds=_SECONDS_A_DEGREE * float(city.longitude))).date()


@lru_cache(maxsize=65_536)
def _event(city: City, event: Sun, day: date) -> datetime | None:
    """The sunrise before, or the sunset after, the noon of a solar day; None in polar seasons.

    For a sunrise near midnight UTC astral errs by minutes, and one a year it leaves out; in the
    east they come there. So there it is asked for the opposite meridian, where the sun rises half
    a day before and half a day after: the moment between the two is meant.
    """
    if event is Sun.SUNSET or city.longitude <= 0:
        found = _by_date(_observer(city), event, day)
        return found and _to_minute(found)
    opposite = _observer(replace(city, longitude=city.longitude - 180))
    before, after = (_by_date(opposite, event, each) for each in (day - _DAY, day))
    return before and after and _to_minute(before + (after - before) / 2)


def _by_date(observer: Observer, event: Sun, day: date) -> datetime | None:
    """The event of the solar day that has this date; None where the sun stays up, or down."""
    from astral import SunDirection
    from astral.sun import time_at_elevation

    direction = SunDirection.SETTING if event is Sun.SUNSET else SunDirection.RISING
    try:
        return time_at_elevation(observer, _HORIZON, day, direction, with_refraction=False)
    except ValueError:  # its only way to say that the sun does not reach the horizon
        return None


def _to_minute(instant: datetime) -> datetime:
    return (instant + _MINUTE / 2).replace(second=0, microsecond=0)


@lru_cache(maxsize=1024)
def _observer(city: City) -> Observer:
    from astral import Observer

    return Observer(float(city.latitude), float(city.longitude))
