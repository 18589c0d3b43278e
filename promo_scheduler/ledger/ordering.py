"""Orders: what a person said, and what it does at once to windows and events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from promo_scheduler.audit import Detail
from promo_scheduler.clock import require_utc
from promo_scheduler.errors import UnknownKey
from promo_scheduler.firing import OPEN_STATES, EventState
from promo_scheduler.ledger.applying import apply
from promo_scheduler.ledger.encoding import (
    WINDOW_COLUMNS,
    Row,
    batches,
    micros,
    order_from,
    window_from,
)
from promo_scheduler.ledger.noting import NAMED_EVENTS, Moved, note_moved
from promo_scheduler.ledger.reading import on_channels
from promo_scheduler.ledger.requests import OrderRequest
from promo_scheduler.ledger.tables import (
    ACTION_CODES,
    ENDING,
    EVENT,
    ORDER,
    OVER,
    WAITING,
    WINDOW,
    one_of,
)
from promo_scheduler.ledger.transaction import Transaction, raise_serial
from promo_scheduler.order import Order, OrderKind, Scope
from promo_scheduler.plan import Application, Key, Standing, StandingWindow, WindowKey

_TAKEN_OUT = [word.value for word in (Standing.ENDING, Standing.ENDED, Standing.CANCELLED)]
_UNCLAIMED = sorted(OPEN_STATES - {EventState.CLAIMED})
_NOW = sa.bindparam("now", type_=sa.BigInteger())
_ORDER = sa.bindparam("order", type_=sa.BigInteger())
_TAKEN = EVENT.c.window_id.in_(sa.bindparam("windows", expanding=True))
_TAKE_DOWN = (
    WINDOW.update()
    .where(WINDOW.c.id.in_(sa.bindparam("windows", expanding=True)))
    .values(standing=Standing.ENDING.value, taken_by=_ORDER)
)
_STARTS = (_TAKEN, EVENT.c.action != ENDING, EVENT.c.state.in_(_UNCLAIMED))
_TO_HOLD = NAMED_EVENTS.where(*_STARTS)
_HOLD = (
    EVENT.update()
    .where(*_STARTS)
    .values(
        state=EventState.HELD.value,
        order_id=_ORDER,
        reason=sa.bindparam("why"),
    )
)
# Older generations' endings are superseded already: the one that can be claimed is the present one.
# One that was handed to a queue waits in the ledger again: its job would come at the old instant.
_END_NOW = (
    EVENT.update()
    .where(_TAKEN, EVENT.c.action == ENDING, EVENT.c.state.in_([s.value for s in WAITING]))
    .values(
        state=sa.case(
            (EVENT.c.state == EventState.HANDED.value, EventState.PENDING.value),
            else_=EVENT.c.state,
        ),
        due_at=sa.case((EVENT.c.due_at < _NOW, EVENT.c.due_at), else_=_NOW),
        ready_at=_NOW,
        reason=sa.bindparam("why"),
    )
)
_HELD = (one_of(EVENT.c.state, EventState.HELD), EVENT.c.order_id == _ORDER)
_TO_FREE = NAMED_EVENTS.add_columns(WINDOW.c.taken_by).where(*_HELD)
_FREE = (
    EVENT.update()
    .where(*_HELD)
    .values(
        state=EventState.PENDING.value,
        order_id=None,
        reason=sa.bindparam("why"),
    )
)
_TAKEN_BY = sa.select(WINDOW.c.id, WINDOW.c.key, WINDOW.c.generation, *WINDOW_COLUMNS).where(
    WINDOW.c.taken_by == _ORDER
)
_HAND_ON_WINDOWS = WINDOW.update().where(WINDOW.c.id.in_(sa.bindparam("windows", expanding=True)))
_HAND_ON_EVENTS = EVENT.update().where(_TAKEN, *_HELD)
_LEAVE_OUT = (
    EVENT.update()
    .where(
        *_HELD,
        EVENT.c.window_id.in_(sa.select(WINDOW.c.id).where(WINDOW.c.taken_by == _ORDER)),
    )
    .values(state=EventState.CANCELLED.value, reason=sa.bindparam("why"))
)


def give(
    write: Transaction,
    request: OrderRequest,
    goes_down: Callable[[StandingWindow], bool],
    at: datetime,
    actor: str,
) -> tuple[Order, tuple[StandingWindow, ...]]:
    """Put an order in force, and begin to take down what it ends. See `Ledger.give`."""
    values = {
        **{part.name: getattr(request.scope, part.name) for part in fields(Scope)},
        "kind": request.kind.value,
        "reason": request.reason,
        "actor": actor,
        "at": micros(at),
    }
    added = write.connection.execute(ORDER.insert(), values).inserted_primary_key
    assert added is not None
    order = Order(added[0], request.kind, request.scope, request.reason, actor, require_utc(at))
    detail: Detail = {
        "order": order.id,
        "scope": str(order.scope),
        "reason": order.reason,
        "serial": raise_serial(write),
    }
    write.note(at, f"order.{order.kind}", "", detail, actor=actor)
    taken = tuple(filter(goes_down, on_channels(write.connection, order.scope)))
    _take_down(write, order, [each.window.key for each in taken])
    return order, taken


def _take_down(write: Transaction, order: Order, keys: Sequence[WindowKey]) -> None:
    for batch in batches([str(key) for key in keys]):
        query = sa.select(WINDOW.c.id, WINDOW.c.key, WINDOW.c.generation)
        not_over = WINDOW.c.standing.not_in([word.value for word in OVER])
        rows = write.connection.execute(query.where(WINDOW.c.key.in_(batch), not_over)).all()
        _end_early(write, order, rows)


def _end_early(write: Transaction, order: Order, rows: Sequence[Row]) -> None:
    if not rows:
        return
    why = f"order {order.id}: {order.reason}"
    windows = [row.id for row in rows]
    values = {"windows": windows, "order": order.id, "now": micros(order.at), "why": why}
    held = write.connection.execute(_TO_HOLD, {"windows": windows}).all()
    for statement in (_TAKE_DOWN, _HOLD, _END_NOW):
        write.connection.execute(statement, values)
    for row in rows:
        detail = {"order": order.id, "generation": row.generation, "reason": order.reason}
        write.note(order.at, "order.take-down", row.key, detail, actor=order.actor)
    for event in held:
        moved = Moved(order.at, EventState.HELD, why, order.actor, order.id)
        note_moved(write, event.key, event, moved)


def release(write: Transaction, order_id: int, application: Application) -> int:
    """Take an order back and bring back what it took down. See `Ledger.release`."""
    order = _in_force(write.connection, order_id)
    now = micros(application.at)
    write.connection.execute(ORDER.update().where(ORDER.c.id == order_id).values(released_at=now))
    apply(write, application, releasing=order_id)
    _hand_on(write, order, application)
    _let_go(write, order_id, application)
    serial = raise_serial(write)  # also where no change came with it
    word = "resume" if order.kind is OrderKind.STOP else "release"
    detail: Detail = {
        "order": order_id,
        "scope": str(order.scope),
        "given_by": order.actor,
        "reason": application.reason,
        "serial": serial,
    }
    write.note(application.at, f"order.{word}", "", detail, actor=application.actor)
    return serial


def _hand_on(write: Transaction, order: Order, application: Application) -> None:
    """What did not come back and another order in force covers too, that order keeps down: its
    release brings it back.
    """
    in_force = orders(write.connection, in_force=True)
    kept: dict[Order, list[Row]] = defaultdict(list)
    for row in write.connection.execute(_TAKEN_BY, {"order": order.id}):
        window = window_from(row)
        heir = next((other for other in in_force if other.scope.covers(window)), None)
        if heir is not None:
            kept[heir].append(row)
    for heir, rows in kept.items():
        _keep_down(write, order, heir, rows)
        for row in rows:
            detail = {"order": heir.id, "generation": row.generation, "released": order.id}
            write.note(application.at, "order.keep-down", row.key, detail, actor=application.actor)


def _keep_down(write: Transaction, order: Order, heir: Order, rows: Sequence[Row]) -> None:
    for batch in batches([row.id for row in rows]):
        values = {"windows": batch, "order": order.id}
        write.connection.execute(_HAND_ON_EVENTS.values(order_id=heir.id), values)
        write.connection.execute(_HAND_ON_WINDOWS.values(taken_by=heir.id), {"windows": batch})


def _let_go(write: Transaction, order_id: int, application: Application) -> None:
    """What the order still holds goes on, but for the windows that it took down for good."""
    at, actor = application.at, application.actor
    lost = f"order {order_id} took its window down, and nothing brought it back"
    freed = f"order {order_id} was released"
    held = write.connection.execute(_TO_FREE, {"order": order_id}).all()
    values: dict[str, Any] = {"order": order_id, "now": micros(at)}
    write.connection.execute(_LEAVE_OUT, {**values, "why": lost})
    write.connection.execute(_FREE, {**values, "why": freed})
    write.connection.execute(
        WINDOW.update().where(WINDOW.c.taken_by == order_id).values(taken_by=None)
    )
    left_out = Moved(at, EventState.CANCELLED, lost, actor, order_id)
    goes_on = Moved(at, EventState.PENDING, freed, actor, order_id)
    for event in held:
        moved = left_out if event.taken_by == order_id else goes_on
        note_moved(write, event.key, event, moved)


def _in_force(connection: sa.Connection, order_id: int) -> Order:
    row = connection.execute(sa.select(ORDER).where(ORDER.c.id == order_id)).first()
    if row is None or row.released_at is not None:
        raise UnknownKey(
            f"no order in force has the number {order_id}",
            help="`promo status` lists the orders in force",
        )
    return order_from(row)


def orders(connection: sa.Connection, *, in_force: bool) -> tuple[Order, ...]:
    """The orders in the order they were given; only those in force, or all."""
    query = sa.select(ORDER).order_by(ORDER.c.id)
    if in_force:
        query = query.where(ORDER.c.released_at.is_(None))
    return tuple(order_from(row) for row in connection.execute(query))


def retry(write: Transaction, key: Key, at: datetime, actor: str) -> int:
    """Try an event again now; its generation. See `Ledger.retry`."""
    row = _may_be_retried(write.connection, key)
    if row is None:
        raise UnknownKey(
            f"nothing of {key} waits, was missed or has failed", help="`promo explain` says why"
        )
    uncertain = row.state == EventState.UNCERTAIN  # stays so: the channel is read first
    values = {
        "state": EventState.UNCERTAIN.value if uncertain else EventState.PENDING.value,
        "ready_at": max(micros(at), int(row.due_at)),
        "reason": "",
        "held_for": max(0, micros(at) - int(row.due_at)),  # somebody wants it now: it is not late
    }
    write.connection.execute(EVENT.update().where(EVENT.c.id == row.id).values(**values))
    if row.standing == Standing.MISSED:
        again = WINDOW.update().where(WINDOW.c.id == row.window_id)
        write.connection.execute(again.values(standing=Standing.PLANNED.value))
    detail: Detail = {"generation": row.generation, "was": row.state, "reason": row.reason}
    write.note(at, "order.retry", str(key), detail, actor=actor)
    return int(row.generation)


def _may_be_retried(connection: sa.Connection, key: Key) -> Row | None:
    """The event of the present generation, where it failed, was missed, or waits behind a try.

    Nothing is begun again whose window was taken out, or is ended: nobody would end it again.
    """
    ending = EVENT.alias("ending")
    can_end = sa.exists().where(
        ending.c.window_id == EVENT.c.window_id,
        ending.c.generation == EVENT.c.generation,
        ending.c.action == ENDING,
        ending.c.state.in_(sorted(OPEN_STATES)),
    )
    wanted = sa.or_(EVENT.c.action == ENDING, WINDOW.c.standing.not_in(_TAKEN_OUT))
    given_up = EVENT.c.state.in_([EventState.FAILED.value, EventState.MISSED.value])
    waits = EVENT.c.state.in_([s.value for s in WAITING]) & (EVENT.c.ready_at > EVENT.c.due_at)
    starved = (EVENT.c.state == EventState.HELD.value) & EVENT.c.order_id.is_(None)
    query = (
        sa.select(EVENT, WINDOW.c.standing)
        .join_from(EVENT, WINDOW, WINDOW.c.id == EVENT.c.window_id)
        .where(WINDOW.c.key == str(key.window), WINDOW.c.generation == EVENT.c.generation)
        .where(EVENT.c.action == ACTION_CODES[key.action])
        .where(wanted, sa.or_(given_up & can_end, waits, starved))
    )
    return connection.execute(query).first()
