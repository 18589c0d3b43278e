"""What can be said of a channel without asking it: its settings, and impossible windows."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from promo_scheduler.connector import Invalid, Problem, Window, WindowNotAllowed
from promo_scheduler.offer import AmountOff, FixedPrice

SETTING = "E433"


def settings_problems(
    settings: Mapping[str, str], required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> list[Problem]:
    """Which settings are missing, and which nobody knows."""
    known = (*required, *optional)
    missing = [
        Problem(SETTING, "expected a value, found nothing", path=f"settings.{name}")
        for name in required
        if not settings.get(name)
    ]
    return missing + [_unknown(name, known) for name in settings if name not in known]


def _unknown(name: str, known: tuple[str, ...]) -> Problem:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    return Problem(SETTING, "unknown setting", path=f"settings.{name}", help=hint)


def window_problems(window: Window) -> list[Problem]:
    """A window that no channel takes: one that does not end after its start, or has no amount in
    the currency it is sold in.
    """
    problems = []
    if window.start >= window.end:
        found = f"{window.start.isoformat()} to {window.end.isoformat()}"
        problems.append(
            Problem(WindowNotAllowed.code, f"expected an end after the start, found {found}")
        )
    value = window.offer.value
    amounts = value.amounts if isinstance(value, AmountOff) else ()
    amounts = value.prices if isinstance(value, FixedPrice) else amounts
    if amounts and window.currency not in {money.currency for money in amounts}:
        told = ", ".join(money.currency for money in amounts)
        problems.append(
            Problem(Invalid.code, f"expected an amount in {window.currency}, found {told}")
        )
    return problems
