"""One connected account: how many firings at one time, how many calls a second, and for how long.

Each account has its own slots, its own pace and its own pause, so that a slow or refusing one never
delays another (law 11). Everything here runs on monotonic real time, also under a simulated clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from weakref import WeakValueDictionary

from promo_scheduler.channel import Channel
from promo_scheduler.channels.act import act
from promo_scheduler.channels.pace import Pace, PacedConnector, TokenBucket
from promo_scheduler.clock import Clock
from promo_scheduler.connector import (
    Connector,
    Health,
    OutcomeUnknown,
    RateLimited,
    Receipt,
)
from promo_scheduler.firing import Firing

ACT_TIMEOUT = timedelta(seconds=60)


class Account:
    """One channel account, ready to act. Close it when done."""

    def __init__(
        self, channel: Channel, connector: Connector, clock: Clock, timeout: timedelta = ACT_TIMEOUT
    ) -> None:
        self.channel = channel
        self.connector = connector
        self._clock = clock
        self._timeout = timeout.total_seconds()
        self._slots = asyncio.Semaphore(channel.limits.concurrency)
        self._bucket = TokenBucket(channel.limits, clock.monotonic())
        self._paused_until = float("-inf")  # monotonic seconds
        self._by_key: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def act(self, firing: Firing, on_handed: Callable[[], None]) -> Receipt:
        """Do the firing; `on_handed` is called just before the connector gets its first call.

        Raises ChannelError only: OutcomeUnknown where it took longer than the account's timeout
        (waiting for a slot or for the pace does not count), RateLimited at once while the channel
        has asked for a pause.
        """
        self._refuse_while_paused()
        lock = self._by_key.setdefault(firing.natural_key, asyncio.Lock())
        async with lock, self._slots:  # firings of one discount go one after another
            self._refuse_while_paused()
            try:
                return await self._timed(firing, on_handed)
            except RateLimited as limit:
                self._pause(limit)
                raise

    async def health(self) -> Health:
        """Whether the account answers."""
        return await self.connector.health()

    async def close(self) -> None:
        """Let go of connections."""
        await self.connector.close()

    async def _timed(self, firing: Firing, on_handed: Callable[[], None]) -> Receipt:
        try:
            async with asyncio.timeout(self._timeout) as limit:
                paced = PacedConnector(
                    self.connector, Pace(self._bucket, self._clock, limit, on_handed)
                )
                return await act(paced, firing)
        except TimeoutError:
            raise OutcomeUnknown(
                f"{self.channel.name} did not finish within {self._timeout:g} s"
            ) from None

    def _pause(self, limit: RateLimited) -> None:
        if limit.retry_after is not None:
            until = self._clock.monotonic() + limit.retry_after.total_seconds()
            self._paused_until = max(self._paused_until, until)

    def _refuse_while_paused(self) -> None:
        left = self._paused_until - self._clock.monotonic()
        if left > 0:
            raise RateLimited(
                f"{self.channel.name} asked to wait; {left:.1f} s are left",
                retry_after=timedelta(seconds=left),
            )
