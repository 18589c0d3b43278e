"""Named dates: when Black Friday, Ramadan or Lunar New Year is, by region and year (T12, T13).

All dates are wall dates. What is given for a year comes before any rule; what the sources dispute
is said, unless somebody has given the date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.metadata import version

from promo_scheduler.calendar import (
    Finding,
    FromTable,
    Given,
    HijriDay,
    NamedDate,
    OtherSource,
    Ramadan,
    Rule,
)
from promo_scheduler.region import Region
from promo_scheduler.timing.calendars import country_of
from promo_scheduler.timing.found import Days, days_of
from promo_scheduler.timing.hijri import ramadans
from promo_scheduler.timing.parts import follows_ramadan, is_hijri, parts
from promo_scheduler.timing.tables import Tabled, others, tabled

_SAME = timedelta(days=45)  # further apart, two dates belong to different occurrences


@dataclass(frozen=True, slots=True)
class NamedDays:
    """One occurrence of a named date in a region: its first and last wall date, both included.

    `occurrence` is such as "ramadan-2027", "ramadan-2030.2" for the second one of a year; `words`
    such as "27 Nov 2026"; `year` is the one that it belongs to, which its first date may precede.
    `dispute` says which source has which date, and `pin` how to decide it; both are "" where they
    agree or somebody has given the date.
    """

    occurrence: str
    year: int
    first: date
    last: date
    words: str
    source: str
    dispute: str = ""
    pin: str = ""


def named_days(
    dates: Mapping[str, NamedDate], region: Region, name: str, year: int
) -> tuple[NamedDays, ...]:
    """Every occurrence of a named date in a year, in order; () where that year has none.

    A rule that counts days from another date belongs to the year of that date. Raises ValueError
    where the name is not known, has no date for the region's country or, where nothing but given
    years counts, for that year, and where a library's table ends before it.
    """
    named = dates.get(name)
    if named is None:
        raise ValueError(_no_name(name, dates))
    country = country_of(region)
    if given := named.given_in(country, year):
        in_order = sorted(given, key=lambda each: (each.first, each.last))
        return _numbered(name, year, [_as_given(each) for each in in_order])
    finding = named.finding(country)
    if finding is None or finding.rule is None:
        raise ValueError(_no_rule(named, country, year))
    looked_at = region if _goes_by_hijri(finding.rule) else None
    return _found(_Asked(name, finding, named.disputed, looked_at, year))


@dataclass(frozen=True, slots=True)
class _Asked:
    """All that the answer depends on; `region` only where its Hijri calendar counts."""

    name: str
    finding: Finding
    disputed: tuple[OtherSource, ...]
    region: Region | None
    year: int


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """An occurrence that has no number yet."""

    days: Days
    source: str
    dispute: str = ""
    pin: str = ""


@lru_cache(maxsize=8192)
def _found(asked: _Asked) -> tuple[NamedDays, ...]:
    rule = asked.finding.rule
    assert rule is not None  # asked only where there is one
    every = sorted(days_of(rule, asked.region, asked.year))
    found = []
    for days in every:
        dispute = _dispute(rule, asked, days[0])
        pin = _pin(rule, asked, days, every) if dispute else ""
        found.append(_Occurrence(days, _source(rule, asked, days[0]), dispute, pin))
    return _numbered(asked.name, asked.year, found)


def _as_given(given: Given) -> _Occurrence:
    return _Occurrence((given.first, given.last), given.source)


def _numbered(name: str, year: int, found: list[_Occurrence]) -> tuple[NamedDays, ...]:
    return tuple(
        NamedDays(
            f"{name}-{year}" + (f".{number}" if number > 1 else ""),
            year,
            *each.days,
            in_words(*each.days),
            each.source,
            each.dispute,
            each.pin,
        )
        for number, each in enumerate(found, 1)
    )


def in_words(first: date, last: date) -> str:
    """Dates for people: "27 Nov 2026", "13–16 Aug 2027", "29 Apr – 5 May 2027"."""
    end = f"{last.day} {last:%b %Y}"
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {first:%b}{year} – {end}"


# ── sources and disputes ────────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=1024)
def _goes_by_hijri(rule: Rule) -> bool:
    return is_hijri(rule)


@cache
def _hijridate() -> str:
    return f"hijridate {version('hijridate')}, Umm al-Qura"


def _source(rule: Rule, asked: _Asked, first: date) -> str:
    """Where the dates come from: the library with its version, or the rule in words."""
    grounds = [str(tabled(part.table, asked.year)) for part in _tables(rule)]
    if asked.region is not None:
        grounds.append(_hijri_source(rule, asked.region, first))
    if isinstance(rule, FromTable | HijriDay | Ramadan):
        return grounds[0]
    return "; ".join([str(rule), *dict.fromkeys(grounds)])


def _hijri_source(rule: Rule, region: Region, first: date) -> str:
    if _announced(rule, region, first):
        return "announced in config/regions.yaml"
    if region.hijri_offset:
        return f"{_hijridate()}, {region.hijri_offset:+d} day by config/regions.yaml"
    return _hijridate()


def _announced(rule: Rule, region: Region, first: date) -> bool:
    """Whether the region's announced Ramadan decides: its own dates, and Eid al-Fitr after it."""
    announced = any(abs(start - first) < _SAME for start, _ in region.ramadans)
    return announced and follows_ramadan(rule)


def _tables(rule: Rule) -> Iterator[FromTable]:
    return (part for part in parts(rule) if isinstance(part, FromTable))


def _dispute(rule: Rule, asked: _Asked, first: date) -> str:
    """Which source has which date, where they differ; "" where they do not."""
    if asked.region is not None and _announced(rule, asked.region, first):
        return ""
    said = [f"{each} has {_day(each.day)}" for each in _disputing_tables(rule, asked.year)]
    others_said = [
        f"{other.source} has {_day(other.day)}"
        for other in asked.disputed
        if other.day != first and abs(other.day - first) < _SAME
    ]
    if others_said and not said:
        said = [f"{_source(rule, asked, first)} has {_day(first)}"]
    return "; ".join([*said, *others_said])


def _disputing_tables(rule: Rule, year: int) -> Iterator[Tabled]:
    """Each table that the rule goes by, and the other ones of its event that differ from it."""
    for part in _tables(rule):
        differing = others(part.table, year)
        if differing:
            yield tabled(part.table, year)
            yield from differing


def _day(day: date) -> str:
    return in_words(day, day)


def _pin(rule: Rule, asked: _Asked, days: Days, every: Sequence[Days]) -> str:
    """How to decide a dispute for these dates. A pin gives every occurrence of its year."""
    if asked.region is not None and follows_ramadan(rule):
        ramadan = _ramadan_near(asked.region, asked.year, days[0])
        return announcing(*ramadan, where=f" for {asked.region.name}")
    given = [_value(*each) for each in every]
    value = given[0] if len(given) == 1 else f"[{', '.join(given)}]"
    entry = f"dates: {{ {asked.name}: {{ years: {{ {asked.year}: {value} }} }} }}"
    return f"pin it in config/calendars.yaml: {entry}"


def announcing(first: object, last: object, where: str = "") -> str:
    """How the dates of Ramadan are given, in words."""
    entry = f"ramadan: [{{ from: {first}, to: {last} }}]"
    return f"announce it{where} in config/regions.yaml: {entry}"


def _ramadan_near(region: Region, year: int, day: date) -> Days:
    known = [days for each in (year - 1, year) for days in ramadans(region, each)]
    return min(known, key=lambda days: abs(days[0] - day))


def _value(first: date, last: date) -> str:
    return str(first) if first == last else f"{{ from: {first}, to: {last} }}"


# ── why there is none ───────────────────────────────────────────────────────────────────────────
def _no_name(name: str, dates: Mapping[str, NamedDate]) -> str:
    near = get_close_matches(name, dates, n=1)
    guess = f"did you mean {near[0]}?" if near else "`promo calendars` lists them"
    return f'there is no date named "{name}"; {guess}'


def _no_rule(named: NamedDate, country: str, year: int) -> str:
    years = sorted({each.year for each in named.given if each.country in ("", country)})
    if not years:
        where = country or "a region whose country nobody says"
        return f"{named.name} has no date in {where}; give it one in config/calendars.yaml"
    known = ", ".join(str(each) for each in years)
    way_out = f"`dates: {{ {named.name}: {{ years: {{ {year}: … }} }} }}` in config/calendars.yaml"
    return f"{named.name} is known for {known} only; give it for {year}: {way_out}"
