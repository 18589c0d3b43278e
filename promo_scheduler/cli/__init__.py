"""The terminal: `promo`, one file a command. Commands call operations and print views."""

from __future__ import annotations

import gc
from collections.abc import Sequence

# A plan is very many small values that refer to no one in a circle. Looking for circles after each
# 700 of them, as Python does by default, costs a third of the time.
GARBAGE = (100_000, 50, 50)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Every error of ours is told without a traceback.

    0 done, 1 failed, 2 wrong usage, 3 changes pending (only with --detailed-exitcode), 4 partly
    done, 130 interrupted.
    """
    from promo_scheduler.cli.app import app
    from promo_scheduler.cli.door import Door
    from promo_scheduler.cli.failing import guarded

    gc.set_threshold(*GARBAGE)
    door = Door()
    return guarded(lambda: app(arguments, prog_name="promo", obj=door), door)
