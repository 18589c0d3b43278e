"""Faults of the disk under an SQLite ledger: locked, full, read-only, overwritten."""

import os
import resource
import sqlite3
import subprocess
from contextlib import contextmanager
from pathlib import Path


def ledger_file(root: Path) -> Path:
    return root / ".promo" / "ledger.db"


@contextmanager
def locked(path: Path):
    """This process writes, and does not come to an end with it."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@contextmanager
def small_disk(folder: Path, megabytes: int = 8):
    """A disk of its own at the folder, where this user may mount one; else None."""
    folder.mkdir(parents=True)
    size = f"size={megabytes}m,mode=0700"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True
    )
    try:
        yield folder if done.returncode == 0 else None
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def full(disk: Path):
    """Nothing more fits onto it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 512, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def no_file_may_grow(pid: int):
    """A process may write into files only up to their first bytes."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def immutable(*paths: Path):
    """Nobody may write them, whoever has them open; None where this cannot be done here."""
    words = [str(path) for path in paths if path.exists()]
    done = subprocess.run(["chattr", "+i", *words], capture_output=True)
    try:
        yield done.returncode == 0 or None
    finally:
        if done.returncode == 0:
            subprocess.run(["chattr", "-i", *words], check=True)


def overwrite(path: Path):
    """Garbage in place of all but the head of the file, and a sign that makes all look at it."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("PRAGMA user_version = 7")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
        os.fsync(file.fileno())
