"""What is to be fired: windows of a herd, as a plan that a ledger applies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from promo_scheduler.clock import Versions
from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.plan import (
    Action,
    Application,
    Change,
    ChangeKind,
    Key,
    TriggerEvent,
    Window,
    WindowKey,
)

CHANNELS = tuple(f"channel-{number}" for number in range(10))
OFFER = Offer(PercentOff(Decimal(25)), Selection(tags=frozenset({"winter"})))
LASTS = timedelta(days=1)  # so long that nothing is missed, however slow


def application(
    starts: Sequence[datetime], *, campaign: str = "herd", endings: bool = False
) -> Application:
    """A new window a start (UTC), dealt out over the channels, each with its activation."""
    changes, events = [], []
    for number, start in enumerate(starts, start=1):
        channel = CHANNELS[number % len(CHANNELS)]
        key = WindowKey(campaign, "launch", "de", "-", "2026-11-11", number, channel)
        end = start + LASTS
        window = Window(
            key, "Europe/Berlin", "de", None, None, start, end, "EUR", OFFER, label="Herd"
        )
        changes.append(Change(ChangeKind.CREATE, key, None, window, None, 1, "create"))
        events.append(TriggerEvent(Key(key, Action.ACTIVATE), start))
        if endings:
            events.append(TriggerEvent(Key(key, Action.DEACTIVATE), end))
    return Application(tuple(changes), tuple(events), datetime.now(UTC), "bench", Versions("2026f"))
