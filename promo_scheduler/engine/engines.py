"""The engines to choose from, and what each of them is given to do.

An engine says which events may be due, and runs the periodic work. `embedded` is a timer in the one
daemon of a ledger. `pgqueuer` deals the near horizon out to any number of daemons on one PostgreSQL
ledger. The dispatcher and the ledger are the same under both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

import structlog

from promo_scheduler.channels.act import where_raised
from promo_scheduler.errors import EngineMissing, PromoError, WrongUsage
from promo_scheduler.plan import TriggerEvent

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Chore:
    """Something that is done again and again: each time `every` has passed.

    It may raise PromoError, which is logged. In a cluster one node at a time does it.
    """

    name: str
    every: timedelta
    work: Callable[[], Awaitable[None]]


async def do(chore: Chore) -> None:
    """Do a chore once. What goes wrong is told, and must not end the firing of what is due."""
    try:
        await chore.work()
    except PromoError as error:
        log.error("engine.chore-failed", chore=chore.name, error=error.message)
    except Exception as error:  # a bug in it
        log.error("engine.chore-bug", chore=chore.name, error=where_raised(error))


Enqueue = Callable[[Any, Sequence[TriggerEvent]], None]
"""Put events into the queue, in the transaction that is open on a driver's connection."""

HandOver = Callable[[Enqueue], Awaitable[int]]
"""Mark some events of the near horizon as handed and enqueue them, in one transaction; how many."""


def require_cluster(ledger_url: str, *, simulated: bool = False) -> None:
    """Raise where the cluster engine cannot work on this ledger, or is not installed.

    WrongUsage for a ledger in SQLite or a simulated one, EngineMissing without the extra.
    """
    if simulated:
        raise WrongUsage(
            "a simulated ledger runs on the embedded engine alone",
            help="leave --engine out; a simulated clock is one process's own",
        )
    if not ledger_url.startswith("postgres"):
        raise WrongUsage(
            "the engine pgqueuer needs a ledger in PostgreSQL, and this one is in SQLite",
            help="set `ledger: postgresql://…` in config/settings.yaml, or leave --engine out",
        )
    missing = [name for name in ("pgqueuer", "psycopg") if find_spec(name) is None]
    if missing:
        raise EngineMissing(
            f"the engine pgqueuer is not installed: there is no {' and no '.join(missing)} here",
            help="pip install 'promo-scheduler[cluster]'",
        )
