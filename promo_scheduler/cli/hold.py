"""`promo hold`: let nothing more start in a scope."""

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


def hold(
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
    """Let nothing in a scope start, until it is released.

    What is live goes on; what is staged is taken back on the channels, and read
    back. Exits with 4 where that could not be confirmed: the daemon goes on
    trying it. An ending is never held back.
    """
    from promo_scheduler.cli.ordering import Asked, give_order
    from promo_scheduler.operations import hold as give
    from promo_scheduler.order import OrderKind, Scope

    scope = Scope(campaign, phase, region, channel, sku)
    asked = Asked(OrderKind.HOLD, scope, everything, reason, yes)
    give_order(door_of(context, where, output), asked, give, timeout)
