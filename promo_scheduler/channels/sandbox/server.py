"""The shop's HTTP: what can be asked of it, who may ask, and how it misbehaves when told to.

    GET  /                         the page: what a buyer pays now
    GET  /prices                   the same as JSON
    GET  /discounts?name=KEY       every discount of this name (all, without one)
    POST /discounts                a new one; 201
    GET PUT DELETE /discounts/ID   read, change, forget
    POST /discounts/ID/enable, /disable
    GET  /targets/T/prices?sku=S   products' own prices in a target (one `sku` for each)
    PUT  /targets/T/prices         {"prices": {SKU: "99.00"}}: replace them, all or none
    GET POST /products             what is sold, and in which targets
    GET  /log?after=SEQ            the shop's own log of effects, the next page of it
    GET  /health                   that it is there, and its clock
    GET POST /control/clock        read its clock; {"now": …Z} moves it ahead
    GET POST /control/faults       faults on demand (see Faults)

Everything but the page and the prices asks for the bearer token, where the shop has one. Errors are
`{"code": …, "message": …}`.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from promo_scheduler.channels.sandbox.effect_log import effect_data
from promo_scheduler.channels.sandbox.faults import faults_data, faults_from
from promo_scheduler.channels.sandbox.page import page, prices_data
from promo_scheduler.channels.sandbox.shop import Shop
from promo_scheduler.channels.sandbox.wire import (
    Refused,
    discount_data,
    instant_field,
    mapping_of,
    product_from,
)
from promo_scheduler.record import instant

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_PUBLIC = ("/", "/prices")
_FOR_CONNECTORS = ("/discounts", "/targets")
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"
)


class Server:
    """Answers requests for one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; whatever is refused comes as JSON with a code."""
        try:
            self._admit(request)
            if request.path.startswith(_FOR_CONNECTORS) and not self._shop.misbehaviour.quiet:
                return await self._faulty(request)
            return await self._routed(request)
        except Refused as refused:
            return _json({"code": refused.code, "message": refused.message}, refused.status)

    def _admit(self, request: web.BaseRequest) -> None:
        token = self._shop.options.token
        if not token or request.path in _PUBLIC:
            return
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            raise Refused(401, "unauthorized", "a bearer token is needed")

    async def _faulty(self, request: web.BaseRequest) -> web.StreamResponse:
        misbehaviour = self._shop.misbehaviour
        await asyncio.sleep(misbehaviour.faults.latency_ms / 1000)
        match misbehaviour.before():
            case "429":
                again = {"Retry-After": str(misbehaviour.faults.retry_after)}
                return _json({"code": "slow_down", "message": "too many requests"}, 429, again)
            case "500":
                raise Refused(500, "broken", "nothing was done")
        answer = await self._routed(request)
        if request.method != "GET" and misbehaviour.loses_answer() and request.transport:
            request.transport.abort()
        return answer

    async def _routed(self, request: web.BaseRequest) -> web.StreamResponse:
        match [request.method, *request.path.strip("/").split("/")]:
            case [_, "discounts", *rest]:
                return await self._discounts(request, rest)
            case [_, "targets", target, "prices"]:
                return await self._own_prices(request, unquote(target))
            case ["GET", ""]:
                return _html(page(self._shop.store, self._shop.now()))
            case ["GET", "prices"]:
                return _json(prices_data(self._shop.store, self._shop.now()))
            case ["GET", "health"]:
                return _json({"ok": True, "now": instant(self._shop.now())})
        return await self._backstage(request)

    async def _backstage(self, request: web.BaseRequest) -> web.Response:
        match [request.method, *request.path.strip("/").split("/")]:
            case ["GET", "log"]:
                return self._log(request)
            case ["GET" | "POST", "products"]:
                return await self._products(request)
            case ["GET" | "POST", "control", "clock"]:
                return await self._clock(request)
            case ["GET" | "POST", "control", "faults"]:
                return await self._faults(request)
        raise Refused(404, "not_found", "no such place")

    async def _discounts(self, request: web.BaseRequest, rest: list[str]) -> web.Response:
        shop = self._shop
        match [request.method, *rest]:
            case ["GET"]:
                name = request.query.get("name")
                found = shop.store.discounts() if name is None else shop.store.named(name)
                now = shop.now()
                return _json({"discounts": [discount_data(d, now) for d in found]})
            case ["POST"]:
                created = shop.create(await _body(request))
                return _json(discount_data(created, shop.now()), 201)
            case ["GET", id]:
                return _json(discount_data(shop.found(id), shop.now()))
            case ["PUT", id]:
                return _json(discount_data(shop.change(id, await _body(request)), shop.now()))
            case ["DELETE", id]:
                shop.delete(id)
                return _json({})
            case ["POST", id, ("enable" | "disable") as word]:
                switched = shop.switch(id, enabled=word == "enable")
                return _json(discount_data(switched, shop.now()))
        raise Refused(404, "not_found", "no such place")

    async def _own_prices(self, request: web.BaseRequest, target: str) -> web.Response:
        shop = self._shop
        if request.method == "PUT":
            shop.set_prices(target, await _body(request))
        elif request.method != "GET":
            raise Refused(404, "not_found", "no such place")
        found = shop.prices(target, request.query.getall("sku", ()))
        prices = {sku: str(price) for sku, price in found.items()}
        return _json({"currency": shop.store.targets[target], "prices": prices})

    async def _products(self, request: web.BaseRequest) -> web.Response:
        store = self._shop.store
        if request.method == "POST":
            data = await _body(request)
            if not isinstance(data, dict) or not isinstance(data.get("products", []), list):
                raise Refused(422, "invalid", "expected products, a list, and targets")
            products = [product_from(one) for one in data.get("products", [])]
            targets = mapping_of(data.get("targets", {}), "targets", str)
            store.add_products(products, dict(targets))
        skus = [{"sku": p.sku, "title": p.title} for p in store.products.values()]
        return _json({"products": skus, "targets": store.targets})

    def _log(self, request: web.BaseRequest) -> web.Response:
        after = request.query.get("after", "0")
        if not after.isdecimal():
            raise Refused(422, "invalid", "after: expected a whole number")
        self._shop.now()
        return _json({"effects": [effect_data(e) for e in self._shop.log.after(int(after))]})

    async def _clock(self, request: web.BaseRequest) -> web.Response:
        if request.method != "POST":
            return _json({"now": instant(self._shop.now())})
        data = await _body(request)
        wanted = instant_field(data.get("now") if isinstance(data, dict) else None, "now")
        return _json({"now": instant(self._shop.move_to(wanted))})

    async def _faults(self, request: web.BaseRequest) -> web.Response:
        misbehaviour = self._shop.misbehaviour
        if request.method == "POST":
            misbehaviour.set(faults_from(await _body(request)))
        return _json(faults_data(misbehaviour.faults))


async def _body(request: web.BaseRequest) -> Any:
    try:
        return json.loads(await request.read())
    except (ValueError, RecursionError):
        raise Refused(400, "invalid", "the body is no JSON") from None


def _json(
    data: object, status: int = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> web.Response:
    body = _encode(data).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def _html(text: str) -> web.Response:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    return web.Response(text=text, content_type="text/html", headers=headers)
