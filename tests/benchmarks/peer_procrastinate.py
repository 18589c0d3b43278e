"""procrastinate: a worker with 20 jobs at a time, and its outcomes in the ledger.

`python peer_procrastinate.py URL` works until SIGTERM.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from outcomes import Entry, Outcomes, entries

AT_ONCE = 1000  # jobs deferred in one statement
CONCURRENCY = 20  # with 10 and with 100 it is no faster


def _app(url: str, outcomes: list[Outcomes]) -> tuple[Any, Any]:
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=url, max_size=8))

    @app.task(name="due")
    async def due(entry: str) -> None:
        await outcomes[0].done(Entry.parse(entry))

    return app, due


def prepare(url: str) -> None:
    """Install its tables. Raises ModuleNotFoundError where it is not installed."""

    async def install() -> None:
        app, _ = _app(url, [])
        async with app.open_async():
            await app.schema_manager.apply_schema_async()

    asyncio.run(install())


def enqueue(url: str) -> None:
    """A job for each pending event, scheduled at its due instant."""

    async def put() -> None:
        app, task = _app(url, [])
        found = entries(url)
        by_due: dict[Any, list[dict[str, str]]] = {}
        for entry in found:
            by_due.setdefault(entry.due, []).append({"entry": str(entry)})
        async with app.open_async():
            for due, jobs in by_due.items():
                scheduled = task.configure(schedule_at=due)
                for begin in range(0, len(jobs), AT_ONCE):
                    await scheduled.batch_defer_async(*jobs[begin : begin + AT_ONCE])

    asyncio.run(put())


async def _work(url: str) -> None:
    import asyncpg

    outcomes = [Outcomes(await asyncpg.connect(url))]
    app, _ = _app(url, outcomes)
    writing = asyncio.create_task(outcomes[0].write_forever())
    async with app.open_async():
        await app.run_worker_async(concurrency=CONCURRENCY, fetch_job_polling_interval=0.1)
    writing.cancel()


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1]))
