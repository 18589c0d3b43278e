"""The cluster engine: a queue deals the near horizon out to the nodes, and each chore to one node.

What comes from the queue is a hint: whether anything is done is decided by the ledger (law 9), so a
lost, doubled, early or late job changes nothing. What the queue may lose, and what follows:

    a node with a hint in hand     the ledger lets anybody take the event when it is 2 s overdue
    a node with a job picked       another node picks the job
    a node at a chore              another node does the chore
    the connection                 it is made again for ever; meanwhile the ledger alone decides
    the queue's tables             they are made again; what was handed over counts as overdue
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import structlog

from promo_scheduler.engine.engines import Chore, HandOver
from promo_scheduler.engine.hints import ClusterWake
from promo_scheduler.engine.pgqueue import PgQueue, QueueLost, enqueue
from promo_scheduler.errors import LedgerUnavailable

HORIZON = timedelta(minutes=5)
MOST = 1000  # events handed over in one transaction
HAND_OVER_EVERY = timedelta(seconds=5)
SHORTEST, LONGEST = 0.25, 4.0  # seconds between two tries to connect
STEADY = 60.0  # seconds after which a connection counts as good again
STOPS_WITHIN = 10.0  # seconds

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Cluster:
    """What a cluster engine works with.

    `ledger_url` names the PostgreSQL database that the queue lives in, beside the ledger. Hints go
    to `wake`; `hand_over` moves at most MOST events due within HORIZON; `chores` are done on one
    node at a time.
    """

    ledger_url: str
    wake: ClusterWake
    hand_over: HandOver
    chores: Sequence[Chore] = ()


class ClusterEngine:
    """This node's part in the cluster: `async with` it while events are to be claimed.

    Raises LedgerUnavailable on entering where the queue cannot be made there; afterwards nothing.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._stopping = asyncio.Event()
        self._pause = SHORTEST
        self._queue: PgQueue | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            queue = await PgQueue.opened(self._cluster.ledger_url)
        except QueueLost as error:
            raise LedgerUnavailable(
                f"the queue beside the ledger cannot be used: {error}",
                help="let the ledger's user create tables there, or leave --engine out",
            ) from error
        self._task = asyncio.create_task(self._keep(queue))
        return self

    async def __aexit__(self, *error: object) -> None:
        """Take no more jobs, finish the chore that is being done, and let go."""
        self._stopping.set()
        if self._queue is not None:
            self._queue.stop()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=STOPS_WITHIN)
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _keep(self, queue: PgQueue) -> None:
        """Work on the queue until stopped, over a new connection whenever one was lost."""
        found: PgQueue | None = queue
        while found is not None:
            lost = await self._work(found)
            if self._stopping.is_set():
                return
            log.error("engine.queue-lost", error=lost, meanwhile="the ledger alone decides")
            found = await self._reopened()
            if found is not None:
                log.info("engine.queue-back")

    async def _work(self, queue: PgQueue) -> str:
        """Until it is lost; why that was."""
        self._queue = queue
        if self._stopping.is_set():  # while it was opened
            queue.stop()
        loop, hand_over = asyncio.get_running_loop(), self._hand_over
        chores = (Chore("hand-over", HAND_OVER_EVERY, hand_over), *self._cluster.chores)
        began = loop.time()
        try:
            await queue.work(self._cluster.wake.hint, chores)
        except QueueLost as error:
            return str(error)
        finally:
            await queue.close()
            if loop.time() - began > STEADY:
                self._pause = SHORTEST
        return "it stopped by itself"

    async def _reopened(self) -> PgQueue | None:
        while not await self._stopped_within(self._pause):
            self._pause = min(self._pause * 2, LONGEST)
            try:
                return await PgQueue.opened(self._cluster.ledger_url)
            except QueueLost as error:
                log.debug("engine.queue-away", error=str(error))
        return None

    async def _stopped_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()

    async def _hand_over(self) -> None:
        while await self._cluster.hand_over(enqueue) >= MOST:
            pass
