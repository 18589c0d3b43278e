"""NamedDate: how a date that people call by name, such as Black Friday, is found in a year.

Values only; `timing.named` finds the dates. All dates are wall dates. Countries are ISO 3166 codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

MONTHS_IN_FULL = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
WEEKDAYS_IN_FULL = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = tuple(name[:3].lower() for name in MONTHS_IN_FULL)
WEEKDAYS = tuple(name[:3].lower() for name in WEEKDAYS_IN_FULL)
_ORDINALS = {-1: "last", 1: "1st", 2: "2nd", 3: "3rd"}


# ── rules ───────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class MonthDay:
    """The same day of the same month each year; 29 February only where there is one."""

    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.day} {MONTHS_IN_FULL[self.month - 1]}"


@dataclass(frozen=True, slots=True)
class NthWeekday:
    """A weekday (Monday is 0) counted within a month: `nth` 1 to 5, or -1 for the last one."""

    nth: int
    weekday: int
    month: int

    def __str__(self) -> str:
        nth = _ORDINALS.get(self.nth) or f"{self.nth}th"
        return f"{nth} {WEEKDAYS_IN_FULL[self.weekday]} of {MONTHS_IN_FULL[self.month - 1]}"


@dataclass(frozen=True, slots=True)
class Easter:
    """Easter Sunday, of the western churches or of the orthodox ones."""

    orthodox: bool = False

    def __str__(self) -> str:
        return "Orthodox Easter" if self.orthodox else "Easter"


@dataclass(frozen=True, slots=True)
class HijriDay:
    """A day of the region's Hijri calendar (T12); twice in some Gregorian years."""

    month: int
    day: int

    def __str__(self) -> str:
        return f"Hijri {self.month}-{self.day}"


@dataclass(frozen=True, slots=True)
class Ramadan:
    """The whole of Ramadan in the region's Hijri calendar (T12)."""

    def __str__(self) -> str:
        return "Ramadan"


TableName = Literal[
    "lunar-new-year",
    "lunar-new-year-korea",
    "lunar-new-year-vietnam",
    "diwali",
    "diwali-singapore",
    "diwali-malaysia",
    "mid-autumn",
    "mid-autumn-korea",
    "mid-autumn-vietnam",
    "dragon-boat",
]


@dataclass(frozen=True, slots=True)
class FromTable:
    """What a table of the holidays library holds; a Moon that no rule of ours computes."""

    table: TableName

    def __str__(self) -> str:
        return f"the table {self.table}"


@dataclass(frozen=True, slots=True)
class Moved:
    """`days` after what another rule finds; before it where negative."""

    rule: Rule
    days: int

    def __str__(self) -> str:
        count = abs(self.days)
        return f"{self.rule} {'−' if self.days < 0 else '+'} {count} day{'s' * (count != 1)}"


@dataclass(frozen=True, slots=True)
class Unless:
    """What `rule` finds, except where it is the date of `other`: then what `instead` finds."""

    rule: Rule
    other: Rule
    instead: Rule

    def __str__(self) -> str:
        return f"{self.rule}, {self.instead} where that is {self.other}"


@dataclass(frozen=True, slots=True)
class Between:
    """All dates from one to another, both included; the last may lie in the next year."""

    first: Rule
    last: Rule

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


Rule = MonthDay | NthWeekday | Easter | HijriDay | Ramadan | FromTable | Moved | Unless | Between


# ── named dates ─────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Finding:
    """How the date is found in some countries, none named: in all others. `source` is in words.

    `rule` None: it has a date only in the years that are given for it.
    """

    rule: Rule | None
    source: str
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """The dates of one year as somebody announced or pinned them; they come before any rule.

    Where several of a year count, each is an occurrence of its own. `country` "": for all.
    """

    year: int
    first: date
    last: date
    source: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class OtherSource:
    """A date that another source has, for the occurrence nearest to it."""

    day: date
    source: str


@dataclass(frozen=True, slots=True)
class NamedDate:
    """A date or a range of dates by name."""

    name: str
    findings: tuple[Finding, ...] = ()
    given: tuple[Given, ...] = ()
    disputed: tuple[OtherSource, ...] = ()

    def finding(self, country: str) -> Finding | None:
        """How it is found in a country ("": not known); None where nobody says."""
        others = None
        for each in self.findings:
            if country in each.countries:
                return each
            if not each.countries:
                others = each
        return others

    def given_in(self, country: str, year: int) -> tuple[Given, ...]:
        """What is given for a year: for the country itself, else for all."""
        found = [each for each in self.given if each.year == year]
        own = tuple(each for each in found if country and each.country == country)
        return own or tuple(each for each in found if not each.country)
