"""The ground that HTTP channels share: one session, calls, and lost answers told apart.

A call that was refused before anything was sent may be repeated; one whose answer was lost after a
write may have had its effect, and is OutcomeUnknown. No redirect is followed: secrets are bound to
the channel's host (law 12). Cookies are not kept.
"""

from __future__ import annotations

import asyncio
import json as jsonlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from promo_scheduler.channels.answers import Answer, Reading, error_of
from promo_scheduler.connector import ChannelError, Invalid, OutcomeUnknown, Retryable

LARGEST_BODY = 8 * 1024 * 1024
_JSON = "application/json"
_UNSENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a channel is, and how it is reached. What may be secret is never shown.

    `codes` are the channel's own error codes (see Reading).
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    timeout: timedelta = timedelta(seconds=20)
    connections: int = 8
    codes: Mapping[str, type[ChannelError]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One request; without a path it goes to the endpoint's own url.

    `repeatable`: the receiver knows a repeat by itself, so it may just be sent again.
    `wants_json` False: whatever the body of a 2xx answer says is not read.
    """

    method: str
    path: str = ""
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    repeatable: bool = False
    wants_json: bool = True

    @property
    def is_write(self) -> bool:
        return self.method not in ("GET", "HEAD")


class Http:
    """A session with one host, opened with the first call. Close it when done."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._host = urlsplit(endpoint.url).hostname or "?"
        # Not the session's own limit: waiting there counts as time that the channel took.
        self._free = asyncio.Semaphore(endpoint.connections)
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"Http({self._host})"

    async def request(self, method: str, path: str, json: object = None) -> Answer:
        """Send JSON, and get the answer. Raises ChannelError for anything but a 2xx."""
        if json is None:
            return await self.send(Call(method, path))
        body = jsonlib.dumps(json, ensure_ascii=False).encode()
        return await self.send(Call(method, path, body, {"Content-Type": _JSON}))

    async def send(self, call: Call) -> Answer:
        """Send a call. Raises ChannelError for anything but a 2xx."""
        async with self._free:
            answer = await self._exchange(call)
        if error := error_of(answer, self._reading(call)):
            raise self._repeatable(call, error)
        return answer

    async def close(self) -> None:
        """Close the session, if there is one."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(self, call: Call) -> Answer:
        """One request on the wire. `from None` throughout: aiohttp's errors quote the request."""
        try:
            async with self._opened().request(
                call.method,
                self._url(call),
                data=call.body,
                headers=call.headers,
                allow_redirects=False,
            ) as response:
                return await self._answer(call, response)
        except _UNSENT as error:
            raise Retryable(f"{self._told(call)}: no connection ({_kind(error)})") from None
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise Invalid("the channel's url is not one; expected http:// or https://") from None
        except (aiohttp.ClientError, OSError) as error:  # OSError: TimeoutError is one
            raise self._lost(call, _kind(error)) from None

    async def _answer(self, call: Call, response: aiohttp.ClientResponse) -> Answer:
        raw = await _bounded(response)
        answer = Answer(response.status, response.headers)
        if raw is None:
            raise self._lost(call, f"an answer larger than {LARGEST_BODY} bytes")
        if not raw:
            return answer
        try:
            return Answer(response.status, response.headers, jsonlib.loads(raw))
        except (ValueError, RecursionError):
            if answer.ok and call.wants_json:
                what = f"expected JSON, found {len(raw)} bytes of {response.content_type}"
                raise self._lost(call, what) from None
            return answer

    def _lost(self, call: Call, why: str) -> ChannelError:
        told = f"{self._told(call)}: the answer was lost: {why}"
        return self._repeatable(call, OutcomeUnknown(told) if call.is_write else Retryable(told))

    def _repeatable(self, call: Call, error: ChannelError) -> ChannelError:
        if call.repeatable and isinstance(error, OutcomeUnknown):
            return Retryable(error.message)
        return error

    def _reading(self, call: Call) -> Reading:
        there = self._endpoint
        return Reading(self._told(call), call.is_write, there.codes, there.secrets)

    def _url(self, call: Call) -> str:
        url = self._endpoint.url
        return url.rstrip("/") + call.path if call.path else url

    def _told(self, call: Call) -> str:
        return f"{self._host} {call.method} {call.path}".rstrip()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            there = self._endpoint
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=there.timeout.total_seconds()),
                headers=there.headers,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


async def _bounded(response: aiohttp.ClientResponse) -> bytes | None:
    """The whole body, or None where it is larger than anything we ask for."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > LARGEST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _kind(error: BaseException) -> str:
    return type(error).__name__


def timeout_setting(settings: Mapping[str, str]) -> timedelta:
    """The `timeout` setting in seconds, 20 by default. Raises Invalid where it is no number."""
    text: Any = settings.get("timeout", "20")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise Invalid("setting timeout: expected seconds above 0 and up to 3600")
    return timedelta(seconds=seconds)
