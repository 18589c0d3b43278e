"""Which zone data is in use: the `tzdata` package, never the system's (T0)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def tzdata_version() -> str:
    """The IANA version of the zone data in use, such as `2026f`."""
    import tzdata  # type: ignore[import-untyped]  # the package ships no types

    return str(tzdata.IANA_VERSION)


@cache
def zones() -> frozenset[str]:
    """Every zone name that a region may use: the `tzdata` package's list, old links included."""
    listed = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(listed) - {"Factory"}  # a placeholder for "not set up", not a place
