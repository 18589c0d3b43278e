"""The account of a run: what the ledger says became of every window and event, and how late."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from promo_scheduler.firing import EventRecord, EventState
from promo_scheduler.views.running import Lags, Summary

if TYPE_CHECKING:
    from promo_scheduler.ledger import Ledger


def summarize(ledger: Ledger, windows: int, faults: Sequence[tuple[str, str]]) -> Summary:
    """The account of everything in the ledger. `faults` pairs a window's name with what the shop's
    own log shows against it.
    """
    from promo_scheduler.ledger import EventQuery

    events = ledger.events(EventQuery())
    states = Counter(event.state for event in events)
    lags = _lags_by_region(events)
    head = ledger.stamp().head
    return Summary(
        windows=windows,
        on_time=windows - len({name for name, _ in faults}),
        events=len(events),
        done=states.pop(EventState.DONE, 0),
        other=tuple(f"{count} {state.value}" for state, count in sorted(states.items())),
        lags=_lags(lag for each in lags.values() for lag in each),
        by_region={region: _lags(each) for region, each in sorted(lags.items())},
        faults=tuple(f"{name}: {detail}" for name, detail in faults),
        entries=head.seq,
        breaks=tuple(f"audit entry {broken.seq}: {broken.reason}" for broken in ledger.verify()),
        head=f"{head.seq}:{head.seal[:16]}…",
    )


def _lags_by_region(events: Iterable[EventRecord]) -> dict[str, list[timedelta]]:
    found: dict[str, list[timedelta]] = defaultdict(list)
    for event in events:
        if event.handed_at is not None:
            found[event.window.key.region].append(event.handed_at - event.event.due_at)
    return found


def _lags(each: Iterable[timedelta]) -> Lags:
    ordered = sorted(each)
    if not ordered:
        return Lags()
    return Lags(_percentile(ordered, 0.50), _percentile(ordered, 0.99), ordered[-1])


def _percentile(ordered: list[timedelta], share: float) -> timedelta:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
