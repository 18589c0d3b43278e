"""`promo demo`: the main job, from a campaign in YAML to prices in a shop, in half a minute."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import Format

Folder = Annotated[
    Path | None,
    typer.Argument(metavar="[DIR]", help="Another workspace. (default: the Double 11 example)"),
]
Keep = Annotated[
    bool,
    typer.Option("--keep", help="Leave the shop running afterwards, with its page for a browser."),
]
Seconds = Annotated[
    float, typer.Option("--seconds", min=0, help="About how long it is to take.", metavar="N")
]


def demo(
    context: typer.Context,
    folder: Folder = None,
    keep: Keep = False,
    seconds: Seconds = 25.0,
    output: Format = None,
) -> None:
    """Watch a whole Double 11 go live and come off again.

    The real daemon under a simulated clock, and a small real shop on loopback whose prices change
    by HTTP. Ends with a summary from the ledger and from the shop's own log.
    """
    from promo_scheduler.cli.playing import Play, play
    from promo_scheduler.source import load, shipped

    door = door_of(context, None, output)
    workspace = load(folder or shipped("examples") / "double-11")
    play(Play(door, workspace, keep=keep, seconds=seconds))
