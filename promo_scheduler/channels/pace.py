"""The pace of an account: how many calls a second its connector may make, counted call by call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping

from promo_scheduler.channel import Limits
from promo_scheduler.clock import Clock
from promo_scheduler.connector import (
    Connector,
    DiscountRequest,
    Health,
    Money,
    ObservedState,
    RemoteRef,
)


class TokenBucket:
    """The pace of an account: `per_second` calls, and as many at once after a quiet second."""

    def __init__(self, limits: Limits, now: float) -> None:
        self._rate = limits.per_second
        self._burst = max(limits.per_second or 0.0, 1.0)
        self._tokens, self._at = self._burst, now

    def reserve(self, now: float) -> float:
        """Take one token, and say how many seconds to wait before using it."""
        if self._rate is None:
            return 0.0
        refilled = self._tokens + (now - self._at) * self._rate
        self._tokens, self._at = min(self._burst, refilled) - 1, now
        return max(0.0, -self._tokens / self._rate)


class Pace:
    """What comes before each call of one firing: its token, then the word that it begins."""

    def __init__(
        self,
        bucket: TokenBucket,
        clock: Clock,
        limit: asyncio.Timeout,
        before_call: Callable[[], None],
    ) -> None:
        self._bucket, self._clock, self._limit = bucket, clock, limit
        self._before_call = before_call

    async def step(self) -> None:
        wait = self._bucket.reserve(self._clock.monotonic())
        if wait:
            deadline = self._limit.when()
            assert deadline is not None
            self._limit.reschedule(deadline + wait)
            await asyncio.sleep(wait)
        self._before_call()


class PacedConnector(Connector):
    """A connector whose calls keep the account's pace; made for one firing."""

    def __init__(self, connector: Connector, pace: Pace) -> None:
        self._inner, self._pace = connector, pace
        self.capabilities = connector.capabilities

    async def find(self, natural_key: str) -> tuple[RemoteRef, ...]:
        await self._pace.step()
        return await self._inner.find(natural_key)

    async def ensure(self, request: DiscountRequest) -> RemoteRef:
        await self._pace.step()
        return await self._inner.ensure(request)

    async def activate(self, ref: RemoteRef) -> None:
        await self._pace.step()
        await self._inner.activate(ref)

    async def deactivate(self, ref: RemoteRef) -> None:
        await self._pace.step()
        await self._inner.deactivate(ref)

    async def read(self, ref: RemoteRef) -> ObservedState:
        await self._pace.step()
        return await self._inner.read(ref)

    async def poll(self, ref: RemoteRef) -> ObservedState:
        await self._pace.step()
        return await self._inner.poll(ref)

    async def prices(self, target: str, skus: Collection[str]) -> Mapping[str, Money]:
        await self._pace.step()
        return await self._inner.prices(target, skus)

    async def write_prices(self, target: str, prices: Mapping[str, Money]) -> None:
        await self._pace.step()
        await self._inner.write_prices(target, prices)

    async def health(self) -> Health:
        return await self._inner.health()
