"""Rules of named dates as a person writes them: `4th thu of nov + 1d`, `easter - 21d`, `11 nov`."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from typing import Annotated, get_args

from promo_scheduler.calendar import (
    MONTHS,
    MONTHS_IN_FULL,
    WEEKDAYS,
    WEEKDAYS_IN_FULL,
    Easter,
    FromTable,
    HijriDay,
    MonthDay,
    Moved,
    NthWeekday,
    Ramadan,
    Rule,
    TableName,
    Unless,
)
from promo_scheduler.source.complaint import did_you_mean, shown
from promo_scheduler.source.nodes import Text
from promo_scheduler.source.scalars import Reads, complain

_UNLESS = re.compile(r"(.+?) unless (.+?) then (.+)")
_MOVED = re.compile(r"(.+?) *([-+]) *([0-9]{1,3})([dw])")
_NTH = re.compile(r"(\S+) +(\S+) +of +(\S+)")
_MONTH_DAY = re.compile(r"([0-9]{1,2}) +([a-z]+)")
_HIJRI = re.compile(r"hijri +([0-9]{1,2})-([0-9]{1,2})")
_NUMBERS = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": -1}
_WORDS: dict[str, Rule] = {
    "easter": Easter(),
    "orthodox easter": Easter(orthodox=True),
    "ramadan": Ramadan(),
    **{name: FromTable(name) for name in get_args(TableName)},
}
_IN_FULL = {each.lower()[:3]: each.lower() for each in (*MONTHS_IN_FULL, *WEEKDAYS_IN_FULL)}
_LEAP_YEAR = 2028
_EXPECTED = (
    'such as "25 dec", "4th thu of nov + 1d", "last sun of may", "easter - 2d", "hijri 10-1", '
    "ramadan or lunar-new-year"
)


def _rule(text: Text) -> Rule:
    words = " ".join(text.lower().split())
    if found := _UNLESS.fullmatch(words):
        return Unless(*(_moved(part, text) for part in found.groups()))
    return _moved(words, text)


def _moved(words: str, text: str) -> Rule:
    found = _MOVED.fullmatch(words)
    if found is None:
        return _plain(words, text)
    days = int(found[3]) * (7 if found[4] == "w" else 1)
    return Moved(_plain(found[1], text), -days if found[2] == "-" else days)


def _plain(words: str, text: str) -> Rule:
    if words in _WORDS:
        return _WORDS[words]
    if found := _NTH.fullmatch(words):
        nth = _NUMBERS.get(found[1]) or _refuse("count", found[1], tuple(_NUMBERS))
        return NthWeekday(nth, _index(found[2], WEEKDAYS, "weekday"), 1 + _month(found[3]))
    if found := _MONTH_DAY.fullmatch(words):
        return _month_day(int(found[1]), 1 + _month(found[2]), text)
    if found := _HIJRI.fullmatch(words):
        return _hijri(int(found[1]), int(found[2]), text)
    raise complain(
        "E071", f"{shown(text)} is no rule for a date", did_you_mean(words, _WORDS) or _EXPECTED
    )


def _month(word: str) -> int:
    return _index(word, MONTHS, "month")


def _index(word: str, names: Sequence[str], what: str) -> int:
    """Where a name stands in its list: `nov`, or the beginning or all of its long form."""
    if word[:3] in names and _IN_FULL[word[:3]].startswith(word):
        return names.index(word[:3])
    return _refuse(what, word, names)


def _refuse(what: str, word: str, names: Sequence[str]) -> int:
    full = [_IN_FULL[name] for name in names if name in _IN_FULL]
    way_out = did_you_mean(word, [*names, *full]) or f"{what}s: {', '.join(names)}"
    raise complain("E071", f"unknown {what} {shown(word)}", way_out)


def _month_day(day: int, month: int, text: str) -> MonthDay:
    if 1 <= day <= monthrange(_LEAP_YEAR, month)[1]:
        return MonthDay(month, day)
    raise complain("E071", f"no such day: {shown(text)}", f"{MONTHS[month - 1]} has fewer days")


def _hijri(month: int, day: int, text: str) -> HijriDay:
    if 1 <= month <= 12 and 1 <= day <= 30:
        return HijriDay(month, day)
    way_out = "the month, 1 to 12, then the day, 1 to 30: hijri 10-1 is Eid al-Fitr"
    raise complain("E071", f"no such Hijri day: {shown(text)}", way_out)


RuleText = Annotated[Rule, Reads("a rule for a date", _rule)]
