"""The shop's JSON: discounts and products as they travel, and what the shop refuses of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from promo_scheduler.catalog import Product
from promo_scheduler.channels.sandbox.discount import Discount
from promo_scheduler.clock import require_utc
from promo_scheduler.errors import NaiveDatetime
from promo_scheduler.offer import AmountOff, FixedPrice, Offer, PercentOff, Selection
from promo_scheduler.record import instant, instant_from, offer_data, offer_from

Data = dict[str, Any]
_NOT_AN_OFFER = (KeyError, TypeError, ValueError, AttributeError, InvalidOperation)


class Refused(Exception):
    """What the shop answers with a 4xx: a code and a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def discount_data(discount: Discount, now: datetime) -> Data:
    """A discount as the shop tells it."""
    return {
        "id": discount.id,
        "name": discount.name,
        "label": discount.label,
        "target": discount.target,
        "currency": discount.currency,
        "offer": offer_data(discount.offer),
        "start": instant(discount.start) if discount.start else None,
        "end": instant(discount.end) if discount.end else None,
        "native": discount.native,
        "enabled": discount.enabled,
        "rank": list(discount.rank),
        "stack": discount.stack,
        "state": discount.state_at(now),
    }


def discount_from(data: object, blank: Discount) -> Discount:
    """What the client describes; `blank` holds what it leaves unsaid. Raises Refused."""
    if not isinstance(data, dict):
        raise Refused(400, "invalid", "expected a JSON object")
    found = replace(
        blank,
        name=_field(data, "name", str, blank.name),
        label=_field(data, "label", str, blank.label),
        target=_field(data, "target", str, blank.target),
        currency=_field(data, "currency", str, blank.currency),
        offer=_offer(data["offer"]) if "offer" in data else blank.offer,
        start=_instant(data, "start", blank.start),
        end=_instant(data, "end", blank.end),
        native=_field(data, "native", bool, blank.native),
        enabled=_field(data, "enabled", bool, blank.enabled),
        rank=_rank(data.get("rank", list(blank.rank))),
        stack=_field(data, "stack", bool, blank.stack),
    )
    return _allowed(found)


def _allowed(discount: Discount) -> Discount:
    if not discount.name:
        raise Refused(422, "invalid", "name: expected a text, found nothing")
    if discount.start and discount.end and discount.start >= discount.end:
        raise Refused(422, "window_inverted", "the window must end after its start")
    value = discount.offer.value
    if isinstance(value, AmountOff | FixedPrice):
        amounts = value.amounts if isinstance(value, AmountOff) else value.prices
        if discount.currency not in [money.currency for money in amounts]:
            raise Refused(422, "no_amount", f"no amount in {discount.currency}")
    return discount


def _field(data: Data, name: str, kind: type, default: Any) -> Any:
    value = data.get(name, default)
    if not isinstance(value, kind):
        raise Refused(422, "invalid", f"{name}: expected {kind.__name__}")
    return value


def _instant(data: Data, name: str, default: datetime | None) -> datetime | None:
    text = data.get(name, None if name in data else default)
    if text is None or isinstance(text, datetime):
        return text
    return instant_field(text, name)


def instant_field(text: object, name: str) -> datetime:
    """An instant that a client sent. Raises Refused."""
    try:
        return require_utc(instant_from(str(text)))
    except (ValueError, OverflowError, NaiveDatetime):
        raise Refused(422, "invalid", f"{name}: expected an instant with an offset") from None


def _rank(parts: object) -> tuple[int, ...]:
    if isinstance(parts, list) and all(isinstance(part, int) for part in parts):
        return tuple(parts)
    raise Refused(422, "invalid", "rank: expected a list of whole numbers")


def _offer(data: Any) -> Offer:
    try:
        offer = offer_from(data)
    except _NOT_AN_OFFER:
        raise Refused(
            422, "invalid", "offer: expected percent, amount or price, and products"
        ) from None
    percent = offer.value.percent if isinstance(offer.value, PercentOff) else Decimal(0)
    if not 0 <= percent <= 100:
        raise Refused(422, "invalid", "offer.percent: expected 0 to 100")
    return offer


NOTHING_OFF = Offer(PercentOff(Decimal(0)), Selection(everything=True))


def product_from(data: Any) -> Product:
    """A product that a client describes. Raises Refused."""
    try:
        return Product(
            str(data["sku"]),
            str(data.get("title", "")),
            str(data.get("category", "")),
            frozenset(map(str, data.get("tags", ()))),
            frozenset(map(str, data.get("collections", ()))),
            None,
            {str(code): Decimal(price) for code, price in data["prices"].items()},
        )
    except _NOT_AN_OFFER:
        raise Refused(422, "invalid", "a product needs a sku and prices by currency") from None


def prices_from(data: object) -> dict[str, Decimal]:
    """Prices by SKU, as a client sends them. Raises Refused."""
    given = data.get("prices", {}) if isinstance(data, dict) else None
    if not isinstance(given, dict):
        raise Refused(422, "invalid", "prices: expected an object")
    try:
        prices = {str(sku): Decimal(price) for sku, price in given.items()}
    except _NOT_AN_OFFER:
        raise Refused(422, "invalid", "prices: expected decimal texts") from None
    if not all(price.is_finite() and price >= 0 for price in prices.values()):
        raise Refused(422, "invalid", "prices: expected amounts that are not negative")
    return prices


def mapping_of(data: object, name: str, read: Callable[[Any], Any]) -> Mapping[str, Any]:
    """A JSON object with every value read. Raises Refused."""
    if not isinstance(data, dict):
        raise Refused(422, "invalid", f"{name}: expected an object")
    return {str(key): read(value) for key, value in data.items()}
