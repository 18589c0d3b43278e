"""The schema of config/calendars.yaml: named dates, and what an entry may not say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated

from pydantic import AfterValidator, Discriminator, Field, Tag

from promo_scheduler.source.complaint import Complaint, did_you_mean, shown
from promo_scheduler.source.config_schema import Dates
from promo_scheduler.source.date_rules import RuleText
from promo_scheduler.source.dates import FIRST_YEAR, LAST_YEAR, IsoDay
from promo_scheduler.source.nodes import Text
from promo_scheduler.source.scalars import Line, Name, Reads, Some, complain
from promo_scheduler.source.shape import LIST, MAPPING, SCALAR, Strict, kind_of

_OFFSET_LIKE = re.compile(r".*-[0-9]+[dw]")
_DATE_LIKE = re.compile(r"[0-9]+(-[0-9]+)*")
_YEAR = re.compile(r"[0-9]{4}")
_COUNTED = timedelta(days=100)  # how far a rule may lead out of its year
_TAKEN = frozenset({"holidays"})  # a word of `except`


def _free(name: str) -> str:
    if _OFFSET_LIKE.fullmatch(name) or _DATE_LIKE.fullmatch(name) or name in _TAKEN:
        way_out = "use a name that is no date, no number and does not end like -7d"
        raise complain("E018", f"{shown(name)} cannot name a date: it means one already", way_out)
    return name


def _country(text: Text) -> str:
    from promo_scheduler.timing.calendars import CALLED, countries

    known = countries()
    if text in known:
        return str(text)
    upper = CALLED.get(text.upper(), text.upper())
    by_title = {title: code for code, title in known.items()}
    title = did_you_mean(text, by_title).removeprefix("did you mean ").removesuffix("?")
    guess = upper if upper in known else by_title.get(title)
    way_out = f"did you mean {guess}?" if guess else "an ISO 3166 code in capitals, such as DE"
    raise complain("E072", f"unknown country {shown(text)}", way_out)


def _year(text: Text) -> int:
    if _YEAR.fullmatch(text) and FIRST_YEAR <= int(text) <= LAST_YEAR:
        return int(text)
    bounds = f"from {FIRST_YEAR} to {LAST_YEAR}"
    raise complain("E033", f"expected a year {bounds}, found {shown(text)}")


DateName = Annotated[Name, AfterValidator(_free)]
Country = Annotated[str, Reads("a country", _country, {"type": "string", "pattern": "^[A-Z]{2}$"})]
Year = Annotated[int, Reads("a year", _year, {"type": "string", "pattern": "^[0-9]{4}$"})]
Several = Annotated[
    Annotated[IsoDay, Tag(SCALAR)] | Annotated[Dates, Tag(MAPPING)], Discriminator(kind_of)
]
YearDays = Annotated[
    Annotated[IsoDay, Tag(SCALAR)]
    | Annotated[Dates, Tag(MAPPING)]
    | Annotated[Annotated[tuple[Several, ...], Some], Tag(LIST)],
    Discriminator(kind_of),
]


class RangeEntry(Strict):
    """All dates from one rule's to another's, both included."""

    from_: RuleText = Field(alias="from", description="The first date.")
    to: RuleText = Field(description="The last date; it is included.")


RuleEntry = Annotated[
    Annotated[RuleText, Tag(SCALAR)] | Annotated[RangeEntry, Tag(MAPPING)], Discriminator(kind_of)
]


class FindingEntry(Strict):
    """How a date is found: by a rule, and in some years by what is given for them."""

    is_: RuleEntry | None = Field(
        None,
        alias="is",
        description="25 dec, 4th thu of nov + 1d, last sun of may, easter - 2d, hijri 10-1, "
        "ramadan, lunar-new-year; or {from, to} for a range.",
    )
    years: dict[Year, YearDays] = Field(
        default_factory=dict,
        description="Dates by year: 2027-02-06, {from, to}, or a list where it comes twice. "
        "They come before the rule.",
    )
    source: Line | None = Field(None, description="Who says so.")


class CountriesEntry(FindingEntry):
    """How the date is found in some countries, where they differ."""

    countries: Annotated[tuple[Country, ...], Some] = Field(description="ISO 3166 codes: [GB, IE].")


class DateEntry(FindingEntry):
    """A date by name."""

    by_country: tuple[CountriesEntry, ...] = Field(
        (), description="The countries that differ, and how."
    )
    disputed: dict[IsoDay, Line] = Field(
        default_factory=dict,
        description="Dates that other sources have, with their names; they are shown beside it.",
    )

    @property
    def has_rule(self) -> bool:
        """Whether it says how the date is found, and not only when it is in some years."""
        return any(each.is_ is not None for each in (self, *self.by_country))


class CalendarsFile(Strict):
    """Dates by name; an entry with a rule replaces the shipped one, one without adds its years."""

    dates: dict[DateName, DateEntry] = Field(description="Dates by name.")


# ── what an entry may not say ───────────────────────────────────────────────────────────────────
def date_complaints(entry: DateEntry) -> Iterator[Complaint]:
    """What of an entry does not fit together; paths start at the named date."""
    if not (entry.is_ or entry.years or entry.by_country or entry.disputed):
        message, way_out = "says nothing of when it is", "add `is:` with a rule, or `years:`"
        yield Complaint("E073", message, (), way_out)
    yield from _year_complaints(entry)
    seen: set[str] = set()
    for position, part in enumerate(entry.by_country):
        under = ("by_country", position)
        if not (part.is_ or part.years):
            way_out = "add `is:` with a rule, or `years:`"
            yield Complaint("E073", "says nothing of when it is", under, way_out)
        for index, country in enumerate(part.countries):
            if country in seen:
                path = (*under, "countries", index)
                yield Complaint("E075", f"{country} is given twice", path, "keep it once")
        seen |= set(part.countries)
        yield from (each.under(*under) for each in _year_complaints(part))


def _year_complaints(entry: FindingEntry) -> Iterator[Complaint]:
    for year, days in entry.years.items():
        for position, each in enumerate(spans(days)):
            path: tuple[str | int, ...] = ("years", str(year))
            if isinstance(days, tuple):
                path = (*path, position)
            if not _is_of(year, each[0], entry):
                message = f"{each[0]} is no date of {year}"
                yield Complaint("E074", message, path, "a year's dates begin in that year")
            if each[1] < each[0]:
                message = f"the last date, {each[1]}, is before the first, {each[0]}"
                yield Complaint("E043", message, path)


def _is_of(year: int, day: date, entry: FindingEntry) -> bool:
    """Whether a date may stand under a year; a rule may count some days from a date of it."""
    slack = _COUNTED if entry.is_ is not None else timedelta(0)
    return date(year, 1, 1) - slack <= day <= date(year, 12, 31) + slack


def spans(days: date | Dates | tuple[date | Dates, ...]) -> tuple[tuple[date, date], ...]:
    """First and last date of every occurrence that a year gives."""
    several = days if isinstance(days, tuple) else (days,)
    return tuple((d.from_, d.to) if isinstance(d, Dates) else (d, d) for d in several)
