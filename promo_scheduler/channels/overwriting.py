"""A firing on a channel whose prices are overwritten: toggled at the instant, proven by reading.

    look      the ledger: live windows and baselines of the lane
    prices    the channel: what stands there
    record    the ledger: new baselines, and each price that is about to be written
    write     the channel, batch by batch
    prices    the channel: what was written is read back
    record    the ledger: what stands for certain; baselines that are done with go

A price is never remembered here. What happens when the process dies, or an answer is lost,
    before the first record     nothing was done; the next attempt begins anew
    after the first record      what stood still stands. It is known, beside the price that was to
                                be written, so the next attempt takes it for ours, and writes
    between two batches         the same, for each SKU by itself
    after the write             what stands is what was on its way: nothing is left to write, and it
                                is settled
    after the second record     everything is done; the next attempt finds it so, writes nothing,
                                and is settled
The baseline is stored once: while it is there, no attempt stores another. It goes only after it has
been read back, or after somebody else's price was found in its place. Another firing that comes
between two attempts sees the same baselines and brings the lane to what is live by then.

Somebody else's price, found where neither the baseline nor a price of ours is expected:
    at an ending    it stays, and that is told. After the last window the baseline goes with it.
    at a start      it is written over, and that is told, only where the starting window decides:
                    the start is a person's reviewed order for this hour, and must not be lost in
                    silence (law 1). The baseline stays what it was: a price made in the middle of
                    a promotion is none to come back to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from promo_scheduler.channels.compare import price_differences
from promo_scheduler.channels.repricing import Moves, Turn, needs_catalogue
from promo_scheduler.channels.steps import Steps
from promo_scheduler.connector import (
    Invalid,
    Money,
    NotEligible,
    Observed,
    ObservedState,
    Receipt,
    Retryable,
)
from promo_scheduler.firing import Firing
from promo_scheduler.plan import Action, Window
from promo_scheduler.pricing import Assortment, PricedLane, PriceEntry


class PriceBook(Protocol):
    """The ledger's side of one firing, under its claim.

    `look` and `record` may raise LedgerError; `record` is one transaction, and raises a
    ChannelError where the claim is lost: then nothing was recorded.
    """

    @property
    def assortment(self) -> Assortment:
        """What is sold, as the workspace's catalogue knows it."""

    async def look(self) -> PricedLane:
        """What is live on the firing's lane beside its own window, and the baselines there."""

    async def record(self, entry: PriceEntry) -> None:
        """Put prices on record, with audit entries for baselines that come and go."""


async def overwrite(steps: Steps, book: PriceBook, firing: Firing) -> Receipt:
    """Take the firing's turn on its lane. Raises ChannelError only."""
    match firing.action:
        case Action.STAGE:
            return Receipt(note="nothing to stage: prices are written when the window starts")
        case Action.ACTIVATE:
            return await _begin(steps, book, firing)
        case Action.DEACTIVATE:
            return await _end(steps, book, firing.window)


async def _begin(steps: Steps, book: PriceBook, firing: Firing) -> Receipt:
    window, target = firing.window, firing.window.target
    if needs_catalogue(window, book.assortment):
        raise Invalid("without a catalogue nobody can tell which products are meant")
    turn = Turn(await steps.booked(book.look), book.assortment, window)
    found = await steps.prices(target, turn.concerned)
    moves = turn.moves(found)
    _require_sold(window, turn, found)
    if wrong := await _write(steps, book, target, moves):
        if not any(sku in turn.own and found[sku] != price for sku, price in wrong.items()):
            raise Retryable(_told(moves, wrong))  # not taken in yet; it may still come
        await steps.booked(book.record, moves.remembered(wrong))
        if firing.event.generation == 1:  # buyers never saw it right: it must not stay wrong
            await _end(steps, book, window)
        raise Invalid(_told(moves, wrong))
    await _settle(steps, book, moves)
    return Receipt(observed=_observed(Observed.ACTIVE, target, moves), note=moves.note)


async def _end(steps: Steps, book: PriceBook, window: Window) -> Receipt:
    turn = Turn(await steps.booked(book.look), book.assortment)
    moves = turn.moves(await steps.prices(window.target, turn.concerned))
    if wrong := await _write(steps, book, window.target, moves):
        raise Retryable(_told(moves, wrong))
    await _settle(steps, book, moves)
    return Receipt(observed=_observed(Observed.ENDED, window.target, moves), note=moves.note)


def _require_sold(window: Window, turn: Turn, found: Mapping[str, Money]) -> None:
    """That at least one of its products is sold there, and in the window's currency."""
    sold = [found[sku] for sku in turn.own if sku in found]
    if not sold:
        raise NotEligible(f"none of the products is sold in {window.target}")
    strange = {price.currency for price in sold} - {window.currency}
    if strange:
        told = ", ".join(sorted(strange))
        raise NotEligible(f"{window.target}: expected prices in {window.currency}, found {told}")


async def _write(steps: Steps, book: PriceBook, target: str, moves: Moves) -> dict[str, Money]:
    """Write what is to be written. Returns what reading back shows to be something else; a SKU
    without any price then is told by an error.
    """
    if moves.before:
        await steps.booked(book.record, moves.before)
    if not moves.write:
        return {}
    await steps.write_prices(target, moves.write)
    found = await steps.prices(target, moves.write)
    if gone := sorted(moves.write.keys() - found.keys()):
        raise Retryable(f"after the write {target} has no price for {', '.join(gone[:5])}")
    return {sku: found[sku] for sku, price in moves.write.items() if found[sku] != price}


async def _settle(steps: Steps, book: PriceBook, moves: Moves) -> None:
    if moves.after:
        await steps.booked(book.record, moves.after)


def _told(moves: Moves, wrong: Mapping[str, Money]) -> str:
    told = "; ".join(map(str, price_differences(moves.write, wrong)))
    return f"after the write the channel holds something else: {told}"


def _observed(state: Observed, target: str, moves: Moves) -> ObservedState:
    raw = {sku: f"{price.amount} {price.currency}" for sku, price in moves.write.items()}
    return ObservedState(state, target=target, raw=raw)
