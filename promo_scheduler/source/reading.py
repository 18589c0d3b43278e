"""Reading a file of the workspace: what it is, before anybody looks at what it says.

Refused before it is parsed: what leads out of the workspace, is no regular file, cannot be read, is
too large, or is not UTF-8 text.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from promo_scheduler.errors import Place, Problem

YAML_LIMIT = 1024 * 1024
CATALOG_LIMIT = 64 * 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be read: where it is, the folder it may not lead out of, and its shown name."""

    path: Path
    root: Path
    name: str
    limit: int = YAML_LIMIT

    def problem(self, code: str, message: str, help: str, at: tuple[int, int] = (1, 1)) -> Problem:
        return Problem(code, message, place=Place(self.name, *at), help=help)


def file_in(root: Path, *parts: str, limit: int = YAML_LIMIT) -> SourceFile:
    """The file of a workspace at this path."""
    return SourceFile(root.joinpath(*parts), root, "/".join(parts), limit)


def absent(file: SourceFile) -> bool:
    """Whether nothing is there: a file that is there and cannot be read is not absent."""
    try:
        file.path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def read_text(file: SourceFile) -> str | Problem:
    """The file's text, or why it cannot be used."""
    try:
        refused = _refused(file)
        content = b"" if refused else _content(file)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        reason = getattr(error, "strerror", None) or "its links lead in a circle"
        return file.problem("E020", f"cannot be read: {reason}", "check the file's permissions")
    if refused is None and len(content) > file.limit:
        return _too_large(file)
    return refused or _decoded(file, content)


def _refused(file: SourceFile) -> Problem | None:
    if not file.path.resolve(strict=True).is_relative_to(file.root.resolve()):
        return file.problem(
            "E028",
            "leads out of the workspace",
            "put the file itself here; only what the workspace holds can be reviewed",
        )
    found = file.path.stat()
    if not stat.S_ISREG(found.st_mode):
        return file.problem(
            "E020", f"expected a file, found {_kind(found.st_mode)}", "rename it or move it away"
        )
    return _too_large(file) if found.st_size > file.limit else None


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a named pipe" if stat.S_ISFIFO(mode) else "something that is no file"


def _too_large(file: SourceFile) -> Problem:
    limit = f"{file.limit // (1024 * 1024)} MiB"
    return file.problem("E021", f"is larger than {limit}", "split it into several files")


def _content(file: SourceFile) -> bytes:
    with file.path.open("rb") as opened:
        return opened.read(file.limit + 1)  # a file may grow after it was measured


def _decoded(file: SourceFile, content: bytes) -> str | Problem:
    way_out = "save it as UTF-8 text"
    content = content.removeprefix(_BYTE_ORDER_MARK)
    if (zero := content.find(b"\0")) >= 0:
        return file.problem("E022", "is a binary file", way_out, _position(content, zero))
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        return file.problem("E022", "is not UTF-8 text", way_out, _position(content, error.start))


def _position(content: bytes, index: int) -> tuple[int, int]:
    before = content[:index].decode(errors="replace")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
