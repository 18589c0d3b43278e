"""Books: the ledger's calls, one after another on a thread, so that the event loop never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from promo_scheduler.firing import Firing, Settlement
from promo_scheduler.ledger import ClaimRequest, Ledger, Node
from promo_scheduler.order import Order
from promo_scheduler.plan import Key

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Room:
    """How much may be claimed: in all, and by each channel, with what is in flight there.

    `keys` are events that an engine says may be due: they are claimed first. On the channels
    `one_at_a_time` a target does one thing after another.
    """

    limit: int
    share: int
    in_flight: Mapping[str, int]
    endings_only: bool = False
    keys: tuple[Key, ...] = ()
    one_at_a_time: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Taken:
    """What one look at the ledger gave: the claimed events, else when the next one is due (UTC),
    which may be past where it waits for something else; and when to look again at the latest.
    """

    firings: tuple[Firing, ...] = ()
    orders: tuple[Order, ...] = ()
    next_due: datetime | None = None
    wake_at: datetime | None = None


class Books:
    """The engine's side of the ledger, in the name of `owner`. Raises what the ledger raises.

    The lease is renewed on a thread of its own: a long write must not cost it.
    """

    def __init__(self, ledger: Ledger, owner: str) -> None:
        self.ledger = ledger
        self.owner = owner
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._pulse = ThreadPoolExecutor(1, thread_name_prefix="lease")

    async def call(self, work: Callable[..., T], *given: Any) -> T:
        """Run one piece of work on the ledger's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)

    async def take(self, now: datetime, room: Room) -> Taken:
        """Claim events that are due at `now` (UTC), or tell when the next one is."""
        return await self.call(self._take, now, room)

    def _take(self, now: datetime, room: Room) -> Taken:
        if room.keys:
            hinted = self._claim(now, room, room.keys)
            if hinted.firings:
                return hinted
        due = self.ledger.next_due()
        if due is None or due > now:
            return Taken(next_due=due, wake_at=due)
        taken = self._claim(now, room, None)
        wake_at = None if taken.firings else self.ledger.next_ready(now)
        return replace(taken, next_due=due, wake_at=wake_at)

    def _claim(self, now: datetime, room: Room, keys: tuple[Key, ...] | None) -> Taken:
        request = ClaimRequest(
            now,
            room.limit,
            self.owner,
            endings_only=room.endings_only,
            share=room.share,
            in_flight=room.in_flight,
            keys=keys,
            one_at_a_time=room.one_at_a_time,
        )
        firings, orders = self.ledger.claim(request)
        return Taken(tuple(firings), orders)

    async def settle(self, settlements: list[Settlement], now: datetime) -> list[bool]:
        """Record a batch of outcomes in one transaction; which of them still counted."""
        return await self.call(self.ledger.settle, settlements, now, self.owner)

    async def enter(self, node: Node, lease: timedelta) -> None:
        """Register this daemon with its lease."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._pulse, self.ledger.enter, node, lease)

    async def beat(self, lease: timedelta) -> bool:
        """Renew this daemon's lease; False where the ledger has it down as dead."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pulse, self.ledger.beat, self.owner, lease)

    def close(self) -> None:
        """Finish what was begun, and let go of the threads."""
        self._pulse.shutdown(wait=True)
        self._thread.shutdown(wait=True)
