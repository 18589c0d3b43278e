"""`promo simulate`: play the workspace through, in a shop on loopback and in little time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import Format, Where

State = Annotated[
    Path | None,
    typer.Option(
        "--state",
        metavar="DIR",
        help="Keep the ledger there, and go on from it. (default: a folder that is removed)",
        show_default=False,
    ),
]
ShopUrl = Annotated[
    str | None,
    typer.Option("--shop", metavar="URL", help="Play in a sandbox shop that runs already."),
]


def simulate(
    context: typer.Context,
    state: State = None,
    shop: ShopUrl = None,
    where: Where = None,
    output: Format = None,
) -> None:
    """Play the whole workspace through, in little time.

    The real daemon runs under a clock that skips the idle hours. Every channel is played by a
    sandbox shop on loopback; the channels themselves are never touched. Exits with 1 where the
    shop's own log shows something else than the plan.
    """
    from promo_scheduler.cli.playing import Play, play

    door = door_of(context, where, output)
    play(Play(door, door.workspace(), state=state, shop=shop))
