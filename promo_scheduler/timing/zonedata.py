"""Which zone data and calendars are in use: the `tzdata` package, never the system's (T0, T1)."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from promo_scheduler.clock import CALENDARS, Versions


def tzdata_version() -> str:
    """The IANA version of the zone data in use, such as `2026f`."""
    import tzdata  # type: ignore[import-untyped]  # the package ships no types

    return str(tzdata.IANA_VERSION)


def versions() -> Versions:
    """What this process resolves with. What is installed while it runs counts after `renew`."""
    return replace(_libraries(), tzdata=tzdata_version())


@cache
def _libraries() -> Versions:
    """The calendars' libraries as they were first asked for: loaded code does not change."""
    return _installed_libraries()


def _installed_libraries() -> Versions:
    return Versions(**{name: _installed(name) for name in CALENDARS})


def _installed(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:  # it lies in a folder of its own, and says no version
        return ""


def renew() -> Versions:
    """Take up zone data that was installed while this process runs; what is installed by now.

    Zone data are files: they are read again. The calendars' libraries are code: those that were
    loaded stay in use until the process starts again, and `versions` tells them.
    """
    from importlib import invalidate_caches

    before = tzdata_version()
    for name in [name for name in sys.modules if name.partition(".")[0] == "tzdata"]:
        del sys.modules[name]
    invalidate_caches()
    if tzdata_version() != before:
        _forget()
    return replace(_installed_libraries(), tzdata=tzdata_version())


def _forget() -> None:
    """Drop whatever this room remembers of the older zone data."""
    from promo_scheduler.timing.walltime import forget_zones

    forget_zones()
    zones.cache_clear()
    for name, module in list(sys.modules.items()):
        if name.startswith("promo_scheduler.timing.") and name != __name__:
            for each in list(vars(module).values()):
                getattr(each, "cache_clear", _nothing)()


def _nothing() -> None: ...


@cache
def zones() -> frozenset[str]:
    """Every zone name that a region may use: the `tzdata` package's list, old links included."""
    listed = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(listed) - {"Factory"}  # a placeholder for "not set up", not a place


def package_folder() -> Path:
    """Where the package keeps its zones."""
    return Path(str(files("tzdata").joinpath("zoneinfo")))
