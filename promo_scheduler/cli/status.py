"""`promo status`: what is live, what comes next, and what needs somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

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

    from promo_scheduler.cli.door import Door
    from promo_scheduler.engine.pulse import Daemon
    from promo_scheduler.errors import PromoError
    from promo_scheduler.firing import EventState
    from promo_scheduler.operations import Status

Check = Annotated[
    bool,
    typer.Option(
        "--check", help="Exit with 1 where something is late, failing or wrong, for monitoring."
    ),
]


def status(
    context: typer.Context,
    *,
    campaign: CampaignName = None,
    region: RegionName = None,
    phase: PhaseName = None,
    channel: ChannelName = None,
    check: Check = False,
    where: Where = None,
    output: Format = None,
) -> None:
    """Show what is live, what comes next, and what needs somebody.

    Where the ledger is out of reach, it shows what the daemon says of itself.
    """
    from promo_scheduler.cli.alive import daemons_of
    from promo_scheduler.cli.door import existing_ledger, ledger_now
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.errors import LedgerUnavailable
    from promo_scheduler.operations import status as look
    from promo_scheduler.order import Scope

    door = door_of(context, where, output)
    workspace = door.standing_workspace()
    daemons = daemons_of(workspace)
    try:
        with existing_ledger(workspace) as ledger:
            found = look(ledger, ledger_now(ledger), Scope(campaign, phase, region, channel))
            counts = ledger.counts() if door.is_json else {}  # it looks at every event
    except LedgerUnavailable as error:
        if daemons:
            _show_pulse(door, daemons, error)
        raise
    if door.is_json:
        show_json(_data(found, counts, daemons))
    else:
        show(*_parts(found, daemons))
    if check and not _healthy(found, daemons):
        raise typer.Exit(1)


def _healthy(found: Status, daemons: Sequence[Daemon]) -> bool:
    return found.healthy and all(daemon.is_well for daemon in daemons)


def _show_pulse(door: Door, daemons: Sequence[Daemon], error: PromoError) -> None:
    """What is known without a ledger."""
    from promo_scheduler.cli.alive import complaints, daemon_data, headline
    from promo_scheduler.cli.door import present
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.record import instant
    from promo_scheduler.views.as_data import document

    now = present()
    if door.is_json:
        pulse = [daemon_data(daemon) for daemon in daemons]
        name, problem = daemons[0].name, {"code": error.code, "message": error.message}
        show_json(
            document(at=instant(now), healthy=False, daemon=name, pulse=pulse, problem=problem)
        )
    else:
        show(headline(daemons), *complaints(daemons, now))


def _data(
    found: Status, counts: Mapping[EventState, int], daemons: Sequence[Daemon]
) -> dict[str, object]:
    from promo_scheduler.cli.alive import daemon_data, node_data
    from promo_scheduler.record import instant
    from promo_scheduler.views.as_data import (
        document,
        order_data,
        record_data,
        stamp_data,
        standing_data,
    )

    totals = found.totals
    return document(
        at=instant(found.at),
        healthy=_healthy(found, daemons),
        daemon=daemons[0].name if daemons else None,
        pulse=[daemon_data(daemon) for daemon in daemons],
        nodes=[node_data(node) for node in found.nodes],
        ledger=stamp_data(found.stamp),
        outdated=list(found.changed),
        live=[standing_data(standing) for standing in found.live],
        next=[record_data(record) for record in found.next],
        overdue=[record_data(record) for record in found.overdue],
        failing=[record_data(record) for record in found.failing],
        held=[record_data(record) for record in found.held],
        totals={
            "live": totals.live,
            "overdue": totals.overdue,
            "failing": totals.failing,
            "held": totals.held,
        },
        orders=[order_data(order) for order in found.orders],
        counts={state.value: number for state, number in counts.items()},
    )


def _parts(found: Status, daemons: Sequence[Daemon]) -> list[RenderableType]:
    from promo_scheduler.cli.alive import complaints, node_list
    from promo_scheduler.cli.door import present
    from promo_scheduler.views.status import event_grid, live_grid, order_grid, section

    totals = found.totals
    parts: list[RenderableType] = [_headline(found, daemons), *complaints(daemons, present())]
    parts += _outdated(found)
    if found.orders:
        parts.append(section("Orders in force", order_grid(found.orders, found.at)))
    for title, records, total in (
        ("Overdue", found.overdue, totals.overdue),
        ("Failing", found.failing, totals.failing),
        ("Held", found.held, totals.held),
    ):
        if records:
            parts.append(
                section(_titled(title, len(records), total), event_grid(records, found.at))
            )
    if found.live:
        title = _titled("Live", len(found.live), totals.live)
        parts.append(section(title, live_grid(found.live, found.at)))
    if found.next:
        parts.append(section("Next", event_grid(found.next, found.at)))
    if found.nodes:
        parts.append(section("Nodes", node_list(found.nodes, found.at)))
    return parts


def _titled(title: str, shown: int, total: int) -> str:
    return title if shown >= total else f"{title}: the first {shown} of {total:,}"


def _headline(found: Status, daemons: Sequence[Daemon]) -> Text:
    from rich.text import Text

    from promo_scheduler.cli.alive import headline
    from promo_scheduler.views.words import count

    text = Text()
    if found.stamp.simulated:
        text.append("SIMULATED  ", style="bold yellow")
    text.append(f"{found.at:%Y-%m-%d %H:%M:%S} UTC", style="bold")
    text.append(" · ").append(count(found.totals.live, "window") + " live")
    text.append(" · ").append(_lateness(found), _mood(found))
    text.append("\n").append_text(headline(daemons))
    about = f"revision {(found.stamp.revision or '–')[:12]}, tzdata {found.stamp.tzdata or '–'}"
    return text.append(f"\nledger {found.stamp.id[:8]}, {about}", style="bright_black")


def _lateness(found: Status) -> str:
    if found.healthy:
        return "all on time"
    late, failing = found.totals.overdue, found.totals.failing
    return f"{late:,} overdue" if late else f"{failing:,} failing"


def _outdated(found: Status) -> list[RenderableType]:
    """Other zone data or calendars than what stands was resolved with."""
    from rich.text import Text

    from promo_scheduler.cli.checkup import MOVES

    if not found.changed:
        return []
    return [Text(f"since the last apply: {', '.join(found.changed)}; {MOVES}", style="yellow")]


def _mood(found: Status) -> str:
    return "green" if found.healthy else "bold red"
