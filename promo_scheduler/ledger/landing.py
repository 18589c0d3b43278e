"""Where an answer lands: pure. The same claim and the same answer give the same states.

An answer says where its event goes; what stands by then has the last word: a newer generation
replaces it, a withdrawn window is not begun again, a released order holds nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from promo_scheduler.audit import storable
from promo_scheduler.clock import require_utc
from promo_scheduler.connector import Receipt
from promo_scheduler.firing import EventState, Settlement
from promo_scheduler.ledger.claims import Claim, OpenStart, Recorded
from promo_scheduler.ledger.encoding import maybe_micros
from promo_scheduler.ledger.tables import ENDING, START
from promo_scheduler.plan import Standing

_COMES_BACK = (EventState.PENDING, EventState.UNCERTAIN, EventState.HELD)
_SETTLES_ENDING = (EventState.DONE, EventState.SKIPPED)
_GIVEN_UP = (EventState.MISSED, EventState.FAILED, EventState.SKIPPED)
_TAKEN_OUT = (Standing.ENDING, Standing.ENDED, Standing.CANCELLED)


@dataclass(frozen=True, slots=True)
class Answer:
    """How the attempt under a claim came out. Instants are UTC."""

    claim: Claim
    state: EventState
    reason: str = ""
    handed_at: datetime | None = None
    retry_at: datetime | None = None
    receipt: Receipt | None = None
    order_id: int | None = None

    @classmethod
    def of(cls, claim: Claim, settlement: Settlement) -> Answer:
        """The answer that a settlement gives to its claim."""
        return cls(
            claim,
            settlement.state,
            storable(settlement.reason),
            settlement.handed_at and require_utc(settlement.handed_at),
            settlement.retry_at,
            settlement.receipt,
            settlement.order_id,
        )


@dataclass(frozen=True, slots=True)
class Landing:
    """Where an event goes, and why; the order that holds it there."""

    state: EventState
    reason: str
    order_id: int | None = None


def land(answer: Answer, in_force: Collection[int]) -> Landing:
    """Where the event goes. `in_force` are the numbers of the orders not released.

    Raises ValueError where an ending would be given up or held (law 2).
    """
    claim, state = answer.claim, answer.state
    is_start = claim.action != ENDING
    if not is_start and state not in (*_SETTLES_ENDING, EventState.PENDING, EventState.UNCERTAIN):
        raise ValueError(f"an ending never becomes {state} ({claim.key})")
    if state not in _COMES_BACK:
        return Landing(state, answer.reason)
    if claim.standing_generation > claim.generation:
        reason = f"generation {claim.standing_generation} stands: {answer.reason}"
        return Landing(EventState.SUPERSEDED, reason)
    if is_start and claim.standing in _TAKEN_OUT:
        return _not_again(answer)
    if state is EventState.HELD and answer.order_id not in in_force:
        reason = f"order {answer.order_id} was released meanwhile: {answer.reason}"
        return Landing(EventState.PENDING, reason)
    return Landing(state, answer.reason, answer.order_id)


def _not_again(answer: Answer) -> Landing:
    """A start whose window was taken out while it was being done."""
    order = answer.claim.taken_by
    if order is None:
        return Landing(EventState.CANCELLED, f"withdrawn meanwhile: {answer.reason}")
    return Landing(EventState.HELD, f"taken down by order {order}: {answer.reason}", order)


def is_recorded(settlement: Settlement, record: Recorded) -> bool:
    """Whether this very answer is what is on record of its event. Handed over again meanwhile it is
    pending still; where `land` sent it elsewhere, the reason ends with the answer's own.
    """
    if (record.fence, record.handed_at) != (
        settlement.firing.fence,
        maybe_micros(settlement.handed_at),
    ):
        return False
    state = EventState.PENDING if record.state == EventState.HANDED else record.state
    reason = storable(settlement.reason)
    if (state, record.reason) == (settlement.state, reason):
        return True
    elsewhere = reason and settlement.state in _COMES_BACK
    return bool(elsewhere and record.reason.endswith(f": {reason}"))


def is_touched(answer: Answer) -> bool:
    """Whether something of the window is, or may be, on the channel after this answer."""
    claim, state = answer.claim, answer.state
    is_begun = state is EventState.DONE and claim.action != ENDING
    is_handed = answer.handed_at is not None
    return bool(claim.touched or is_handed or is_begun or state is EventState.UNCERTAIN)


def ends(claim: Claim, state: EventState) -> bool:
    """Whether the window's present ending is settled by this."""
    is_current = claim.generation == claim.standing_generation
    return bool(claim.action == ENDING and is_current and state in _SETTLES_ENDING)


def standing_after(answer: Answer, state: EventState, *, over: bool, never_began: bool) -> Standing:
    """Where the window stands once its event went to `state`; `over`: its time has passed.

    `never_began`: its start is on record as missed, and it was taken back.
    """
    claim, before = answer.claim, Standing(answer.claim.standing)
    if ends(claim, state):
        too_late = before is Standing.PLANNED and not claim.touched and over
        is_missed = too_late or never_began or before is Standing.MISSED
        return Standing.MISSED if is_missed else Standing.ENDED
    if claim.action == ENDING or before in _TAKEN_OUT:
        return before
    if state is EventState.DONE:
        return _begun(before, is_live=claim.action == START)
    is_current = claim.generation == claim.standing_generation
    if claim.action == START and state in _GIVEN_UP and is_current and not is_touched(answer):
        return Standing.MISSED
    return before


def _begun(before: Standing, *, is_live: bool) -> Standing:
    if is_live:
        return Standing.LIVE
    return Standing.STAGED if before is Standing.PLANNED else before


def left_over(
    answer: Answer, state: EventState, sibling: OpenStart, *, over: bool
) -> Landing | None:
    """Where another open start of the window goes, once this event is settled; None: it stays."""
    claim = answer.claim
    if sibling.generation > claim.generation:
        return None
    if ends(claim, state):
        return Landing(EventState.MISSED, "the window is over") if over else None
    if claim.action == START and state in (EventState.DONE, *_GIVEN_UP):
        done = state is EventState.DONE
        return Landing(EventState.SKIPPED, "already activated" if done else f"its start is {state}")
    return None
