"""What was asked for against what reading back shows, field by field. Pure.

A part that the channel cannot tell (None) is not compared. Instants are compared in UTC, whatever
offset they were told in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from promo_scheduler.clock import require_utc
from promo_scheduler.connector import DiscountRequest, Observed, ObservedState, Offer
from promo_scheduler.offer import AmountOff, FixedPrice, Money, PercentOff, Selection, Value
from promo_scheduler.plan import Action
from promo_scheduler.record import encode, selection_data

SETTLED = frozenset({Observed.ENDED, Observed.ABSENT})
_WANTED = {
    Action.STAGE: frozenset({Observed.SCHEDULED, Observed.ACTIVE}),
    Action.ACTIVATE: frozenset({Observed.ACTIVE}),
    Action.DEACTIVATE: SETTLED,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not what was asked for; both sides in words."""

    field: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.field}: expected {self.expected}, found {self.found}"


def state_difference(action: Action, observed: ObservedState) -> Difference | None:
    """Whether the state is one that the action may end in."""
    wanted = _WANTED[action]
    if observed.state in wanted:
        return None
    return Difference("state", " or ".join(sorted(wanted)), observed.state.value)


def differences(request: DiscountRequest, observed: ObservedState) -> tuple[Difference, ...]:
    """Every told field that differs: start, end, value, products, target."""
    found = [
        _instants("start", request.start, observed.start),
        _instants("end", request.end, observed.end),
        *_offers(request, observed.offer),
    ]
    if observed.target is not None and observed.target != request.target:
        found.append(Difference("target", request.target, observed.target))
    return tuple(difference for difference in found if difference)


def _instants(field: str, expected: datetime, found: datetime | None) -> Difference | None:
    if found is None or require_utc(expected) == require_utc(found):
        return None
    return Difference(field, require_utc(expected).isoformat(), require_utc(found).isoformat())


def _offers(request: DiscountRequest, found: Offer | None) -> list[Difference | None]:
    if found is None:
        return []
    offer, currency = request.offer, request.currency
    value = _texts("value", _value(offer.value, currency), _value(found.value, currency))
    if found.products == Selection():  # an empty selection: the channel cannot tell
        return [value]
    products = (encode(selection_data(part.products)) for part in (offer, found))
    return [value, _texts("products", *products)]


def _texts(field: str, expected: str, found: str) -> Difference | None:
    return None if expected == found else Difference(field, expected, found)


def _value(value: Value, currency: str) -> str:
    """A value as it counts in one currency; `25` and `25.0` are the same."""
    match value:
        case PercentOff(percent):
            return f"{_plain(percent)} %"
        case AmountOff(amounts):
            return f"{_amount_in(amounts, currency)} off"
        case FixedPrice(prices):
            return f"a price of {_amount_in(prices, currency)}"


def _amount_in(amounts: tuple[Money, ...], currency: str) -> str:
    found = next((money.amount for money in amounts if money.currency == currency), None)
    return f"{'nothing' if found is None else _plain(found)} {currency}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def price_differences(
    wanted: Mapping[str, Money], found: Mapping[str, Money]
) -> tuple[Difference, ...]:
    """Every price found that is not the wanted one, in the order of the SKUs."""
    return tuple(
        Difference(f"price of {sku}", _priced(wanted[sku]), _priced(found[sku]))
        for sku in sorted(found)
        if found[sku] != wanted[sku]
    )


def _priced(price: Money) -> str:
    return f"{price.amount} {price.currency}"
