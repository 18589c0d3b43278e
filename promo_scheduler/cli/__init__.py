"""The terminal: `promo`, one file a command. Commands call operations and print views."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Every error of ours is told without a traceback.

    0 done, 1 failed, 2 wrong usage, 3 changes pending (only with --detailed-exitcode), 4 partly
    done, 130 interrupted.
    """
    from promo_scheduler.cli.app import app
    from promo_scheduler.cli.door import Door
    from promo_scheduler.cli.failing import guarded

    door = Door()
    return guarded(lambda: app(arguments, prog_name="promo", obj=door), door)
