"""A client to the shop's control port and its buyers' prices: for the demo and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast
from urllib.parse import quote

from promo_scheduler.channels.http import Endpoint, Http
from promo_scheduler.channels.sandbox.discount import Effect
from promo_scheduler.channels.sandbox.effect_log import effect_from
from promo_scheduler.channels.sandbox.faults import Faults, faults_data
from promo_scheduler.record import instant, instant_from


@dataclass(frozen=True, slots=True)
class BuyerPrice:
    """What a buyer pays for one product on one target; `label` names the offer, if there is one."""

    target: str
    sku: str
    currency: str
    list_price: Decimal
    price: Decimal
    label: str


class ShopControl:
    """Moves the shop's clock, asks for faults, reads its prices and its log. Close it when done."""

    def __init__(self, url: str, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = Http(Endpoint(url, headers, (token,)))

    async def clock(self) -> datetime:
        """The shop's present instant (UTC)."""
        return self._now((await self._http.request("GET", "/control/clock")).body)

    async def move_to(self, now: datetime) -> datetime:
        """Move the shop's clock ahead; answers once all that happens on the way is logged."""
        answer = await self._http.request("POST", "/control/clock", {"now": instant(now)})
        return self._now(answer.body)

    async def faults(self, faults: Faults) -> None:
        """Let the shop misbehave like this from now on; `Faults()` ends it."""
        await self._http.request("POST", "/control/faults", faults_data(faults))

    async def effects(self, after: int = 0) -> Sequence[Effect]:
        """The shop's own log, from the effect after this number; asked for page by page."""
        found: list[Effect] = []
        while page := (await self._http.request("GET", f"/log?after={after}")).body["effects"]:
            found += map(effect_from, page)
            after = found[-1].seq
        return tuple(found)

    async def set_price(self, target: str, sku: str, price: str) -> None:
        """Replace a product's own price, as somebody in the shop does by hand."""
        path = f"/targets/{quote(target, safe='')}/prices"
        await self._http.request("PUT", path, {"prices": {sku: price}})

    async def prices(self) -> Sequence[BuyerPrice]:
        """What buyers pay now, everywhere."""
        targets = (await self._http.request("GET", "/prices")).body["targets"]
        return tuple(
            BuyerPrice(
                target,
                sku,
                there["currency"],
                Decimal(price["list"]),
                Decimal(price["price"]),
                price["label"] or "",
            )
            for target, there in targets.items()
            for sku, price in there["prices"].items()
        )

    async def close(self) -> None:
        """Let go of the connection."""
        await self._http.close()

    def _now(self, body: object) -> datetime:
        return instant_from(cast("dict[str, str]", body)["now"])
