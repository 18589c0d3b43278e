"""Learning peaks from a file of orders: read it, count on each region's clock, and decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from promo_scheduler.errors import InvalidWorkspace, Problem
from promo_scheduler.region import Region
from promo_scheduler.timing.learning import Lesson, Tally, Wish, learn
from promo_scheduler.timing.notices import NO_CALENDAR
from promo_scheduler.timing.order_days import local_days
from promo_scheduler.workspace import Workspace

if TYPE_CHECKING:
    from promo_scheduler.source.orders_file import Orders
    from promo_scheduler.source.peaks_file import PeaksEdit

# What is being done, how much of it is done, and of how much.
Watch = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Learned:
    """What the orders say. `shared`: the countries whose orders count for several regions."""

    orders: Orders
    lessons: tuple[Lesson, ...]
    shared: Mapping[str, tuple[str, ...]]


def learn_peaks(workspace: Workspace, path: Path, wish: Wish, watch: Watch) -> Learned:
    """Learn the peaks of the workspace's regions. Nothing is written.

    Raises UnusableOrders, and InvalidWorkspace where a region's calendar is not known.
    """
    from promo_scheduler.source.orders_file import Places, read_orders

    countries = _countries(workspace)
    places = Places(frozenset(workspace.regions), frozenset(countries))
    size = path.stat().st_size if path.is_file() else 0
    orders = read_orders(path, places, lambda done: watch("reading", done, size))
    tallies = _tallies(workspace, orders, countries)
    asked = sum(wish.covers(tally.region.name) for tally in tallies)
    lessons: list[Lesson] = []
    try:
        for lesson in learn(tallies, wish):
            lessons.append(lesson)
            watch("learning", len(lessons), asked)
    except ValueError as error:
        raise _unknown_calendar(error) from None
    several = {} if orders.column == "region" else _several(orders, countries)
    return Learned(orders, tuple(lessons), several)


def peaks_edit_of(workspace: Workspace, learned: Learned) -> PeaksEdit:
    """What `config/regions.yaml` would become. Raises NotWritable."""
    from promo_scheduler.source.peaks_file import peaks_edit

    return peaks_edit(workspace.root, learned.lessons)


def country_of(region: Region) -> str:
    """The country whose orders a region takes: its calendar's, else its name, else its locale's."""
    from promo_scheduler.source.orders_file import country_code

    if region.holidays is not None:
        return country_code(region.holidays.country)
    if len(region.name) == 2:
        return country_code(region.name)
    return country_code(region.locale.rpartition("-")[2])


def _countries(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for region in workspace.regions.values():
        country = country_of(region)
        found[country] = (*found.get(country, ()), region.name)
    return found


def _several(
    orders: Orders, countries: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    known = {place for place, days in orders.by_place.items() if days}
    return {c: names for c, names in countries.items() if len(names) > 1 and c in known}


def _tallies(
    workspace: Workspace, orders: Orders, countries: Mapping[str, tuple[str, ...]]
) -> list[Tally]:
    place = {name: country for country, names in countries.items() for name in names}
    if orders.column == "region":
        place = {name: name for name in workspace.regions}
    return [
        Tally(region, tuple(local_days(region.anchor, orders.by_place[place[name]])))
        for name, region in workspace.regions.items()
    ]


def _unknown_calendar(error: ValueError) -> InvalidWorkspace:
    way_out = "correct `holidays` of that region in config/regions.yaml"
    return InvalidWorkspace([Problem(NO_CALENDAR, str(error), help=way_out)])
