"""Releasing: claims that nobody holds any more. Whether they had an effect is uncertain, so the
channel is read before anything is repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from promo_scheduler.firing import EventState
from promo_scheduler.ledger.claims import Claim, claims_where
from promo_scheduler.ledger.landing import Answer
from promo_scheduler.ledger.settling import record_answers
from promo_scheduler.ledger.tables import ACTIONS, EVENT, begins
from promo_scheduler.ledger.transaction import Transaction
from promo_scheduler.plan import Key


def free(write: Transaction, lost: Sequence[Claim], now: datetime, why: str) -> None:
    """Make claims uncertain; they may be tried at once."""
    uncertain = [Answer(claim, EventState.UNCERTAIN, why, retry_at=now) for claim in lost]
    record_answers(write, uncertain, now)


def release_owner(write: Transaction, owner: str, now: datetime) -> int:
    """Free the claims of an owner that died; also of every owner whose name begins so."""
    lost = claims_where(write.connection, begins(EVENT.c.owner, owner))
    free(write, lost, now, "owner gone")
    return len(lost)


def disown(write: Transaction, owner: str, known: frozenset[tuple[Key, int]], now: datetime) -> int:
    """Free the claims of an owner that it does not know of. See `Ledger.disown`."""
    mine = claims_where(write.connection, EVENT.c.owner == owner)
    names = {(str(key), fence) for key, fence in known}
    lost = [c for c in mine if (f"{c.key}/{ACTIONS[c.action]}", c.fence) not in names]
    free(write, lost, now, "its owner never heard of the claim")
    return len(lost)
