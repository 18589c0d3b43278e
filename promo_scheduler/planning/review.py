"""Review: what speaks against a plan. Errors stop their own campaign and region, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from promo_scheduler.channel import Capabilities
from promo_scheduler.errors import Problem
from promo_scheduler.plan import Finding, Plan, Window, WindowKey
from promo_scheduler.planning.capabilities import (
    lead_problems,
    offer_problems,
    sku_problems,
    window_problems,
)
from promo_scheduler.planning.codes import NOT_SUSPENDED, TAKES_PRECEDENCE, TIE
from promo_scheduler.planning.findings import Findings, placed
from promo_scheduler.planning.overlaps import Overlap, overlaps, products_of, stacks
from promo_scheduler.planning.selections import Products
from promo_scheduler.workspace import Workspace

Check = Callable[[Window], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """A plan to be reviewed at `now` (UTC). Capabilities and connectors' checks by channel name.

    `touched`: windows that are on their channel already; it is not late for them any more.
    """

    plan: Plan
    workspace: Workspace
    capabilities: Mapping[str, Capabilities]
    now: datetime
    checks: Mapping[str, Check] = field(default_factory=dict)
    touched: frozenset[WindowKey] = frozenset()


def review(request: ReviewRequest) -> tuple[Finding, ...]:
    """Overlaps, and what channels cannot do. Windows already past are not reviewed."""
    windows = [window for window in request.plan.windows if window.end > request.now]
    products = products_of(windows, request.workspace)
    findings = Findings()
    for window in windows:
        path = f"phases.{window.key.phase}"
        for problem in _problems(window, request, products):
            said = placed(problem, window.place, path)
            findings.add(said, window.key.campaign, window.key.region)
    _review_overlaps(windows, request, findings, products)
    return findings.all()


def _problems(window: Window, request: ReviewRequest, products: Products) -> Iterator[Problem]:
    channel = window.key.channel
    can, check = request.capabilities[channel], request.checks.get(channel)
    late = () if window.key in request.touched else lead_problems(window, can, request.now)
    own = check(window) if check else ()
    offered = chain(offer_problems(window, can), sku_problems(window, can, products))
    return chain(offered, window_problems(window, can), late, own)


# ── overlaps ────────────────────────────────────────────────────────────────────────────────────
def _review_overlaps(
    windows: list[Window], request: ReviewRequest, findings: Findings, products: Products
) -> None:
    """Each pair of phases is named once for a place: at its first overlap."""
    named: set[tuple[str, ...]] = set()
    for overlap in overlaps(windows, products):
        can = request.capabilities[overlap.one.key.channel]
        pair = _pair(overlap)
        if pair in named or stacks(overlap, can):
            continue
        named.add(pair)
        _say(overlap, can, findings)


def _pair(overlap: Overlap) -> tuple[str, ...]:
    one, other = overlap.one.key, overlap.other.key
    first, second = sorted((k.campaign, k.phase, k.region) for k in (one, other))
    return (*first, *second, one.channel, one.zone)


def _say(overlap: Overlap, can: Capabilities, findings: Findings) -> None:
    winner, loser = overlap.winner, overlap.loser
    if winner is None or loser is None:
        _say_both(overlap, TIE, f"{_ranks(overlap)}: neither goes before the other", findings)
    elif can.overlap == "priority" or can.mechanism == "price_overwrite":
        message = f"{_name(winner)} goes before {_name(loser)} {_where(overlap)}"
        problem = Problem(TAKES_PRECEDENCE, message, "info", loser.place, _path(loser))
        findings.add(problem, loser.key.campaign, loser.key.region)
    else:
        message = f"{_name(winner)} goes before {_name(loser)}, which the channel cannot suspend"
        _say_both(overlap, NOT_SUSPENDED, message, findings)


def _say_both(overlap: Overlap, code: str, message: str, findings: Findings) -> None:
    """An error of both sides: whichever came alone would meet the other on the channel."""
    for mine, theirs in ((overlap.one, overlap.other), (overlap.other, overlap.one)):
        there = f"; the other is at {theirs.place}" if theirs.place else ""
        problem = Problem(
            code,
            f"{message} {_where(overlap)}{there}",
            "error",
            mine.place,
            _path(mine),
            "move the hours apart, except one's products from the other, "
            "give them different priorities, or set stack: true on both where the channel stacks",
        )
        findings.add(problem, mine.key.campaign, mine.key.region)


def _ranks(overlap: Overlap) -> str:
    one, other = overlap.one, overlap.other
    if one.key.campaign == other.key.campaign:
        return f"{_name(one)} overlaps {_name(other)}"
    return f"{_name(one)} overlaps {_name(other)} with the same priority {one.rank[0]}"


def _where(overlap: Overlap) -> str:
    one, other = overlap.one, overlap.other
    start, end = max(one.start, other.start), min(one.end, other.end)
    return (
        f"on {one.key.channel} in {one.key.region}, "
        f"from {start:%Y-%m-%dT%H:%MZ} to {end:%Y-%m-%dT%H:%MZ}"
    )


def _name(window: Window) -> str:
    return f"{window.key.campaign} ({window.key.phase})"


def _path(window: Window) -> str:
    return f"phases.{window.key.phase}"
