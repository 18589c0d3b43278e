"""Files that a command writes for people: whole or not at all, and said on stderr."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

from promo_scheduler.errors import NotWritten


def save(path: Path, content: str | bytes) -> None:
    """Write a file beside its place, then put it there whole; a link stays one, and leads to it.

    What is no regular file, such as a pipe or a device, is written into. Raises NotWritten.
    """
    from promo_scheduler.cli.printing import say

    data = content.encode() if isinstance(content, str) else content
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            path.write_bytes(data)
        else:
            _replace(path.resolve(), data)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        reason = getattr(error, "strerror", None) or "its links lead in a circle"
        raise NotWritten(f"{path} cannot be written: {reason}", help=_way_out(path)) from error
    say(f"wrote {path}")


def _replace(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".promo-")
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        if path.exists():
            shutil.copymode(path, beside)
        else:
            beside.chmod(0o666 & ~_umask())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _umask() -> int:
    """What the process takes away of a new file's permissions; asking is setting."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _way_out(path: Path) -> str:
    if os.path.isdir(path):  # noqa: PTH112 (a Path raises for a name that is too long)
        return f"{path} is a folder; name a file in it"
    if not os.path.isdir(path.parent):  # noqa: PTH112 (as above)
        return f"make the folder {path.parent} first, or name a file in one that is there"
    return "name a file in a folder that you may write to"
