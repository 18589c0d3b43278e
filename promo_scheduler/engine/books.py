"""Books: the ledger's calls, one after another on a thread, so that the event loop never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from promo_scheduler.firing import Firing, Settlement
from promo_scheduler.ledger import ClaimRequest, Ledger
from promo_scheduler.order import Order

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Room:
    """How much may be claimed: in all, and by each channel, with what is in flight there."""

    limit: int
    share: int
    in_flight: Mapping[str, int]
    endings_only: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What one look at the ledger gave: the claimed events, else when the next one is due (UTC)."""

    firings: tuple[Firing, ...] = ()
    orders: tuple[Order, ...] = ()
    next_due: datetime | None = None


class Books:
    """The engine's side of the ledger. Raises what the ledger raises."""

    def __init__(self, ledger: Ledger, owner: str, lease: timedelta) -> None:
        self.ledger = ledger
        self._owner = owner
        self._lease = lease
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")

    async def call(self, work: Callable[..., T], *given: Any) -> T:
        """Run one piece of work on the ledger's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)

    async def take(self, now: datetime, room: Room) -> Taken:
        """Claim events that are due at `now` (UTC), or tell when the next one is."""
        return await self.call(self._take, now, room)

    def _take(self, now: datetime, room: Room) -> Taken:
        due = self.ledger.next_due()
        if due is None or due > now:
            return Taken(next_due=due)
        request = ClaimRequest(
            now,
            room.limit,
            self._owner,
            self._lease,
            endings_only=room.endings_only,
            share=room.share,
            in_flight=room.in_flight,
        )
        firings, orders = self.ledger.claim(request)
        return Taken(tuple(firings), orders, due)

    async def settle(self, settlements: list[Settlement], now: datetime) -> list[bool]:
        """Record a batch of outcomes in one transaction; which of them still counted."""
        return await self.call(self.ledger.settle, settlements, now, self._owner)

    async def keep(self, firings: list[Firing], now: datetime) -> None:
        """Renew the leases of what is in flight."""
        await self.call(self.ledger.renew, firings, now, self._lease)

    def close(self) -> None:
        """Finish what was begun, and let go of the thread."""
        self._thread.shutdown(wait=True)
