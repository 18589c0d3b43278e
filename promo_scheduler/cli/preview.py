"""`promo preview`: what will happen, on a map of hours and in a table. Needs no ledger."""

from __future__ import annotations

from datetime import datetime
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


def preview(
    context: typer.Context,
    *,
    campaign: CampaignName = None,
    region: RegionName = None,
    phase: PhaseName = None,
    channel: ChannelName = None,
    since: From = None,
    until: Until = None,
    where: Where = None,
    output: Format = None,
) -> None:
    """Show what will happen: a world timeline and every window.

    Offline, and without a ledger. Exits with 1 where there is an error.
    """
    from promo_scheduler.cli.door import present
    from promo_scheduler.cli.scoping import refuse_unknown
    from promo_scheduler.operations import preview as look_ahead
    from promo_scheduler.order import Scope

    door = door_of(context, where, output)
    workspace = door.workspace()
    scope = refuse_unknown(Scope(campaign, phase, region, channel), workspace)
    plan = _between(look_ahead(workspace, present(), scope), since, until)
    _print(door, plan, workspace)
    if any(finding.is_error for finding in plan.findings):
        raise typer.Exit(1)


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


def _print(door: Door, plan: Plan, workspace: Workspace) -> None:
    if door.is_json:
        from promo_scheduler.cli.printing import show_json
        from promo_scheduler.views.as_data import plan_data

        show_json(plan_data(plan))
    elif door.output is Output.GITHUB:
        from promo_scheduler.cli.printing import show_commands

        show_commands(finding.problem for finding in plan.findings)
    else:
        _print_text(plan, workspace)


def _print_text(plan: Plan, workspace: Workspace) -> None:
    from promo_scheduler.cli.printing import show, show_findings
    from promo_scheduler.views.preview import origin_line, preview_parts, untold

    show(*preview_parts(plan, workspace))
    _print_overlaps(plan, workspace)
    show_findings(untold(plan))
    show("", origin_line(plan))


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
