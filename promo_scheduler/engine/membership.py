"""Membership: a daemon's place among those that share its ledger.

It keeps its own lease, and frees the claims of those whose lease ran out. Where a file lock proves
that it is alone (SQLite), there is nothing to keep: whatever is claimed by anybody is free at its
start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from promo_scheduler.clock import Clock
from promo_scheduler.engine.books import Books
from promo_scheduler.engine.lease import BEATS, Lease
from promo_scheduler.engine.telling import Often
from promo_scheduler.errors import LedgerUnavailable
from promo_scheduler.ledger import Node

log = structlog.get_logger()


class Membership:
    """One daemon's; `on_freed` is called when claims of a dead one became free."""

    def __init__(
        self, node: Node, books: Books, lease: Lease, clock: Clock, on_freed: Callable[[], None]
    ) -> None:
        self._node = node
        self._books = books
        self._lease = lease
        self._clock = clock
        self._on_freed = on_freed
        self._often = Often()

    async def enter(self) -> int:
        """Begin; how many claims of dead daemons were freed. Raises LedgerUnavailable."""
        books, now = self._books, self._clock.now()
        if self._lease.length is None:
            return await books.call(books.ledger.release_owner, "", now)
        freed = 0
        if self._node.place:  # its lock is ours: whoever held it is dead
            freed = await books.call(books.ledger.release_place, self._node.place, now)
        await self._register()
        return freed + await books.call(books.ledger.release_dead, now)

    async def keep(self) -> None:
        """Renew the lease, until cancelled."""
        await self._again_and_again(self._beat)

    async def look_after_the_dead(self) -> None:
        """Free what the dead have claimed, until cancelled. Apart from the beat: it waits for the
        ledger's writers, and the lease must not.
        """
        await self._again_and_again(self._free_what_the_dead_have)

    async def _again_and_again(self, work: Callable[[], Awaitable[None]]) -> None:
        if self._lease.length is None:
            return
        while True:
            await asyncio.sleep(self._lease.length.total_seconds() / BEATS)
            try:
                await work()
            except LedgerUnavailable as error:
                self._often.warn("node.no-beat", (work.__name__,), error=error.message)

    async def _free_what_the_dead_have(self) -> None:
        freed = await self._books.call(self._books.ledger.release_dead, self._clock.now())
        if freed:
            log.warning("node.taken-over", claims=freed)
            self._on_freed()

    async def leave(self) -> None:
        """Give the lease up; where the ledger is out of reach it runs out by itself."""
        if self._lease.length is None:
            return
        self._lease.lost()  # whatever still flies does nothing more
        try:
            await self._books.call(self._books.ledger.leave, self._node.name)
        except LedgerUnavailable as error:
            log.warning("node.not-left", error=error.message)

    async def _beat(self) -> None:
        assert self._lease.length is not None
        asked_at = self._clock.monotonic()
        if await self._books.beat(self._lease.length):
            self._lease.renewed(asked_at)
        else:
            log.error("node.declared-dead", node=self._node.name)
            self._lease.lost()
            await self._register()

    async def _register(self) -> None:
        assert self._lease.length is not None
        asked_at = self._clock.monotonic()
        await self._books.enter(self._node, self._lease.length)
        self._lease.renewed(asked_at)
