"""The webhook channel: tells a receiver what goes live and what ends, by signed POST.

Signed as the Standard Webhooks convention says: headers `webhook-id`, `webhook-timestamp` (seconds)
and `webhook-signature` (`v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`). Settings: `url`,
`secret` (`whsec_` and base64) and `timeout` (seconds).

The body is `{"type": "promotion.activated" or "promotion.ended", "data": {"key", "generation",
"label", "region", "zone", "target", "currency", "start", "end", "offer", "rank", "stack"}}`. A
higher generation of a key replaces what the receiver knew of it. The id is the same for every
repeat of one event, so a lost answer is simply sent again: a receiver that keeps the ids it has
seen takes each event once. Any 2xx accepts; 410 says that the receiver wants no more.

A receiver cannot be asked what it holds. So `find` answers with the key itself, `read` with
UNKNOWN, and what the ledger calls done means: accepted by the receiver.

To verify, in the receiver (`examples/webhook_receiver.py` is a whole one):

    def genuine(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        id, sent_at = headers["webhook-id"], headers["webhook-timestamp"]
        if abs(time.time() - int(sent_at)) > 300:  # an old one, played again
            return False
        mac = hmac.digest(key, f"{id}.{sent_at}.".encode() + body, "sha256")
        good = "v1," + base64.b64encode(mac).decode()
        return any(hmac.compare_digest(good, one) for one in headers["webhook-signature"].split())
"""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections.abc import Mapping
from typing import Any

from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.channels.http import Call, Endpoint, Http, timeout_setting
from promo_scheduler.channels.offline import settings_problems, window_problems
from promo_scheduler.connector import (
    Connector,
    DiscountRequest,
    Health,
    Invalid,
    NotEligible,
    NotFound,
    Observed,
    ObservedState,
    Problem,
    RemoteRef,
    Window,
    WindowNotAllowed,
)
from promo_scheduler.record import encode, instant, offer_data

_PREFIX = "whsec_"


class WebhookConnector(Connector):
    """One receiver."""

    capabilities = Capabilities(
        natural_key="webhook-id", idempotency_key=True, reads_back=False, region_scope="zone"
    )

    @classmethod
    def check_settings(cls, settings: Mapping[str, str]) -> list[Problem]:
        return settings_problems(settings, ("url", "secret"), ("timeout",))

    @classmethod
    def check(cls, window: Window) -> list[Problem]:
        return window_problems(window)

    def __init__(self, channel: Channel, settings: Mapping[str, str]) -> None:
        secret = settings["secret"]
        self._key = _key(secret)
        url = settings["url"]
        known = (secret, secret.removeprefix(_PREFIX), url)
        wait, connections = timeout_setting(settings), channel.limits.concurrency
        self._http = Http(Endpoint(url, {}, known, wait, connections))

    async def find(self, natural_key: str) -> tuple[RemoteRef, ...]:
        return (RemoteRef(natural_key, natural_key),)

    async def ensure(self, request: DiscountRequest) -> RemoteRef:
        """Nothing to make in advance; a window that cannot be is refused all the same."""
        if request.start >= request.end:
            raise WindowNotAllowed(
                f"expected an end after the start, found {request.start} to {request.end}"
            )
        return RemoteRef(request.natural_key, request.natural_key)

    async def activate(self, ref: RemoteRef) -> None:
        await self._post("activated", ref)

    async def deactivate(self, ref: RemoteRef) -> None:
        await self._post("ended", ref)

    async def read(self, ref: RemoteRef) -> ObservedState:
        return ObservedState(Observed.UNKNOWN)

    async def health(self) -> Health:
        return Health(
            ok=True, detail="a receiver cannot be asked; each event shows whether it answers"
        )

    async def close(self) -> None:
        await self._http.close()

    async def _post(self, what: str, ref: RemoteRef) -> None:
        if ref.request is None:
            raise Invalid("expected a reference with its request bound, found none")
        body = encode({"type": f"promotion.{what}", "data": event_data(ref.request)}).encode()
        event_id = f"{ref.natural_key}-{what}-{ref.request.generation}"
        # The receiver holds the stamp against real time, whatever clock the daemon runs under.
        headers = signed(self._key, event_id, int(time.time()), body)
        call = Call("POST", body=body, headers=headers, repeatable=True, wants_json=False)
        try:
            await self._http.send(call)
        except NotFound as error:
            raise NotEligible(f"{error}: the receiver is gone, or wants no more events") from None


def event_data(request: DiscountRequest) -> dict[str, Any]:
    """What a receiver is told of a promotion."""
    return {
        "key": request.natural_key,
        "generation": request.generation,
        "label": request.label,
        "region": request.region,
        "zone": request.zone,
        "target": request.target,
        "currency": request.currency,
        "start": instant(request.start),
        "end": instant(request.end),
        "offer": offer_data(request.offer),
        "rank": list(request.rank),
        "stack": request.stack,
    }


def signed(key: bytes, event_id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of one delivery; `at` is Unix time in seconds."""
    mac = hmac.digest(key, f"{event_id}.{at}.".encode() + body, "sha256")
    return {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(at),
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


def _key(secret: str) -> bytes:
    """The key in a `whsec_…` secret. The secret itself is never told."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(_PREFIX) or len(key) < 16:
        raise Invalid("setting secret: expected whsec_ and at least 16 bytes in base64")
    return key
