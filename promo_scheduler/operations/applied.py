"""The configuration that was applied, kept beside the audit's key.

A change of `config/` never applies by itself (law 12), not even at the daemon's next start: until
somebody applies it, the daemon connects as the copy here says. The copies are named for their
content; only the last applied one is kept.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from promo_scheduler.errors import LedgerMismatch, PromoError, WorkspaceError
from promo_scheduler.workspace import Workspace

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger

FOLDER = ".promo/applied"


def keep(workspace: Workspace) -> None:
    """Keep a copy of the configuration that is about to be applied; readable by the owner alone."""
    copies = workspace.root / FOLDER
    kept = copies / workspace.config_digest
    if kept.exists():
        return
    copies.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=copies))
    (new / "config").mkdir()
    for name, content in workspace.config_files.items():
        (new / "config" / name).write_bytes(content)
    new.rename(kept)


def forget_others(workspace: Workspace) -> None:
    """Remove every copy but the one of the configuration that has just been applied."""
    for copy in (workspace.root / FOLDER).iterdir():
        if copy.name != workspace.config_digest:
            shutil.rmtree(copy, ignore_errors=True)


def kept_config(root: Path) -> Workspace | None:
    """The configuration that was kept last, where there is one that loads."""
    from promo_scheduler.source import load_config

    folder = root / FOLDER
    copies = [each for each in folder.iterdir() if each.is_dir()] if folder.is_dir() else []
    for copy in sorted(copies, key=lambda each: each.stat().st_mtime, reverse=True):
        try:
            return replace(load_config(copy), root=root)
        except WorkspaceError:
            continue  # a copy that was not finished; `to_run` takes none but the applied one
    return None


def config_at_hand(root: Path) -> Workspace:
    """`config/` as it lies there, else as it was kept. Raises what is wrong with it where neither
    can be had.
    """
    from promo_scheduler.source import load_config

    try:
        return load_config(root)
    except (PromoError, OSError):
        kept = kept_config(root)
        if kept is None:
            raise
        return kept


def to_run(found: Workspace, ledger: Ledger) -> Workspace:
    """The workspace as it is to be run: `found`, or the configuration that was last applied.

    Raises LedgerMismatch where that is another one and no copy of it is here.
    """
    from promo_scheduler.source import load_config

    stamp = ledger.stamp()
    if stamp.is_applied(found.config_digest):
        return found
    kept = found.root / FOLDER / stamp.config_digest
    if not kept.exists():
        raise LedgerMismatch(
            "config/ is not the one that was applied, and there is no copy of that one here",
            help="look at `promo plan`, then `promo apply`",
        )
    return replace(load_config(kept), root=found.root)
