"""Raw PgQueuer: a worker as its documentation has it, batch 100, with the outcomes in the ledger.

`python peer_pgqueuer.py URL` works until SIGTERM. What it does not do: lanes, orders, lateness,
reading the channel back, a limit on what is in flight.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta

from outcomes import BATCH, Entry, Outcomes, entries


def prepare(url: str) -> None:
    """Install its tables. Raises ModuleNotFoundError where it is not installed."""
    import asyncpg
    from pgqueuer.adapters.persistence.queries import Queries

    async def install() -> None:
        connection = await asyncpg.connect(url)
        await Queries.from_asyncpg_connection(connection).install()
        await connection.close()

    asyncio.run(install())


def enqueue(url: str) -> None:
    """A job for each pending event, to be executed at its due instant."""
    import asyncpg
    from pgqueuer.adapters.persistence.queries import Queries

    async def put() -> None:
        connection = await asyncpg.connect(url)
        found, now = entries(url), datetime.now(UTC)
        await Queries.from_asyncpg_connection(connection).enqueue(
            ["due"] * len(found),
            [str(entry).encode() for entry in found],
            [0] * len(found),
            [entry.due - now for entry in found],
            [entry.key for entry in found],
        )
        await connection.close()

    asyncio.run(put())


async def _work(url: str) -> None:
    import asyncpg
    from pgqueuer import PgQueuer
    from pgqueuer.models import Job

    queue = PgQueuer.from_asyncpg_connection(await asyncpg.connect(url))
    outcomes = Outcomes(await asyncpg.connect(url))

    @queue.entrypoint("due", accepts_context=False)
    async def due(job: Job) -> None:
        await outcomes.done(Entry.parse((job.payload or b"").decode()))

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, queue.shutdown.set)
    writing = asyncio.create_task(outcomes.write_forever())
    await queue.run(batch_size=BATCH, dequeue_timeout=timedelta(seconds=1))
    writing.cancel()


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1]))
