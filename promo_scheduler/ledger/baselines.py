"""Baselines: prices from before ours, on channels where prices are overwritten.

A row is written only under a claim that stands, and its baseline never changes while it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from promo_scheduler.audit import Detail
from promo_scheduler.firing import OPEN_STATES, EventState, Firing
from promo_scheduler.ledger.claims import claims_of, is_its
from promo_scheduler.ledger.encoding import (
    WINDOW_COLUMNS,
    Values,
    lane,
    micros,
    window_from,
)
from promo_scheduler.ledger.tables import BASELINE, ENDING, EVENT, START, WINDOW, one_of
from promo_scheduler.ledger.transaction import Transaction
from promo_scheduler.offer import Money
from promo_scheduler.plan import Standing
from promo_scheduler.pricing import Baseline, PricedLane, PriceEntry

_code = sa.literal_column
_start = EVENT.alias("start")
_WAITING = (EventState.PENDING, EventState.HANDED)
# A start of the present generation that is under way, or was, and is to be tried again.
_BEGUN = sa.exists().where(
    _start.c.window_id == WINDOW.c.id,
    _start.c.generation == WINDOW.c.generation,
    _start.c.action == _code(str(START)),
    one_of(_start.c.state, EventState.CLAIMED, EventState.UNCERTAIN)
    | (one_of(_start.c.state, *_WAITING) & _start.c.handed_at.is_not(None)),
)
# Live: begun, and its ending neither due nor begun. What is overdue counts no more, so that a price
# is never set to an offer that is over.
_LIVE = (
    sa.select(*WINDOW_COLUMNS)
    .join_from(EVENT, WINDOW, WINDOW.c.id == EVENT.c.window_id)
    .where(
        EVENT.c.lane == sa.bindparam("on"),
        EVENT.c.action == _code(str(ENDING)),
        EVENT.c.generation == WINDOW.c.generation,
        one_of(EVENT.c.state, *sorted(OPEN_STATES)),  # the words of the index
        one_of(EVENT.c.state, *_WAITING),
        EVENT.c.due_at > sa.bindparam("now"),
        WINDOW.c.key != sa.bindparam("own"),
        (WINDOW.c.standing == Standing.LIVE.value) | _BEGUN,
    )
)
_THERE = sa.select(BASELINE).where(BASELINE.c.lane == sa.bindparam("on"))
_ADD = BASELINE.insert()
_IT = (BASELINE.c.lane == sa.bindparam("on"), BASELINE.c.sku == sa.bindparam("of"))
_REWRITE = BASELINE.update().where(*_IT).values(written=sa.bindparam("amounts"))
_DROP = BASELINE.delete().where(*_IT)


def lane_of(connection: sa.Connection, firing: Firing, now: datetime) -> PricedLane:
    """What is live on the firing's lane at `now`, without its own window, and the baselines."""
    on = _lane(firing)
    asked = {"on": on, "now": micros(now), "own": str(firing.window.key)}
    live = tuple(map(window_from, connection.execute(_LIVE, asked)))
    rows = connection.execute(_THERE, {"on": on})
    return PricedLane(live, {row.sku: _baseline(row) for row in rows})


def record(
    write: Transaction, firing: Firing, entry: PriceEntry, now: datetime, owner: str
) -> bool:
    """Write an entry under the firing's claim; False, and nothing written, where that is lost."""
    claim = claims_of(write.connection, [firing]).get(str(firing.window.key))
    if claim is None or claim.owner != owner or not is_its(claim, firing):
        return False
    told = _Told(write, firing, now)
    _keep(write, _lane(firing), entry.kept, told)
    told.note("price.replaced", _texts(entry.replaced))
    told.note("price.left", _texts(_only(entry.left, entry.kept)))
    _drop(write, _lane(firing), entry, told)
    return True


def _keep(write: Transaction, on: str, kept: Mapping[str, Baseline], told: _Told) -> None:
    if not kept:
        return
    there = {row.sku for row in write.connection.execute(_THERE, {"on": on})}
    new = {sku: base for sku, base in kept.items() if sku not in there}
    if new:
        write.connection.execute(_ADD, [_values(on, sku, base) for sku, base in new.items()])
    changed = [_rewritten(on, sku, base) for sku, base in kept.items() if sku in there]
    if changed:
        write.connection.execute(_REWRITE, changed)
    told.note("baseline.stored", [f"{sku} {_text(base.price)}" for sku, base in new.items()])


def _drop(write: Transaction, on: str, entry: PriceEntry, told: _Told) -> None:
    if not entry.gone:
        return
    there = {row.sku: _baseline(row) for row in write.connection.execute(_THERE, {"on": on})}
    write.connection.execute(_DROP, [{"on": on, "of": sku} for sku in sorted(entry.gone)])
    returned = sorted(sku for sku in entry.returned if sku in there)
    told.note("baseline.returned", [f"{sku} {_text(there[sku].price)}" for sku in returned])
    left = [
        f"{sku} {text}, not {_text(there[sku].price)}"
        for sku, text in entry.left.items()
        if sku in there and sku not in entry.kept
    ]
    told.note("baseline.left", left)


class _Told:
    """Audit entries of one firing, about the prices of several SKUs each."""

    def __init__(self, write: Transaction, firing: Firing, now: datetime) -> None:
        self._write, self._firing, self._now = write, firing, now

    def note(self, kind: str, prices: Iterable[str]) -> None:
        told = sorted(prices)
        if told:
            detail: Detail = {"target": self._firing.window.target, "prices": told}
            self._write.note(self._now, kind, str(self._firing.event.key), detail)


def _lane(firing: Firing) -> str:
    return lane(firing.window.key.channel, firing.window.target)


def _only(texts: Mapping[str, str], kept: Mapping[str, Baseline]) -> dict[str, str]:
    return {sku: text for sku, text in texts.items() if sku in kept}


def _texts(prices: Mapping[str, str]) -> list[str]:
    return [f"{sku} {text}" for sku, text in prices.items()]


def _text(price: Money) -> str:
    return f"{price.amount} {price.currency}"


def _baseline(row: sa.Row[*tuple[object, ...]]) -> Baseline:
    written = tuple(map(Decimal, row.written.split(" ")))
    return Baseline(Money(Decimal(row.baseline), row.currency), written)


def _values(on: str, sku: str, base: Baseline) -> Values:
    price = {"currency": base.price.currency, "baseline": str(base.price.amount)}
    return {"lane": on, "sku": sku, **price, "written": _amounts(base)}


def _rewritten(on: str, sku: str, base: Baseline) -> Values:
    return {"on": on, "of": sku, "amounts": _amounts(base)}


def _amounts(base: Baseline) -> str:
    return " ".join(map(str, base.written))
