"""Learned peaks put into config/regions.yaml, with every other byte of it left as it is.

ruamel tells where in the text each value stands, and what the text means before and after. Its own
writer would also rewrite what nobody asked for, such as the spaces inside `{ name: Berlin }`, so
only the values are cut out and set in. A region that only the shipped catalogue has is copied
from there.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promo_scheduler.errors import NotWritable
from promo_scheduler.source.peaks_text import (
    NotPossible,
    composed,
    entries_of,
    plain,
    with_entries,
    with_peaks,
)
from promo_scheduler.source.shipped_files import shipped
from promo_scheduler.timing.learning import Lesson

FILE = Path("config", "regions.yaml")
_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # some editors begin a file with it


@dataclass(frozen=True, slots=True)
class PeaksEdit:
    """The file's text before and after. `copied`: regions that came from the shipped catalogue."""

    path: Path
    before: str
    after: str
    copied: tuple[str, ...]


def peaks_edit(root: Path, lessons: Sequence[Lesson]) -> PeaksEdit:
    """The workspace's regions with what the lessons change. Nothing is written yet.

    Raises NotWritable where a peak stands in a way that it cannot be changed alone.
    """
    path = (root / FILE).resolve()
    changing = [lesson for lesson in lessons if lesson.changed]
    before = _read(path)
    if not changing:
        return PeaksEdit(path, before, before, ())
    try:
        return _edit(path, before, changing)
    except NotPossible as error:
        lines = "; ".join(f"{each.region.name}: {_by_hand(each)}" for each in changing)
        raise NotWritable(
            f"{FILE}: {error}; nothing was written", help=f"put these in by hand: {lines}"
        ) from None


def write(edit: PeaksEdit) -> None:
    """Put the new text in the old one's place, all at once. Raises NotWritable."""
    try:
        _replace(edit.path, edit.after.encode())
    except OSError as error:
        raise NotWritable(
            f"{edit.path} cannot be written: {error.strerror or error}",
            help="check the permissions of the file and its folder; nothing was changed",
        ) from error


def _edit(path: Path, before: str, changing: Sequence[Lesson]) -> PeaksEdit:
    bare = before.removeprefix(_MARK)
    own = entries_of(composed(bare))
    missing = tuple(lesson.region.name for lesson in changing if lesson.region.name not in own)
    catalogue = _read(shipped("config") / FILE.name) if missing else ""
    after = with_entries(bare, catalogue, missing) if missing else bare
    after = with_peaks(after, changing)
    _refuse_a_slip(after, _expected(bare, catalogue, changing), changing)
    return PeaksEdit(path, before, before[: len(before) - len(bare)] + after, missing)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""


def _by_hand(lesson: Lesson) -> str:
    parts = (f"{kind} {' and '.join(map(str, lesson.peaks.on(kind)))}" for kind in lesson.changed)
    return ", ".join(parts)


# ── nothing else may have changed ───────────────────────────────────────────────────────────────
def _expected(before: str, catalogue: str, changing: Sequence[Lesson]) -> object:
    """What the new text has to mean: the old one's meaning, and the new peaks."""
    meaning = plain(composed(before))
    root = meaning if isinstance(meaning, dict) else {}
    regions = root["regions"] = root.get("regions") or {}
    copies = entries_of(composed(catalogue))
    for lesson in changing:
        name = lesson.region.name
        entry = regions[name] if name in regions else regions.setdefault(name, plain(copies[name]))
        entry["peaks"] = dict(entry.get("peaks") or {}) | _texts(lesson)
    return root


def _refuse_a_slip(after: str, expected: object, changing: Sequence[Lesson]) -> None:
    found = plain(composed(after))
    for lesson in changing:
        peaks = found["regions"][lesson.region.name]["peaks"]
        for kind in _texts(lesson):
            peaks[kind] = [peaks[kind]] if isinstance(peaks[kind], str) else peaks[kind]
    if found != expected:
        raise NotPossible("the peaks cannot be changed without changing something else")


def _texts(lesson: Lesson) -> dict[str, list[str]]:
    return {kind.value: [str(peak) for peak in lesson.peaks.on(kind)] for kind in lesson.changed}


# ── on disk ─────────────────────────────────────────────────────────────────────────────────────
def _replace(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        if path.exists():
            shutil.copymode(path, beside)
        else:
            beside.chmod(0o644)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
