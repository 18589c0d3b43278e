"""Re-resolving: what stands is planned again under new zone data or calendars (T11, law 7).

The wall time in the file is what was promised, so a window moves with its wall. It is planned from
the definitions that the ledger stands on, so every change that is found comes from the new versions
or from time having passed. What has begun is not started again; what is staged is staged again; a
start that then lies in the past is fired or missed by its lateness.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from promo_scheduler.clock import Versions
from promo_scheduler.errors import PlanRefused
from promo_scheduler.operations.applying import write
from promo_scheduler.operations.definitions import definitions
from promo_scheduler.operations.proposing import Proposal, propose
from promo_scheduler.plan import Change, ChangeKind, Window, WindowKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from promo_scheduler.ledger import Ledger

ASK = "ask"


@dataclass(frozen=True, slots=True)
class Reresolution:
    """What the versions at hand change of what stands. `remark`: see Definitions."""

    proposal: Proposal
    remark: str = ""

    @property
    def before(self) -> Versions:
        """What the ledger stands on."""
        return self.proposal.stood_with

    @property
    def after(self) -> Versions:
        """What was resolved with now."""
        return self.proposal.plan.versions

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.proposal.changes

    @property
    def moves(self) -> int:
        """How many windows get other instants."""
        return sum(change.kind is ChangeKind.MOVE for change in self.changes)

    @property
    def asks(self) -> bool:
        """Whether the settings that were applied leave all of it to a person."""
        return self.proposal.workspace.settings.new_zone_data == ASK

    @property
    def alone(self) -> tuple[Change, ...]:
        """The changes that need no person."""
        if self.asks:
            return ()
        auto = self.proposal.workspace.settings.apply.auto
        wanted = {window.key: window for window in self.proposal.plan.windows}
        return tuple(change for change in self.changes if _needs_nobody(change, wanted, auto))

    @property
    def waiting(self) -> tuple[Change, ...]:
        """The changes that wait for a person."""
        alone = {change.key for change in self.alone}
        return tuple(change for change in self.changes if change.key not in alone)


def reresolve(root: Path, ledger: Ledger, now: datetime) -> Reresolution:
    """What new zone data and calendars change of what stands. `now` is a UTC instant.

    Raises PlanRefused where nothing was applied yet, and what `definitions` raises.
    """
    stamp = ledger.stamp()
    if stamp.versions == Versions():
        raise PlanRefused(
            "nothing was applied yet, so nothing can move",
            help="look at `promo plan`, then `promo apply`",
        )
    found = definitions(root, stamp)
    return Reresolution(propose(found.workspace, ledger, now, anew=True), found.remark)


def is_outdated(ledger: Ledger) -> bool:
    """Whether what stands was resolved with other versions than those at hand."""
    from promo_scheduler.timing import versions

    return ledger.stamp().versions not in (Versions(), versions())


def apply_alone(found: Reresolution, ledger: Ledger, now: datetime) -> None:
    """Write what needs no person, and the versions with it; nothing where a person is asked for
    all of it. `now` is a UTC instant. Raises StalePlan.
    """
    if not (found.asks and found.changes):
        write(ledger, found.proposal.only(found.alone), now)


def _needs_nobody(change: Change, wanted: Mapping[WindowKey, Window], auto: frozenset[str]) -> bool:
    """A window that still is what was promised, or a change that the settings leave to the daemon.

    What a person was asked to allow, and has not, is found again here; it keeps waiting.
    """
    if change.policy == "withdraw":
        return False
    if change.before and change.key in wanted and _is_moved(change.before, wanted[change.key]):
        return True
    return change.policy in auto


def _is_moved(before: Window, wanted: Window) -> bool:
    """Whether nothing but the zone data sets the two apart."""
    there = replace(
        wanted,
        start=before.start,
        end=before.end,
        decided_by=before.decided_by,
        warnings=before.warnings,
    )
    return wanted.reads_as(before) and there == before
