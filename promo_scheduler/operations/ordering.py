"""Orders: hold and stop, and their release and resume; retry of one event.

A hold takes back what is staged in its scope, so that a channel which starts by itself does not; a
stop takes down what is live as well. Endings are never held back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from promo_scheduler.errors import PlanRefused, WrongUsage
from promo_scheduler.operations.opening import actor
from promo_scheduler.operations.proposing import capabilities, planned
from promo_scheduler.order import Order, OrderKind, Scope
from promo_scheduler.plan import Application, Key, Standing, StandingWindow
from promo_scheduler.workspace import Workspace

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Given:
    """An order that was given, and the windows whose end it brought forward."""

    order: Order
    taken_down: tuple[StandingWindow, ...]


def hold(ledger: Ledger, scope: Scope, reason: str, now: datetime) -> Given:
    """Let nothing in the scope be staged or start; what is live stays. `now` is a UTC instant."""
    return _give(ledger, OrderKind.HOLD, scope, reason, now)


def stop(ledger: Ledger, scope: Scope, reason: str, now: datetime) -> Given:
    """End now what is live or staged in the scope, then hold. `now` is a UTC instant."""
    return _give(ledger, OrderKind.STOP, scope, reason, now)


def _give(ledger: Ledger, kind: OrderKind, scope: Scope, reason: str, now: datetime) -> Given:
    from promo_scheduler.ledger import OrderRequest

    request = OrderRequest(kind, scope, _given(reason))

    def goes_down(standing: StandingWindow) -> bool:
        if standing.is_over or standing.standing is Standing.ENDING or not standing.touched:
            return False
        is_meant = kind is OrderKind.STOP or standing.window.start > now
        return is_meant and scope.covers(standing.window)

    return Given(*ledger.give(request, goes_down, now, actor()))


def release(
    workspace: Workspace, ledger: Ledger, scope: Scope, reason: str, now: datetime
) -> tuple[Order, ...]:
    """Take back every hold with exactly this scope; what they took down is staged again, as the
    workspace asks for it now. What it does not ask for, or has an error in, stays down.
    """
    found = _in_force(ledger, OrderKind.HOLD, scope)
    return _take_back(workspace, ledger, found, reason, now)


def resume(
    workspace: Workspace, ledger: Ledger, scope: Scope, reason: str, now: datetime
) -> tuple[Order, ...]:
    """Take back every stop with exactly this scope; what still lasts goes live again, as the
    workspace asks for it now. What it does not ask for, or has an error in, stays down.
    """
    found = _in_force(ledger, OrderKind.STOP, scope)
    return _take_back(workspace, ledger, found, reason, now)


def _in_force(ledger: Ledger, kind: OrderKind, scope: Scope) -> tuple[Order, ...]:
    orders = tuple(o for o in ledger.orders() if o.kind is kind and o.scope == scope)
    if not orders:
        in_force = ", ".join(f"{o.kind} {o.scope}" for o in ledger.orders()) or "none"
        raise WrongUsage(
            f"expected a {kind} in force with the scope {scope}, found {in_force}",
            help="name the scope as it was given; `promo status` lists the orders",
        )
    return orders


def _take_back(
    workspace: Workspace, ledger: Ledger, orders: tuple[Order, ...], reason: str, now: datetime
) -> tuple[Order, ...]:
    why = _given(reason)
    if not ledger.stamp().is_applied(workspace.config_digest):
        raise PlanRefused(
            "config/ has changed since the last apply: nothing is brought back with it",
            help="look at `promo plan`, then `promo apply`; or put config/ back",
        )
    for order in orders:
        ledger.release(order.id, replace(_back(workspace, ledger, order, now), reason=why))
    return orders


def _given(reason: str) -> str:
    if not reason.strip():
        raise WrongUsage("expected a reason, found none", help='add --reason "…"')
    return reason.strip()


def _back(workspace: Workspace, ledger: Ledger, order: Order, now: datetime) -> Application:
    """What the order took down, as the workspace asks for it now: its file may be corrected."""
    from promo_scheduler.planning import ReviveRequest, revive

    stamp = ledger.stamp()
    plan, standing = planned(workspace, ledger, now)
    can = capabilities(workspace)
    found = revive(ReviveRequest(order, plan, standing, workspace, can, now))
    return Application(
        changes=found.changes,
        events=found.events,
        at=now,
        actor=actor(),
        versions=stamp.versions,
        revision=stamp.revision,
        config_digest=stamp.config_digest,
    )


def retry(ledger: Ledger, key: Key, now: datetime) -> int:
    """Try an event again now, whatever became of it; its generation. Raises UnknownKey."""
    return ledger.retry(key, now, actor())
