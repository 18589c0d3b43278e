"""Public holidays, and which type of day a date is in a region (T13).

Holidays are dates of a country, subdivision and category, never display names. Where a government
swaps days, the weekend day that is worked instead is a weekday. All dates are wall dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from promo_scheduler.region import DayType, Holidays, Region

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holidays.holiday_base import HolidayBase

_LAST_YEAR = 2199  # the last one that a campaign can name


@dataclass(frozen=True, slots=True)
class HolidayYear:
    """A year's public holidays with their names, for showing only, and the weekend days worked."""

    names: Mapping[date, str]
    worked: frozenset[date] = frozenset()


_NONE = HolidayYear({})


def day_type(region: Region, day: date) -> DayType:
    """Weekday, weekend as the region has it, or public holiday; a holiday comes first.

    Raises ValueError where the region's calendar is not known.
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

    Raises ValueError for a country, subdivision or category that the library does not have.
    """
    if holidays is None:
        return _NONE
    around = range(year - 1, min(year + 1, _LAST_YEAR) + 1)  # an observed day may cross the year
    found = _library(holidays, around)
    return HolidayYear(
        {day: name for day, name in sorted(found.items()) if day.year == year},
        frozenset(day for day in found.weekend_workdays if day.year == year),
    )


def _library(wanted: Holidays, years: Iterable[int]) -> HolidayBase:
    from holidays import country_holidays

    try:
        return country_holidays(
            wanted.country,
            subdiv=wanted.subdivision or None,
            years=years,
            observed=wanted.observed,
            categories=wanted.categories,
            language="en_US",
        )
    except (NotImplementedError, ValueError):
        raise ValueError(_unknown(wanted)) from None


def _unknown(wanted: Holidays) -> str:
    """What of a calendar is not there, and what is."""
    from holidays import country_holidays

    try:
        country = country_holidays(wanted.country)
    except NotImplementedError:
        return (
            f'expected a country of the holidays library such as "DE" or "DE-BY", found "{wanted}"'
        )
    if wanted.subdivision and wanted.subdivision not in country.subdivisions:
        parts = _among(wanted.subdivision, country.subdivisions) or "no subdivisions"
        return f'expected a subdivision of {wanted.country} ({parts}), found "{wanted}"'
    known = country.supported_categories
    missing = next((each for each in wanted.categories if each not in known), "")
    return f'expected a category of {wanted.country} ({_among(missing, known)}), found "{missing}"'


def _among(word: str, choices: Iterable[str]) -> str:
    known = sorted(choices)
    near = get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else ", ".join(known)


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
