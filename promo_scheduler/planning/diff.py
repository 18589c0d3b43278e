"""Diff: a plan against what stands, as changes and the events that they bring."""

from __future__ import annotations

from collections.abc import Iterable

from promo_scheduler import record
from promo_scheduler.order import Scope
from promo_scheduler.plan import Change, Plan, StandingWindow, Window, WindowKey
from promo_scheduler.planning.requests import Difference, DiffRequest, ReviveRequest
from promo_scheduler.planning.steps import revived, step


def diff(request: DiffRequest) -> Difference:
    """The changes that make what stands into the plan: in the plan's order, then what is gone."""
    left_out = _left_out(request.plan)
    planned = {window.key: window for window in request.plan.windows}
    standing = {stands.window.key: stands for stands in request.standing}
    steps = []
    for key in dict.fromkeys((*planned, *standing)):
        wanted, stands = planned.get(key), standing.get(key)
        if not _is_left_out(key, left_out) and _in_scope(request.scope, wanted, stands):
            steps.append(step(wanted, stands, request))
    return joined(steps)


def revive(request: ReviveRequest) -> Difference:
    """What an order took down, brought back by its release as the plan has it now.

    What the plan does not have any more, or finds an error in, stays down.
    """
    left_out = _left_out(request.plan)
    wanted = {w.key: w for w in request.plan.windows if not _is_left_out(w.key, left_out)}
    return joined(
        revived(wanted[stands.window.key], stands, request)
        for stands in request.standing
        if stands.window.key in wanted
    )


def digest(changes: Iterable[Change]) -> str:
    """A short name for what the changes do; the same at any time, and in any order."""
    return record.digest(sorted(map(_line, changes)))


def _line(change: Change) -> list[str]:
    windows = (change.before, change.after)
    before, after = (record.encode(record.window_data(w)) if w else "" for w in windows)
    return [str(change.key), change.kind.value, str(change.generation), before, after]


def joined(steps: Iterable[Difference]) -> Difference:
    """The steps that change something, as one."""
    kept = [step for step in steps if step.changes]
    return Difference(
        tuple(change for step in kept for change in step.changes),
        tuple(event for step in kept for event in step.events),
    )


def _left_out(plan: Plan) -> frozenset[tuple[str, str]]:
    """The campaigns and regions with an error; no region means all of the campaign's."""
    return frozenset((f.campaign, f.region) for f in plan.findings if f.is_error)


def _is_left_out(key: WindowKey, left_out: frozenset[tuple[str, str]]) -> bool:
    return (key.campaign, key.region) in left_out or (key.campaign, "") in left_out


def _in_scope(scope: Scope, wanted: Window | None, stands: StandingWindow | None) -> bool:
    """Whether either side is: an offer that moves out of the scope is still a change in it."""
    sides = (wanted, stands.window if stands else None)
    return any(side is not None and scope.covers(side) for side in sides)
