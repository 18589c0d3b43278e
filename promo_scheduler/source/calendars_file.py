"""config/calendars.yaml: named dates, those of the workspace over the shipped ones by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from promo_scheduler.calendar import (
    Between,
    Finding,
    Given,
    NamedDate,
    OtherSource,
    Ramadan,
    Rule,
)
from promo_scheduler.errors import Problem
from promo_scheduler.source.calendars_schema import (
    CalendarsFile,
    DateEntry,
    FindingEntry,
    RangeEntry,
    date_complaints,
    spans,
)
from promo_scheduler.source.complaint import Complaint
from promo_scheduler.source.config import ConfigFile, Kind, entries_in, shipped_config
from promo_scheduler.source.scalars import Known
from promo_scheduler.timing.named import announcing
from promo_scheduler.timing.parts import follows_ramadan

_FILE = "config/calendars.yaml"
_KIND = Kind("dates", CalendarsFile, DateEntry, date_complaints)


def dates_in(file: ConfigFile) -> tuple[dict[str, NamedDate], list[Problem]]:
    """Every named date, shipped or of this file, and what is wrong with those of the file.

    An entry with a rule replaces the shipped one of its name. One without a rule keeps it, and
    what it gives for a year comes before the rule.
    """
    shipped, broken = _shipped()
    entries, problems = entries_in(file, _KIND, Known())
    dates = dict(shipped)
    for name, entry in entries.items():
        own, base = _noun(name, entry, f"pinned in {_FILE}"), shipped.get(name)
        whole = own if base is None or entry.has_rule else _pinned(base, own)
        complaints = list(_announced_elsewhere(whole, own)) or list(_one_of_many(whole, own))
        problems += [file.document.problem(each.under("dates", name)) for each in complaints]
        dates[name] = whole
    return dates, [*broken, *problems]


@cache
def _shipped() -> tuple[Mapping[str, NamedDate], tuple[Problem, ...]]:
    """The shipped dates; they do not change while promo runs."""
    entries, problems = entries_in(shipped_config("calendars.yaml"), _KIND, Known())
    nouns = {name: _noun(name, entry, entry.source or "") for name, entry in entries.items()}
    return nouns, tuple(problems)


def _pinned(base: NamedDate, own: NamedDate) -> NamedDate:
    """The shipped date with the years of the workspace's own, which come first."""
    pinned = {(each.year, each.country) for each in own.given}
    everywhere = {each.year for each in own.given if not each.country}
    kept = tuple(
        each
        for each in base.given
        if (each.year, each.country) not in pinned and each.year not in everywhere
    )
    disputed = (*base.disputed, *own.disputed)
    return replace(base, given=(*own.given, *kept), disputed=disputed)


def _noun(name: str, entry: DateEntry, given_by: str) -> NamedDate:
    """The date as a noun; `given_by` is the source of years whose entry names none."""
    parts: list[tuple[FindingEntry, tuple[str, ...]]] = [
        (entry, ()),
        *((part, part.countries) for part in entry.by_country),
    ]
    says = [part for part in parts if part[0].is_ or part[0].years]
    return NamedDate(
        name,
        tuple(Finding(_rule(part.is_), part.source or _FILE, where) for part, where in says),
        tuple(given for part, where in says for given in _given(part, where, given_by)),
        tuple(OtherSource(day, source) for day, source in entry.disputed.items()),
    )


def _rule(entry: Any) -> Rule | None:
    return Between(entry.from_, entry.to) if isinstance(entry, RangeEntry) else entry


def _given(entry: FindingEntry, countries: tuple[str, ...], given_by: str) -> Iterator[Given]:
    for country in countries or ("",):
        for year, days in entry.years.items():
            for first, last in spans(days):
                yield Given(year, first, last, entry.source or given_by, country)


def _announced_elsewhere(whole: NamedDate, own: NamedDate) -> Iterator[Complaint]:
    """Years in the file for what an announced Ramadan decides: they would move this name, but not
    `iftar` and the others. Paths start at the named date.
    """
    for given in own.given:
        rules = _rules_for(whole, given.country)
        if any(follows_ramadan(rule) for rule in rules):
            message = f"{whole.name} goes by Ramadan, and a pin here would not move `iftar`"
            spans_it = Ramadan() in rules and given.first != given.last
            ends = (given.first, given.last) if spans_it else ("…", "…")
            yield Complaint("E077", message, ("years", str(given.year)), announcing(*ends))


def _rules_for(named: NamedDate, country: str) -> list[Rule]:
    """The rules that find the date in a country; "": in any."""
    findings = (named.finding(country),) if country else named.findings
    return [each.rule for each in findings if each is not None and each.rule is not None]


def _one_of_many(whole: NamedDate, own: NamedDate) -> Iterator[Complaint]:
    """Single dates in the file for a name that lasts several; paths start at the named date."""
    lasting = [f for f in whole.findings if isinstance(f.rule, Between)]
    for given in own.given:
        lasts = any(given.country in ("", *f.countries) or not f.countries for f in lasting)
        if lasts and given.first == given.last:
            message = f"{whole.name} lasts several days, and {given.first} is one"
            way_out = f"write both ends: {{ from: {given.first}, to: … }}"
            yield Complaint("E076", message, ("years", str(given.year)), way_out)
