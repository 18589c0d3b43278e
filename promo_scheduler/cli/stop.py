"""`promo stop`: end now what is live, then hold."""

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


def stop(
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
    """End now what is live in a scope, then hold it.

    The daemon ends it; what it takes down is shown by region and channel. Nothing starts there
    until it is resumed.
    """
    from promo_scheduler.cli.ordering import Asked, give_order
    from promo_scheduler.operations import stop as give
    from promo_scheduler.order import Scope

    scope = Scope(campaign, phase, region, channel, sku)
    asked = Asked(scope, everything, reason, yes)
    questions = (f"Stop {scope}?", "What is live there ends now, for every buyer. Sure?")
    give_order(door_of(context, where, output), asked, questions, give)
