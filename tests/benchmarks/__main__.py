"""`python tests/benchmarks [names…]`: every goal beside its peer, in one run, under 15 minutes."""

from __future__ import annotations

import gc
import os
import signal
import sys

import applying
import expanding
import help_text
import herd
import million
import postgresql
import queues
import recovery
import single
from figures import HEADER

from promo_scheduler.cli import GARBAGE
from promo_scheduler.errors import PromoError

PARTS = {
    part.__name__: part
    for part in (help_text, expanding, applying, herd, single, million, queues, recovery)
}


def _run(names: list[str]) -> int:
    if unknown := [name for name in names if name not in PARTS]:
        print(f"no part is called {unknown[0]}: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    gc.set_threshold(*GARBAGE)  # as the command line does
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # daemons and server end with it
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {_server()}")
    print(HEADER, flush=True)
    broken = [name for name in names or PARTS if not _measured(name)]
    return 1 if broken else 0


def _measured(name: str) -> bool:
    """Print a part's figures; what breaks it is told, and the other parts go on."""
    try:
        for figure in PARTS[name].measure():
            print(figure, flush=True)
    except (RuntimeError, AssertionError, PromoError) as error:
        print(f"     {name} was NOT MEASURED to its end: {error}", flush=True)
        return False
    return True


def _server() -> str:
    try:
        return f"PostgreSQL: {postgresql.settings()}"
    except ModuleNotFoundError as error:
        return f"no PostgreSQL: {error.name} is not installed"


if __name__ == "__main__":
    sys.exit(_run(sys.argv[1:]))
