"""The connector to the sandbox shop: by native window, by toggle at the instant, or by its prices.

Settings: `url` (required), `token` (a bearer, if the shop asks for one), `native` ("true", the
default, or "false": the shop keeps no window, and each start and end is a call), `mechanism`
("rule", the default, or "price_overwrite": products' own prices are replaced), `timeout` (in
seconds).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.channels.http import Endpoint, Http, timeout_setting
from promo_scheduler.channels.offline import SETTING, settings_problems, window_problems
from promo_scheduler.channels.sandbox.catalogue import ZONE_MARK, place
from promo_scheduler.connector import (
    Connector,
    DiscountRequest,
    Health,
    Money,
    NotEligible,
    NotFound,
    Observed,
    ObservedState,
    Problem,
    RemoteRef,
    Window,
    WindowNotAllowed,
)
from promo_scheduler.record import instant, instant_from, offer_data, offer_from

_TOGGLE = Capabilities(overlap="priority", region_scope="zone")
_NATIVE = replace(_TOGGLE, native_start=True, native_end=True, create_in_advance=True)
_PRICES = Capabilities(
    mechanism="price_overwrite",
    natural_key="target and SKU",
    unique_enforced=True,
    batch_max=20,
    region_scope="market",
)
_MECHANISMS = ("rule", "price_overwrite")
_ALWAYS = datetime.min.replace(tzinfo=UTC)
_FOREVER = datetime.max.replace(tzinfo=UTC)
_CODES = {
    "window_inverted": WindowNotAllowed,
    "unknown_target": NotEligible,
    "wrong_currency": NotEligible,
    "unknown_product": NotEligible,
}
_STATES = {
    "scheduled": Observed.SCHEDULED,
    "active": Observed.ACTIVE,
    "ended": Observed.ENDED,
    "off": Observed.ENDED,
}


class SandboxConnector(Connector):
    """One sandbox shop."""

    capabilities = _NATIVE

    @classmethod
    def capabilities_for(cls, settings: Mapping[str, str]) -> Capabilities:
        if settings.get("mechanism") == "price_overwrite":
            return _PRICES
        return _TOGGLE if settings.get("native") == "false" else _NATIVE

    @classmethod
    def check_settings(cls, settings: Mapping[str, str]) -> list[Problem]:
        problems = settings_problems(
            settings, ("url",), ("token", "native", "mechanism", "timeout")
        )
        if settings.get("native", "true") not in ("true", "false"):
            told = 'expected "true" or "false", written out'
            problems.append(Problem(SETTING, told, path="settings.native"))
        if settings.get("mechanism", "rule") not in _MECHANISMS:
            told = f"expected one of {', '.join(_MECHANISMS)}"
            problems.append(Problem(SETTING, told, path="settings.mechanism"))
        return problems

    @classmethod
    def check(cls, window: Window) -> list[Problem]:
        return window_problems(window)

    def __init__(self, channel: Channel, settings: Mapping[str, str]) -> None:
        self.capabilities = self.capabilities_for(settings)
        token = settings.get("token", "")
        self._http = Http(
            Endpoint(
                settings["url"],
                {"Authorization": f"Bearer {token}"} if token else {},
                (token,),
                timeout_setting(settings),
                channel.limits.concurrency,
                _CODES,
            )
        )

    async def find(self, natural_key: str) -> tuple[RemoteRef, ...]:
        answer = await self._http.request("GET", f"/discounts?name={quote(natural_key, safe='')}")
        return tuple(RemoteRef(one["id"], natural_key) for one in answer.body["discounts"])

    async def ensure(self, request: DiscountRequest) -> RemoteRef:
        if request.start >= request.end:
            raise WindowNotAllowed(
                f"expected an end after the start, found {request.start} to {request.end}"
            )
        found = (request.found,) if request.found else await self.find(request.natural_key)
        for ref in found[:1]:
            try:
                return await self._put("PUT", f"/discounts/{ref.id}", request)
            except NotFound:  # deleted since it was found
                break
        return await self._put("POST", "/discounts", request)

    async def activate(self, ref: RemoteRef) -> None:
        if not self.capabilities.native_start:
            await self._http.request("POST", f"/discounts/{ref.id}/enable")

    async def deactivate(self, ref: RemoteRef) -> None:
        try:
            await self._http.request("POST", f"/discounts/{ref.id}/disable")
        except NotFound:
            return  # already gone

    async def read(self, ref: RemoteRef) -> ObservedState:
        try:
            answer = await self._http.request("GET", f"/discounts/{ref.id}")
        except NotFound:
            return ObservedState(Observed.ABSENT)
        return _observed(answer.body, native=self.capabilities.native_start)

    async def prices(self, target: str, skus: Collection[str]) -> Mapping[str, Money]:
        asked = "&".join(f"sku={quote(sku, safe='')}" for sku in skus)
        answer = await self._http.request("GET", f"{_prices_path(target)}?{asked}")
        currency, found = answer.body["currency"], answer.body["prices"]
        return {sku: Money(Decimal(price), currency) for sku, price in found.items()}

    async def write_prices(self, target: str, prices: Mapping[str, Money]) -> None:
        wanted = {sku: str(price.amount) for sku, price in prices.items()}
        await self._http.request("PUT", _prices_path(target), {"prices": wanted})

    async def health(self) -> Health:
        answer = await self._http.request("GET", "/health")
        return Health(ok=True, detail=f"its clock shows {answer.body['now']}")

    async def close(self) -> None:
        await self._http.close()

    async def _put(self, method: str, path: str, request: DiscountRequest) -> RemoteRef:
        answer = await self._http.request(method, path, self._data(request))
        return RemoteRef(answer.body["id"], request.natural_key)

    def _data(self, request: DiscountRequest) -> dict[str, Any]:
        native = self.capabilities.native_start
        data = {
            "name": request.natural_key,
            "label": request.label,
            "target": place(request.target, request.zone),
            "currency": request.currency,
            "offer": offer_data(request.offer),
            "rank": list(request.rank),
            "stack": request.stack,
            "native": native,
            "start": instant(request.start) if native else None,
            "end": instant(request.end) if native else None,
        }
        return {**data, "enabled": True} if native else data


def _prices_path(target: str) -> str:
    return f"/targets/{quote(target, safe='')}/prices"


def _observed(data: dict[str, Any], *, native: bool) -> ObservedState:
    """What the shop tells. An open end is told as the last instant there is, so that it is seen."""
    start, end = (instant_from(data[name]) if data[name] else None for name in ("start", "end"))
    return ObservedState(
        state=_STATES.get(data["state"], Observed.UNKNOWN),
        start=(start or _ALWAYS) if native else None,
        end=(end or _FOREVER) if native else None,
        offer=offer_from(data["offer"]),
        target=data["target"].partition(ZONE_MARK)[0],
        raw={name: str(data[name]) for name in ("id", "name", "state", "enabled")},
    )
