"""The account of a run: what the ledger says became of every window and event, and how late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from promo_scheduler.firing import EventRecord, EventState
from promo_scheduler.views.running import Summary

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger


def summarize(ledger: Ledger, windows: int, faults: Sequence[tuple[str, str]]) -> Summary:
    """The account of everything in the ledger. `faults` pairs a window's name with what the shop's
    own log shows against it.
    """
    from promo_scheduler.ledger import EventQuery

    events = ledger.events(EventQuery())
    states = Counter(event.state for event in events)
    lags = sorted(lag for event in events if (lag := _lag(event)) is not None)
    head = ledger.stamp().head
    return Summary(
        windows=windows,
        on_time=windows - len({name for name, _ in faults}),
        events=len(events),
        done=states.pop(EventState.DONE, 0),
        other=tuple(f"{count} {state.value}" for state, count in sorted(states.items())),
        lag_p50=_percentile(lags, 0.50),
        lag_p99=_percentile(lags, 0.99),
        faults=tuple(f"{name}: {detail}" for name, detail in faults),
        entries=head.seq,
        breaks=tuple(f"audit entry {broken.seq}: {broken.reason}" for broken in ledger.verify()),
        head=f"{head.seq}:{head.seal[:16]}…",
    )


def _lag(event: EventRecord) -> timedelta | None:
    return event.handed_at - event.event.due_at if event.handed_at else None


def _percentile(ordered: list[timedelta], share: float) -> timedelta:
    if not ordered:
        return timedelta(0)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
