"""Which zone data and calendars are in use: the `tzdata` package, never the system's (T0, T1)."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType

from promo_scheduler.clock import CALENDARS, Versions

_MAGIC = b"TZif"  # how a file of one zone begins


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


@dataclass(slots=True)
class _Filled:
    """The version of the zone data that this room's caches were filled with."""

    version: str = ""


_FILLED = _Filled()


def renew() -> Versions:
    """Take up zone data that was installed while this process runs; what is installed by now.

    Zone data are files: they are read again. The calendars' libraries are code: those that were
    loaded stay in use until the process starts again, and `versions` tells them. Where the zone
    data are not there as a whole, as while they are being installed, the older ones stay in use,
    and their version is told as empty.
    """
    before = _FILLED.version or _said()
    loaded = _unload()
    after = _said() if _is_whole() else ""
    if not after:
        _unload()
        sys.modules.update(loaded)
    elif after != before:
        _forget()
    _FILLED.version = after or before
    return replace(_installed_libraries(), tzdata=after)


def _said() -> str:
    """The version that the package says; empty where it cannot be loaded."""
    try:
        return tzdata_version()
    except (ImportError, AttributeError, OSError, SyntaxError, ValueError):
        return ""


def _unload() -> dict[str, ModuleType]:
    """Let the package be looked for again; what was loaded of it."""
    from importlib import invalidate_caches

    names = [name for name in sys.modules if name.partition(".")[0] == "tzdata"]
    loaded = {name: sys.modules.pop(name) for name in names}
    invalidate_caches()
    return loaded


def _is_whole() -> bool:
    """Whether every zone that the package lists can be read."""
    try:
        package = files("tzdata")
        names = package.joinpath("zones").read_text(encoding="utf-8").split()
        zones_there = [package.joinpath("zoneinfo", *name.split("/")) for name in names]
        return bool(names) and all(each.read_bytes()[:4] == _MAGIC for each in zones_there)
    except (ImportError, OSError, SyntaxError, ValueError):
        return False


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
