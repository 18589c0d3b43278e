"""After the clock was set back: nothing waits for an instant of the old future."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from promo_scheduler.audit import Detail, instant_text
from promo_scheduler.firing import EventState
from promo_scheduler.ledger.encoding import micros, span
from promo_scheduler.ledger.tables import CLAIMABLE, EVENT, one_of
from promo_scheduler.ledger.transaction import Transaction

_NOW = sa.bindparam("now", type_=sa.BigInteger())
_FAR_AWAY = (
    EVENT.c.attempt > 0,
    EVENT.c.due_at <= _NOW,
    EVENT.c.ready_at > sa.bindparam("furthest", type_=sa.BigInteger()),
)
# Each in the words of its index.
_WAITS = one_of(EVENT.c.state, *CLAIMABLE)
_IS_HANDED = one_of(EVENT.c.state, EventState.HANDED)
_REWIND = (
    EVENT.update().where(_WAITS, *_FAR_AWAY).values(ready_at=_NOW),
    EVENT.update()
    .where(_IS_HANDED, *_FAR_AWAY)
    .values(ready_at=_NOW, state=EventState.PENDING.value),
)


def rewind(write: Transaction, now: datetime, furthest: timedelta) -> int:
    """Let what waits too long be tried now; how many. See `Ledger.rewind`."""
    values = {"now": micros(now), "furthest": micros(now) + span(furthest)}
    moved = sum(write.connection.execute(each, values).rowcount for each in _REWIND)
    if moved:
        facts: Detail = {"events": moved, "now": instant_text(now)}
        write.note(now, "clock.set-back", "", facts)
    return moved
