"""`promo release`: take a hold back."""

from __future__ import annotations

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import (
    CampaignName,
    ChannelName,
    Everything,
    Format,
    PhaseName,
    Reason,
    RegionName,
    Sku,
    Where,
    Yes,
)


def release(
    context: typer.Context,
    *,
    reason: Reason,
    campaign: CampaignName = None,
    phase: PhaseName = None,
    region: RegionName = None,
    channel: ChannelName = None,
    sku: Sku = None,
    everything: Everything = False,
    yes: Yes = False,
    where: Where = None,
    output: Format = None,
) -> None:
    """Take a hold back: starts are fired again.

    What it took down is staged again. The scope is that of the hold, as it was given.
    """
    from promo_scheduler.cli.ordering import Asked, take_back
    from promo_scheduler.operations import release as take
    from promo_scheduler.order import OrderKind, Scope

    scope = Scope(campaign, phase, region, channel, sku)
    asked = Asked(OrderKind.HOLD, scope, everything, reason, yes)
    questions = (f"Release {scope}?", "What was held there starts again. Sure?")
    take_back(door_of(context, where, output), asked, questions, take)
