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
    Timeout,
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
    timeout: Timeout = 60.0,
    where: Where = None,
    output: Format = None,
) -> None:
    """End now what is live in a scope, then hold it.

    Waits until every channel, read back, shows that it is down, and prints that
    by region and channel. Exits with 4 where something could not be confirmed:
    the daemon goes on trying it. Nothing starts there until it is resumed.
    """
    from promo_scheduler.cli.ordering import Asked, give_order
    from promo_scheduler.operations import stop as give
    from promo_scheduler.order import OrderKind, Scope

    scope = Scope(campaign, phase, region, channel, sku)
    asked = Asked(OrderKind.STOP, scope, everything, reason, yes)
    give_order(door_of(context, where, output), asked, give, timeout)
