"""Recurrence rules: which RFC 5545 rules over dates are read, and why others are not (T8)."""

from __future__ import annotations

import re
from datetime import date, datetime

from promo_scheduler.source.complaint import shown
from promo_scheduler.source.nodes import Text
from promo_scheduler.source.scalars import complain

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_PARTS = frozenset(
    [
        "FREQ",
        "INTERVAL",
        "COUNT",
        "UNTIL",
        "WKST",
        "BYDAY",
        "BYMONTH",
        "BYMONTHDAY",
        "BYYEARDAY",
        "BYWEEKNO",
        "BYSETPOS",
    ]
)
_LONGEST = 500
_UNTIL = re.compile(r"[0-9]{8}(T[0-9]{6})?")
_COUNTED = re.compile(r"[1-9][0-9]{0,3}")
_HELP = 'for example "FREQ=WEEKLY;BYDAY=FR"'


def rule_text(text: Text) -> str:
    """The rule without an `RRULE:` before it. Raises the complaint about one that is not read."""
    rule = str(text).removeprefix("RRULE:")
    parts = _parts(rule)
    if parts.get("FREQ") not in _FREQUENCIES:
        found = shown(parts.get("FREQ"))
        raise complain("E044", f"expected FREQ={'|'.join(_FREQUENCIES)}, found {found}", _HELP)
    for name in ("INTERVAL", "COUNT"):
        if name in parts and not _COUNTED.fullmatch(parts[name]):
            raise complain("E044", f"{name}: expected 1 to 9999, found {shown(parts[name])}")
    _check_until(parts.get("UNTIL"))
    _try(rule)
    return rule


def _parts(rule: str) -> dict[str, str]:
    if len(rule) > _LONGEST:
        raise complain("E044", f"expected at most {_LONGEST} characters")
    parts: dict[str, str] = {}
    for part in rule.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts:
            raise complain("E044", f"expected NAME=VALUE parts, found {shown(part)}", _HELP)
        if name not in _PARTS:
            reason = "hours are given by `from`" if name.startswith("BY") else "not read here"
            raise complain(
                "E044", f"{shown(name)}: {reason}", f"parts: {', '.join(sorted(_PARTS))}"
            )
        parts[name] = value
    return parts


def _check_until(until: str | None) -> None:
    if until is None:
        return
    if until.endswith("Z"):
        raise complain(
            "E045",
            f"UNTIL={until} is an instant, but the dates are each zone's own",
            f"drop the Z, or the UNTIL: `to` ends the range (UNTIL={until[:8]})",
        )
    if not _UNTIL.fullmatch(until):
        raise complain("E044", f"UNTIL: expected YYYYMMDD, found {shown(until)}")


def _try(rule: str) -> None:
    from dateutil.rrule import rrulestr

    start = datetime.combine(date(2026, 1, 1), datetime.min.time())
    try:
        rrulestr(rule, dtstart=start)
    except Exception as error:  # the library fails in its own ways; each means a bad rule
        raise complain("E044", f"not a rule: {shown(str(error))}", _HELP) from None
