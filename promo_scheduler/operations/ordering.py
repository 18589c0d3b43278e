"""Orders: hold and stop, and one more try of an event.

A hold takes back what is staged in its scope, so that a channel which starts by itself does not; a
stop takes down what is live as well. Endings are never held back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from promo_scheduler.errors import WrongUsage
from promo_scheduler.operations.opening import actor
from promo_scheduler.order import Order, OrderKind, Scope
from promo_scheduler.plan import Key, Standing, StandingWindow

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Given:
    """An order that was given, and the windows whose end it brought forward.

    `falling` are those in its scope that were on their way down already, and not confirmed to be;
    `since` is the number of the audit entry before the order.
    """

    order: Order
    taken_down: tuple[StandingWindow, ...]
    falling: tuple[StandingWindow, ...] = ()
    since: int = 0

    @property
    def awaited(self) -> tuple[StandingWindow, ...]:
        """Every window that has to be down before the order is carried out."""
        return (*self.taken_down, *self.falling)


def hold(ledger: Ledger, scope: Scope, reason: str, now: datetime) -> Given:
    """Let nothing in the scope be staged or start; what is live stays. `now` is a UTC instant."""
    return _give(ledger, OrderKind.HOLD, scope, reason, now)


def stop(ledger: Ledger, scope: Scope, reason: str, now: datetime) -> Given:
    """End now what is live or staged in the scope, then hold. `now` is a UTC instant."""
    return _give(ledger, OrderKind.STOP, scope, reason, now)


def _give(ledger: Ledger, kind: OrderKind, scope: Scope, reason: str, now: datetime) -> Given:
    from promo_scheduler.ledger import OrderRequest

    request = OrderRequest(kind, scope, why_given(reason))
    since = ledger.stamp().head.seq
    falling = _falling(ledger, kind, scope)
    order, taken = ledger.give(request, _meant(kind, scope, now), now, actor())
    return Given(order, taken, falling, since)


def in_reach(
    ledger: Ledger, kind: OrderKind, scope: Scope, now: datetime
) -> tuple[StandingWindow, ...]:
    """The windows that such an order would take down, were it given at `now` (UTC)."""
    return tuple(filter(_meant(kind, scope, now), ledger.standing(since=now)))


def _meant(kind: OrderKind, scope: Scope, now: datetime) -> Callable[[StandingWindow], bool]:
    """Which windows an order takes down: a hold those that are created in advance alone."""

    def goes_down(stands: StandingWindow) -> bool:
        if stands.is_over or stands.standing is Standing.ENDING or not stands.touched:
            return False
        is_meant = kind is OrderKind.STOP or stands.window.start > now
        return is_meant and scope.covers(stands.window)

    return goes_down


def _falling(ledger: Ledger, kind: OrderKind, scope: Scope) -> tuple[StandingWindow, ...]:
    """What is being taken down already: a hold waits for that which an order took down alone."""
    from promo_scheduler.ledger import WindowQuery

    found = ledger.windows(WindowQuery(scope, frozenset({Standing.ENDING})))
    return tuple(w for w in found if kind is OrderKind.STOP or w.taken_by is not None)


def why_given(reason: str) -> str:
    """The reason without spaces around it. Raises WrongUsage where nothing is left."""
    if not reason.strip():
        raise WrongUsage("expected a reason, found none", help='add --reason "…"')
    return reason.strip()


def retry(ledger: Ledger, key: Key, now: datetime) -> int:
    """Try an event again now, whatever became of it; its generation. Raises UnknownKey."""
    return ledger.retry(key, now, actor())
