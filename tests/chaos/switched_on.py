"""What is there in this version, and so can be switched on."""

import importlib.util


def has_cluster():
    from promo_scheduler.cli import run

    there = "engine" in run.run.__annotations__
    return there and importlib.util.find_spec("pgqueuer") is not None
