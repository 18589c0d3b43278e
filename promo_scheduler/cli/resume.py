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
    Reason,
    RegionName,
    Sku,
    Where,
    Yes,
)


def resume(
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
    """Take a stop back: what still lasts goes live again.

    The scope is that of the stop, as it was given.
    """
    from promo_scheduler.cli.ordering import Asked, take_back
    from promo_scheduler.operations import resume as take
    from promo_scheduler.order import OrderKind, Scope

    scope = Scope(campaign, phase, region, channel, sku)
    asked = Asked(OrderKind.STOP, scope, everything, reason, yes)
    questions = (
        f"Resume {scope}?",
        "What was stopped there goes live again, where it still lasts. Sure?",
    )
    take_back(door_of(context, where, output), asked, questions, take)
