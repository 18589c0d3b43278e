"""Source: a workspace's files and its git history, read into values or into Problems.

`load` is the door: every file is read, checked and merged, and either a Workspace comes out or
every Problem found, each with file, line and column. Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promo_scheduler.source.discovery import find_workspace
    from promo_scheduler.source.git import checkout, revision
    from promo_scheduler.source.json_schema import write_schemas
    from promo_scheduler.source.loader import load, load_config
    from promo_scheduler.source.marks import fingerprint
    from promo_scheduler.source.secrets import resolve
    from promo_scheduler.source.shipped_files import shipped

__all__ = [
    "checkout",
    "find_workspace",
    "fingerprint",
    "load",
    "load_config",
    "resolve",
    "revision",
    "shipped",
    "write_schemas",
]

_HOMES = {
    "checkout": "git",
    "find_workspace": "discovery",
    "fingerprint": "marks",
    "load": "loader",
    "load_config": "loader",
    "resolve": "secrets",
    "revision": "git",
    "shipped": "shipped_files",
    "write_schemas": "json_schema",
}


def __getattr__(name: str) -> object:
    """Import a public name from its file at its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    # No file here may be called like a public name: its import would take the name's place.
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
