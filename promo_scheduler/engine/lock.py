"""The daemon's lock on an embedded ledger: while it is held, no second daemon starts.

The operating system lets go of it when the process dies, however it dies, so a restart knows at
once that the old owner's claims are free. The locked file is a slate as well, on which its holder
says how it is. A node that shares its ledger with others holds a file of its own.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from promo_scheduler.engine import slate
from promo_scheduler.engine.slate import Slate
from promo_scheduler.errors import LedgerInUse, LedgerUnavailable

NODES = "nodes"
# Whoever looks who holds a lock holds it for a moment; that must not refuse a daemon that starts.
TRIES = 20
PAUSE = 0.01  # seconds


@contextmanager
def exclusive(path: Path, owner: str) -> Iterator[Slate]:
    """Hold the lock for the length of the block; the slate is the holder's to write on.

    What the holder before said of the ledger's head stays there until then. Raises LedgerInUse,
    naming the holder, and LedgerUnavailable where the file cannot be had.
    """
    descriptor = _opened(path)
    written = Slate(descriptor)
    try:
        _hold(descriptor, path)
        written.reserve()
        written.write(json.dumps({**said(written.read()), "owner": owner, "beat_at": None}))
        yield written
    finally:
        written.close()


@contextmanager
def present(lock: Path, owner: str) -> Iterator[Slate]:
    """Hold a file of this node's own, beside the ledger's lock, for the length of the block."""
    path = lock.parent / NODES / f"{owner.replace(':', '-')}.lock"
    for left in _node_files(lock):
        if said(slate.read(left)) and holder(left) is None:
            left.unlink(missing_ok=True)
    with exclusive(path, owner) as written:
        try:
            yield written
        finally:
            path.unlink(missing_ok=True)


def holder(path: Path) -> str | None:
    """Who holds the lock now; None where nobody does. Raises LedgerUnavailable."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _out_of_reach(path, error) from error
    try:
        return None if _try(descriptor) else _name(path)
    finally:
        os.close(descriptor)


def held(lock: Path) -> list[tuple[str, Path]]:
    """The daemons that are alive on this machine: each one's name, and its file."""
    found = ((holder(path), path) for path in (lock, *_node_files(lock)))
    return [(name, path) for name, path in found if name is not None]


def said(text: str | None) -> Mapping[str, Any]:
    """What stands on a slate, as data; empty where it is nothing of ours."""
    try:
        data = json.loads(text or "")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _out_of_reach(path, error) from error


def _hold(descriptor: int, path: Path) -> None:
    for _ in range(TRIES):
        if _try(descriptor):
            return
        time.sleep(PAUSE)
    raise LedgerInUse(
        f"this ledger is held by {_name(path)}",
        help="stop that daemon first; `promo status` shows it",
    )


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _name(path: Path) -> str:
    return str(said(slate.read(path)).get("owner") or "another daemon")


def _node_files(lock: Path) -> list[Path]:
    return sorted((lock.parent / NODES).glob("*.lock"))


def _out_of_reach(path: Path, error: OSError) -> LedgerUnavailable:
    return LedgerUnavailable(
        f"the daemon's lock {path} cannot be used: {error.strerror or error}",
        help="give this user the right to read and write there",
    )
