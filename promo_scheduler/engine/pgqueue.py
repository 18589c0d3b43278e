"""The queue of a cluster, on PgQueuer: the only file that knows it.

PgQueuer looks for deferred jobs ten times a second at most, so a job is handed AHEAD of its event's
due instant, by the database's clock, and the node waits for the exact instant itself. A chore of a
dead node is taken over after 30 s, which is fixed in PgQueuer.

PgQueuer keeps a line for each step of a job. They are of no use here: unlogged, not summed up, and
deleted every TIDY, so that they do not grow without bound.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, Self, cast

import psycopg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.psycopg import PsycopgDriver
from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries, SyncQueries
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.models import Job, Schedule
from pgqueuer.ports.driver import NotifyCallback, SyncDriver
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from promo_scheduler.engine.engines import Chore, do
from promo_scheduler.errors import LedgerUnavailable, PromoError
from promo_scheduler.ledger.connecting import STEADY
from promo_scheduler.plan import Key, TriggerEvent

ENTRYPOINT = "promo.due"
AHEAD = timedelta(milliseconds=500)
BATCH = 100
POLL = timedelta(seconds=1)
HEARTBEAT = timedelta(seconds=4)  # a job picked longer ago, with no sign of life, is picked again
TIDY = timedelta(minutes=10)

_DIALECT = re.compile(r"^postgres(ql)?(\+psycopg)?://")
log = structlog.get_logger()


class QueueLost(Exception):
    """The queue cannot be used; the words are fit to be shown."""


def enqueue(connection: Any, events: Sequence[TriggerEvent]) -> None:
    """Put events into the queue, in the transaction that is open on a psycopg connection.

    Doing it again for an event that waits there with the same due instant changes nothing. Raises
    LedgerUnavailable where the queue's tables are not there or the connection breaks.
    """
    try:
        _enqueue(_OpenTransaction(connection), events)
    except psycopg.Error as error:
        words = str(error).partition("\n")[0]
        raise LedgerUnavailable(f"the queue beside the ledger cannot be used: {words}") from error


def _enqueue(line: _OpenTransaction, events: Sequence[TriggerEvent]) -> None:
    now = cast("datetime", line.fetch("SELECT now() AS now")[0]["now"])
    jobs = [_job(event) for event in events]
    SyncQueries(line, qbq=QueryQueueBuilder(_settings())).enqueue(
        [ENTRYPOINT] * len(jobs),
        [job.encode() for job in jobs],
        [0] * len(jobs),
        [event.due_at - now - AHEAD for event in events],
        [*jobs],  # an event that was moved gets a job of its own
        on_conflict="skip",
    )


class PgQueue:
    """A node's connections to the queue: two, made by `opened`, and let go by `close`."""

    def __init__(self, where: dict[str, Any]) -> None:
        self._where = where
        self._lines = AsyncExitStack()
        self._queries: Queries | None = None
        self._working: PgQueuer | None = None
        self._stopped = False

    @classmethod
    async def opened(cls, url: str) -> PgQueue:
        """Connect to the ledger's database, and make the queue's tables there. Raises QueueLost."""
        _hear_the_library()
        queue = cls(_where(url))
        try:
            await queue._connect()
        except BaseException as error:
            await queue.close()
            if isinstance(error, Exception):
                raise QueueLost(queue._words(error)) from error
            raise
        return queue

    async def work(self, on_due: Callable[[Key, datetime], None], chores: Sequence[Chore]) -> None:
        """Tell of each job as it comes, and do the chores that fall to this node, until stopped.

        Raises QueueLost where the connection breaks or the tables are gone.
        """
        assert self._queries is not None
        working = self._prepared(self._queries, on_due, chores)
        self._working = working
        if self._stopped:
            return
        try:
            await working.run(
                dequeue_timeout=POLL,
                batch_size=BATCH,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=HEARTBEAT,
                log_aggregation_interval=timedelta(0),
            )
        except Exception as error:  # whatever breaks here, the ledger goes on without it
            raise QueueLost(self._words(error)) from error

    def stop(self) -> None:
        """Let `work` return: no more jobs, and no more chores."""
        self._stopped = True
        if self._working is not None:
            self._working.shutdown.set()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._lines.aclose()

    async def _connect(self) -> None:
        asking, listening = await self._line(), await self._line()
        self._queries = _queries(TwoLines(asking, listening))
        await _install(self._queries)

    async def _line(self) -> psycopg.AsyncConnection[Any]:
        asked = {"application_name": "promo-engine", **STEADY, **self._where, "autocommit": True}
        line = await psycopg.AsyncConnection.connect(**asked)
        self._lines.push_async_callback(line.close)
        return line

    def _prepared(
        self, queries: Queries, on_due: Callable[[Key, datetime], None], chores: Sequence[Chore]
    ) -> PgQueuer:
        async def due(job: Job) -> None:
            _tell(job, on_due)

        async def tidy() -> None:
            await queries.clear_queue_log(ENTRYPOINT)

        working = PgQueuer(queries.driver, queries.qbq.settings.channel, queries=queries)
        working.entrypoint(ENTRYPOINT, accepts_context=False)(due)
        for chore in (*chores, Chore("tidy-queue", TIDY, tidy)):
            schedule = working.schedule(f"promo.{chore.name}", cron(chore.every))
            schedule(_scheduled(chore))
        return working

    def _words(self, error: BaseException) -> str:
        words = str(error).strip().partition("\n")[0] or type(error).__name__
        password = self._where.get("password")
        return words.replace(password, "***") if password else words


def _where(url: str) -> dict[str, Any]:
    """What a ledger's URL says to the driver."""
    try:
        return dict(conninfo_to_dict(_DIALECT.sub("postgresql://", url)))
    except psycopg.Error:  # its text may quote the URL, with the password: it is not passed on
        raise QueueLost("the driver cannot read the ledger's URL") from None


def cron(every: timedelta) -> str:
    """A cron expression, seconds last, that comes at least as often, on whole units of time."""
    seconds = max(int(every.total_seconds()), 1)
    if seconds < 60:
        return f"* * * * * */{seconds}"
    if seconds < 3600:
        return f"*/{seconds // 60} * * * *"
    if seconds < 86_400:
        return f"0 */{seconds // 3600} * * *"
    return "0 0 * * *"


def _scheduled(chore: Chore) -> Callable[[Schedule], Awaitable[None]]:
    async def turn(_schedule: Schedule) -> None:
        await do(chore)

    return turn


def _job(event: TriggerEvent) -> str:
    return f"{event.due_at.astimezone(UTC).isoformat()} {event.key}"


def _tell(job: Job, on_due: Callable[[Key, datetime], None]) -> None:
    try:
        at, _, key = (job.payload or b"").decode().partition(" ")
        on_due(Key.parse(key), datetime.fromisoformat(at))
    except (PromoError, ValueError) as error:
        log.error("engine.job-unreadable", job=job.id, error=str(error))


def _settings() -> DBSettings:
    """Tables and a channel of our own, beside those of anybody else's PgQueuer in the database."""
    return DBSettings(prefix="promo_", durability=Durability.balanced)


def _queries(driver: PsycopgDriver) -> Queries:
    settings = _settings()
    return Queries(
        driver,
        QueryBuilderEnvironment(settings),
        QueryQueueBuilder(settings),
        QuerySchedulerBuilder(settings),
    )


async def _install(queries: Queries) -> None:
    async with queries.schema_lock():  # another node may be at it
        if not await queries.schema_is_installed():
            await queries.install()
            await queries.optimize_autovacuum()
    await queries.apply_upgrade()


class _OpenTransaction(SyncDriver):
    """PgQueuer's way into a transaction of ours; its own driver insists on autocommit."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        cursor = psycopg.RawCursor(self._connection, row_factory=dict_row)
        return cursor.execute(query.encode(), args or None).fetchall()


class TwoLines(PsycopgDriver):
    """Asks on one connection and listens on another: listening keeps one busy for a second."""

    def __init__(
        self, asking: psycopg.AsyncConnection[Any], listening: psycopg.AsyncConnection[Any]
    ) -> None:
        super().__init__(asking)
        self._ear = PsycopgDriver(listening)
        self._listens = asyncio.Event()

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        await self._ear.add_listener(channel, callback)
        self._listens.set()

    async def notify(self, channel: str, payload: str) -> None:
        """Not before we listen: PgQueuer asks at once whether it hears itself, on the other line,
        and takes an answer that it missed for a dead connection.
        """
        await self._listens.wait()
        await super().notify(channel, payload)

    async def remove_listener(self, channel: str, callback: NotifyCallback) -> None:
        await self._ear.remove_listener(channel, callback)

    async def __aenter__(self) -> Self:
        await self._ear.__aenter__()
        return await super().__aenter__()

    async def __aexit__(self, *error: object) -> None:
        await super().__aexit__(*error)
        await self._ear.__aexit__(*error)


class _OurLog(logging.Handler):
    """What PgQueuer complains of, as an event of our log, without its traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        log.warning("engine.queue-says", message=record.getMessage().partition("\n")[0])


def _hear_the_library() -> None:
    library = logging.getLogger("pgqueuer")
    library.propagate = False
    if not any(isinstance(handler, _OurLog) for handler in library.handlers):
        library.addHandler(_OurLog(logging.WARNING))
