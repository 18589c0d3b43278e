"""Fault points: a simulation that dies by SIGKILL at the n-th commit or the n-th HTTP call.

A point is before or after: before a commit and right after it, before a call is sent and when its
answer has come, which its caller never sees. Only commits that wrote something count, and only
calls to the shop's discounts.
"""

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path

WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE")


@dataclass(frozen=True)
class Play:
    """What is played, where its ledger is kept, and the shop. `ledger`: another one by its URL."""

    root: str
    folder: str
    shop: str
    ledger: str = ""


class Points:
    """Counts the points of this process, and kills it at number `fatal` (from 1; 0: never)."""

    def __init__(self, fatal):
        self.passed, self._fatal = [], fatal

    def reach(self, what):
        self.passed.append(what)
        if len(self.passed) == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self):
        self._watch_commits()
        self._watch_calls()

    def _watch_commits(self):
        import sqlalchemy as sa
        from sqlalchemy.pool import Pool

        @sa.event.listens_for(sa.Engine, "before_cursor_execute")
        def _(connection, cursor, statement, *given):
            if statement.lstrip().upper().startswith(WRITES):
                connection.info["wrote"] = True

        @sa.event.listens_for(sa.Engine, "commit")
        def _(connection):
            if connection.info.pop("wrote", False):
                self.reach("before a commit")
                connection.info["committed"] = True

        @sa.event.listens_for(Pool, "checkin")
        def _(dbapi_connection, record):
            if record.info.pop("committed", False):
                self.reach("after a commit")

    def _watch_calls(self):
        import aiohttp

        tracing = aiohttp.TraceConfig()
        tracing.on_request_start.append(self._before_call)
        tracing.on_request_end.append(self._after_call)
        begin = aiohttp.ClientSession.__init__

        def traced(session, *given, **named):
            begin(session, *given, **{**named, "trace_configs": [tracing]})

        aiohttp.ClientSession.__init__ = traced

    async def _before_call(self, session, context, asked):
        if asked.url.path.startswith("/discounts"):
            self.reach(f"before {asked.method}")

    async def _after_call(self, session, context, asked):
        if asked.url.path.startswith("/discounts"):
            self.reach(f"after {asked.method}")


def play(wanted: Play, fatal: int, counted: str = ""):
    """The job: play the workspace and die at that point, or come to the end.

    Where `counted` names a file, the points that were passed are written into it.
    """
    points = Points(fatal)
    points.watch()
    asyncio.run(_simulate(wanted))
    if counted:
        Path(counted).write_text("\n".join(points.passed))


async def _simulate(wanted):
    from promo_scheduler.engine import simulation
    from promo_scheduler.engine.logs import configure
    from promo_scheduler.source import load

    configure("warning")
    if wanted.ledger:
        _keep_elsewhere(simulation, wanted.ledger)
    asked = simulation.Wanted(load(Path(wanted.root)), Path(wanted.folder), wanted.shop)
    async with simulation.Simulation(asked) as playing:
        await playing.run()


def _keep_elsewhere(simulation, ledger):
    """The simulation's ledger on another database; a simulation has one of its own in a file."""
    from dataclasses import replace

    staged = simulation.staged

    def elsewhere(workspace, url, folder):
        played = staged(workspace, url, folder)
        return replace(played, settings=replace(played.settings, ledger=ledger))

    simulation.staged = elsewhere
