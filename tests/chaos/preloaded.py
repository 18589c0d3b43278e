"""The zygote: a process that has imported and read all there is, and forks one for each job.

    python preloaded.py        a job a line on stdin (JSON); the process it became, on stdout

A job names a function of a module beside this one, and what it is given (pickled). When a process
ends, its exit code is in the file `TOLD.code`. Where stdin ends, all of them are killed.
"""

import base64
import importlib
import json
import os
import pickle
import signal
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

SECONDS = 900  # that a process may live: nothing outlives a test run that was killed itself
NEEDED = (
    "aiohttp.web",
    "alembic.command",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "promo_scheduler.channels.sandbox.connector",
    "promo_scheduler.channels.sandbox.running",
    "promo_scheduler.cli.app",
    "promo_scheduler.engine.daemon",
    "promo_scheduler.engine.simulation",
    "promo_scheduler.ledger.store",
    "promo_scheduler.views.as_data",
)
_TOLD = {}


def warm_up():
    """Read a workspace and plan it once: what is cached of that, and all that it imports."""
    from promo_scheduler.operations import preview
    from promo_scheduler.source import load, shipped

    preview(load(shipped("examples") / "double-11"), datetime(2026, 1, 1, tzinfo=UTC))


def serve():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends when its stdin does
    signal.signal(signal.SIGCHLD, reap)
    for line in sys.stdin:
        asked = json.loads(line)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            become(asked)
        _TOLD[pid] = asked["told"]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        print(pid, flush=True)
    for pid in list(_TOLD):
        os.kill(pid, signal.SIGKILL)


def reap(number, frame):
    """Write down how processes ended."""
    while _TOLD:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        path = Path(_TOLD.pop(pid) + ".code")
        part = path.with_suffix(".part")
        part.write_text(str(os.waitstatus_to_exitcode(status)))
        part.rename(path)


def become(asked):
    """Do the job in this process, and never return."""
    code = 1
    try:
        prepare(asked)
        job = getattr(importlib.import_module(asked["module"]), asked["name"])
        code = job(*pickle.loads(base64.b64decode(asked["given"]))) or 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def prepare(asked):
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    signal.alarm(SECONDS)
    os.environ.update({"NO_COLOR": "1", "PROMO_ACTOR": "chaos", **asked["environment"]})
    told = asked["told"]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor, suffix in ((1, ".out"), (2, ".err")):
        os.dup2(os.open(told + suffix, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), descriptor)


if __name__ == "__main__":
    for name in NEEDED:
        importlib.import_module(name)
    warm_up()
    serve()
