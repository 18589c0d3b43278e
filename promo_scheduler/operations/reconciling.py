"""Reconcile: a new revision of the workspace becomes what stands, as far as the settings allow.

The daemon calls this at its start and every `reconcile_every`. It reads committed files only, where
the workspace is in git. What the settings do not allow by themselves waits for `promo apply`; a
changed `config/` waits as a whole (law 12), and so does all under new calendars where a person is
to be asked of those; a revision that does not load changes nothing.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from promo_scheduler.operations.applying import write
from promo_scheduler.operations.proposing import Proposal, propose
from promo_scheduler.operations.reresolving import ASK
from promo_scheduler.plan import Change, Finding
from promo_scheduler.workspace import Workspace

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of one look at the workspace."""

    revision: str | None
    applied: tuple[Change, ...] = ()
    waiting: tuple[Change, ...] = ()  # changes that a person must apply
    findings: tuple[Finding, ...] = ()
    config_changed: bool = False
    new_calendars: tuple[str, ...] = ()
    calendars_wait: bool = False  # and all of it with them


def load_committed(root: Path) -> Workspace:
    """The workspace as committed, where it is in git; else as it lies there."""
    from promo_scheduler.source import checkout, load

    with tempfile.TemporaryDirectory(prefix="promo-") as folder:
        revision = checkout(root, Path(folder))
        if revision is None:
            return load(root)
        return replace(load(Path(folder), revision=revision), root=root)


def reconcile_with(workspace: Workspace, ledger: Ledger, now: datetime) -> Reconciled:
    """Plan and apply what may be applied without a person. `now` is a UTC instant."""
    proposal = propose(workspace, ledger, now)
    if proposal.config_changed or _asks_for_calendars(proposal):
        return _report(proposal, applied=(), waiting=proposal.changes)
    allowed = proposal.limited_to(workspace.settings.apply.auto)
    write(ledger, allowed, now)
    done = {change.key for change in allowed.changes}
    waiting = tuple(change for change in proposal.changes if change.key not in done)
    return _report(proposal, applied=allowed.changes, waiting=waiting)


def _asks_for_calendars(proposal: Proposal) -> bool:
    """Whether a person is to look at what new calendars change; nothing else is told from it."""
    asks = proposal.workspace.settings.new_zone_data == ASK
    return asks and bool(proposal.new_calendars and proposal.changes)


def _report(
    proposal: Proposal, applied: tuple[Change, ...], waiting: tuple[Change, ...]
) -> Reconciled:
    return Reconciled(
        revision=proposal.plan.revision,
        applied=applied,
        waiting=waiting,
        findings=proposal.plan.findings,
        config_changed=proposal.config_changed,
        new_calendars=proposal.new_calendars,
        calendars_wait=_asks_for_calendars(proposal),
    )
