"""The network: which connectors there are, how a firing is done through one, and two of our own.

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promo_scheduler.channels.account import Account
    from promo_scheduler.channels.registry import (
        capabilities_of,
        checks_of,
        connect,
        connector_class,
        names,
        price_overwriting,
        settings_problems,
    )

__all__ = [
    "Account",
    "capabilities_of",
    "checks_of",
    "connect",
    "connector_class",
    "names",
    "price_overwriting",
    "settings_problems",
]


def __getattr__(name: str) -> object:
    """Load a public name from its file at its first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    home = "account" if name == "Account" else "registry"
    return getattr(import_module(f"{__name__}.{home}"), name)
