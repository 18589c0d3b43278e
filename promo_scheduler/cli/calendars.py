"""`promo calendars`: the dates that have a name, when they are, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from promo_scheduler.cli.door import Door, door_of
from promo_scheduler.cli.options import Format, RegionName, Where

if TYPE_CHECKING:
    from promo_scheduler.region import Region
    from promo_scheduler.workspace import Workspace

_YEARS_OF_A_STORY = 6

DateName = Annotated[str | None, typer.Argument(metavar="[NAME]", help="One date, over the years.")]
Year = Annotated[
    int | None,
    typer.Option("--year", min=1970, max=2199, help="The first year. (default: this one)"),
]
HolidaysOf = Annotated[
    str | None,
    typer.Option("--holidays", metavar="REGION", help="A region's public holidays instead."),
]


def calendars(  # noqa: PLR0917 (each is an option of the command)
    context: typer.Context,
    name: DateName = None,
    year: Year = None,
    region: RegionName = None,
    holidays: HolidaysOf = None,
    where: Where = None,
    output: Format = None,
) -> None:
    """Show the dates that have a name, as every region has them."""
    from promo_scheduler.cli.door import present
    from promo_scheduler.cli.scoping import refuse_unknown
    from promo_scheduler.errors import WrongUsage
    from promo_scheduler.order import Scope

    if holidays and (name or region):
        raise WrongUsage("--holidays REGION stands alone", help="leave out NAME and --region")
    door = door_of(context, where, output)
    workspace = door.workspace()
    refuse_unknown(Scope(region=region or holidays), workspace)
    first = year or present().year
    regions = [each for each in workspace.regions.values() if region in (None, each.name)]
    if holidays:
        _show_holidays(door, workspace.regions[holidays], first)
    elif name:
        _show_one(door, workspace, regions, (name, first))
    else:
        _show_all(door, workspace, regions, first)


def _show_all(door: Door, workspace: Workspace, regions: list[Region], first: int) -> None:
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.views.as_data import document
    from promo_scheduler.views.calendars import date_data, date_grid, dated

    years, dates = (first, first + 1), workspace.dates
    found = [each for name in dates for each in dated(dates, name, regions, years)]
    if door.is_json:
        show_json(document(dates=[data for each in found for data in date_data(each)]))
    else:
        show(date_grid(found, years))


def _show_one(
    door: Door, workspace: Workspace, regions: list[Region], asked: tuple[str, int]
) -> None:
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.views.as_data import document
    from promo_scheduler.views.calendars import date_data, dated, story_grid

    name, first = asked
    _refuse_unknown_name(name, workspace)
    found = dated(workspace.dates, name, regions, range(first, first + _YEARS_OF_A_STORY))
    if door.is_json:
        show_json(document(dates=[data for each in found for data in date_data(each)]))
    else:
        show(story_grid(workspace.dates[name], found))


def _refuse_unknown_name(name: str, workspace: Workspace) -> None:
    from difflib import get_close_matches

    from promo_scheduler.errors import WrongUsage

    if name not in workspace.dates:
        near = get_close_matches(name, workspace.dates, n=1)
        way_out = f"did you mean {near[0]}?" if near else "`promo calendars` lists them"
        raise WrongUsage(f'there is no date named "{name}"', help=way_out)


def _show_holidays(door: Door, region: Region, year: int) -> None:
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.errors import WrongUsage
    from promo_scheduler.views.as_data import document
    from promo_scheduler.views.calendars import holiday_data, holiday_grid, special_days

    try:
        days = special_days(region, year)
    except ValueError as error:
        way_out = "ask for an earlier year, or correct `holidays` in config/regions.yaml"
        raise WrongUsage(str(error), help=way_out) from None
    if door.is_json:
        told = [holiday_data(day) for day in days]
        show_json(document(region=region.name, year=year, holidays=told))
    else:
        show(holiday_grid(region, year, days))
