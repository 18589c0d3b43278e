"""What every command needs: where the workspace is, how to print, its ledger, and the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from promo_scheduler.ledger import Ledger
    from promo_scheduler.workspace import Workspace


class Output(StrEnum):
    """How to print: for people, for programs, or as GitHub's workflow commands."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


@dataclass(slots=True)
class Door:
    """The choices of one call. A choice after the command comes before one ahead of it."""

    start: Path | None = None
    output: Output = Output.TEXT

    def choose(self, start: Path | None, output: Output | None) -> None:
        """Take what was given; keep what was not."""
        self.start = start or self.start
        self.output = output or self.output

    @property
    def is_json(self) -> bool:
        return self.output is Output.JSON

    def root(self) -> Path:
        """The workspace's folder. Raises WorkspaceNotFound."""
        from promo_scheduler.source import find_workspace

        return find_workspace(self.start or Path.cwd())

    def workspace(self) -> Workspace:
        """The workspace as it lies there. Raises WorkspaceNotFound, InvalidWorkspace."""
        from promo_scheduler.source import load

        return load(self.root())

    def standing_workspace(self) -> Workspace:
        """The workspace as it lies there; without its campaigns where they do not load, and with
        the configuration that was applied where that does not.

        Neither a half-written file nor a damaged repository must keep anybody from stopping what
        is live.
        """
        from promo_scheduler.errors import PromoError
        from promo_scheduler.operations import config_at_hand

        root = self.root()
        try:
            return self.workspace()
        except (PromoError, OSError):
            return config_at_hand(root)


def door_of(context: typer.Context, start: Path | None, output: Output | None) -> Door:
    """The door of this call, with what was given after the command."""
    door: Door = context.obj
    door.choose(start, output)
    return door


def present() -> datetime:
    """The present instant, UTC."""
    from promo_scheduler.engine.clocks import SystemClock

    return SystemClock().now()


@contextmanager
def writing_ledger(workspace: Workspace) -> Iterator[Ledger]:
    """The workspace's ledger, created where it is not there yet. Raises LedgerError."""
    from promo_scheduler.operations import open_ledger

    ledger = open_ledger(workspace)
    try:
        yield ledger
    finally:
        ledger.close()


@contextmanager
def existing_ledger(workspace: Workspace) -> Iterator[Ledger]:
    """The workspace's ledger as it is, real or simulated; never created. Raises LedgerError."""
    ledger = _either_kind(workspace)
    try:
        yield ledger
    finally:
        ledger.close()


def _either_kind(workspace: Workspace) -> Ledger:
    from promo_scheduler.errors import LedgerMismatch
    from promo_scheduler.operations import open_ledger

    try:
        return open_ledger(workspace, create=False)
    except LedgerMismatch as first:
        try:
            return open_ledger(workspace, simulated=True, create=False)
        except LedgerMismatch:
            raise first from None  # it is not the kind that does not fit


def ledger_now(ledger: Ledger) -> datetime:
    """The present instant of a ledger: a simulated one has its own."""
    stamp = ledger.stamp()
    return stamp.simulated_now or present()
