"""What a channel cannot do of a window, by its capabilities; each with a way out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from promo_scheduler.channel import Capabilities
from promo_scheduler.errors import Problem
from promo_scheduler.offer import AmountOff, FixedPrice, Offer, PercentOff, Selection
from promo_scheduler.plan import NO_ZONE, Window
from promo_scheduler.planning.codes import OFFER_NOT_POSSIBLE, WINDOW_NOT_POSSIBLE
from promo_scheduler.planning.selections import Products
from promo_scheduler.timing.walltime import local

_NONE = timedelta(0)


def offer_problems(window: Window, can: Capabilities) -> Iterator[Problem]:
    """The value, the currency and the selection against what the channel takes."""
    offer, channel = window.offer, window.key.channel
    kind = _kind(offer)
    if kind not in can.values:
        takes = ", ".join(sorted(can.values)) or "none"
        yield _offer(f"{channel} takes no {kind}; it takes: {takes}", "write the offer as one")
    if _lacks_currency(offer, window.currency):
        yield _offer(
            f"expected the {kind} in {window.currency}, the currency of {window.key.region}",
            f"add {window.currency} to the offer's {kind}, or override it for the region",
        )
    if missing := sorted(_parts(offer.products) - can.selections):
        yield _offer(
            f"{channel} cannot select products by {', '.join(missing)}",
            "list the skus, or override the offer for this channel",
        )


def sku_problems(window: Window, can: Capabilities, products: Products) -> Iterator[Problem]:
    """Where prices are overwritten, each SKU has to be known by its name, and has one price."""
    if can.mechanism != "price_overwrite":
        return
    channel = window.key.channel
    if window.key.zone != NO_ZONE:
        yield _offer(
            f"{channel} overwrites prices: a product has one price there, for every zone",
            "take zones: each off the channel in config/channels.yaml",
        )
    skus = products.skus(window.offer.products)
    if skus is None:
        yield _offer(
            f"{channel} overwrites prices: without a catalogue nobody knows which SKUs are meant",
            "list the skus, or add config/catalog.csv",
        )
    elif not skus:
        yield _offer(
            f"{channel} overwrites prices, and no product of the catalogue is meant",
            "look at the offer's products, and at config/catalog.csv",
        )


def window_problems(window: Window, can: Capabilities) -> Iterator[Problem]:
    """Its length, and its bounds where the channel counts whole days."""
    channel, length = window.key.channel, window.end - window.start
    if length < can.min_duration:
        yield _window(f"{channel} takes windows of at least {can.min_duration}, this has {length}")
    if can.max_duration is not None and length > can.max_duration:
        yield _window(f"{channel} takes windows of at most {can.max_duration}, this has {length}")
    if can.granularity == "day" and not _whole_days(window, can):
        yield _window(
            f"{channel} counts whole days, this lasts from "
            f"{_clock(window, window.start, can)} to {_clock(window, window.end, can)}",
            'use from: "00:00" and until: "24:00", or override the hours for this channel',
        )


def lead_problems(window: Window, can: Capabilities, now: datetime) -> Iterator[Problem]:
    """Whether it is late for a channel that must be told in advance.

    No other channel minds a window that has begun: how late it may start is judged when it is due.
    """
    channel, lead = window.key.channel, window.start - now
    if (can.start_must_be_future and lead <= _NONE) or (can.min_lead and lead < can.min_lead):
        wants = f"{can.min_lead} ahead" if can.min_lead else "before they start"
        yield _window(
            f"{channel} takes windows {wants}, this starts at {window.start:%Y-%m-%dT%H:%MZ}",
            "start later",
        )


def _offer(message: str, help: str) -> Problem:
    return Problem(OFFER_NOT_POSSIBLE, message, help=help)


def _window(message: str, help: str = "change the hours, or override them here") -> Problem:
    return Problem(WINDOW_NOT_POSSIBLE, message, help=help)


def _kind(offer: Offer) -> str:
    match offer.value:
        case PercentOff():
            return "percent"
        case AmountOff():
            return "amount"
        case FixedPrice():
            return "price"


def _lacks_currency(offer: Offer, currency: str) -> bool:
    match offer.value:
        case PercentOff():
            return False
        case AmountOff(money) | FixedPrice(money):
            return all(m.currency != currency for m in money)


def _parts(selection: Selection) -> set[str]:
    parts = {
        name for name in ("tags", "collections", "categories", "skus") if getattr(selection, name)
    }
    if selection.everything:
        parts.add("all")
    if selection.excluded is not None:
        parts |= {"except"} | _parts(selection.excluded)
    return parts


def _whole_days(window: Window, can: Capabilities) -> bool:
    """By the wall where it is written and the store's zone counts: its midnight may not exist."""
    store = can.time_basis == "store"
    return all(
        (store and wall is not None and wall.time.seconds % 86_400 == 0)
        or _clock(window, at, can).endswith("00:00:00")
        for wall, at in ((window.start_wall, window.start), (window.end_wall, window.end))
    )


def _clock(window: Window, at: datetime, can: Capabilities) -> str:
    zone = window.zone_name if can.time_basis == "store" else "UTC"
    return f"{local(zone, at):%Y-%m-%d %H:%M:%S}"
