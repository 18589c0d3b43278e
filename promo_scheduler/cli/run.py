"""`promo run`: the daemon."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from promo_scheduler.cli.door import door_of
from promo_scheduler.cli.options import Where
from promo_scheduler.settings import EngineName


class Level(StrEnum):
    """How much the log tells."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


LogLevel = Annotated[Level, typer.Option("--log-level", help="How much the log tells.")]


EngineOption = Annotated[
    EngineName,
    typer.Option(
        "--engine", help="embedded: one daemon. pgqueuer: any number of them on one PostgreSQL."
    ),
]


def run(
    context: typer.Context,
    engine: EngineOption = EngineName.EMBEDDED,
    log_level: LogLevel = Level.INFO,
    where: Where = None,
) -> None:
    """Run the daemon until it is stopped.

    It fires what is due, and follows the committed files of the workspace. SIGTERM and Ctrl-C stop
    it with nothing half done; killed in any other way, it goes on from the ledger when it is
    started again. Its log goes to stderr.
    """
    import asyncio

    from promo_scheduler.engine.daemon import run_daemon
    from promo_scheduler.engine.logs import configure

    door = door_of(context, where, None)
    configure(log_level.value)
    asyncio.run(run_daemon(door.root(), engine))
