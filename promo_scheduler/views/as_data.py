"""Plans, changes and standing as JSON-able data: the output for programs, version 1.

Instants end in `Z`; local times carry their offset. Nothing is removed or renamed within a version.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from promo_scheduler.audit import AuditEntry, Head, Stamp, instant_text
from promo_scheduler.errors import Problem
from promo_scheduler.firing import EventRecord
from promo_scheduler.order import Order, Scope
from promo_scheduler.plan import (
    Change,
    ChangeKind,
    Finding,
    Plan,
    StandingWindow,
    TriggerEvent,
    Window,
)
from promo_scheduler.record import instant, offer_data
from promo_scheduler.timing.walltime import local

Data = dict[str, Any]
VERSION = 1


def document(**content: Any) -> Data:
    """One object for `-o json`: the version first."""
    return {"version": VERSION, **content}


# ── plans ───────────────────────────────────────────────────────────────────────────────────────
def plan_data(plan: Plan) -> Data:
    """`promo preview -o json`."""
    return document(
        tzdata=plan.tzdata,
        calendars=dict(plan.versions.calendars),
        revision=plan.revision,
        windows=[window_data(window) for window in plan.windows],
        events=[event_data(event) for event in plan.events],
        findings=[finding_data(finding) for finding in plan.findings],
    )


def window_data(window: Window) -> Data:
    """A window with its hours in UTC and on its zone's clock."""
    key = window.key
    return {
        "key": str(key),
        "campaign": key.campaign,
        "phase": key.phase,
        "region": key.region,
        "zone": window.zone_name,
        "channel": key.channel,
        "target": window.target,
        "occurrence": key.occurrence,
        "slot": key.slot,
        "start": instant(window.start),
        "end": instant(window.end),
        "start_local": local(window.zone_name, window.start).isoformat(),
        "end_local": local(window.zone_name, window.end).isoformat(),
        "currency": window.currency,
        "offer": offer_data(window.offer),
        "label": window.label,
        "decided_by": window.decided_by,
        "warnings": list(window.warnings),
    }


def event_data(event: TriggerEvent) -> Data:
    """An event of a plan."""
    return {
        "key": str(event.key),
        "action": event.key.action.value,
        "due_at": instant(event.due_at),
        "generation": event.generation,
    }


def finding_data(finding: Finding) -> Data:
    """A finding: its problem, and whom it concerns."""
    whom = {"campaign": finding.campaign, "region": finding.region or None}
    return {**problem_data(finding.problem), **whom}


def problem_data(problem: Problem) -> Data:
    """A problem with its place, where it has one."""
    place = problem.place
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "path": problem.path,
        "help": problem.help,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
    }


# ── changes ─────────────────────────────────────────────────────────────────────────────────────
def changes_data(changes: Sequence[Change]) -> Data:
    """Changes by kind: `create`, `move`, `amend`, `withdraw`, `cancel`."""
    return {
        kind.value: [change_data(change) for change in changes if change.kind is kind]
        for kind in ChangeKind
    }


def change_data(change: Change) -> Data:
    """One change: what was, what will be, where it stands."""
    return {
        "key": str(change.key),
        "policy": change.policy,
        "standing": change.standing.value if change.standing else None,
        "generation": change.generation,
        "reason": change.reason,
        "before": window_data(change.before) if change.before else None,
        "after": window_data(change.after) if change.after else None,
    }


# ── what stands ─────────────────────────────────────────────────────────────────────────────────
def standing_data(standing: StandingWindow) -> Data:
    """A window as the ledger holds it."""
    return {
        **window_data(standing.window),
        "standing": standing.standing.value,
        "generation": standing.generation,
    }


def record_data(record: EventRecord) -> Data:
    """An event as the ledger holds it."""
    return {
        **event_data(record.event),
        "due_local": local(record.window.zone_name, record.event.due_at).isoformat(),
        "zone": record.window.zone_name,
        "state": record.state.value,
        "attempt": record.attempt,
        "reason": record.reason,
        "owner": record.owner,
        "retry_at": _maybe(record.retry_at),
        "handed_at": _maybe(record.handed_at),
        "settled_at": _maybe(record.settled_at),
        "order": record.order_id,
    }


def order_data(order: Order) -> Data:
    """A hold or a stop."""
    return {
        "id": order.id,
        "kind": order.kind.value,
        "scope": scope_data(order.scope),
        "reason": order.reason,
        "actor": order.actor,
        "at": instant(order.at),
        "released_at": _maybe(order.released_at),
    }


def scope_data(scope: Scope) -> Data:
    """The parts of a scope that were given; an empty object covers everything."""
    names = ("campaign", "phase", "region", "channel", "sku")
    given: Iterable[tuple[str, str | None]] = ((name, getattr(scope, name)) for name in names)
    return {name: value for name, value in given if value is not None}


def stamp_data(stamp: Stamp) -> Data:
    """What a ledger says of itself."""
    return {
        "id": stamp.id,
        "serial": stamp.serial,
        "revision": stamp.revision,
        "tzdata": stamp.tzdata,
        "calendars": dict(stamp.versions.calendars),
        "simulated": stamp.simulated,
        "head": head_data(stamp.head),
    }


def head_data(head: Head) -> Data:
    """The last audit entry's number and seal."""
    return {"seq": head.seq, "seal": head.seal}


def entry_data(entry: AuditEntry) -> Data:
    """One audit entry: a line of `promo audit export -o jsonl`, enough to verify its seal by."""
    return {
        "seq": entry.seq,
        "at": instant_text(entry.at),
        "actor": entry.actor,
        "kind": entry.kind,
        "key": entry.key,
        "detail": dict(entry.detail),
        "previous": entry.previous,
        "seal": entry.seal,
    }


def _maybe(at: datetime | None) -> str | None:
    return instant(at) if at else None
