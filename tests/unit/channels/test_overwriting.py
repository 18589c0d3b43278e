"""A firing on a channel whose prices are overwritten: what it asks, what it refuses, what it tells."""

from dataclasses import replace
from decimal import Decimal

import pytest

from promo_scheduler.channels.act import act
from promo_scheduler.connector import (
    Capabilities,
    Health,
    Invalid,
    Money,
    NotEligible,
    OutcomeUnknown,
    PriceConnector,
    Retryable,
)
from promo_scheduler.errors import LedgerUnavailable
from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.plan import Action, TriggerEvent
from promo_scheduler.testing import MemoryPriceBook, a_firing, a_window


class Shop(PriceConnector):
    """Prices in memory. `heard` is what it makes of a price that is written; `calls` its diary."""

    def __init__(self, batch_max=10, heard=None, currency="EUR", **prices):
        self.capabilities = Capabilities(mechanism="price_overwrite", batch_max=batch_max)
        self.held = {sku: Money(Decimal(amount), currency) for sku, amount in prices.items()}
        self.heard = heard or (lambda price: price)
        self.calls = []

    async def prices(self, target, skus):
        self.calls.append(("read", *skus))
        return {sku: self.held[sku] for sku in skus if sku in self.held}

    async def write_prices(self, target, prices):
        self.calls.append(("write", *prices))
        for sku, price in prices.items():
            self.held[sku] = replace(price, amount=self.heard(price.amount))

    async def health(self):
        return Health(ok=True)

    def amounts(self):
        return {sku: str(price.amount) for sku, price in self.held.items()}


class DeadBook(MemoryPriceBook):
    """A ledger that goes out of reach; `after` so many records."""

    def __init__(self, after=0):
        super().__init__()
        self.left = after

    async def record(self, entry):
        if not self.left:
            raise LedgerUnavailable("the disk is full")
        self.left -= 1
        await super().record(entry)


def window(percent="50", **meant):
    products = Selection(**{name: frozenset(names) for name, names in meant.items()})
    return a_window(offer=Offer(PercentOff(Decimal(percent)), products))


def firing(action=Action.ACTIVATE, generation=1, **meant):
    made = a_firing(action, window(**meant or {"skus": ["A", "B"]}))
    return replace(made, event=TriggerEvent(made.event.key, made.event.due_at, generation))


async def failure(shop, book, made=None):
    with pytest.raises(Exception) as caught:
        await act(shop, made or firing(), book)
    return caught.value


# ── calls ───────────────────────────────────────────────────────────────────────────────────────
async def test_a_start_reads_writes_and_reads_back_in_batches():
    shop = Shop(batch_max=2, A="10", B="20", C="30")
    receipt = await act(shop, firing(skus=["A", "B", "C"]), MemoryPriceBook())
    assert shop.calls == [
        ("read", "A", "B"), ("read", "C"),
        ("write", "A", "B"), ("write", "C"),
        ("read", "A", "B"), ("read", "C"),
    ]  # fmt: skip
    assert receipt.observed.raw == {"A": "5.00 EUR", "B": "10.00 EUR", "C": "15.00 EUR"}


async def test_a_repeated_start_finds_it_done_and_writes_nothing():
    shop, book = Shop(A="10", B="20"), MemoryPriceBook()
    await act(shop, firing(), book)
    shop.calls.clear()
    await act(shop, firing(), book)
    assert shop.calls == [("read", "A", "B")]


async def test_an_ending_of_what_was_never_begun_asks_nobody():
    shop = Shop(A="10", B="20")
    await act(shop, firing(Action.DEACTIVATE), MemoryPriceBook())
    assert shop.calls == []


async def test_staging_does_nothing():
    shop = Shop(A="10", B="20")
    assert "nothing to stage" in (await act(shop, firing(Action.STAGE), MemoryPriceBook())).note
    assert shop.calls == []


# ── what cannot be done ─────────────────────────────────────────────────────────────────────────
async def test_without_the_book_nothing_is_called():
    shop = Shop(A="10", B="20")
    assert isinstance(await failure(shop, None), Invalid)
    assert shop.calls == []


async def test_without_a_catalogue_tags_cannot_be_started():
    error = await failure(Shop(A="10"), MemoryPriceBook(), firing(tags=["winter"]))
    assert isinstance(error, Invalid)
    assert "without a catalogue" in error.message


async def test_what_is_not_sold_is_told_and_the_rest_is_done():
    shop = Shop(A="10")
    receipt = await act(shop, firing(), MemoryPriceBook())
    assert receipt.note == "not sold there: B"
    assert shop.amounts() == {"A": "5.00"}


async def test_where_nothing_of_it_is_sold_the_start_fails():
    assert isinstance(await failure(Shop(), MemoryPriceBook()), NotEligible)


async def test_prices_in_another_currency_are_not_touched():
    shop, book = Shop(currency="USD", A="10", B="20"), MemoryPriceBook()
    error = await failure(shop, book)
    assert isinstance(error, NotEligible)
    assert "expected prices in EUR, found USD" in error.message
    assert (shop.amounts(), book.entries) == ({"A": "10", "B": "20"}, [])


# ── reading back ────────────────────────────────────────────────────────────────────────────────
async def test_a_price_that_reads_back_wrong_is_taken_back_and_the_start_fails():
    wrong = iter([Decimal(7), Decimal(8)])
    shop, book = Shop(A="10", B="20"), MemoryPriceBook()
    shop.heard = lambda price: next(wrong, price)
    error = await failure(shop, book)
    assert isinstance(error, Invalid)
    assert "price of A: expected 5.00 EUR, found 7 EUR" in error.message
    assert shop.amounts() == {"A": "10", "B": "20"}
    assert book.baselines == {}


async def test_a_change_of_what_is_live_that_reads_back_wrong_stays_until_its_end():
    shop, book = Shop(A="10", B="20"), MemoryPriceBook()
    shop.heard = lambda price: price + 1
    assert isinstance(await failure(shop, book, firing(generation=2)), Invalid)
    assert shop.amounts() == {"A": "6.00", "B": "11.00"}
    shop.heard = lambda price: price
    await act(shop, firing(Action.DEACTIVATE, generation=2), book)
    assert shop.amounts() == {"A": "10", "B": "20"}


async def test_a_price_that_is_not_taken_in_yet_is_tried_again():
    shop, book = Shop(A="10", B="20"), MemoryPriceBook()
    shop.write_prices = shop.prices
    assert isinstance(await failure(shop, book), Retryable)
    del shop.write_prices
    await act(shop, firing(), book)
    assert shop.amounts() == {"A": "5.00", "B": "10.00"}


# ── the ledger ──────────────────────────────────────────────────────────────────────────────────
async def test_nothing_is_written_that_cannot_be_recorded_first():
    shop = Shop(A="10", B="20")
    assert isinstance(await failure(shop, DeadBook()), Retryable)
    assert shop.amounts() == {"A": "10", "B": "20"}


async def test_a_ledger_that_goes_after_the_write_leaves_the_outcome_open():
    shop, book = Shop(A="10", B="20"), DeadBook(after=1)
    assert isinstance(await failure(shop, book), OutcomeUnknown)
    book.left = 9
    await act(shop, firing(), book)
    await act(shop, firing(Action.DEACTIVATE), book)
    assert shop.amounts() == {"A": "10", "B": "20"}


# ── an ending ───────────────────────────────────────────────────────────────────────────────────
async def test_a_product_that_is_sold_no_more_is_let_go_and_told():
    shop, book = Shop(A="10", B="20"), MemoryPriceBook()
    await act(shop, firing(), book)
    del shop.held["A"]
    receipt = await act(shop, firing(Action.DEACTIVATE), book)
    assert receipt.note == "left as somebody else has set it: A at no price at all"
    assert (shop.amounts(), book.baselines) == ({"B": "20"}, {})


async def test_what_another_window_still_means_gets_its_price():
    tenth = window("10", skus=["A"])
    shop, book = Shop(A="10", B="20"), MemoryPriceBook([replace(tenth, rank=(-1, 0))])
    await act(shop, firing(), book)
    await act(shop, firing(Action.DEACTIVATE), book)
    assert shop.amounts() == {"A": "9.00", "B": "20"}
    assert {sku: base.price.amount for sku, base in book.baselines.items()} == {"A": 10}


async def test_a_baseline_on_its_way_back_is_not_taken_for_somebody_elses_price():
    shop, book = Shop(A="10", B="20"), DeadBook(after=3)
    await act(shop, firing(), book)
    assert isinstance(await failure(shop, book, firing(Action.DEACTIVATE)), OutcomeUnknown)
    assert shop.amounts() == {"A": "10", "B": "20"}
    book.left, book.live = 9, (window("10", skus=["A"]),)
    receipt = await act(shop, firing(Action.DEACTIVATE), book)
    assert (shop.amounts(), receipt.note) == ({"A": "9.00", "B": "20"}, "")


async def test_what_an_amendment_gives_to_another_window_is_given_also_after_a_lost_write():
    tenth = replace(window("10", skus=["A"]), rank=(-1, 0))
    shop, book = Shop(A="10", B="20"), MemoryPriceBook([tenth])
    await act(shop, firing(), book)
    narrower, write = firing(generation=2, skus=["B"]), shop.write_prices
    shop.write_prices = shop.prices
    assert isinstance(await failure(shop, book, narrower), Retryable)
    shop.write_prices = write
    await act(shop, narrower, book)
    assert shop.amounts() == {"A": "9.00", "B": "10.00"}


async def test_a_long_list_is_told_shortly():
    shop, book = Shop(**{f"S{n}": "10" for n in range(9)}), MemoryPriceBook()
    every = [f"S{n}" for n in range(9)]
    await act(shop, firing(skus=every), book)
    shop.held = dict.fromkeys(every, Money(Decimal(1), "EUR"))
    receipt = await act(shop, firing(Action.DEACTIVATE, skus=every), book)
    assert receipt.note.endswith("S4 at 1 EUR and 4 more")
