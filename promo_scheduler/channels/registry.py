"""Which connectors there are: found by name, through the entry points of installed packages.

The two that ship with this package are known without any installed metadata, so that a plain
checkout works. Nothing is imported before somebody asks for it by name.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.connector import Connector
from promo_scheduler.errors import (
    BrokenConnector,
    InvalidWorkspace,
    Problem,
    PromoError,
    UnknownConnector,
)
from promo_scheduler.plan import Window

GROUP = "promo_scheduler.connectors"
SHIPPED = {
    "sandbox": "promo_scheduler.channels.sandbox.connector:SandboxConnector",
    "webhook": "promo_scheduler.channels.webhook:WebhookConnector",
}
Channels = Mapping[str, Channel]
Check = Callable[[Window], list[Problem]]


@cache
def _installed() -> Mapping[str, tuple[EntryPoint, ...]]:
    """The entry points of other packages, by name; more than one is a quarrel to report."""
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=GROUP):
        if point not in found.get(point.name, ()):
            found[point.name] = (*found.get(point.name, ()), point)
    return found


def names() -> tuple[str, ...]:
    """Every connector's name, sorted."""
    return tuple(sorted({*SHIPPED, *_installed()}))


@cache
def connector_class(name: str) -> type[Connector]:
    """The class behind a name. Raises UnknownConnector or BrokenConnector."""
    path = SHIPPED.get(name) or _path_of(name)
    found = _loaded(name, path)
    if not (isinstance(found, type) and issubclass(found, Connector)):
        raise BrokenConnector(
            f'connector "{name}": expected a subclass of Connector, found {path}',
            help=f"the entry point in group {GROUP} must name the class itself",
        )
    return found


def _path_of(name: str) -> str:
    points = _installed().get(name, ())
    if not points:
        raise _unknown(name)
    if len(points) > 1:
        raise BrokenConnector(
            f'connector "{name}" is provided more than once: {", ".join(p.value for p in points)}',
            help="uninstall all but one of these packages",
        )
    return points[0].value


def _unknown(name: str) -> UnknownConnector:
    near = difflib.get_close_matches(name, names(), n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return UnknownConnector(
        f'no connector is called "{name}"',
        help=f"{hint}installed: {', '.join(names())}; others come with a package of their own",
    )


def _loaded(name: str, path: str) -> Any:
    """Import `package.module:Class`. Whatever a foreign package raises is told, not passed on."""
    module, _, attribute = path.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except Exception as error:  # a foreign package may raise anything at import
        raise BrokenConnector(
            f'connector "{name}" cannot be loaded from {path}: {type(error).__name__}: {error}',
            help="reinstall or repair the package that provides it",
        ) from error


def capabilities_of(channels: Channels) -> Mapping[str, Capabilities]:
    """What each channel can do, by the channel's name."""
    return {
        name: connector_class(channel.connector).capabilities_for(channel.settings)
        for name, channel in channels.items()
    }


def price_overwriting(channels: Channels) -> frozenset[str]:
    """The channels on which prices are overwritten; one whose connector is unknown is left out."""
    found = set()
    for name, channel in channels.items():
        with suppress(PromoError):
            able = connector_class(channel.connector).capabilities_for(channel.settings)
            if able.mechanism == "price_overwrite":
                found.add(name)
    return frozenset(found)


def checks_of(channels: Channels) -> Mapping[str, Check]:
    """Each channel's offline check of a window, by the channel's name."""
    return {name: connector_class(c.connector).check for name, c in channels.items()}


def settings_problems(channels: Channels) -> tuple[Problem, ...]:
    """What is wrong with the channels' settings. Offline; values may still be references."""
    return tuple(
        replace(problem, path=f"channels.{channel.name}.{problem.path}")
        for channel in channels.values()
        for problem in connector_class(channel.connector).check_settings(channel.settings)
    )


def connect(channel: Channel, settings: Mapping[str, str]) -> Connector:
    """A connector for this account; `settings` are resolved, and stay inside it.

    Raises InvalidWorkspace where settings are missing or unknown. Sends nothing yet.
    """
    cls = connector_class(channel.connector)
    if problems := cls.check_settings(settings):
        raise InvalidWorkspace(problems)
    return cls(channel, settings)
