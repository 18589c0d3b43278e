"""`promo preview`: what will happen, on a map of hours, in a table, as a picture or a calendar.

Needs no ledger.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promo_scheduler.cli.door import Door, Output, door_of
from promo_scheduler.cli.options import (
    CampaignName,
    ChannelName,
    Format,
    PhaseName,
    RegionName,
    Where,
)

if TYPE_CHECKING:
    from promo_scheduler.plan import Plan, Window
    from promo_scheduler.views.coverage import Covered
    from promo_scheduler.views.world.scene import World
    from promo_scheduler.workspace import Workspace

DAY = ["%Y-%m-%d"]
From = Annotated[
    datetime | None,
    typer.Option("--from", formats=DAY, metavar="DATE", help="From this local date on."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=DAY, metavar="DATE", help="Until this local date, included."),
]
In = Annotated[
    str | None,
    typer.Option("--in", metavar="ZONE", help="Tell the hours on this zone's clock as well."),
]
Svg = Annotated[
    Path | None,
    typer.Option("--svg", metavar="FILE", help="Draw the world timeline: a picture."),
]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="The same as a page, with the tables behind it."),
]
Ics = Annotated[
    Path | None,
    typer.Option("--ics", metavar="FILE", help="Write the windows as a calendar (iCalendar)."),
]
ByRegion = Annotated[
    bool, typer.Option("--coverage", help="What each region gets, and which ones get too little.")
]


def preview(
    context: typer.Context,
    *,
    campaign: CampaignName = None,
    region: RegionName = None,
    phase: PhaseName = None,
    channel: ChannelName = None,
    since: From = None,
    until: Until = None,
    viewer: In = None,
    svg: Svg = None,
    html: Html = None,
    ics: Ics = None,
    coverage: ByRegion = False,
    where: Where = None,
    output: Format = None,
) -> None:
    """Show what will happen: a world timeline and every window.

    Offline, and without a ledger. Exits with 1 where there is an error.
    """
    from promo_scheduler.cli.door import present
    from promo_scheduler.cli.picturing import Files, write_files
    from promo_scheduler.cli.scoping import refuse_unknown
    from promo_scheduler.operations import preview as look_ahead
    from promo_scheduler.order import Scope
    from promo_scheduler.views.world.scene import World

    door = door_of(context, where, output)
    _refuse_unfit(viewer, region, coverage=coverage)
    _refuse_dates(since, until)
    workspace, now = door.workspace(), present()
    scope = refuse_unknown(Scope(campaign, phase, region, channel), workspace)
    world = World(
        _between(look_ahead(workspace, now, scope), since, until), workspace, now, viewer or ""
    )
    write_files(world, Files(svg, html, ics))
    _print(door, world, _covered(world, since, until) if coverage else None)
    if any(finding.is_error for finding in world.plan.findings):
        raise typer.Exit(1)


def _refuse_unfit(viewer: str | None, region: str | None, *, coverage: bool) -> None:
    """Raises WrongUsage for a zone that there is not, and for comparing one region alone."""
    from promo_scheduler.cli.scoping import refuse_unknown_zone
    from promo_scheduler.errors import WrongUsage

    refuse_unknown_zone(viewer)
    if coverage and region is not None:
        raise WrongUsage("--coverage compares all regions", help="leave out --region")


def _refuse_dates(since: datetime | None, until: datetime | None) -> None:
    """Raises WrongUsage for dates that no campaign can have, or in the wrong order."""
    from promo_scheduler.errors import WrongUsage
    from promo_scheduler.source.dates import FIRST_YEAR, LAST_YEAR

    for option, given in (("--from", since), ("--until", until)):
        if given and not FIRST_YEAR <= given.year <= LAST_YEAR:
            raise WrongUsage(
                f"{option}: expected a year from {FIRST_YEAR} to {LAST_YEAR}, found {given.year}",
                help="name a date that a campaign can have",
            )
    if since and until and until < since:
        message = f"--until {until.date()} is before --from {since.date()}"
        raise WrongUsage(message, help="turn the two round")


def _between(plan: Plan, since: datetime | None, until: datetime | None) -> Plan:
    """The windows that touch the local dates from `since` to `until`, both included."""
    from dataclasses import replace

    from promo_scheduler.timing.walltime import local

    def touches(window: Window) -> bool:
        first = local(window.zone_name, window.start).replace(tzinfo=None)
        end = local(window.zone_name, window.end).replace(tzinfo=None)
        begins_by = until is None or first.date() <= until.date()
        return begins_by and (since is None or end > since)

    windows = tuple(window for window in plan.windows if touches(window))
    keys = {window.key for window in windows}
    events = tuple(event for event in plan.events if event.key.window in keys)
    return replace(plan, windows=windows, events=events)


def _covered(world: World, since: datetime | None, until: datetime | None) -> Covered:
    """What each region gets between the given dates, else in whole weeks, those of the plan."""
    from promo_scheduler.planning.coverage import coverage, plan_weeks, week_of
    from promo_scheduler.views.coverage import Covered

    first, last = plan_weeks(world.plan, world.now)
    if since:
        first, last = since.date(), max(last, week_of(since.date())[1])
    if until:
        last = until.date()
        first = first if since else min(first, week_of(last)[0])
    return Covered(coverage(world.plan, world.workspace, first, last), first, last)


def _print(door: Door, world: World, covered: Covered | None) -> None:
    if door.is_json:
        from promo_scheduler.cli.printing import show_json
        from promo_scheduler.views.coverage import coverage_data
        from promo_scheduler.views.preview import preview_data

        more = {"coverage": coverage_data(covered)} if covered else {}
        show_json({**preview_data(world.plan, world.viewer), **more})
    elif door.output is Output.GITHUB:
        from promo_scheduler.cli.printing import show_commands

        show_commands(finding.problem for finding in world.plan.findings)
        show_commands(covered.problems if covered else ())
    else:
        _print_text(world, covered)


def _print_text(world: World, covered: Covered | None) -> None:
    from promo_scheduler.cli.printing import show, show_findings
    from promo_scheduler.views.coverage import coverage_parts
    from promo_scheduler.views.preview import origin_line, preview_parts, untold

    if covered:
        show(*coverage_parts(covered, world.workspace.regions))
    else:
        show(*preview_parts(world.plan, world.workspace, world.viewer))
        _print_overlaps(world.plan, world.workspace)
    show_findings(untold(world.plan))
    show("", origin_line(world.plan))


def _print_overlaps(plan: Plan, workspace: Workspace) -> None:
    from promo_scheduler.cli.printing import show
    from promo_scheduler.operations import capabilities
    from promo_scheduler.planning.overlaps import overlaps, products_of, stacks
    from promo_scheduler.views.applying import Meeting, meeting_grid
    from promo_scheduler.views.status import section

    able = capabilities(workspace)
    found = [
        Meeting(overlap.winner, overlap.loser)
        for overlap in overlaps(plan.windows, products_of(plan.windows, workspace))
        if overlap.winner and overlap.loser and not stacks(overlap, able[overlap.one.key.channel])
    ]
    grid = meeting_grid(found)
    if grid is not None:
        show(section("Which offer applies when", grid))
