"""Settling: the end of an attempt, its audit entry, and what follows from it for the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from promo_scheduler.audit import Detail, instant_text, storable
from promo_scheduler.connector import Receipt
from promo_scheduler.firing import OPEN_STATES, EventState, Firing, Settlement
from promo_scheduler.ledger.claims import (
    OpenStart,
    claims_of,
    is_its,
    name_of,
    never_began,
    open_starts,
    recorded,
)
from promo_scheduler.ledger.encoding import Values, instant, maybe_micros, micros
from promo_scheduler.ledger.landing import (
    Answer,
    Landing,
    is_recorded,
    is_touched,
    land,
    left_over,
    standing_after,
)
from promo_scheduler.ledger.starving import unblock
from promo_scheduler.ledger.tables import ACTIONS, ENDING, EVENT, ORDER, WINDOW
from promo_scheduler.ledger.transaction import Transaction
from promo_scheduler.plan import Standing

Facts = dict[str, "str | int | bool | list[str] | None"]

_KINDS = {EventState.PENDING: "firing.retry"}  # every other is named for its state
_SETTLE = (
    EVENT.update()
    .where(EVENT.c.id == sa.bindparam("settled"))
    .values(
        state=sa.bindparam("to"),
        reason=sa.bindparam("why"),
        ready_at=sa.bindparam("ready"),
        handed_at=sa.bindparam("handed"),
        settled_at=sa.bindparam("now"),
        order_id=sa.bindparam("held_by"),
        owner="",
    )
)
_STAND = (
    WINDOW.update()
    .where(WINDOW.c.id == sa.bindparam("stands"))
    .values(
        standing=sa.bindparam("where"),
        touched=sa.bindparam("is_touched"),
        ref=sa.bindparam("remote"),
    )
)
_EARLY = Standing.ENDING
_IN_FORCE = sa.select(ORDER.c.id).where(ORDER.c.released_at.is_(None))


def settle(
    write: Transaction, settlements: Sequence[Settlement], now: datetime, owner: str
) -> list[bool]:
    """Record each settlement whose claim still stands. See `Ledger.settle`."""
    claims = claims_of(write.connection, [s.firing for s in settlements])
    answers: list[Answer] = []
    late: list[int] = []
    for place, settlement in enumerate(settlements):
        claim = claims.get(str(settlement.firing.window.key))
        if claim is not None and claim.owner == owner and is_its(claim, settlement.firing):
            del claims[claim.key]  # what else comes for it comes too late
            answers.append(Answer.of(claim, settlement))
        else:
            late.append(place)
    record_answers(write, answers, now)
    lost = _lost(write, [settlements[place] for place in late], now) if late else []
    stood = [True] * len(settlements)
    for place, is_lost in zip(late, lost, strict=True):
        stood[place] = not is_lost
    return stood


def _lost(write: Transaction, late: Sequence[Settlement], now: datetime) -> list[bool]:
    """Which of these answers changed nothing, each put on record. The others were recorded already:
    the commit came through, and only its acknowledgement was lost.
    """
    found = recorded(write.connection, [settlement.firing for settlement in late])
    lost = []
    for settlement in late:
        record = found.get(name_of(settlement.firing))
        lost.append(record is None or not is_recorded(settlement, record))
        if lost[-1]:
            _note_late(write, settlement, now)
    return lost


def record_answers(write: Transaction, answers: Sequence[Answer], now: datetime) -> None:
    """Write the answers with all that follows from them."""
    if not answers:
        return
    found = (_in_force(write, answers), _siblings(write, answers), _missed(write, answers))
    records = _Records(write, now, *found)
    for answer in answers:
        records.add(answer)
    records.flush()


def _in_force(write: Transaction, answers: Sequence[Answer]) -> frozenset[int]:
    if all(answer.order_id is None for answer in answers):
        return frozenset()
    return frozenset(write.connection.execute(_IN_FORCE).scalars())


def _siblings(write: Transaction, answers: Sequence[Answer]) -> dict[int, list[OpenStart]]:
    """The other open starts of the windows whose answer settles something for good."""
    windows = [a.claim.window_id for a in answers if a.state not in OPEN_STATES]
    return open_starts(write.connection, windows)


def _missed(write: Transaction, answers: Sequence[Answer]) -> frozenset[int]:
    """The windows that are taken back early, and whose start was missed."""
    claims = (answer.claim for answer in answers)
    ended_early = [c.window_id for c in claims if c.action == ENDING and c.standing == _EARLY]
    return never_began(write.connection, ended_early) if ended_early else frozenset()


@dataclass(slots=True)
class _Records:
    """What a batch of answers writes, gathered and then written in bulk."""

    write: Transaction
    now: datetime
    in_force: frozenset[int]
    siblings: dict[int, list[OpenStart]]
    missed: frozenset[int]
    events: list[Values] = field(default_factory=list)
    windows: list[Values] = field(default_factory=list)
    freed_lanes: set[str] = field(default_factory=set)

    def add(self, answer: Answer) -> None:
        claim, landing = answer.claim, land(answer, self.in_force)
        over = max(micros(self.now), claim.due_at) >= claim.end_at
        self._event(answer, landing)
        missed = claim.window_id in self.missed
        stands = standing_after(answer, landing.state, over=over, never_began=missed)
        self._window(answer, stands)
        for sibling in self.siblings.get(claim.window_id, ()):
            if after := left_over(answer, landing.state, sibling, over=over):
                self._sibling(claim.key, sibling, after)
        if claim.action == ENDING and landing.state not in OPEN_STATES:
            self.freed_lanes.add(claim.lane)

    def flush(self) -> None:
        self.write.connection.execute(_SETTLE, self.events)
        if self.windows:
            self.write.connection.execute(_STAND, self.windows)
        if self.freed_lanes:
            unblock(self.write, self.now, sorted(self.freed_lanes))

    def _event(self, answer: Answer, landing: Landing) -> None:
        claim = answer.claim
        self._put(
            claim.id, landing, _ready(answer, landing, self.now), maybe_micros(answer.handed_at)
        )
        detail = _detail(answer, landing)
        self.write.note(self.now, _kind(landing), f"{claim.key}/{ACTIONS[claim.action]}", detail)

    def _sibling(self, key: str, sibling: OpenStart, landing: Landing) -> None:
        self._put(sibling.id, landing, sibling.ready_at, None)
        detail = {
            "state": landing.state.value,
            "attempt": sibling.attempt,
            "generation": sibling.generation,
            "reason": landing.reason,
            "due": instant_text(instant(sibling.due_at)),
        }
        self.write.note(self.now, _kind(landing), f"{key}/{ACTIONS[sibling.action]}", detail)

    def _put(self, event_id: int, landing: Landing, ready: int, handed: int | None) -> None:
        self.events.append(
            {
                "settled": event_id,
                "to": landing.state.value,
                "why": landing.reason,
                "ready": ready,
                "handed": handed,
                "now": micros(self.now),
                "held_by": landing.order_id,
            }
        )

    def _window(self, answer: Answer, standing: str) -> None:
        claim, touched = answer.claim, is_touched(answer)
        remote = answer.receipt and answer.receipt.ref
        ref = remote.id if remote else claim.ref
        if (standing, touched, ref) != (claim.standing, claim.touched, claim.ref):
            self.windows.append(
                {
                    "stands": claim.window_id,
                    "where": str(standing),
                    "is_touched": touched,
                    "remote": ref and storable(ref),
                }
            )


def _kind(landing: Landing) -> str:
    return _KINDS.get(landing.state) or f"firing.{landing.state}"


def _ready(answer: Answer, landing: Landing, now: datetime) -> int:
    """When it may next be tried."""
    claim = answer.claim
    if answer.retry_at is not None:
        return max(micros(answer.retry_at), int(claim.due_at))
    is_again = landing.state in (EventState.PENDING, EventState.UNCERTAIN)
    return max(micros(now), int(claim.due_at)) if is_again else int(claim.ready_at)


def _detail(answer: Answer, landing: Landing) -> Detail:
    """What the audit says of an attempt; parts that say nothing are left out."""
    claim = answer.claim
    facts: Facts = {
        "state": landing.state.value,
        "attempt": claim.attempt,
        "generation": claim.generation,
        "due": instant_text(instant(claim.due_at)),
    }
    if landing.reason:
        facts["reason"] = landing.reason
    if landing.order_id is not None:
        facts["order"] = landing.order_id
    if answer.handed_at is not None:
        facts["handed"] = instant_text(answer.handed_at)
        facts["lag_ms"] = (micros(answer.handed_at) - claim.due_at) // 1000
    if answer.receipt is not None:
        _add_receipt(facts, answer.receipt)
    return facts


def _add_receipt(facts: Facts, receipt: Receipt) -> None:
    if receipt.ref:
        facts["ref"] = receipt.ref.id
    if receipt.observed:
        facts["observed"] = receipt.observed.state.value
    if receipt.removed:
        facts["removed"] = list(receipt.removed)


def _note_late(write: Transaction, settlement: Settlement, now: datetime) -> None:
    """An answer whose claim is gone changes nothing, but it is on record."""
    firing: Firing = settlement.firing
    detail = {
        "state": settlement.state.value,
        "attempt": firing.attempt,
        "generation": firing.event.generation,
        "fence": firing.fence,
        "reason": settlement.reason,
    }
    write.note(now, "firing.late-answer", str(firing.event.key), detail)
