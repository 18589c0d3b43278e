"""Slate: one small text in a file, always written over in its place.

Its blocks are there from the beginning, so that a full disk does not keep it from being written: it
must still tell then what is wrong. A checksum tells a text that was read while it was written, or
that a power cut left half written. Nothing is synced: what it says matters while its writer lives.
"""

from __future__ import annotations

import os
import threading
import zlib
from contextlib import suppress
from pathlib import Path

SIZE = 16_384  # bytes of the file, whatever the text's length
ROOM = SIZE - 10  # bytes of a text: its checksum and a line's end take the rest
READINGS = 5  # of a file that is being written


class Slate:
    """The writing side, on an open file. Safe to use from several threads; close it when done."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor
        self._guard = threading.Lock()
        self.failures = 0  # to write

    def reserve(self) -> None:
        """Have the file's blocks allocated, where the system can; else the first text does it."""
        if self._descriptor is not None and hasattr(os, "posix_fallocate"):
            with suppress(OSError):
                os.posix_fallocate(self._descriptor, 0, SIZE)

    def write(self, text: str) -> None:
        """Put a text of at most ROOM bytes there. What keeps it from being written is counted."""
        data = text.encode()
        if len(data) > ROOM:
            raise ValueError(f"a slate holds {ROOM} bytes, not {len(data)}")
        whole = f"{zlib.crc32(data):08x}\n".encode() + data
        with self._guard:
            if self._descriptor is None:
                return
            try:
                os.pwrite(self._descriptor, whole.ljust(SIZE), 0)
            except OSError:
                self.failures += 1

    def read(self) -> str | None:
        """What stands there; None for nothing that was written whole."""
        with self._guard:
            return None if self._descriptor is None else _read(self._descriptor)

    def close(self) -> None:
        """Let go of the file. Later texts are written nowhere."""
        with self._guard:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None


def read(path: Path) -> str | None:
    """What stands on a slate; None where there is none, or nothing that was written whole."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return _read(descriptor)
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> str | None:
    for _ in range(READINGS):
        checksum, _, data = os.pread(descriptor, SIZE, 0).rstrip(b" ").partition(b"\n")
        if checksum == f"{zlib.crc32(data):08x}".encode():
            return data.decode(errors="replace")
    return None
