"""A firing's turn on a lane whose prices are written over: what to ask, write and remember. Pure.

Whatever the firing is, the whole lane is brought to what its live windows make of it; what is there
already is left alone. So it does not matter in which order windows end, or whose turn was cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from promo_scheduler.offer import Money
from promo_scheduler.plan import Window
from promo_scheduler.pricing import (
    Assortment,
    Baseline,
    PricedLane,
    PriceEntry,
    Tariff,
    names_only_skus,
    price_under,
)

_NAMED = 5  # SKUs that a note names


@dataclass(slots=True)
class Moves:
    """What a turn does: `before` is put on record, `write` written and read back, then `after`.

    `missing` are SKUs that begin here and that the channel does not sell.
    """

    write: dict[str, Money] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    _stored: dict[str, Baseline] = field(default_factory=dict)
    _replaced: dict[str, str] = field(default_factory=dict)
    _settled: dict[str, Baseline] = field(default_factory=dict)
    _returned: set[str] = field(default_factory=set)
    _left: dict[str, str] = field(default_factory=dict)

    @property
    def before(self) -> PriceEntry:
        """Baselines that are new, and prices that will be written: on record first."""
        return PriceEntry(self._stored, replaced=self._replaced)

    @property
    def after(self) -> PriceEntry:
        """What stands for certain, and which baselines are done with."""
        return PriceEntry(self._settled, frozenset(self._returned), self._left)

    @property
    def note(self) -> str:
        """What a person should know of it; empty as a rule."""
        told = [
            _told("not sold there", self.missing),
            _told("written over what somebody else had set", _pairs(self._replaced)),
            _told("left as somebody else has set it", _pairs(self._left)),
        ]
        return "; ".join(part for part in told if part)

    def remembered(self, found: Mapping[str, Money]) -> PriceEntry:
        """That these prices, read back after our own writes, came of them."""
        known = {sku: self._stored[sku] for sku in found if sku in self._stored}
        return PriceEntry({sku: base.writing(found[sku].amount) for sku, base in known.items()})

    # ── one SKU each ────────────────────────────────────────────────────────────────────────────
    def leave(self, sku: str, found: Money | None, kept: Baseline | None) -> None:
        """Somebody else's price: it stays. The baseline is kept while another window counts."""
        self._left[sku] = f"{found.amount} {found.currency}" if found else "no price at all"
        if kept is not None:
            self._settled[sku] = kept

    def replace(self, sku: str, found: Money) -> None:
        """Somebody else's price, over which this start writes."""
        self._replaced[sku] = f"{found.amount} {found.currency}"

    def give_back(self, sku: str, found: Money, held: Baseline) -> None:
        """No window means it any more."""
        self._returned.add(sku)
        if found != held.price:
            self.write[sku] = held.price
            self._stored[sku] = held.writing(held.price.amount)

    def put(self, sku: str, found: Money, wanted: Money, held: Baseline | None) -> None:
        """A window decides; `held` is the baseline in the ledger, None where there is none yet."""
        base = held or Baseline(found, (found.amount,))
        settled = base.settled(wanted.amount)
        if found != wanted:
            self.write[sku] = wanted
            self._stored[sku] = base.writing(wanted.amount)
            self._settled[sku] = settled
        elif held is None:
            self._stored[sku] = settled
        elif held != settled:
            self._settled[sku] = settled


class Turn:
    """One firing on its lane. `begins` is the window that starts with it; None at an ending.

    `own` are the SKUs that begin. `concerned` are those whose price must be known: these, and
    whatever is not as it should be, also what an earlier attempt, an amendment or an edited
    catalogue has left behind.
    """

    def __init__(
        self, lane: PricedLane, assortment: Assortment, begins: Window | None = None
    ) -> None:
        self._lane = lane
        self._begins = begins
        windows = (*lane.live, begins) if begins else lane.live
        self._tariff = Tariff(windows, assortment)
        meant = assortment.skus(begins.offer.products) if begins else frozenset()
        self.own = meant or frozenset()
        amiss = (sku for sku, base in lane.baselines.items() if self._is_amiss(sku, base))
        self.concerned = tuple(sorted(self.own.union(amiss)))

    def _is_amiss(self, sku: str, base: Baseline) -> bool:
        winner = self._tariff.winner(sku)
        return winner is None or base != base.settled(price_under(winner, base.price).amount)

    def moves(self, found: Mapping[str, Money]) -> Moves:
        """What to do, now that these prices were found."""
        moves = Moves()
        for sku in self.concerned:
            self._move(sku, found.get(sku), moves)
        return moves

    def _move(self, sku: str, found: Money | None, moves: Moves) -> None:
        held, winner = self._lane.baselines.get(sku), self._tariff.winner(sku)
        if found is None:
            self._miss(sku, moves, is_done=held is not None and winner is None)
            return
        base = held.price if held else found
        wanted = price_under(winner, base)
        is_theirs = held is not None and found != wanted and not held.is_known(found)
        if is_theirs and (winner is None or winner is not self._begins):
            moves.leave(sku, found, held.settled(wanted.amount) if held and winner else None)
            return
        if is_theirs:
            moves.replace(sku, found)
        if winner is None and held is not None:
            moves.give_back(sku, found, held)
        elif winner is not None:
            moves.put(sku, found, wanted, held)

    def _miss(self, sku: str, moves: Moves, *, is_done: bool) -> None:
        if is_done:
            moves.leave(sku, None, None)
        if sku in self.own:
            moves.missing.append(sku)


def needs_catalogue(window: Window, assortment: Assortment) -> bool:
    """Whether nobody can tell which SKUs a window means."""
    products = window.offer.products
    return not names_only_skus(products) and assortment.skus(products) is None


def _pairs(texts: Mapping[str, str]) -> list[str]:
    return [f"{sku} at {text}" for sku, text in texts.items()]


def _told(what: str, items: Iterable[str]) -> str:
    named = sorted(items)
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"{what}: {', '.join(named[:_NAMED])}{more}" if named else ""
