"""What `promo status` says of daemons: those alive on this machine, and the nodes of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import RenderableType
    from rich.text import Text

    from promo_scheduler.engine.pulse import Daemon, Late, Wrong
    from promo_scheduler.ledger import NodeState
    from promo_scheduler.workspace import Workspace

LONGEST_LIST = 10  # channels that are told one by one


def daemons_of(workspace: Workspace) -> tuple[Daemon, ...]:
    """The workspace's daemons on this machine. Raises LedgerUnavailable."""
    from promo_scheduler.engine.clocks import SystemClock
    from promo_scheduler.engine.pulse import daemons
    from promo_scheduler.operations import lock_path

    return daemons(lock_path(workspace), SystemClock())


# ── for people ──────────────────────────────────────────────────────────────────────────────────
def headline(daemons: Sequence[Daemon]) -> Text:
    """Who runs here, and whether it is alive."""
    from rich.text import Text

    if not daemons:
        return Text("no daemon runs here", style="yellow")
    if len(daemons) > 1:
        return Text(f"{len(daemons)} daemons here")
    beat = "" if daemons[0].age is None else f", beat {_seconds(daemons[0])} ago"
    return Text(f"daemon {daemons[0].name}{beat}")


def complaints(daemons: Sequence[Daemon], now: datetime) -> list[RenderableType]:
    """What is wrong, by what the daemons say of themselves; a line each."""
    return [
        _named(daemon, line) if len(daemons) > 1 else line
        for daemon in daemons
        for line in _of_one(daemon, now)
    ]


def node_list(nodes: Sequence[NodeState], now: datetime) -> RenderableType:
    """The nodes that share the ledger, with what is left of their leases."""
    from rich.text import Text

    from promo_scheduler.views.grid import Grid, Row
    from promo_scheduler.views.words import plain, relative

    rows = [
        Row(
            (
                Text(plain(node.name)),
                _lease(node),
                Text(node.engine),
                Text(f"since {relative(node.started_at, now)}", style="bright_black"),
            )
        )
        for node in nodes
    ]
    return Grid(rows, spill=(3, 2))


def _of_one(daemon: Daemon, now: datetime) -> Iterator[Text]:
    from rich.text import Text

    from promo_scheduler.views.words import count

    if daemon.is_stale and daemon.age is not None:
        yield Text(f"the daemon hangs: its last beat was {_seconds(daemon)} ago", style="bold red")
    if (pulse := daemon.pulse) is None:
        return
    if pulse.ledger:
        yield _wrong("the ledger is out of reach", pulse.ledger, now, "bold red")
    if pulse.wake:
        yield _wrong("the timer stalled", pulse.wake, now, "bold red")
    if pulse.late.count:
        yield Text(_late(pulse.late), style="bold red")
    if pulse.unsettled and pulse.ledger:
        said = count(pulse.unsettled, "event")
        yield Text(f"{said} claimed and not recorded yet, {pulse.in_flight} in flight", style="red")
    down = list(pulse.channels_down.items())
    for name, wrong in down[:LONGEST_LIST]:
        yield _wrong(f"channel {name} is down", wrong, now, "yellow")
    if len(down) > LONGEST_LIST:
        more = count(len(down) - LONGEST_LIST, "more channel")
        yield Text(f"and {more} down", style="yellow")


def _late(late: Late) -> str:
    from datetime import timedelta

    from promo_scheduler.views.words import count, roughly

    are = "is" if late.count == 1 else "are"
    longest = roughly(timedelta(seconds=late.seconds))
    return f"{count(late.count, 'event')} {are} overdue, the longest by {longest}"


def _wrong(what: str, wrong: Wrong, now: datetime, style: str) -> Text:
    from rich.text import Text

    from promo_scheduler.views.words import plain, relative

    ago = f"{wrong.since:%H:%M:%S} UTC, {relative(wrong.since, now)}"
    text = Text(f"{what} since {ago}", style=style)
    return text.append(f": {plain(wrong.reason)}", style="default") if wrong.reason else text


def _named(daemon: Daemon, line: Text) -> Text:
    from rich.text import Text

    return Text(f"{daemon.name}: ").append_text(line)


def _seconds(daemon: Daemon) -> str:
    from datetime import timedelta

    from promo_scheduler.views.words import roughly

    age = daemon.age or timedelta(0)
    return roughly(age) if age >= timedelta(seconds=1) else "less than a second"


def _lease(node: NodeState) -> Text:
    from datetime import timedelta

    from rich.text import Text

    from promo_scheduler.views.words import roughly

    if node.lease_left <= timedelta(0):
        return Text(f"lease ran out {roughly(node.lease_left)} ago", style="bold red")
    return Text(f"lease for {roughly(node.lease_left)}", style="green")


# ── for programs ────────────────────────────────────────────────────────────────────────────────
def daemon_data(daemon: Daemon) -> dict[str, Any]:
    """A daemon with its last beat; `age_seconds` is None before the first."""
    from promo_scheduler.engine.pulse import pulse_data

    age = None if daemon.age is None else round(daemon.age.total_seconds(), 3)
    said = pulse_data(daemon.pulse) if daemon.pulse else {"owner": daemon.name}
    return {**said, "age_seconds": age, "healthy": daemon.is_well}


def node_data(node: NodeState) -> dict[str, Any]:
    """A node and its lease."""
    from promo_scheduler.record import instant

    return {
        "name": node.name,
        "place": node.place,
        "engine": node.engine,
        "started_at": instant(node.started_at),
        "lease_left_seconds": round(node.lease_left.total_seconds(), 3),
    }
