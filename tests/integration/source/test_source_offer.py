"""`offer`: exact amounts, the currencies of the regions, and which products."""

from decimal import Decimal

import pytest

from promo_scheduler.offer import AmountOff, FixedPrice, Money, PercentOff, Selection

PRODUCTS = "products: { tag: winter }"


def offer_of(room):
    return room.load().campaigns[0].phases[0].offer


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("percent: 11.11", PercentOff(Decimal("11.11"))),
        ("percent: 100", PercentOff(Decimal(100))),
        ('percent: "0.5"', PercentOff(Decimal("0.5"))),
        (
            "amount: { EUR: 4.50, USD: 0.10 }",
            AmountOff((Money(Decimal("4.50"), "EUR"), Money(Decimal("0.10"), "USD"))),
        ),
        (
            "price: { EUR: 19.90, USD: 0 }",
            FixedPrice((Money(Decimal("19.90"), "EUR"), Money(Decimal(0), "USD"))),
        ),
    ],
)
def test_values_are_exactly_what_the_file_says(room, text, value):
    room.offer(f"{{ {text}, {PRODUCTS} }}")
    assert repr(offer_of(room).value) == repr(value)  # 4.50 stays 4.50


@pytest.mark.parametrize(
    ("text", "selection"),
    [
        ("all", Selection(everything=True)),
        ("{ all: true }", Selection(everything=True)),
        ("{ tag: winter }", Selection(tags=frozenset({"winter"}))),
        ("{ tags: [winter, sale] }", Selection(tags=frozenset({"winter", "sale"}))),
        ("{ collection: 11.11 }", Selection(collections=frozenset({"11.11"}))),
        ("{ categories: [NO, yes] }", Selection(categories=frozenset({"NO", "yes"}))),
        ("{ skus: [00123, 1e3, 0x10] }", Selection(skus=frozenset({"00123", "1e3", "0x10"}))),
        (
            "{ sku: A-100, category: shoes }",
            Selection(categories=frozenset({"shoes"}), skus=frozenset({"A-100"})),
        ),
        (
            "{ tag: winter, except: { skus: [A-100] } }",
            Selection(tags=frozenset({"winter"}), excluded=Selection(skus=frozenset({"A-100"}))),
        ),
    ],
)
def test_products_are_read_in_each_form_as_written(room, text, selection):
    room.offer(f"{{ percent: 10, products: {text} }}")
    assert offer_of(room).products == selection


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Double 11", (("en", "Double 11"),)),
        ("{ en: Sale, ja: 独身の日　セール }", (("en", "Sale"), ("ja", "独身の日　セール"))),
    ],
)
def test_labels_are_read(room, text, label):
    room.offer(f"{{ percent: 10, {PRODUCTS}, label: {text} }}")
    assert offer_of(room).label == label


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        (f"{{ {PRODUCTS} }}", "E050", "offer"),
        (f"{{ percent: 10, amount: {{ EUR: 5, USD: 5 }}, {PRODUCTS} }}", "E050", "offer.amount"),
        (f"{{ amount: {{}}, {PRODUCTS} }}", "E050", "offer.amount"),
        (f"{{ percent: 0, {PRODUCTS} }}", "E051", "offer.percent"),
        (f"{{ percent: 100.01, {PRODUCTS} }}", "E051", "offer.percent"),
        (f"{{ percent: -5, {PRODUCTS} }}", "E051", "offer.percent"),
        (f"{{ percent: 25%, {PRODUCTS} }}", "E035", "offer.percent"),
        (f"{{ percent: 1e1, {PRODUCTS} }}", "E035", "offer.percent"),
        (f"{{ percent: .inf, {PRODUCTS} }}", "E035", "offer.percent"),
        (f"{{ percent: , {PRODUCTS} }}", "E011", "offer.percent"),
        (f"{{ percent: [10], {PRODUCTS} }}", "E011", "offer.percent"),
        (f'{{ amount: {{ EUR: "4,50", USD: 5 }}, {PRODUCTS} }}', "E035", "offer.amount.EUR"),
        (f"{{ amount: {{ EUR: 0, USD: 5 }}, {PRODUCTS} }}", "E035", "offer.amount.EUR"),
        (f"{{ amount: {{ euro: 5, USD: 5 }}, {PRODUCTS} }}", "E052", "offer.amount.euro"),
        (f"{{ amount: 5, {PRODUCTS} }}", "E011", "offer.amount"),
        (f"{{ amount: {{ EUR: 5 }}, {PRODUCTS} }}", "E053", "offer.amount"),
        (f"{{ price: {{ EUR: 5 }}, {PRODUCTS} }}", "E053", "offer.price"),
        ("{ percent: 10 }", "E016", "offer"),
        ("{ percent: 10, products: {} }", "E054", "offer.products"),
        ("{ percent: 10, products: { except: { tag: x } } }", "E054", "offer.products"),
        ("{ percent: 10, products: { all: true, except: {} } }", "E054", "offer.products.except"),
        ("{ percent: 10, products: everything }", "E011", "offer.products"),
        ("{ percent: 10, products: { all: false } }", "E011", "offer.products.all"),
        ("{ percent: 10, products: { tag: [] } }", "E011", "offer.products.tag"),
        ("{ percent: 10, products: { brand: x } }", "E010", "offer.products.brand"),
        (f'{{ percent: 10, {PRODUCTS}, label: "a\\nb" }}', "E036", "offer.label"),
        (f"{{ percent: 10, {PRODUCTS}, prices: prices.csv }}", "E070", "offer.prices"),
        (f"{{ percent: 10, {PRODUCTS}, compare_at: {{ EUR: 10 }} }}", "E070", "offer.compare_at"),
    ],
)
def test_offers_that_do_not_fit_are_refused_at_their_key(room, text, code, path):
    room.offer(text)
    problem = room.problem()
    assert (problem.code, problem.path) == (code, f"phases.launch.{path}")
    assert (problem.place.file, problem.place.line) == ("campaigns/sale.yaml", 6)


def test_a_missing_currency_names_the_region_that_lacks_it(room):
    room.offer(f"{{ amount: {{ EUR: 5 }}, {PRODUCTS} }}")
    assert "us (USD)" in room.problem().message


def test_a_currency_is_not_missed_where_the_region_takes_no_part(room):
    room.offer(f"{{ amount: {{ EUR: 5 }}, {PRODUCTS} }}\noverrides: {{ us: {{ skip: [launch] }} }}")
    assert room.load().campaigns[0].variant("us", "storefront").phases == ()


def test_a_currency_is_missed_in_an_override_at_the_line_that_gives_it(room):
    room.overrides("  us:\n    phases: { launch: { offer: { amount: { EUR: 5 } } } }\n")
    problem = room.problem()
    assert (problem.code, problem.place.line) == ("E053", 9)
    assert problem.path == "overrides.us.phases.launch.offer.amount"
