"""Archives: files that hold the audit's entries after they were pruned, one JSON object a line.

A line is what `promo audit export` writes, so an archive verifies like any export.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from promo_scheduler.audit import AuditEntry
from promo_scheduler.clock import require_utc
from promo_scheduler.errors import AuditBroken, NaiveDatetime, NotWritten, WrongUsage

_PAGE = 1 << 20  # bytes read at a time


@dataclass(frozen=True, slots=True)
class Archive:
    """A file of entries, and its SHA-256 in hex."""

    path: Path
    digest: str


def line_of(entry: AuditEntry) -> str:
    """An entry with all that its seal covers, as one line of JSON."""
    from promo_scheduler.views.as_data import entry_data

    return json.dumps(entry_data(entry), ensure_ascii=False) + "\n"


def write_archive(path: Path, entries: Iterable[AuditEntry]) -> Archive:
    """Write the entries to a new file, whole and durable before it has its name.

    A file that is there already and says exactly the same is taken as it is: a prune that was cut
    short left it. Raises NotWritten for any other.
    """
    try:
        with _beside(path) as new:
            digest = _write(new, entries)
            if not path.exists():
                new.rename(path)
            elif _digest(path) != digest:
                way_out = "name another file: --archive FILE"
                raise NotWritten(f"{path} is there already, with other content", help=way_out)
        _make_durable(path.parent)
    except OSError as error:
        raise NotWritten(
            f"the archive {path} cannot be written: {error.strerror}",
            help="name a file in a folder that is there and has room: --archive FILE",
        ) from error
    return Archive(path, digest)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A new file in the same folder, readable by its owner alone; it goes unless it is renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".promo-", suffix=".jsonl")
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _write(new: Path, entries: Iterable[AuditEntry]) -> str:
    digest = hashlib.sha256()
    with new.open("wb") as file:
        for entry in entries:
            line = line_of(entry).encode()
            digest.update(line)
            file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def archived(paths: Sequence[Path]) -> Iterator[AuditEntry]:
    """The entries of archives, whichever is named first, in their order.

    Raises WrongUsage for a file that cannot be read, and AuditBroken for a line that is no entry.
    """
    files = [(next(entries, None), entries) for entries in map(_entries, paths)]
    begun = [(first, entries) for first, entries in files if first is not None]
    for first, rest in sorted(begun, key=lambda each: each[0].seq):
        yield from chain([first], rest)


def _entries(path: Path) -> Iterator[AuditEntry]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                yield _entry(path, number, line)
    except OSError as error:
        raise WrongUsage(
            f"the archive {path} cannot be read: {error.strerror}",
            help="name a file that `promo prune` wrote",
        ) from error


def _entry(path: Path, number: int, line: str) -> AuditEntry:
    try:
        data = json.loads(line)
        at = require_utc(datetime.fromisoformat(data.pop("at")))
        return AuditEntry(at=at, **{**data, "seq": int(data["seq"]), "detail": {**data["detail"]}})
    except (ValueError, TypeError, KeyError, AttributeError, NaiveDatetime):
        raise AuditBroken(
            f"{path}:{number} is no entry of an audit", help="name a file that `promo prune` wrote"
        ) from None
