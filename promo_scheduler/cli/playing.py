"""What demo and simulate share: play a workspace, show how it goes, and print the account."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from promo_scheduler.cli.door import Door
from promo_scheduler.errors import DemoFailed, WrongUsage

if TYPE_CHECKING:
    from rich.console import RenderableType

    from promo_scheduler.engine.simulation import Simulation
    from promo_scheduler.views.running import Summary
    from promo_scheduler.workspace import Workspace

LOOKS_A_SECOND = 4


@dataclass(frozen=True, slots=True)
class Play:
    """What to play, and how. `seconds` is about how long it is to take; 0 is as fast as it goes."""

    door: Door
    workspace: Workspace
    state: Path | None = None
    shop: str | None = None
    keep: bool = False
    seconds: float = 0.0


def play(wanted: Play) -> None:
    """Play it and print the account. Raises DemoFailed where it is not as planned."""
    from promo_scheduler.engine.logs import configure

    configure("error")
    with _folder(wanted) as folder:
        account = asyncio.run(_play(wanted, folder))
    if not account.good:
        raise DemoFailed(
            "the shop's log or the audit shows something else than the plan",
            help="the faults above name the windows; `--state DIR` keeps the ledger to look into",
        )


@contextmanager
def _folder(wanted: Play) -> Iterator[Path]:
    from promo_scheduler.operations.staging import LEDGER

    if wanted.state is None:
        with tempfile.TemporaryDirectory(prefix="promo-") as folder:
            yield Path(folder)
        return
    if wanted.shop is None and (wanted.state / LEDGER).exists():
        raise WrongUsage(
            f"{wanted.state} holds a simulation, whose shop is gone",
            help="name another folder, or the shop that it was played in with --shop",
        )
    wanted.state.mkdir(parents=True, exist_ok=True)
    yield wanted.state


async def _play(wanted: Play, folder: Path) -> Summary:
    from promo_scheduler.engine.simulation import Simulation, Wanted

    request = Wanted(wanted.workspace, folder, wanted.shop, wanted.seconds)
    async with Simulation(request) as simulation:
        await _watched(simulation)
        account = await simulation.account()
        _print(wanted.door, account)
        if wanted.keep:
            await _kept(simulation.url)
    return account


async def _watched(simulation: Simulation) -> None:
    """Run it; where a terminal is there to show it on, show how it goes."""
    if not sys.stderr.isatty():
        await simulation.run()
        return
    from promo_scheduler.views.paper import live_on

    with live_on(sys.stderr) as show:
        running = asyncio.create_task(simulation.run())
        while not running.done():
            await _show(simulation, show)
            await asyncio.wait([running], timeout=1 / LOOKS_A_SECOND)
        await _show(simulation, show)
    await running


async def _show(simulation: Simulation, show: Callable[[RenderableType], None]) -> None:
    from promo_scheduler.views.running import running

    show(running(*await simulation.look()))


def _print(door: Door, account: Summary) -> None:
    from promo_scheduler.cli.printing import show, show_json
    from promo_scheduler.views.running import summary, summary_data

    if door.is_json:
        show_json(summary_data(account))
    else:
        show(summary(account))


async def _kept(url: str) -> None:
    from promo_scheduler.cli.printing import say

    say(f"The shop's page is at {url} until you press Ctrl-C.")
    await asyncio.Event().wait()
