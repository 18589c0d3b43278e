"""What windows make of a price: a function of the baseline and of what is live."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from promo_scheduler.catalog import Product
from promo_scheduler.offer import AmountOff, FixedPrice, Money, Offer, PercentOff, Selection
from promo_scheduler.plan import WindowKey
from promo_scheduler.pricing import (
    Assortment,
    Baseline,
    PriceEntry,
    Tariff,
    minor_unit,
    price_under,
    reduced,
)
from promo_scheduler.testing import a_window

COAT = Product("COAT", category="outerwear", tags=frozenset({"winter"}))
BOOTS = Product("BOOTS", category="shoes", tags=frozenset({"winter"}))
CATALOG = (COAT, BOOTS)
NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)


def window(name="launch", rank=(0, 0), start=NOON, value=PercentOff(Decimal(25)), **products):
    meant = Selection(**{k: v if k == "excluded" else frozenset(v) for k, v in products.items()})
    key = WindowKey(name, "p", "de", "-", "2026-11-11", 1, "store")
    end = start + timedelta(hours=4)
    return a_window(key=key, offer=Offer(value, meant), rank=rank, start=start, end=end)


# ── amounts ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("currency", "unit"),
    [("EUR", "0.01"), ("JPY", "1"), ("ISK", "1"), ("KWD", "0.001"), ("IDR", "0.01")],
)
def test_the_smallest_unit_of_a_currency_is_that_of_iso_4217(currency, unit):
    assert minor_unit(currency) == Decimal(unit)


@pytest.mark.parametrize(
    ("value", "price", "currency", "expected"),
    [
        (PercentOff(Decimal(25)), "99.99", "EUR", "74.99"),
        (PercentOff(Decimal("33.3")), "1000", "JPY", "667"),
        (PercentOff(Decimal("12.5")), "0.999", "KWD", "0.874"),
        (PercentOff(Decimal(50)), "0.01", "EUR", "0.01"),
        (PercentOff(Decimal(100)), "99.99", "EUR", "0.00"),
        (AmountOff((Money(Decimal(5), "EUR"), Money(Decimal(7), "USD"))), "99.99", "EUR", "94.99"),
        (AmountOff((Money(Decimal(500), "EUR"),)), "99.99", "EUR", "0"),
        (FixedPrice((Money(Decimal(79), "EUR"),)), "99.99", "EUR", "79.00"),
    ],
)
def test_an_offer_takes_off_half_up_and_never_below_zero(value, price, currency, expected):
    assert str(reduced(value, Decimal(price), currency)) == expected


# ── who decides ─────────────────────────────────────────────────────────────────────────────────
def test_nobody_decides_and_the_baseline_stands():
    baseline = Money(Decimal("189.005"), "EUR")
    assert Tariff((), Assortment(CATALOG)).winner("COAT") is None
    assert price_under(None, baseline) == baseline


def test_the_highest_priority_decides_then_the_later_phase_whatever_the_order():
    first, second, strong = (
        window("a", (1, 0), skus=["COAT"]),
        window("b", (1, 1), tags=["winter"]),
        window("c", (2, 0), categories=["outerwear"]),
    )
    for some in permutations((first, second, strong)):
        tariff = Tariff(some, Assortment(CATALOG))
        assert tariff.winner("COAT") is strong
        assert tariff.winner("BOOTS") is second
    assert Tariff((first, second), Assortment(CATALOG)).winner("COAT") is second


def test_a_tie_is_settled_the_same_way_whatever_the_order():
    early, late = (
        window("a", skus=["COAT"]),
        window("b", start=NOON + timedelta(hours=1), skus=["COAT"]),
    )
    twin = window("z", start=NOON + timedelta(hours=1), skus=["COAT"])
    for some in permutations((early, late, twin)):
        assert Tariff(some, Assortment(())).winner("COAT") is twin
    assert Tariff((late, early), Assortment(())).winner("COAT") is late


def test_what_an_offer_excludes_it_does_not_decide():
    broad = window(tags=["winter"], excluded=Selection(skus=frozenset({"COAT"})))
    tariff = Tariff((broad,), Assortment(CATALOG))
    assert (tariff.winner("COAT"), tariff.winner("BOOTS")) == (None, broad)


# ── which SKUs ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("selection", "with_catalogue", "without"),
    [
        (Selection(skus=frozenset({"COAT", "NEW"})), {"COAT", "NEW"}, {"COAT", "NEW"}),
        (Selection(tags=frozenset({"winter"})), {"COAT", "BOOTS"}, None),
        (Selection(everything=True), {"COAT", "BOOTS"}, None),
        (
            Selection(skus=frozenset({"COAT", "NEW"}), excluded=Selection(skus=frozenset({"NEW"}))),
            {"COAT"},
            {"COAT"},
        ),
        (
            Selection(
                skus=frozenset({"COAT", "NEW"}), excluded=Selection(tags=frozenset({"winter"}))
            ),
            {"NEW"},
            None,
        ),
        (Selection(categories=frozenset({"hats"})), set(), None),
    ],
)
def test_which_skus_are_meant(selection, with_catalogue, without):
    assert Assortment(CATALOG).skus(selection) == with_catalogue
    assert Assortment(()).skus(selection) == without


# ── baselines ───────────────────────────────────────────────────────────────────────────────────
def test_a_baseline_knows_what_may_stand_there_by_our_doing():
    base = Baseline(Money(Decimal(189), "EUR"), (Decimal(170),)).writing(Decimal(120))
    known = {
        amount for amount in (189, 170, 120, 99) if base.is_known(Money(Decimal(amount), "EUR"))
    }
    assert known == {170, 120}
    assert not base.is_known(Money(Decimal(120), "USD"))
    assert base.writing(Decimal(170)).written == (120, 170)
    assert base.settled(Decimal(120)).written == (120,)


def test_an_entry_keeps_what_it_keeps_and_lets_the_others_go():
    base = Baseline(Money(Decimal(189), "EUR"), (Decimal(170),))
    entry = PriceEntry({"A": base}, frozenset({"B"}), {"A": "1 EUR", "C": "2 EUR"})
    assert entry.gone == {"B", "C"}
    assert not PriceEntry()
