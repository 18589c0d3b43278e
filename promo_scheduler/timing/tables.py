"""The tables of dates that the holidays library holds: lunisolar ones, which no rule computes.

Where the tables of one name differ in a year, that is a dispute worth knowing: the new moon fell
near midnight, or two governments read the same Moon differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import get_args

from promo_scheduler.calendar import TableName
from promo_scheduler.timing.calendars import library

Read = Callable[[int], tuple[date | None, bool]]
_FAMILIES = ("lunar-new-year", "diwali", "mid-autumn", "dragon-boat")


@dataclass(frozen=True, slots=True)
class Tabled:
    """What a table has for a year; `estimated` where its library marks it as not confirmed."""

    day: date
    title: str
    estimated: bool

    def __str__(self) -> str:
        return f"{library()}, {self.title}{' (estimated)' if self.estimated else ''}"


@lru_cache(maxsize=4096)
def tabled(table: TableName, year: int) -> Tabled:
    """What a table has for a year. Raises ValueError where it has nothing."""
    title, read, computed = _tables()[table]
    day, unconfirmed = read(year)
    if day is None:
        raise ValueError(f"{library()}, {title}, has no date for {year}")
    return Tabled(day, title, unconfirmed and not computed)


@lru_cache(maxsize=4096)
def others(table: TableName, year: int) -> tuple[Tabled, ...]:
    """What the other tables of the same event have, where it is another date."""
    own = tabled(table, year).day
    return tuple(each for each in _family(table, year) if each.day != own)


def _family(table: TableName, year: int) -> Iterator[Tabled]:
    family = next(name for name in _FAMILIES if table.startswith(name))
    for name in get_args(TableName):
        if name.startswith(family):
            try:
                yield tabled(name, year)
            except ValueError:
                continue  # a table that has ended says nothing


@cache
def _tables() -> dict[TableName, tuple[str, Read, bool]]:
    """Each table's title, its reader, and whether it is computed instead of announced."""
    from holidays.calendars.chinese import KOREAN_CALENDAR, VIETNAMESE_CALENDAR
    from holidays.calendars.chinese import _ChineseLunisolar as Chinese
    from holidays.calendars.hindu import _HinduLunisolar as Hindu
    from holidays.countries.malaysia import MalaysiaHinduHolidays
    from holidays.countries.singapore import SingaporeHinduHolidays

    china, korea, vietnam = Chinese(), Chinese(KOREAN_CALENDAR), Chinese(VIETNAMESE_CALENDAR)
    chinese, korean = "Chinese lunisolar table", "Korean lunisolar table"
    vietnamese = "Vietnamese lunisolar table"
    return {
        "lunar-new-year": (chinese, china.lunar_new_year_date, True),
        "lunar-new-year-korea": (korean, korea.lunar_new_year_date, True),
        "lunar-new-year-vietnam": (vietnamese, vietnam.lunar_new_year_date, True),
        "diwali": ("Diwali table of India", Hindu().diwali_india_date, False),
        "diwali-singapore": (
            "Deepavali table of Singapore",
            SingaporeHinduHolidays().diwali_date,
            False,
        ),
        "diwali-malaysia": (
            "Deepavali table of Malaysia",
            MalaysiaHinduHolidays().diwali_date,
            False,
        ),
        "mid-autumn": (chinese, china.mid_autumn_date, True),
        "mid-autumn-korea": (korean, korea.mid_autumn_date, True),
        "mid-autumn-vietnam": (vietnamese, vietnam.mid_autumn_date, True),
        "dragon-boat": (chinese, china.dragon_boat_date, True),
    }
