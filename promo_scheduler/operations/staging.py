"""A workspace as it is played through: every channel stands in the sandbox shop, on loopback.

Real channels are never touched by a simulation. Targets carry their channel's name, so that one
shop can play them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from promo_scheduler.channel import Channel
from promo_scheduler.channels.sandbox.catalogue import DEFAULT_SEED, ShopSeed, place
from promo_scheduler.channels.sandbox.control import BuyerPrice
from promo_scheduler.channels.sandbox.verdict import Expected
from promo_scheduler.plan import NO_ZONE, Window, natural_key
from promo_scheduler.views.running import Shelf
from promo_scheduler.workspace import Workspace

LEDGER = "simulation.db"


def staged(workspace: Workspace, url: str, folder: Path) -> Workspace:
    """The workspace with every channel played by the shop at `url`; its ledger and key are kept in
    a folder of their own, so that nothing is written into the workspace.
    """
    channels = {name: _played(channel, url) for name, channel in workspace.channels.items()}
    settings = replace(workspace.settings, ledger=f"sqlite:///{LEDGER}", audit_key="")
    return replace(workspace, root=folder, channels=channels, settings=settings)


def _played(channel: Channel, url: str) -> Channel:
    given = channel.settings if channel.connector == "sandbox" else {}
    settings = {"url": url, "native": given.get("native", "true")}
    targets = {region: f"{channel.name}/{channel.target(region)}" for region in channel.regions}
    return replace(channel, connector="sandbox", settings=settings, targets=targets)


def seed(workspace: Workspace) -> ShopSeed:
    """What the shop sells, and where: the workspace's catalogue, else a small one of its own."""
    places = {spot: currency for _, _, spot, currency in spots(workspace)}
    return ShopSeed(workspace.catalog or DEFAULT_SEED.products, places, learns_targets=True)


def spots(workspace: Workspace) -> Iterator[tuple[str, str, str, str]]:
    """Every region, zone, place in the shop and currency, of the channels in their order."""
    for channel in workspace.channels.values():
        for name in channel.regions:
            region = workspace.regions[name]
            each = channel.zones == "each"
            for zone in region.zones if each else (region.anchor,):
                spot = place(channel.target(name), zone if each else "")
                yield name, zone, spot, region.currency


def expected(windows: Iterable[Window], ledger_id: str) -> tuple[Expected, ...]:
    """What the shop's own log should show of these windows."""
    return tuple(
        Expected(
            natural_key(ledger_id, window.key),
            place(window.target, "" if window.key.zone == NO_ZONE else window.key.zone),
            window.start,
            window.end,
        )
        for window in windows
    )


def shelves(workspace: Workspace, prices: Iterable[BuyerPrice]) -> tuple[Shelf, ...]:
    """A line a place: the product that is reduced there now, else the first one sold."""
    by_spot: dict[str, list[BuyerPrice]] = {}
    for price in prices:
        by_spot.setdefault(price.target, []).append(price)
    return tuple(
        _shelf(name, zone, by_spot[spot])
        for name, zone, spot, _ in spots(workspace)
        if spot in by_spot
    )


def _shelf(region: str, zone: str, there: list[BuyerPrice]) -> Shelf:
    price = next((one for one in there if one.price != one.list_price), there[0])
    return Shelf(
        region=region,
        zone=zone,
        channel=price.target.partition("/")[0],
        currency=price.currency,
        list_price=price.list_price,
        price=price.price,
        label=price.label,
    )
