"""Named dates of regions, and one region's public holidays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.text import Text

from promo_scheduler.calendar import NamedDate
from promo_scheduler.region import DayType, Region
from promo_scheduler.timing.calendars import country_of, day_type, holiday_name, holiday_year
from promo_scheduler.timing.named import NamedDays, named_days
from promo_scheduler.views.grid import Grid, Line, Row

DIM, DISPUTED = "bright_black", "yellow"
_MOST_NAMED = 4  # regions of a row, before the others are counted


@dataclass(frozen=True, slots=True)
class Dated:
    """A named date in a region and year; `missing` says why it has none."""

    name: str
    region: Region
    year: int
    days: tuple[NamedDays, ...] = ()
    missing: str = ""

    @property
    def words(self) -> str:
        return ", ".join(each.words for each in self.days)

    @property
    def source(self) -> str:
        return "; ".join(dict.fromkeys(each.source for each in self.days))

    @property
    def dispute(self) -> str:
        return "; ".join(each.dispute for each in self.days if each.dispute)


def dated(
    dates: Mapping[str, NamedDate], name: str, regions: Iterable[Region], years: Iterable[int]
) -> list[Dated]:
    """A named date in every region and year."""
    asked = [(region, year) for year in years for region in regions]
    return [_dated(dates, name, region, year) for region, year in asked]


def _dated(dates: Mapping[str, NamedDate], name: str, region: Region, year: int) -> Dated:
    try:
        return Dated(name, region, year, named_days(dates, region, name, year))
    except ValueError as error:
        return Dated(name, region, year, missing=str(error))


# ── all of them ─────────────────────────────────────────────────────────────────────────────────
def date_grid(found: Sequence[Dated], years: Sequence[int]) -> Grid:
    """One row for each name and regions that agree on it, a column a year; disputes below."""
    heads = ("", *map(str, years), "regions", "source")
    items: list[Line | Row] = [Row(tuple(Text(head, style=DIM) for head in heads))]
    nowhere: list[str] = []
    for name in dict.fromkeys(each.name for each in found):
        rows = list(_rows(name, [each for each in found if each.name == name]))
        items += rows
        nowhere += [] if rows else [name]
    if nowhere:
        items += [Line(), Line(Text(f"in none of these regions: {', '.join(nowhere)}", style=DIM))]
    return Grid(items, indent=0, spill=(len(heads) - 1,))


def _rows(name: str, found: Sequence[Dated]) -> Iterator[Line | Row]:
    by_region: dict[str, list[Dated]] = {}
    for each in found:
        by_region.setdefault(each.region.name, []).append(each)
    groups: dict[tuple[tuple[str, str, str], ...], list[str]] = {}
    for region, row in by_region.items():
        if any(each.days for each in row):
            key = tuple((e.words, e.dispute, e.source) for e in row)
            groups.setdefault(key, []).append(region)
    for number, (cells, regions) in enumerate(groups.items()):
        yield Row(
            (
                Text("" if number else name, style="bold"),
                *(Text(words or "not known", style="" if words else DIM) for words, _, _ in cells),
                Text(_named(regions, len(by_region))),
                Text(_sources(by_region[regions[0]]), style=DIM),
            )
        )
        yield from (_disputed(text) for _, text, _ in cells if text)


def _sources(row: Sequence[Dated]) -> str:
    """Who says so; year by year where that differs."""
    said = {each.year: each.source for each in row if each.days}
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    return "; ".join(f"{year}: {source}" for year, source in said.items())


def _named(regions: Sequence[str], all_of_them: int) -> str:
    """Which regions: `all`, `de, fr`, `ae, eg, id and 4 more`."""
    if len(regions) == all_of_them:
        return "all"
    if len(regions) <= _MOST_NAMED:
        return ", ".join(regions)
    return f"{', '.join(regions[: _MOST_NAMED - 1])} and {len(regions) - _MOST_NAMED + 1} more"


def _disputed(text: str) -> Line:
    return Line(Text(f"disputed: {text}", style=DISPUTED), indent=4)


# ── one of them ─────────────────────────────────────────────────────────────────────────────────
def story_grid(named: NamedDate, found: Sequence[Dated]) -> Grid:
    """One named date over the years: who says so, then every date with its regions and source."""
    items: list[Line | Row] = [Line(Text(named.name, style="bold"))]
    items += [Line(Text(text), indent=2) for text in _says(named, found)]
    for year in dict.fromkeys(each.year for each in found):
        items += _year(year, [each for each in found if each.year == year])
    missing = dict.fromkeys(each.missing for each in found if each.missing)
    items += [Line(Text(text, style=DIM), indent=2) for text in missing]
    return Grid(items, spill=(3,))


def _says(named: NamedDate, found: Sequence[Dated]) -> Iterator[str]:
    by_finding: dict[str, list[str]] = {}
    for region in dict.fromkeys(each.region for each in found):
        finding = named.finding(country_of(region))
        if finding is not None:
            by_finding.setdefault(finding.source, []).append(region.name)
    for source, regions in by_finding.items():
        yield source if len(by_finding) == 1 else f"{', '.join(regions)}: {source}"


def _year(year: int, found: Sequence[Dated]) -> Iterator[Line | Row]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for each in found:
        if each.days:
            key = (each.words, each.source, each.dispute)
            groups.setdefault(key, []).append(each.region.name)
    for number, ((words, source, dispute), regions) in enumerate(groups.items()):
        head = Text("" if number else str(year), style="bold")
        where = Text(_named(regions, len(found)))
        yield Row((head, Text(words), where, Text(source, style=DIM)))
        if dispute:
            yield _disputed(dispute)


def date_data(each: Dated) -> list[dict[str, Any]]:
    """Each occurrence as JSON-able data, both wall dates included; or why there is none."""
    where = {"name": each.name, "region": each.region.name, "year": each.year}
    if each.missing:
        return [{**where, "missing": each.missing}]
    return [
        {
            **where,
            "occurrence": days.occurrence,
            "first": days.first.isoformat(),
            "last": days.last.isoformat(),
            "source": days.source,
            "dispute": days.dispute or None,
        }
        for days in each.days
    ]


# ── public holidays ─────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A public holiday, or a weekend day that is worked in exchange for one."""

    day: date
    kind: DayType
    name: str


def special_days(region: Region, year: int) -> list[SpecialDay]:
    """A region's public holidays and worked weekend days of a year, in order.

    Raises ValueError where the region's calendar is not known.
    """
    found = holiday_year(region.holidays, year)
    days = sorted({*found.names, *found.worked})
    return [
        SpecialDay(day, day_type(region, day), holiday_name(region, day) or "worked in exchange")
        for day in days
    ]


def holiday_grid(region: Region, year: int, days: Sequence[SpecialDay]) -> Grid:
    """One row for each special day, under the calendar's code."""
    title = f"{region.title}, {year}: {region.holidays or 'no calendar of public holidays'}"
    items: list[Line | Row] = [Line(Text(title, style="bold"))]
    items += [
        Row((Text(f"{d.day:%a} {d.day.day} {d.day:%b}"), Text(d.kind), Text(d.name))) for d in days
    ]
    return Grid(items)


def holiday_data(special: SpecialDay) -> dict[str, Any]:
    """A special day as JSON-able data."""
    return {"date": special.day.isoformat(), "day_type": str(special.kind), "name": special.name}
