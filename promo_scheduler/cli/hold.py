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
    where: Where = None,
    output: Format = None,
) -> None:
    """Let nothing in a scope start, until it is released.

    What is live goes on; what is staged is taken back on the channels. An ending is never held
    back.
    """
    from promo_scheduler.cli.ordering import Asked, give_order
    from promo_scheduler.operations import hold as give
    from promo_scheduler.order import Scope

    scope = Scope(campaign, phase, region, channel, sku)
    asked = Asked(scope, everything, reason, yes)
    questions = (f"Hold {scope}?", "Nothing there will start until it is released. Sure?")
    give_order(door_of(context, where, output), asked, questions, give)
