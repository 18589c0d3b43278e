"""Recurrence: the dates of an RFC 5545 rule, on naive local dates (T8). Each is resolved later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import takewhile

_WEEKDAY = "(?:MO|TU|WE|TH|FR|SA|SU)"
_NTH = "(?:[+-]?(?:[1-4]?[1-9]|[1-5]0|5[1-3]))?"
_PARTS = {
    "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": "[1-9][0-9]{0,3}",
    "COUNT": "[1-9][0-9]{0,5}",
    "UNTIL": "[0-9]{8}(?:T[0-9]{6})?",
    "WKST": _WEEKDAY,
    "BYDAY": f"{_NTH}{_WEEKDAY}(?:,{_NTH}{_WEEKDAY})*",
    "BYMONTH": "[0-9,]+",
    "BYMONTHDAY": "[0-9,-]+",
    "BYYEARDAY": "[0-9,-]+",
    "BYWEEKNO": "[0-9,-]+",
    "BYSETPOS": "[0-9,-]+",
}
_HIGHEST = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
_CYCLE = 400  # years after which weekdays, leap days and week numbers are the same again


def dates_of(rule: str, first: date, last: date) -> Iterator[date]:
    """The dates of a rule from `first` to `last`, both included, in order.

    Raises ValueError, which says what was expected, for a rule that cannot be followed.
    """
    parts = _parts(rule)
    last = min(last, _until(parts.pop("UNTIL", "")))
    return takewhile(lambda day: day <= last, _dates(parts, first, last))


def _parts(rule: str) -> dict[str, str]:
    """The rule's parts by name, each checked by itself and against the others."""
    text = rule.strip().upper().removeprefix("RRULE:")
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        _check(name, value)
        if name in parts:
            raise ValueError(f"expected {name} once in the rule")
        parts[name] = value
    if "FREQ" not in parts:
        raise ValueError(f'expected a rule like "FREQ=WEEKLY;BYDAY=FR", found "{rule}"')
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("expected COUNT or UNTIL in the rule, not both")
    _check_counted_weekdays(parts)
    return parts


def _check_counted_weekdays(parts: dict[str, str]) -> None:
    """`2MO` counts in a month or a year: a week has no second Monday, a month no sixth one."""
    counted = [int(number) for number in re.findall("[0-9]+", parts.get("BYDAY", ""))]
    in_years = parts["FREQ"] == "YEARLY" and "BYMONTH" not in parts
    most = 53 if in_years else 5 if parts["FREQ"] in ("MONTHLY", "YEARLY") else 0
    if any(number > most for number in counted):
        raise ValueError(f"BYDAY={parts['BYDAY']} names a weekday that never comes in this rule")


def _check(name: str, value: str) -> None:
    if name == "UNTIL" and value.endswith("Z"):
        raise ValueError(
            f"UNTIL={value} is an instant, but the rule counts local dates: "
            f"write the last date, UNTIL={value[:8]}"
        )
    if name not in _PARTS:
        raise ValueError(f'expected one of {", ".join(_PARTS)} in the rule, found "{name}"')
    if not re.fullmatch(_PARTS[name], value) or not _in_range(name, value):
        raise ValueError(f'{name} does not take "{value}" in a rule of dates')


def _in_range(name: str, value: str) -> bool:
    if name not in _HIGHEST:
        return True
    numbers = value.replace(",-", ",").removeprefix("-").split(",")
    return all(n.isdecimal() and 1 <= int(n) <= _HIGHEST[name] for n in numbers)


def _until(text: str) -> date:
    """The rule's own last date; a time of day in it changes nothing, as dates start at midnight."""
    try:
        return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:8]}") if text else date.max
    except ValueError:
        raise ValueError(f'UNTIL does not take "{text}": there is no such date') from None


def _dates(parts: dict[str, str], first: date, last: date) -> Iterator[date]:
    """The rule's dates from the range's first on, without an end.

    A rule that never matches is searched up to the year 9999, which takes seconds; so it runs as
    many whole cycles of the calendar later as fit, and its dates are brought back.
    """
    from dateutil.rrule import rrulestr

    ahead = (date.max.year - last.year) // _CYCLE * _CYCLE
    first = first.replace(year=first.year + ahead)
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    for moment in rrulestr(text, dtstart=datetime.combine(first, time.min)):
        yield moment.date().replace(year=moment.year - ahead)
