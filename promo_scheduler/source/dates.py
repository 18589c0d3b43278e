"""Dates as a person writes them: `2026-11-27`, `black-friday`, `lunar-new-year 2027 - 7d`."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from promo_scheduler.source.complaint import hint, shown
from promo_scheduler.source.nodes import Text
from promo_scheduler.source.recurrence import rule_text
from promo_scheduler.source.scalars import Reads, as_text, complain, known_in
from promo_scheduler.when import CalendarDay, Named

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAMED = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*?)(?: +(?P<year>[0-9]{4}))?"
    r"(?: *(?P<sign>[-+]) *(?P<count>[0-9]{1,3})(?P<unit>[dw]))?"
)
_DATE_LIKE = re.compile(r"[0-9]+([-./][0-9]+)*")
FIRST_YEAR, LAST_YEAR = 1970, 2199  # far enough from the calendar's ends to count on either side
_EXPECTED = f"YYYY-MM-DD, from {FIRST_YEAR} to {LAST_YEAR}"


def _iso(text: Text) -> date:
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError as error:
        raise complain("E033", f"no such date: {shown(text)} ({error})") from None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise complain("E033", f"expected a date, found {shown(text)}", _EXPECTED)
    return day


def _day(value: object, info: ValidationInfo) -> CalendarDay:
    text = as_text(value, "a date")
    found = None if _DATE.fullmatch(text) else _NAMED.fullmatch(text)
    if found is None:
        return _iso(text)
    return _named(found, text, known_in(info).dates)


def _named(found: re.Match[str], text: Text, known: frozenset[str] | None) -> Named:
    name, year = found["name"], int(found["year"]) if found["year"] else None
    if known is not None and name not in known:
        raise _unknown(name, text, known)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise complain("E033", f"expected a year from {FIRST_YEAR} to {LAST_YEAR}, found {year}")
    count = int(found["count"] or 0) * (7 if found["unit"] == "w" else 1)
    return Named(name, -count if found["sign"] == "-" else count, year)


def _unknown(name: str, text: Text, known: frozenset[str]) -> Exception:
    if _DATE_LIKE.fullmatch(name):
        return complain("E033", f"expected a date, found {shown(text)}", _EXPECTED)
    stem, _, year = name.rpartition("-")
    if stem in known and re.fullmatch("[0-9]{4}", year):
        way_out = f'write the year apart: "{stem} {year}"'
    else:
        way_out = hint(name, known, "`promo calendars` lists them; among them")
    return complain("E057", f"unknown named date {shown(name)}", way_out)


IsoDay = Annotated[date, Reads("a date", _iso, {"type": "string", "format": "date"})]
Day = Annotated[
    CalendarDay,
    PlainValidator(_day),
    WithJsonSchema({"type": ["string", "number"]}),
]
Rule = Annotated[str, Reads("a recurrence rule", rule_text)]


def _exception(value: object, info: ValidationInfo) -> CalendarDay | str:
    text = as_text(value, "a date")
    return "holidays" if text == "holidays" else _day(text, info)


Exception_ = Annotated[
    CalendarDay | str, PlainValidator(_exception), WithJsonSchema({"type": ["string", "number"]})
]
