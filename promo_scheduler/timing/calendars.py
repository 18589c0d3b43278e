"""Public holidays, and which type of day a date is in a region (T13).

Holidays are dates of a country, subdivision and category, never display names. Where a government
swaps days, the weekend day that is worked instead is a weekday. All dates are wall dates.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from promo_scheduler.region import DayType, Holidays, Region

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holidays.holiday_base import HolidayBase

_LAST_YEAR = 2199  # the last one that a campaign can name
_TABLES_END = {"IN": 2035}  # of which the library says so in a warning alone
_BEFORE_A_TABLE = "Requested Holidays are available only from"
CALLED = {"UK": "GB", "EL": "GR"}  # what the European Union writes


@dataclass(frozen=True, slots=True)
class HolidayYear:
    """A year's public holidays with their names, for showing only, and the weekend days worked."""

    names: Mapping[date, str]
    worked: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class CalendarRefused:
    """What of a calendar the library does not have, the key that says so, and the way out."""

    key: Literal["country", "categories"]
    message: str
    help: str


_NONE = HolidayYear({})


@cache
def library() -> str:
    """The library that holds the holidays, with its version."""
    from importlib.metadata import version

    return f"holidays {version('holidays')}"


def day_type(region: Region, day: date) -> DayType:
    """Weekday, weekend as the region has it, or public holiday; a holiday comes first.

    Raises ValueError where the region's calendar is not known, or ends before that year.
    """
    year = holiday_year(region.holidays, day.year)
    if day in year.names:
        return DayType.HOLIDAY
    off = day.weekday() in region.weekend and day not in year.worked
    return DayType.WEEKEND if off else DayType.WEEKDAY


def is_holiday(region: Region, day: date) -> bool:
    """Whether it is a public holiday there. Raises ValueError as `day_type`."""
    return day in holiday_year(region.holidays, day.year).names


def holiday_name(region: Region, day: date) -> str:
    """What the holiday is called, in English where the library can; "" where there is none.

    For showing only. Raises ValueError as `day_type`.
    """
    return holiday_year(region.holidays, day.year).names.get(day, "")


@lru_cache(maxsize=4096)
def holiday_year(holidays: Holidays | None, year: int) -> HolidayYear:
    """A year of a calendar; nothing for None.

    Raises ValueError for a country, subdivision or category that the library does not have, and
    for a year after those that it has.
    """
    if holidays is None:
        return _NONE
    end = _last_year(holidays)
    if year > end:
        raise ValueError(f"{library()} ends in {end} for {holidays.country}, before {year}")
    around = range(year - 1, min(year + 1, end) + 1)  # an observed day may cross the year
    found = _library(holidays, around)
    return HolidayYear(
        {day: name for day, name in sorted(found.items()) if day.year == year},
        frozenset(day for day in found.weekend_workdays if day.year == year),
    )


def _library(wanted: Holidays, years: Iterable[int] = ()) -> HolidayBase:
    """A calendar with these years. Raises ValueError where the library does not have it."""
    from holidays import country_holidays

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", _BEFORE_A_TABLE, UserWarning)
            return country_holidays(
                wanted.country,
                subdiv=wanted.subdivision or None,
                years=years,
                observed=wanted.observed,
                categories=wanted.categories,
                language="en_US",
            )
    except (NotImplementedError, ValueError):
        refused = _unknown(wanted)
        raise ValueError(f"{refused.message}; {refused.help}") from None


@lru_cache(maxsize=1024)
def _last_year(wanted: Holidays) -> int:
    """The last year that the library has for a calendar."""
    return min(_library(wanted).end_year, _TABLES_END.get(wanted.country, _LAST_YEAR))


@lru_cache(maxsize=1024)
def calendar_refused(wanted: Holidays) -> CalendarRefused | None:
    """Why a calendar cannot be used; None where it can. Loads the library."""
    from holidays import country_holidays

    if wanted.country in CALLED:
        return _unknown(wanted)
    try:
        subdivision = wanted.subdivision or None
        country_holidays(wanted.country, subdivision, categories=wanted.categories)
    except (NotImplementedError, ValueError):
        return _unknown(wanted)
    return None


def _unknown(wanted: Holidays) -> CalendarRefused:
    from holidays import country_holidays

    try:
        country = country_holidays(CALLED.get(wanted.country, wanted.country))
    except NotImplementedError:
        message = f'{library()} has no country "{wanted.country}"'
        return CalendarRefused("country", message, "write one such as DE, or DE-BY")
    if wanted.country in CALLED:
        message = f'"{wanted.country}" is no code of ISO 3166'
        return CalendarRefused("country", message, f"did you mean {country.country}?")
    if wanted.subdivision and wanted.subdivision not in country.subdivisions:
        message = f'{wanted.country} has no subdivision "{wanted.subdivision}"'
        way_out = _among(wanted.subdivision, country.subdivisions)
        return CalendarRefused("country", message, way_out)
    known = country.supported_categories
    missing = next((each for each in wanted.categories if each not in known), "")
    message = f'{wanted.country} has no category "{missing}"'
    return CalendarRefused("categories", message, _among(missing, known))


def _among(word: str, choices: Iterable[str]) -> str:
    known = sorted(choices)
    near = get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"


@lru_cache(maxsize=1)
def countries() -> Mapping[str, str]:
    """Every country of ISO 3166, by its code, with its name; as the zone data lists them."""
    text = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {row[0]: row[1] for row in rows}


def country_of(region: Region) -> str:
    """The region's country: that of its holidays, else of its locale; "" where neither says."""
    if region.holidays is not None:
        return region.holidays.country
    territory = region.locale.rpartition("-")[2]
    return territory if territory in countries() else ""
