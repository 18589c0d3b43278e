"""The daemon's lock on an embedded ledger: while it is held, no second daemon starts.

The operating system lets go of it when the process dies, however it dies, so a restart knows at
once that the old owner's claims are free.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from promo_scheduler.errors import LedgerInUse


@contextmanager
def exclusive(path: Path, owner: str) -> Iterator[None]:
    """Hold the lock for the length of the block. Raises LedgerInUse, naming the holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _try(descriptor):
            raise LedgerInUse(
                f"this ledger is held by {_name(path)}",
                help="stop that daemon first; `promo status` shows it",
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, owner.encode(), 0)
        yield
    finally:
        os.close(descriptor)


def holder(path: Path) -> str | None:
    """Who holds the lock now; None where nobody does."""
    if not path.exists():
        return None
    descriptor = os.open(path, os.O_RDWR)
    try:
        return None if _try(descriptor) else _name(path)
    finally:
        os.close(descriptor)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _name(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() or "another daemon"
