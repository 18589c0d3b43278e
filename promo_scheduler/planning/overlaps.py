"""Overlaps: for one product, place and instant at most one offer of ours applies.

The highest priority wins, in one campaign the later phase; `stack` on both sides opts out where
the channel adds offers up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from promo_scheduler.channel import Capabilities
from promo_scheduler.plan import Plan, Window
from promo_scheduler.planning.selections import Products
from promo_scheduler.workspace import Workspace

_FEW = 64  # SKUs: a selection of no more is looked up by each of them


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two windows that may offer on one product at one place and instant.

    `winner` None: neither goes before the other.
    """

    one: Window
    other: Window
    winner: Window | None

    @property
    def loser(self) -> Window | None:
        if self.winner is None:
            return None
        return self.other if self.winner is self.one else self.one


@dataclass(frozen=True, slots=True)
class Applies:
    """A window's offer applies in [start, end), UTC instants within the window.

    Where `yields_to` is not empty, it does so for the products that those do not take.
    """

    window: Window
    start: datetime
    end: datetime
    yields_to: tuple[Window, ...] = ()


def applies(
    plan: Plan, workspace: Workspace, capabilities: Mapping[str, Capabilities] | None = None
) -> tuple[Applies, ...]:
    """Which offer applies when, in the order of the plan's windows.

    A stretch in which others take all of a window's products is left out. Without `capabilities`
    every channel is taken to stack.
    """
    products = products_of(plan.windows, workspace)
    over: dict[int, list[Window]] = defaultdict(list)
    for overlap in overlaps(plan.windows, products):
        if overlap.winner and overlap.loser and not _adds_up(overlap, capabilities):
            over[id(overlap.loser)].append(overlap.winner)
    found: list[Applies] = []
    for window in plan.windows:
        winners = over.get(id(window))
        found += _stretches(window, winners, products) if winners else [_whole(window)]
    return tuple(found)


def products_of(windows: Iterable[Window], workspace: Workspace) -> Products:
    """What is known of the products that these windows select."""
    selections = {id(w.offer.products): w.offer.products for w in windows}
    return Products(workspace.catalog, selections.values())


def stacks(overlap: Overlap, capabilities: Capabilities) -> bool:
    """Whether both sides want to be added up, and the channel does that."""
    return overlap.one.stack and overlap.other.stack and capabilities.overlap == "stacks"


def _adds_up(overlap: Overlap, capabilities: Mapping[str, Capabilities] | None) -> bool:
    if capabilities is None:
        return overlap.one.stack and overlap.other.stack
    return stacks(overlap, capabilities[overlap.one.key.channel])


def _whole(window: Window) -> Applies:
    return Applies(window, window.start, window.end)


def _stretches(window: Window, winners: list[Window], products: Products) -> Iterator[Applies]:
    """The window cut where a winner begins or ends, so that each part has other winners."""
    cuts = {at for w in winners for at in (w.start, w.end) if window.start < at < window.end}
    for start, end in pairwise([window.start, *sorted(cuts), window.end]):
        active = tuple(w for w in winners if w.start <= start < w.end)
        if not _takes_all(active, window, products):
            yield Applies(window, start, end, active)


def _takes_all(winners: tuple[Window, ...], window: Window, products: Products) -> bool:
    mine = window.offer.products
    return any(products.covers(w.offer.products, mine) for w in winners)


# ── finding them ────────────────────────────────────────────────────────────────────────────────
def overlaps(windows: Iterable[Window], products: Products) -> Iterator[Overlap]:
    """Every overlap; a sweep over each place (channel, target and zone) by start."""
    places: dict[tuple[str, str, str], list[Window]] = defaultdict(list)
    for window in windows:
        places[window.key.channel, window.target, window.key.zone].append(window)
    for found in places.values():
        found.sort(key=lambda window: window.start)
        yield from _sweep(found, _Open(products))


def _sweep(windows: list[Window], begun: _Open) -> Iterator[Overlap]:
    for window in windows:
        for other in begun.rivals(window):
            yield Overlap(other, window, _winner(other, window))
        begun.add(window)


def _winner(one: Window, other: Window) -> Window | None:
    """The one that goes first: by priority, and by phase only within a campaign."""
    same = one.key.campaign == other.key.campaign
    mine, theirs = (one.rank, other.rank) if same else (one.rank[:1], other.rank[:1])
    if mine == theirs:
        return None
    return one if mine > theirs else other


class _Open:
    """The windows of a place that have begun: those of few SKUs are found by each of them."""

    def __init__(self, products: Products) -> None:
        self._products = products
        self._shares: dict[tuple[int, int], bool] = {}
        self._by_sku: dict[str, list[Window]] = defaultdict(list)
        self._wide: list[Window] = []
        self._all: list[Window] = []

    def add(self, window: Window) -> None:
        self._all.append(window)
        skus = self._few(window)
        if skus is None:
            self._wide.append(window)
        else:
            for sku in skus:
                self._by_sku[sku].append(window)

    def rivals(self, window: Window) -> list[Window]:
        """The open windows that still last at its start and may share a product with it."""
        return [w for w in self._candidates(window) if self._may_share(w, window)]

    def _candidates(self, window: Window) -> Iterable[Window]:
        skus = self._few(window)
        if skus is None:
            self._all = _lasting(self._all, window.start)
            return self._all
        self._wide = _lasting(self._wide, window.start)
        found = {id(w): w for w in self._wide}
        for sku in skus:
            self._by_sku[sku] = _lasting(self._by_sku[sku], window.start)
            found.update((id(w), w) for w in self._by_sku[sku])
        return found.values()

    def _few(self, window: Window) -> frozenset[str] | None:
        skus = self._products.skus(window.offer.products)
        return skus if skus is not None and len(skus) <= _FEW else None

    def _may_share(self, one: Window, other: Window) -> bool:
        mine, theirs = one.offer.products, other.offer.products
        key = (id(mine), id(theirs))
        known = self._shares.get(key)
        if known is None:
            known = self._shares[key] = self._products.may_share(mine, theirs)
        return known


def _lasting(windows: list[Window], at: datetime) -> list[Window]:
    return [window for window in windows if window.end > at]
