"""Stranded: what is on a channel that is not there any more, or does not serve its region there.

The way to an account goes with its channel, and the way to a place with its entry in `targets`, so
nobody could end what is on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from promo_scheduler.channel import NO_TARGET, Channel
from promo_scheduler.errors import Problem
from promo_scheduler.plan import Finding, StandingWindow, Window, WindowKey
from promo_scheduler.planning.codes import STRANDED
from promo_scheduler.workspace import Workspace

_NAMED = 3  # windows named in one finding; the others are counted


@dataclass(frozen=True, slots=True, order=True)
class _Lack:
    """Why a place cannot be reached: in words, what to put back, and what to do in the end."""

    why: str
    back: str
    then: str = "remove it"


def stranded(standing: Iterable[StandingWindow], workspace: Workspace) -> tuple[Finding, ...]:
    """An error for each campaign and region, and the channel that cannot be reached for it."""
    found: dict[tuple[str, str, str, _Lack], list[WindowKey]] = defaultdict(list)
    for stands in standing:
        key = stands.window.key
        lack = _lack(stands.window, workspace.channels.get(key.channel))
        if lack and stands.touched and not stands.is_over:
            found[key.campaign, key.region, key.channel, lack].append(key)
    return tuple(
        Finding(_problem(channel, lack, sorted(keys)), campaign, region)
        for (campaign, region, channel, lack), keys in sorted(found.items())
    )


def _lack(window: Window, channel: Channel | None) -> _Lack | None:
    region, was = window.key.region, window.target
    if channel is None:
        return _Lack("a channel that is not there any more", "the channel back")
    if region not in channel.regions:
        why = f"a channel that does not serve {region} any more"
        return _Lack(why, f"{region} back on the channel")
    target = channel.target(region)
    if target == was:
        return None
    why = f"whose place of {region} was {_place(was)} and is {_place(target)} now"
    return _Lack(why, f"{_place(was)} back as the target of {region}", "change it")


def _place(target: str) -> str:
    return "the account itself" if target == NO_TARGET else target


def _problem(channel: str, lack: _Lack, keys: Sequence[WindowKey]) -> Problem:
    return Problem(
        STRANDED,
        f"on {channel}, {lack.why}, this is not ended: {_names(keys)}",
        path=f"channels.{channel}",
        help=f"put {lack.back}, take the campaign down there with `promo apply --allow-withdraw`, "
        f"wait until `promo status` shows it ended, then {lack.then}",
    )


def _names(keys: Sequence[WindowKey]) -> str:
    named = ", ".join(str(key) for key in keys[:_NAMED])
    more = len(keys) - _NAMED
    return f"{named} and {more} more" if more > 0 else named
