"""Where the place lies that a zone is named after, by the tz database (`zone.tab`)."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from importlib.resources import files

from promo_scheduler.region import City

# ISO 6709: ±DDMM±DDDMM or ±DDMMSS±DDDMMSS, latitude first
_POSITION = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?([+-])(\d{3})(\d{2})(\d{2})?")


@cache
def place_of(zone: str) -> City | None:
    """The place a zone is named after; None for a zone that is no place, or has an old name."""
    position = _positions().get(zone)
    found = _POSITION.fullmatch(position) if position else None
    if found is None:
        return None
    name = zone.rpartition("/")[2].replace("_", " ")
    parts = found.groups(default="0")
    return City(name, _degrees(*parts[:4]), _degrees(*parts[4:]))


def _degrees(sign: str, degrees: str, minutes: str, seconds: str) -> Decimal:
    whole = Decimal(degrees) + Decimal(minutes) / 60 + Decimal(seconds) / 3600
    return round(-whole if sign == "-" else whole, 3)


@cache
def _positions() -> dict[str, str]:
    text = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {zone: position for _, position, zone, *_ in lines}
