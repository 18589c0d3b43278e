"""Stranded: what is on a channel that is not there any more, or does not serve its region.

The way to an account goes with its channel, so nobody could end what is on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from promo_scheduler.errors import Problem
from promo_scheduler.plan import Finding, StandingWindow, WindowKey
from promo_scheduler.planning.codes import STRANDED
from promo_scheduler.workspace import Workspace

_NAMED = 3  # windows named in one finding; the others are counted


def stranded(standing: Iterable[StandingWindow], workspace: Workspace) -> tuple[Finding, ...]:
    """An error for each campaign and region, and the channel that cannot be reached for it."""
    found: dict[tuple[str, str, str], list[WindowKey]] = defaultdict(list)
    for stands in standing:
        key = stands.window.key
        if stands.touched and not stands.is_over and not _is_served(key, workspace):
            found[key.campaign, key.region, key.channel].append(key)
    return tuple(
        Finding(_problem(channel, region, sorted(keys), workspace), campaign, region)
        for (campaign, region, channel), keys in sorted(found.items())
    )


def _is_served(key: WindowKey, workspace: Workspace) -> bool:
    channel = workspace.channels.get(key.channel)
    return channel is not None and key.region in channel.regions


def _problem(channel: str, region: str, keys: Sequence[WindowKey], workspace: Workspace) -> Problem:
    is_there = channel in workspace.channels
    lacks = f"that does not serve {region} any more" if is_there else "that is not there any more"
    return Problem(
        STRANDED,
        f"on {channel}, a channel {lacks}, this is not ended: {_names(keys)}",
        path=f"channels.{channel}",
        help=f"put {f'{region} back on the channel' if is_there else 'the channel back'}, "
        "take the campaign down there with `promo apply --allow-withdraw`, "
        "wait until `promo status` shows it ended, then remove it",
    )


def _names(keys: Sequence[WindowKey]) -> str:
    named = ", ".join(str(key) for key in keys[:_NAMED])
    more = len(keys) - _NAMED
    return f"{named} and {more} more" if more > 0 else named
