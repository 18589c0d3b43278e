"""HttpConnectorContract: the same, and what can go wrong on the wire of an HTTP channel."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from promo_scheduler.channels.act import act
from promo_scheduler.channels.compare import SETTLED
from promo_scheduler.connector import (
    AuthExpired,
    ChannelDown,
    ChannelError,
    Conflict,
    Connector,
    Forbidden,
    NotEligible,
    NotFound,
    OutcomeUnknown,
    Permanent,
    RateLimited,
    Retryable,
)
from promo_scheduler.plan import Action
from promo_scheduler.testing.builders import a_firing
from promo_scheduler.testing.contract import NOWHERE, ConnectorContract
from promo_scheduler.testing.proxy import CannedAnswer, Mischief, Proxy

PATIENCE = 5  # seconds until a connector must have given up a call


@dataclass(frozen=True, slots=True)
class Wire:
    """A connector, and the proxy between it and its channel."""

    connector: Connector
    proxy: Proxy


MEANINGS: tuple[tuple[int, tuple[type[ChannelError], ...]], ...] = (
    (400, (Permanent,)),
    (401, (AuthExpired,)),
    (403, (Forbidden,)),
    (404, (NotFound, NotEligible)),
    (409, (Conflict,)),
    (422, (Permanent,)),
)


class HttpConnectorContract(ConnectorContract):
    """Every call here goes through a proxy that answers in place of the channel, or loses answers.

    `act` is what is driven: a connector's writes are those calls of it that are not GET or HEAD.
    """

    @asynccontextmanager
    async def wired(self) -> AsyncIterator[Wire]:
        """A connector that reaches its channel through a proxy."""
        async with self.server() as url, Proxy(url).listening() as proxy:
            connector = self.connector(proxy.url)
            try:
                yield Wire(connector, proxy)
            finally:
                await connector.close()

    async def failure(self, connector: Connector) -> ChannelError:
        """What an activation fails with; it must give up by itself, and keep its secret."""
        with pytest.raises(ChannelError) as caught:
            async with asyncio.timeout(PATIENCE):
                await act(connector, a_firing())
        self.assert_tells_no_secret(caught.value)
        return caught.value

    # ── lost answers ────────────────────────────────────────────────────────────────────────────
    @pytest.mark.parametrize("mischief", ["lose", "truncate"])
    async def test_an_answer_lost_after_the_effect_leaves_one_discount(
        self, mischief: Mischief
    ) -> None:
        async with self.wired() as wire:
            wire.proxy.misbehave(mischief)
            self.assert_unknown(wire.connector, await self.failure(wire.connector))
            assert wire.proxy.writes(), "nothing was written, so nothing was tried"
            wire.proxy.forward()
            receipt = await act(wire.connector, a_firing())
            assert receipt.removed == ()
            assert len(await wire.connector.find(a_firing().natural_key)) == 1

    async def test_an_ending_whose_answer_is_lost_can_be_repeated(self) -> None:
        async with self.wired() as wire:
            await act(wire.connector, a_firing())
            wire.proxy.misbehave("lose")
            with pytest.raises((OutcomeUnknown, Retryable)):
                await act(wire.connector, a_firing(Action.DEACTIVATE))
            wire.proxy.forward()
            receipt = await act(wire.connector, a_firing(Action.DEACTIVATE))
            assert receipt.observed is not None
            assert receipt.observed.state in self.or_unknown(wire.connector, SETTLED)

    async def test_a_write_that_is_never_answered_is_given_up_as_unknown(self) -> None:
        async with self.wired() as wire:
            wire.proxy.misbehave("hang")
            self.assert_unknown(wire.connector, await self.failure(wire.connector))

    async def test_reads_that_are_never_answered_may_be_repeated(self) -> None:
        async with self.wired() as wire:
            wire.proxy.misbehave("hang", also_reads=True)
            assert isinstance(await self.failure(wire.connector), Retryable)

    async def test_a_refused_connection_may_be_repeated(self) -> None:
        connector = self.connector(NOWHERE)
        assert isinstance(await self.failure(connector), Retryable)
        await connector.close()

    # ── meanings ────────────────────────────────────────────────────────────────────────────────
    @pytest.mark.parametrize(("status", "meaning"), MEANINGS)
    @pytest.mark.parametrize("also_reads", [False, True])
    async def test_what_a_status_means(
        self, status: int, meaning: tuple[type[ChannelError], ...], also_reads: bool
    ) -> None:
        async with self.wired() as wire:
            wire.proxy.answer(self._telling(status), also_reads=also_reads)
            assert isinstance(await self.failure(wire.connector), meaning)

    async def test_too_many_requests_tell_how_long_to_wait(self) -> None:
        async with self.wired() as wire:
            wire.proxy.answer(self._telling(429, {"Retry-After": "7"}), also_reads=True)
            error = await self.failure(wire.connector)
            assert isinstance(error, RateLimited)
            assert error.retry_after == timedelta(seconds=7)

    async def test_retry_after_may_be_a_date(self) -> None:
        async with self.wired() as wire:
            dates = {
                "Date": "Wed, 11 Nov 2026 08:00:00 GMT",
                "Retry-After": "Wed, 11 Nov 2026 08:00:30 GMT",
            }
            wire.proxy.answer(self._telling(429, dates), also_reads=True)
            error = await self.failure(wire.connector)
            assert isinstance(error, RateLimited)
            assert error.retry_after == timedelta(seconds=30)

    async def test_too_many_requests_without_a_wait(self) -> None:
        async with self.wired() as wire:
            wire.proxy.answer(self._telling(429), also_reads=True)
            error = await self.failure(wire.connector)
            assert isinstance(error, RateLimited)
            assert error.retry_after is None

    async def test_a_broken_server_while_reading_may_be_asked_again(self) -> None:
        async with self.wired() as wire:
            wire.proxy.answer(self._telling(500), also_reads=True)
            assert isinstance(await self.failure(wire.connector), Retryable)

    @pytest.mark.parametrize("status", [500, 502, 503])
    async def test_a_broken_server_after_a_write_leaves_the_outcome_open(self, status: int) -> None:
        async with self.wired() as wire:
            wire.proxy.answer(self._telling(status))
            self.assert_unknown(wire.connector, await self.failure(wire.connector))

    async def test_a_closed_channel_tells_so(self) -> None:
        async with self.wired() as wire:
            wire.proxy.answer(self._telling(503, {"Retry-After": "60"}), also_reads=True)
            assert isinstance(await self.failure(wire.connector), ChannelDown | RateLimited)

    @pytest.mark.parametrize("body", [b"<html>welcome</html>", b'{"id": ', b"\xff\xfe\x00"])
    async def test_a_good_status_with_a_body_that_is_no_json(self, body: bytes) -> None:
        async with self.wired() as wire:
            if not wire.connector.capabilities.reads_back:
                return  # its answers have no body that anybody reads
            wire.proxy.answer(CannedAnswer(200, body))
            self.assert_unknown(wire.connector, await self.failure(wire.connector))
            wire.proxy.answer(CannedAnswer(200, body), also_reads=True)
            assert isinstance(await self.failure(wire.connector), Retryable)

    @pytest.mark.parametrize("status", [400, 401, 500])
    async def test_an_error_whose_body_is_no_json_is_told_by_its_status(self, status: int) -> None:
        async with self.wired() as wire:
            wire.proxy.answer(CannedAnswer(status, b"<html>oops</html>"), also_reads=True)
            expected = {400: Permanent, 401: AuthExpired, 500: Retryable}[status]
            assert isinstance(await self.failure(wire.connector), expected)

    async def test_no_redirect_is_followed_to_another_host(self) -> None:
        async with self.wired() as wire, Proxy(NOWHERE).listening() as elsewhere:
            moved = CannedAnswer(307, headers={"Location": elsewhere.url})
            wire.proxy.answer(moved, also_reads=True)
            await self.failure(wire.connector)
            assert elsewhere.seen == []

    # ── saying it shortly ───────────────────────────────────────────────────────────────────────
    def _telling(self, status: int, headers: dict[str, str] | None = None) -> CannedAnswer:
        """An error whose body quotes the secret back, as servers do."""
        quoted = f"wrong: {self.secret}"
        body = {"code": quoted, "message": quoted, "error": {"message": quoted, "code": quoted}}
        named = {"Content-Type": "application/json", **(headers or {})}
        return CannedAnswer(status, json.dumps(body).encode(), named)

    def assert_unknown(self, connector: Connector, error: ChannelError) -> None:
        """A lost write: unknown, or repeatable where the channel knows a repeat by its id."""
        if connector.capabilities.idempotency_key:
            assert isinstance(error, OutcomeUnknown | Retryable)
        else:
            assert isinstance(error, OutcomeUnknown)
