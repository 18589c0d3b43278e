"""How long windows last: by the clock on the wall, and really, where the two differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from promo_scheduler.plan import Window
from promo_scheduler.timing.walltime import local
from promo_scheduler.views.words import lasting


def by_the_clock(window: Window) -> timedelta:
    """How long it looks to who reads its start and its end off the wall."""
    start, end = (local(window.zone_name, at) for at in (window.start, window.end))
    return end.replace(tzinfo=None) - start.replace(tzinfo=None)


def length_words(windows: Sequence[Window]) -> str:
    """`2 hours`, or `3 hours by the clock, 2 hours elapsed`; the windows share their wall times."""
    wall = by_the_clock(windows[0])
    elapsed = sorted({window.end - window.start for window in windows})
    if elapsed == [wall]:
        return lasting(wall)
    return f"{lasting(wall)} by the clock, {' or '.join(map(lasting, elapsed))} elapsed"


def iso_duration(length: timedelta) -> str:
    """In hours, minutes and seconds of ISO 8601: `PT23H`, `PT1H30M`."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    return "PT" + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0S")
