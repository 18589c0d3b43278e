"""`promo status`: what is live, what comes next, and what needs somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import (
    CampaignName,
    ChannelName,
    Format,
    PhaseName,
    RegionName,
    Where,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from promo_scheduler.operations import Status
    from promo_scheduler.workspace import Workspace


def status(
    context: typer.Context,
    *,
    campaign: CampaignName = None,
    region: RegionName = None,
    phase: PhaseName = None,
    channel: ChannelName = None,
    where: Where = None,
    output: Format = None,
) -> None:
    """Show what is live, what comes next, and what needs somebody."""
    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.operations import status as look
    from promo_scheduler.order import Scope

    door = door_of(context, where, output)
    workspace = door.standing_workspace()
    scope = Scope(campaign, phase, region, channel)
    with existing_ledger(workspace) as ledger:
        found = look(ledger, ledger_now(ledger), scope)
    daemon = _daemon(workspace)
    if door.is_json:
        show_json(_data(found, daemon))
    else:
        show(*_parts(found, daemon))


def _daemon(workspace: Workspace) -> str | None:
    """Who holds the daemon's lock on this machine; None where nobody does."""
    from promo_scheduler.engine.lock import holder
    from promo_scheduler.operations import lock_path

    return holder(lock_path(workspace))


def _data(found: Status, daemon: str | None) -> dict[str, object]:
    from promo_scheduler.record import instant
    from promo_scheduler.views.as_data import (
        document,
        order_data,
        record_data,
        stamp_data,
        standing_data,
    )

    return document(
        at=instant(found.at),
        healthy=found.healthy,
        daemon=daemon,
        ledger=stamp_data(found.stamp),
        outdated=list(found.changed),
        live=[standing_data(standing) for standing in found.live],
        next=[record_data(record) for record in found.next],
        overdue=[record_data(record) for record in found.overdue],
        failing=[record_data(record) for record in found.failing],
        held=[record_data(record) for record in found.held],
        orders=[order_data(order) for order in found.orders],
        counts={state.value: number for state, number in found.counts.items()},
    )


def _parts(found: Status, daemon: str | None) -> list[RenderableType]:
    from promo_scheduler.views.status import event_grid, live_grid, order_grid, section

    parts: list[RenderableType] = [_headline(found, daemon), *_outdated(found)]
    if found.orders:
        parts.append(section("Orders in force", order_grid(found.orders, found.at)))
    for title, records in (
        ("Overdue", found.overdue),
        ("Failing", found.failing),
        ("Held", found.held),
    ):
        if records:
            parts.append(section(title, event_grid(records, found.at)))
    if found.live:
        parts.append(section("Live", live_grid(found.live, found.at)))
    if found.next:
        parts.append(section("Next", event_grid(found.next, found.at)))
    return parts


def _headline(found: Status, daemon: str | None) -> Text:
    from rich.text import Text

    from promo_scheduler.views.words import count

    text = Text()
    if found.stamp.simulated:
        text.append("SIMULATED  ", style="bold yellow")
    text.append(f"{found.at:%Y-%m-%d %H:%M:%S} UTC", style="bold")
    text.append(" · ").append(count(len(found.live), "window") + " live")
    late = len(found.overdue)
    text.append(" · ").append("all on time" if found.healthy else f"{late} overdue", _mood(found))
    text.append(" · ").append(
        f"daemon {daemon}" if daemon else "no daemon runs here", "" if daemon else "yellow"
    )
    about = f"revision {(found.stamp.revision or '–')[:12]}, tzdata {found.stamp.tzdata or '–'}"
    return text.append(f"\nledger {found.stamp.id[:8]}, {about}", style="bright_black")


def _outdated(found: Status) -> list[RenderableType]:
    """Other zone data or calendars than what stands was resolved with."""
    from rich.text import Text

    from promo_scheduler.cli.checkup import MOVES

    if not found.changed:
        return []
    return [Text(f"since the last apply: {', '.join(found.changed)}; {MOVES}", style="yellow")]


def _mood(found: Status) -> str:
    return "green" if found.healthy else "bold red"
