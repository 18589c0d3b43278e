"""`promo resume`: take a stop back."""

from __future__ import annotations

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import (
    CampaignName,
    ChannelName,
    Everything,
    Format,
    PhaseName,
    RegionName,
    Sku,
    Where,
)


def resume(
    context: typer.Context,
    *,
    campaign: CampaignName = None,
    phase: PhaseName = None,
    region: RegionName = None,
    channel: ChannelName = None,
    sku: Sku = None,
    everything: Everything = False,
    where: Where = None,
    output: Format = None,
) -> None:
    """Take a stop back: what still lasts goes live again.

    The scope is that of the stop, as it was given.
    """
    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.cli.ordering import print_taken_back
    from promo_scheduler.cli.scoping import refuse_no_scope
    from promo_scheduler.operations import resume as take_back
    from promo_scheduler.order import Scope

    door = door_of(context, where, output)
    given = Scope(campaign, phase, region, channel, sku)
    scope = refuse_no_scope(given, everything=everything)
    workspace = door.standing_workspace()
    with existing_ledger(workspace) as ledger:
        print_taken_back(door, take_back(workspace, ledger, scope, ledger_now(ledger)))
