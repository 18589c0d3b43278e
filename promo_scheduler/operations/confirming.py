"""Confirming: how far what an order takes down is, by what the channels showed when read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from promo_scheduler.connector import Observed
from promo_scheduler.firing import EventRecord, EventState
from promo_scheduler.operations.ordering import Given
from promo_scheduler.plan import Action, Key, Standing, StandingWindow, WindowKey

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger
    from promo_scheduler.views.orders import TakenDown

_Ended = tuple[WindowKey, int]  # a window's key and the generation that was ended


def still_falling(ledger: Ledger, given: Given) -> tuple[StandingWindow, ...]:
    """The windows whose end is not settled yet; the same ones as are awaited, or fewer."""
    from promo_scheduler.ledger import WindowQuery

    wanted = {_ended(stands) for stands in given.awaited}
    query = WindowQuery(given.order.scope, frozenset({Standing.ENDING}))
    return tuple(stands for stands in ledger.windows(query) if _ended(stands) in wanted)


def account_of(ledger: Ledger, given: Given) -> tuple[TakenDown, ...]:
    """How far every awaited window is, in the order they were taken down."""
    from promo_scheduler.views.orders import TakenDown

    observed = _observed(ledger, given)
    return tuple(
        TakenDown(stands, _ending(ledger, stands), observed.get(_ended(stands), ""))
        for stands in given.awaited
    )


def _ended(stands: StandingWindow) -> _Ended:
    return stands.window.key, stands.generation


def _ending(ledger: Ledger, stands: StandingWindow) -> EventRecord:
    records = ledger.event(Key(stands.window.key, Action.DEACTIVATE))
    return next(r for r in records if r.event.generation == stands.generation)


def _observed(ledger: Ledger, given: Given) -> dict[_Ended, str]:
    """What was read back since the order was given, by the audit."""
    if not given.awaited:
        return {}
    texts = {str(Key(s.window.key, Action.DEACTIVATE)): s.window.key for s in given.awaited}
    kind = f"firing.{EventState.DONE}"
    return {
        (texts[entry.key], int(str(entry.detail["generation"]))): str(
            entry.detail.get("observed", Observed.UNKNOWN)
        )
        for entry in ledger.audit(since=given.since)
        if entry.kind == kind and entry.key in texts
    }
