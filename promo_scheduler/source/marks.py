"""Whether a workspace's files may have changed since they were last read, without reading them."""

from __future__ import annotations

from pathlib import Path

from promo_scheduler.source.git import head

_FOLDERS = ("campaigns", "config")


def fingerprint(root: Path) -> str:
    """A text that differs when what the daemon would read differs: the last commit, where there is
    one, else the names, sizes and times of the files. Raises GitFailed.
    """
    commit = head(root)
    if commit is not None:
        return commit
    files = (file for name in _FOLDERS for file in sorted((root / name).rglob("*")))
    return "\n".join(
        f"{file}:{s.st_size}:{s.st_mtime_ns}" for file in files for s in [file.lstat()]
    )
