"""One connected account: how many firings at one time, how many calls a second, and for how long.

Each account has its own slots, its own pace, its own pause and its own circuit, so that a slow,
refusing or dead one never delays another (law 11). Everything here runs on monotonic real time,
also under a simulated clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from weakref import WeakValueDictionary

from promo_scheduler.channel import Channel
from promo_scheduler.channels.act import act
from promo_scheduler.channels.circuit import Circuit
from promo_scheduler.channels.compare import SETTLED
from promo_scheduler.channels.overwriting import PriceBook
from promo_scheduler.channels.pace import Pace, PacedConnector, TokenBucket
from promo_scheduler.channels.steps import Steps
from promo_scheduler.clock import Clock
from promo_scheduler.connector import (
    ChannelDown,
    ChannelError,
    Connector,
    Health,
    OutcomeUnknown,
    RateLimited,
    Receipt,
    Retryable,
)
from promo_scheduler.firing import LONGEST_ASKED, Firing

ACT_TIMEOUT = timedelta(seconds=60)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Down:
    """A channel that is down: since when (UTC), and what it says."""

    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Look:
    """What a channel shows of one window: in words, whether anything is there to be ended, and the
    channel's own names of it.
    """

    state: str
    present: bool
    refs: tuple[str, ...] = ()


class Account:
    """One channel account, ready to act. Close it when done.

    `down` says that its circuit is open, and why.
    """

    def __init__(
        self, channel: Channel, connector: Connector, clock: Clock, timeout: timedelta = ACT_TIMEOUT
    ) -> None:
        self.channel = channel
        self.connector = connector
        self.down: Down | None = None
        self._clock = clock
        self._timeout = timeout.total_seconds()
        self._slots = asyncio.Semaphore(channel.limits.concurrency)
        self._bucket = TokenBucket(channel.limits, clock.monotonic())
        self._circuit = Circuit()
        self._paused_until = float("-inf")  # monotonic seconds
        self._by_key: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def room(self) -> int | None:
        """How many firings it takes now: any number (None), one to probe with, or none."""
        now = self._clock.monotonic()
        return 0 if now < self._paused_until else self._circuit.room(now)

    async def act(
        self, firing: Firing, before_call: Callable[[], None], book: PriceBook | None = None
    ) -> Receipt:
        """Do the firing; `before_call` is called before each call to the connector, and may refuse
        it by raising a ChannelError. `book` is the ledger's, where prices are overwritten.

        Raises ChannelError only: OutcomeUnknown where it took longer than the account's timeout
        (waiting for a slot or for the pace does not count), RateLimited at once while the channel
        has asked for a pause, ChannelDown at once while it is down.
        """
        self._refuse_while_paused()
        lock = self._by_key.setdefault(firing.natural_key, asyncio.Lock())
        async with lock:  # firings of one discount go one after another
            return await self._called(lambda paced: act(paced, firing, book), before_call)

    async def observe(self, natural_key: str) -> Look:
        """What the channel holds under a natural key, read without changing anything.

        It keeps the account's limits as a firing does. Raises ChannelError only, as `act` does.
        """
        if self.connector.capabilities.mechanism == "price_overwrite":
            return Look("prices", present=True)  # which of them are ours, the ledger alone knows
        return await self._called(lambda paced: _look(paced, natural_key), _nothing_before)

    async def health(self) -> Health:
        """Whether the account answers."""
        return await self.connector.health()

    async def close(self) -> None:
        """Let go of connections."""
        await self.connector.close()

    async def _called(
        self, call: Callable[[Connector], Awaitable[T]], before_call: Callable[[], None]
    ) -> T:
        """Make a series of calls in a slot of the account, unless it is paused or down."""
        async with self._slots:
            self._refuse_while_paused()
            self._refuse_while_down()
            return await self._watched(call, before_call)

    async def _watched(
        self, call: Callable[[Connector], Awaitable[T]], before_call: Callable[[], None]
    ) -> T:
        """Make them, and learn from how it went whether the channel is there."""
        try:
            found = await self._timed(call, before_call)
        except ChannelDown as down:
            self._fell(down)
            raise
        except RateLimited as limit:
            self._answered()
            self._pause(limit)
            raise
        except ChannelError as error:
            if isinstance(error, Retryable | OutcomeUnknown):
                self._circuit.unanswered(self._clock.monotonic())
            else:
                self._answered()
            raise
        except BaseException:  # cancelled, or a bug in the connector: a probe must not stay one
            self._circuit.unanswered(self._clock.monotonic())
            raise
        self._answered()
        return found

    async def _timed(
        self, call: Callable[[Connector], Awaitable[T]], before_call: Callable[[], None]
    ) -> T:
        try:
            async with asyncio.timeout(self._timeout) as limit:
                paced = PacedConnector(
                    self.connector, Pace(self._bucket, self._clock, limit, before_call)
                )
                return await call(paced)
        except TimeoutError:
            raise OutcomeUnknown(
                f"{self.channel.name} did not finish within {self._timeout:g} s"
            ) from None

    def _fell(self, down: ChannelDown) -> None:
        now = self._clock.now()
        asked = (down.until - now).total_seconds() if down.until else None
        if self._circuit.fell(self._clock.monotonic(), asked):
            self.down = Down(now, down.message)

    def _answered(self) -> None:
        if self._circuit.answered():
            self.down = None

    def _refuse_while_down(self) -> None:
        now = self._clock.monotonic()
        if not self._circuit.enter(now):
            again = timedelta(seconds=self._circuit.left(now))
            raise ChannelDown(f"{self.channel.name} is down", until=self._clock.now() + again)

    def _pause(self, limit: RateLimited) -> None:
        if limit.retry_after is not None:
            wait = min(limit.retry_after, LONGEST_ASKED)
            until = self._clock.monotonic() + wait.total_seconds()
            self._paused_until = max(self._paused_until, until)

    def _refuse_while_paused(self) -> None:
        left = self._paused_until - self._clock.monotonic()
        if left > 0:
            raise RateLimited(
                f"{self.channel.name} asked to wait; {left:.1f} s are left",
                retry_after=timedelta(seconds=left),
            )


async def _look(connector: Connector, natural_key: str) -> Look:
    steps = Steps(connector)
    refs = await steps.find(natural_key)
    states = [(await steps.read(ref)).state for ref in refs]
    gone = all(state in SETTLED for state in states)
    return Look(" ".join(states) or "absent", not gone, tuple(ref.id for ref in refs))


def _nothing_before() -> None:
    """Reading needs no lease: it changes nothing."""
