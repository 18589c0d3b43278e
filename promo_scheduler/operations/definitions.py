"""The definitions that the ledger stands on: what was applied last, and not what was edited since.

Campaigns come from the commit that was applied, the configuration from the copy that is kept of it.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from promo_scheduler.audit import Stamp
from promo_scheduler.errors import LedgerMismatch
from promo_scheduler.operations.applied import FOLDER
from promo_scheduler.workspace import Workspace

_DIRTY = "-dirty"
_FILES = ("campaigns", "config")


@dataclass(frozen=True, slots=True)
class Definitions:
    """A workspace as it was applied; `remark` says where it is not exactly that."""

    workspace: Workspace
    remark: str = ""


def definitions(root: Path, stamp: Stamp) -> Definitions:
    """The workspace in `root` as the ledger with this stamp stands on it.

    Where that commit is not to be had, the committed files count; outside git, those that lie
    there. Raises InvalidWorkspace where it does not load any more, GitFailed, and LedgerMismatch
    where another configuration was applied and no copy of it is here.
    """
    from promo_scheduler.source import load

    with tempfile.TemporaryDirectory(prefix="promo-") as folder:
        into = Path(folder)
        revision, remark = _gathered(root, into, stamp.revision)
        _put_config(root, into, stamp)
        found = replace(load(into, revision=revision), root=root)
    if not stamp.is_applied(found.config_digest):
        raise LedgerMismatch(
            "config/ is not the one that was applied, and there is no copy of that one here",
            help="look at `promo plan`, then `promo apply`",
        )
    return Definitions(found, remark)


def _gathered(root: Path, into: Path, applied: str | None) -> tuple[str | None, str]:
    """Put the files into a folder; the commit that they are of, and what is to be said of that."""
    from promo_scheduler.source import checkout

    commit = (applied or "").removesuffix(_DIRTY)
    if commit and checkout(root, into, commit):
        dirty = f"what was applied was not committed: counted from its commit {commit[:12]}"
        return commit, dirty if applied != commit else ""
    last = checkout(root, into)
    if last is None:
        _copy(root, into)
    return last, f"the commit that was applied, {commit[:12]}, is not here" if commit else ""


def _copy(root: Path, into: Path) -> None:
    """Links are copied as they are: whether they lead out of the workspace is for `load` to say."""
    for name in _FILES:
        if (root / name).is_dir():
            shutil.copytree(root / name, into / name, symlinks=True)


def _put_config(root: Path, into: Path, stamp: Stamp) -> None:
    kept = root / FOLDER / stamp.config_digest / "config"
    if stamp.config_digest and kept.is_dir():
        shutil.rmtree(into / "config", ignore_errors=True)
        shutil.copytree(kept, into / "config")
