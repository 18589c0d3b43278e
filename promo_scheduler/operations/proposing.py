"""Preview and propose: what the workspace asks for, what speaks against it, what would change.

Gather (workspace, ledger), decide (planning), and hand back one value. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from promo_scheduler.channel import Capabilities
from promo_scheduler.clock import Versions
from promo_scheduler.errors import PlanRefused
from promo_scheduler.order import Scope
from promo_scheduler.plan import (
    Application,
    Change,
    ChangeKind,
    Finding,
    Plan,
    StandingWindow,
    TriggerEvent,
    WindowKey,
)
from promo_scheduler.workspace import Workspace

if TYPE_CHECKING:
    from promo_scheduler.audit import Stamp
    from promo_scheduler.ledger import Ledger

EVERYTHING = Scope()
_TAKING_OUT = frozenset({ChangeKind.WITHDRAW, ChangeKind.CANCEL})  # endings wait for no move
BACK = timedelta(days=7)  # longer than an edit can move a window without changing its dates

# What a person must allow by name, beside looking at the plan (law 6, Lateness).
FLAGS: Mapping[str, str] = {
    "withdraw": "--allow-withdraw",
    "end-now": "--end-now",
    "starts-late": "--start-late",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan against what stands. `serial` is the ledger's apply serial that it was made for.

    `versions` are those that the ledger stands on once it is applied. `set_aside` are the windows
    that new zone data move, and that nothing else changes before that is applied (see reresolving).
    """

    workspace: Workspace
    plan: Plan
    changes: tuple[Change, ...]
    events: tuple[TriggerEvent, ...]
    ledger_id: str
    serial: int
    config_changed: bool
    scope: Scope
    stood_with: Versions
    versions: Versions
    set_aside: frozenset[WindowKey] = frozenset()

    @property
    def digest(self) -> str:
        """A short name for what the changes do."""
        from promo_scheduler.planning import digest

        return digest(self.changes)

    @property
    def config_digest(self) -> str:
        """The configuration that the plan was made with."""
        return self.workspace.config_digest

    @property
    def new_calendars(self) -> tuple[str, ...]:
        """The calendars that are others than what stands was planned with: `holidays 1 → 2`."""
        if self.stood_with == Versions():
            return ()
        return self.stood_with.changed(replace(self.plan.versions, tzdata=self.stood_with.tzdata))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop their campaign × region."""
        return tuple(finding for finding in self.plan.findings if finding.is_error)

    @property
    def stranded(self) -> tuple[Finding, ...]:
        """The findings on what is on a channel that the workspace cannot reach any more."""
        from promo_scheduler.planning.codes import STRANDED

        return tuple(f for f in self.plan.findings if f.problem.code == STRANDED)

    def not_allowed(self, flags: frozenset[str]) -> tuple[Change, ...]:
        """The changes whose policy needs a flag that was not given."""
        return tuple(c for c in self.changes if c.policy in FLAGS and c.policy not in flags)

    def limited_to(self, policies: frozenset[str]) -> Proposal:
        """The same proposal with the changes of these policies alone."""
        return self.only(change for change in self.changes if change.policy in policies)

    def only(self, kept: Iterable[Change]) -> Proposal:
        """The same proposal with these of its changes alone."""
        changes = tuple(kept)
        keys = {change.key for change in changes}
        events = tuple(event for event in self.events if event.key.window in keys)
        return replace(self, changes=changes, events=events)

    def application(self, at: datetime, actor: str) -> Application:
        """What the ledger is given to write. `at` is a UTC instant.

        Raises PlanRefused where that would accept a configuration that strands something.
        """
        self.refuse_to_strand()
        return Application(
            changes=self.changes,
            events=self.events,
            at=at,
            actor=actor,
            versions=self.versions,
            revision=self.plan.revision,
            config_digest=self.config_digest,
            expected_serial=self.serial,
        )

    def refuse_to_strand(self) -> None:
        """Raises PlanRefused where the changed config/ cannot end what is on a channel.

        Once that is so, refusing helps nobody: then the way out is another change of config/.
        """
        if not (self.config_changed and self.stranded):
            return
        first, *others = self.stranded
        more = f" (and {len(others)} more)" if others else ""
        raise PlanRefused(
            f"config/ has changed and strands {first.campaign} in {first.region}: "
            f"{first.problem.message}{more}",
            help=first.problem.help,
        )


def capabilities(workspace: Workspace) -> Mapping[str, Capabilities]:
    """What each configured channel can do, by its name. Offline."""
    from promo_scheduler.channels import capabilities_of

    return capabilities_of(workspace.channels)


def preview(workspace: Workspace, now: datetime, scope: Scope = EVERYTHING) -> Plan:
    """The plan with every finding, without a ledger. `now` is a UTC instant."""
    return _reviewed(_expanded(workspace, now, scope), workspace, now, ())


def planned(
    workspace: Workspace, ledger: Ledger, now: datetime, scope: Scope = EVERYTHING
) -> tuple[Plan, tuple[StandingWindow, ...]]:
    """The plan with every finding, and what stands. `now` is a UTC instant."""
    expanded = _expanded(workspace, now, scope)
    standing = ledger.standing(since=_since(expanded, now))
    return _reviewed(expanded, workspace, now, standing), standing


def _expanded(workspace: Workspace, now: datetime, scope: Scope) -> Plan:
    from promo_scheduler.planning import ExpandRequest, expand

    return expand(ExpandRequest(workspace, capabilities(workspace), now, scope))


def _reviewed(
    plan: Plan, workspace: Workspace, now: datetime, standing: tuple[StandingWindow, ...]
) -> Plan:
    """The plan with what speaks against it; what has begun is not held to rules for starting."""
    from promo_scheduler.channels import checks_of
    from promo_scheduler.planning import ReviewRequest, review, stranded

    checks = checks_of(workspace.channels)
    touched = frozenset(each.window.key for each in standing if each.touched)
    request = ReviewRequest(plan, workspace, capabilities(workspace), now, checks, touched)
    settings = _settings_findings(plan, workspace)
    lost = stranded(standing, workspace)
    return replace(plan, findings=(*plan.findings, *settings, *lost, *review(request)))


def _settings_findings(plan: Plan, workspace: Workspace) -> Iterator[Finding]:
    """A channel whose settings are wrong stops the campaigns and regions that it would serve."""
    from promo_scheduler.channels import settings_problems

    served = {(w.key.channel, w.key.campaign, w.key.region) for w in plan.windows}
    for channel, campaign, region in sorted(served):
        for problem in settings_problems({channel: workspace.channels[channel]}):
            yield Finding(problem, campaign, region)


def propose(
    workspace: Workspace, ledger: Ledger, now: datetime, scope: Scope = EVERYTHING
) -> Proposal:
    """What would change in the ledger. `now` is a UTC instant."""
    from promo_scheduler.planning import DiffRequest, diff

    stamp = ledger.stamp()
    plan, standing = planned(workspace, ledger, now, scope)
    can = capabilities(workspace)
    moving = _moving(stamp, standing, workspace, now)
    found = diff(DiffRequest(plan, standing, workspace, can, now, scope))
    changes = tuple(c for c in found.changes if c.key not in moving or c.kind in _TAKING_OUT)
    kept = {change.key for change in changes}
    return Proposal(
        workspace=workspace,
        plan=plan,
        changes=changes,
        events=tuple(event for event in found.events if event.key.window in kept),
        ledger_id=stamp.id,
        serial=stamp.serial,
        config_changed=not stamp.is_applied(workspace.config_digest),
        scope=scope,
        stood_with=stamp.versions,
        versions=_versions_after(stamp, plan, scope, keeps_tzdata=bool(moving)),
        set_aside=moving - kept,
    )


def _moving(
    stamp: Stamp, standing: tuple[StandingWindow, ...], workspace: Workspace, now: datetime
) -> frozenset[WindowKey]:
    """The windows that new zone data move, and that were not moved yet."""
    from promo_scheduler.planning import AnewRequest, resolved_anew
    from promo_scheduler.timing import tzdata_version

    if stamp.is_resolved_with(tzdata_version()):
        return frozenset()
    found = resolved_anew(AnewRequest(standing, workspace, capabilities(workspace), now))
    return frozenset(change.key for change in found.difference.changes)


def _versions_after(stamp: Stamp, plan: Plan, scope: Scope, *, keeps_tzdata: bool) -> Versions:
    """The zone data are taken up once nothing of them waits, calendars by a whole plan."""
    if stamp.versions == Versions():
        return plan.versions
    versions = plan.versions if scope == EVERYTHING else stamp.versions
    return replace(versions, tzdata=stamp.tzdata if keeps_tzdata else plan.tzdata)


def _since(plan: Plan, now: datetime) -> datetime:
    """How far back to look for what is over: an edit may give a window that has ended a new end."""
    lasting = (window.start for window in plan.windows if window.end > now)
    return min(now, min(lasting, default=now)) - BACK
