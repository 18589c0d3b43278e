"""Re-resolving: what stands follows its own walls under new zone data (T11, law 7).

The wall time in the file is what was promised, and the ledger keeps it: a window moves with its
wall, and neither campaigns nor git are read for it. What new calendars change is found by planning
alone, because only a campaign says which dates it means.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from promo_scheduler.audit import Stamp
from promo_scheduler.clock import Versions
from promo_scheduler.errors import LedgerMismatch, PlanRefused
from promo_scheduler.operations.applied import to_run
from promo_scheduler.operations.opening import actor
from promo_scheduler.operations.proposing import Proposal, capabilities
from promo_scheduler.plan import (
    Application,
    Change,
    ChangeKind,
    LeftAlone,
    TriggerEvent,
    WindowKey,
)
from promo_scheduler.workspace import Workspace

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger

ASK = "ask"


@dataclass(frozen=True, slots=True)
class Reresolution:
    """What the zone data at hand change of what stands.

    `left` could not be resolved and stays. `by_calendar`: the changes that new calendars bring, and
    `takes_calendars` whether those are all.
    """

    workspace: Workspace
    stood: Stamp
    at_hand: Versions
    changes: tuple[Change, ...]
    events: tuple[TriggerEvent, ...]
    left: tuple[LeftAlone, ...]
    by_calendar: frozenset[WindowKey] = frozenset()
    takes_calendars: bool = False

    @property
    def before(self) -> Versions:
        """What the ledger stands on."""
        return self.stood.versions

    @property
    def after(self) -> Versions:
        """What the ledger stands on once this is applied."""
        if self.takes_calendars:
            return self.at_hand
        return replace(self.before, tzdata=self.at_hand.tzdata)

    @property
    def calendars(self) -> tuple[str, ...]:
        """The calendars that differ from those that what stands was planned with."""
        return self.before.changed(replace(self.at_hand, tzdata=self.before.tzdata))

    @property
    def moves(self) -> int:
        """How many windows get other instants."""
        return sum(change.kind is ChangeKind.MOVE for change in self.changes)

    @property
    def waits(self) -> bool:
        """Whether it is left to a person, by the settings that were applied."""
        return bool(self.changes) and self.workspace.settings.new_zone_data == ASK

    @property
    def digest(self) -> str:
        """A short name for what the changes do."""
        from promo_scheduler.planning import digest

        return digest(self.changes)

    def with_calendars(self, planned: Proposal) -> Reresolution:
        """The same, with the moves of a plan that nobody has edited since the last one."""
        moves = planned.only(c for c in planned.changes if c.kind is ChangeKind.MOVE)
        return replace(
            self,
            changes=(*self.changes, *moves.changes),
            events=(*self.events, *moves.events),
            by_calendar=frozenset(change.key for change in moves.changes),
            takes_calendars=moves.changes == planned.changes and not planned.errors,
        )

    def application(self, at: datetime) -> Application:
        """What the ledger is given to write. `at` is a UTC instant."""
        return Application(
            changes=self.changes,
            events=self.events,
            at=at,
            actor=actor(),
            versions=self.after,
            revision=self.stood.revision,
            config_digest=self.stood.config_digest,
            expected_serial=self.stood.serial,
        )


def reresolve(workspace: Workspace, ledger: Ledger, now: datetime) -> Reresolution:
    """What new zone data change of what stands; `now` is a UTC instant.

    Of the workspace its configuration counts, and that as it was applied last: channels and
    settings. Raises PlanRefused where nothing was applied yet, and LedgerMismatch where another
    configuration was applied and no copy of it is here.
    """
    from promo_scheduler.planning import AnewRequest, resolved_anew
    from promo_scheduler.timing import versions

    stamp = ledger.stamp()
    if stamp.versions == Versions():
        raise PlanRefused(
            "nothing was applied yet, so nothing can move",
            help="look at `promo plan`, then `promo apply`",
        )
    run = to_run(workspace, ledger)
    standing = ledger.standing(since=now)
    found = resolved_anew(AnewRequest(standing, run, capabilities(run), now))
    changed = (found.difference.changes, found.difference.events)
    return Reresolution(run, stamp, versions(), *changed, found.left)


def is_outdated(ledger: Ledger) -> bool:
    """Whether what stands was resolved with other versions than those at hand."""
    from promo_scheduler.timing import versions

    return ledger.stamp().versions not in (Versions(), versions())


def has_new_zone_data(ledger: Ledger) -> bool:
    """Whether the zone data at hand are others than what stands was resolved with."""
    from promo_scheduler.timing import tzdata_version

    return not ledger.stamp().is_resolved_with(tzdata_version())


def apply_moves(found: Reresolution, ledger: Ledger, now: datetime) -> int:
    """Write the changes with the versions that they bring; the new serial. Raises StalePlan."""
    return ledger.apply(found.application(now))


def to_catch_up(workspace: Workspace, ledger: Ledger, now: datetime) -> Reresolution | None:
    """What new zone data change, to be applied before anything is planned.

    None where nothing is new, where it is left to a person, or where the configuration that was
    applied is not here: then the plan sets it aside. `now` is a UTC instant.
    """
    if not has_new_zone_data(ledger):
        return None
    try:
        found = reresolve(workspace, ledger, now)
    except LedgerMismatch:
        return None
    return None if found.waits else found
