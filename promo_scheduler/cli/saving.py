"""Files that a command writes for people: whole or not at all, and said on stderr."""

from __future__ import annotations

from pathlib import Path

from promo_scheduler.errors import NotWritten


def save(path: Path, content: str | bytes) -> None:
    """Write a file beside its place, then put it there whole. Raises NotWritten."""
    from promo_scheduler.cli.printing import say

    data = content.encode() if isinstance(content, str) else content
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_bytes(data)
        fresh.replace(path)
    except OSError as error:
        _forget(fresh)
        raise NotWritten(
            f"{path} cannot be written: {error.strerror or error}", help=_way_out(path)
        ) from error
    say(f"wrote {path}")


def _forget(fresh: Path) -> None:
    try:
        fresh.unlink(missing_ok=True)
    except OSError:
        return  # where nothing can be written there is nothing to take away


def _way_out(path: Path) -> str:
    if path.is_dir():
        return f"{path} is a folder; name a file in it"
    if not path.parent.is_dir():
        return f"make the folder {path.parent} first, or name a file in one that is there"
    return "name a file in a folder that you may write to"
