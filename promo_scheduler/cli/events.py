"""`promo events`: the trigger events of the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import (
    CampaignName,
    ChannelName,
    Format,
    PhaseName,
    RegionName,
    Sku,
    Where,
)

if TYPE_CHECKING:
    from promo_scheduler.firing import EventRecord, EventState

State = Annotated[
    list[str] | None,
    typer.Option("--state", metavar="STATE", help="Only in this state; may be given again."),
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="At most so many.")]
Newest = Annotated[bool, typer.Option("--newest", help="The latest first.")]


def events(
    context: typer.Context,
    *,
    state: State = None,
    campaign: CampaignName = None,
    region: RegionName = None,
    phase: PhaseName = None,
    channel: ChannelName = None,
    sku: Sku = None,
    limit: Limit = 50,
    newest: Newest = False,
    where: Where = None,
    output: Format = None,
) -> None:
    """List trigger events: when, what, and their state."""
    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.cli.printing import show_json
    from promo_scheduler.ledger import EventQuery
    from promo_scheduler.order import Scope
    from promo_scheduler.views.as_data import document, record_data

    door = door_of(context, where, output)
    scope = Scope(campaign, phase, region, channel, sku)
    query = EventQuery(scope, _states(state or []), limit=limit + 1, newest_first=newest)
    with existing_ledger(door.standing_workspace()) as ledger:
        found, now = list(ledger.events(query)), ledger_now(ledger)
    more, found = len(found) > limit, found[:limit]
    if door.is_json:
        show_json(document(events=[record_data(record) for record in found], more=more))
    else:
        _print(found, now, more=more)


def _states(names: list[str]) -> frozenset[EventState]:
    from promo_scheduler.errors import WrongUsage
    from promo_scheduler.firing import EventState

    for name in names:
        if name not in set(EventState):
            raise WrongUsage(
                f'there is no state "{name}"', help=f"the states: {', '.join(EventState)}"
            )
    return frozenset(EventState(name) for name in names)


def _print(found: list[EventRecord], now: datetime, *, more: bool) -> None:
    from promo_scheduler.cli.printing import say, show
    from promo_scheduler.views.status import event_list

    if not found:
        say("no event is like that")
        return
    show(event_list(found, now))
    if more:
        say(f"there are more; --limit {len(found) * 2} shows more of them")
