"""Release and resume: what an order took down comes back as the workspace asks for it now.

What another order in force covers too stays down under that one: it goes on only when none covers
it any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from promo_scheduler.errors import PlanRefused, StalePlan, WrongUsage
from promo_scheduler.operations.opening import actor
from promo_scheduler.operations.ordering import why_given
from promo_scheduler.operations.proposing import capabilities, planned
from promo_scheduler.order import Order, OrderKind, Scope
from promo_scheduler.plan import Application, Plan, StandingWindow, Window, WindowKey
from promo_scheduler.workspace import Workspace

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger
    from promo_scheduler.planning import Difference
    from promo_scheduler.views.orders import StaysDown

_TRIES = 5  # a daemon may apply something else between the look and the writing


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The orders that are no longer in force, what comes back with them, and what does not."""

    orders: tuple[Order, ...]
    back: tuple[Window, ...] = ()
    stays_down: tuple[StaysDown, ...] = ()


def release(
    workspace: Workspace, ledger: Ledger, scope: Scope, reason: str, now: datetime
) -> TakenBack:
    """Take back every hold with exactly this scope; what they took down is staged again, as the
    workspace asks for it now. What it does not ask for, or has an error in, stays down.
    """
    return _take_back(workspace, ledger, in_force(ledger, OrderKind.HOLD, scope), reason, now)


def resume(
    workspace: Workspace, ledger: Ledger, scope: Scope, reason: str, now: datetime
) -> TakenBack:
    """Take back every stop with exactly this scope; what still lasts goes live again, as the
    workspace asks for it now. What it does not ask for, or has an error in, stays down.
    """
    return _take_back(workspace, ledger, in_force(ledger, OrderKind.STOP, scope), reason, now)


def in_force(ledger: Ledger, kind: OrderKind, scope: Scope) -> tuple[Order, ...]:
    """The orders of a kind with exactly this scope. Raises WrongUsage where there are none."""
    orders = tuple(o for o in ledger.orders() if o.kind is kind and o.scope == scope)
    if not orders:
        found = ", ".join(f"{o.kind} {o.scope}" for o in ledger.orders()) or "none"
        raise WrongUsage(
            f"expected a {kind} in force with the scope {scope}, found {found}",
            help="name the scope as it was given; `promo status` lists the orders",
        )
    return orders


def _take_back(
    workspace: Workspace, ledger: Ledger, orders: tuple[Order, ...], reason: str, now: datetime
) -> TakenBack:
    why = why_given(reason)
    stamp = ledger.stamp()
    if stamp.copied_at is not None and any(order.scope == Scope() for order in orders):
        raise PlanRefused(
            "the ledger was restored, and its channels have not all been read yet",
            help="let `promo run` read them: its log names those that do not answer",
        )
    if not stamp.is_applied(workspace.config_digest):
        raise PlanRefused(
            "config/ has changed since the last apply: nothing is brought back with it",
            help="look at `promo plan`, then `promo apply`; or put config/ back",
        )
    request = _Release(workspace, ledger, now, why)
    each = [request.carry_out(order) for order in orders]
    back = {window.key: window for one in each for window in one.back}
    stays = {down.window.key: down for one in each for down in one.stays_down}
    left = tuple(down for key, down in stays.items() if key not in back)
    return TakenBack(orders, tuple(back.values()), left)


@dataclass(frozen=True, slots=True)
class _Release:
    """A release being carried out, order by order."""

    workspace: Workspace
    ledger: Ledger
    now: datetime
    why: str

    def carry_out(self, order: Order) -> TakenBack:
        """Release one order. Raises StalePlan where the ledger moves on again and again."""
        for _ in range(_TRIES - 1):
            try:
                return self._release(order)
            except StalePlan:
                continue
        return self._release(order)

    def _release(self, order: Order) -> TakenBack:
        from promo_scheduler.planning import ReviveRequest, revive

        stamp, others = self.ledger.stamp(), self._others(order)
        plan, standing = planned(self.workspace, self.ledger, self.now)
        taken = [stands for stands in standing if stands.taken_by == order.id]
        free = tuple(stands for stands in taken if _cover(others, stands.window) is None)
        can = capabilities(self.workspace)
        found = revive(ReviveRequest(order, plan, free, self.workspace, can, self.now))
        application = Application(
            changes=found.changes,
            events=found.events,
            at=self.now,
            actor=actor(),
            versions=stamp.versions,
            revision=stamp.revision,
            config_digest=stamp.config_digest,
            expected_serial=stamp.serial,
        )
        self.ledger.release(order.id, replace(application, reason=self.why))
        stays = tuple(_stays_down(taken, found, plan, others))
        return TakenBack((order,), _brought_back(found), stays)

    def _others(self, order: Order) -> tuple[Order, ...]:
        return tuple(other for other in self.ledger.orders() if other.id != order.id)


def _cover(orders: tuple[Order, ...], window: Window) -> Order | None:
    return next((order for order in orders if order.scope.covers(window)), None)


def _brought_back(found: Difference) -> tuple[Window, ...]:
    return tuple(change.after for change in found.changes if change.after)


def _stays_down(
    taken: Iterable[StandingWindow], found: Difference, plan: Plan, others: tuple[Order, ...]
) -> Iterable[StaysDown]:
    from promo_scheduler.views.orders import StaysDown

    back = {change.key for change in found.changes}
    planned_keys = {window.key for window in plan.windows}
    for stands in taken:
        key = stands.window.key
        if key not in back:
            order = _cover(others, stands.window)
            why = _covered_by(order) if order else _left_out(key, plan, planned_keys)
            yield StaysDown(stands.window, why)


def _covered_by(order: Order) -> str:
    return f"{order.kind} {order.id} ({order.scope}) covers it too"


def _left_out(key: WindowKey, plan: Plan, planned_keys: set[WindowKey]) -> str:
    """Why nothing else brings it back: an error, not asked for, or over by now."""
    whom = ((key.campaign, key.region), (key.campaign, ""))
    errors = [
        f.problem.code for f in plan.findings if f.is_error and (f.campaign, f.region) in whom
    ]
    if errors:
        return f"its campaign has error {errors[0]} there"
    return "its time is over" if key in planned_keys else "the workspace does not ask for it now"
