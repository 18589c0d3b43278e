"""The shop's state, moved by instants: windows, toggles, ranks, and what a buyer pays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promo_scheduler.catalog import Product
from promo_scheduler.channels.sandbox.catalogue import DEFAULT_SEED, ShopSeed
from promo_scheduler.channels.sandbox.discount import Discount
from promo_scheduler.channels.sandbox.store import Store
from promo_scheduler.offer import AmountOff, FixedPrice, Money, Offer, PercentOff, Selection
from promo_scheduler.pricing import reduced, rounded

NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
COAT = Product(
    "coat",
    category="outerwear",
    tags=frozenset({"winter"}),
    prices={"EUR": Decimal(100), "JPY": Decimal(9999)},
)
SHOE = Product("shoe", category="shoes", prices={"EUR": Decimal(80)})
SEED = ShopSeed((COAT, SHOE), {"de": "EUR", "fr": "EUR", "jp": "JPY"})
ALL = Selection(everything=True)


def discount(id="1", percent="25", **changes):
    value = PercentOff(Decimal(percent))
    made = Discount(
        id, f"key-{id}", f"Sale {id}", "de", "EUR", Offer(value, ALL), NOON, NOON + HOUR,
        native=True, enabled=True,
    )  # fmt: skip
    return replace(made, **changes)


def price(store, target="de", product=COAT):
    return store.quote(product, target).price


def told(effects):
    return [(e.kind, e.id, e.by, e.at) for e in effects]


# ── windows ─────────────────────────────────────────────────────────────────────────────────────
def test_a_window_begins_and_ends_exactly_at_its_instants():
    store = Store(SEED)
    store.put(discount(), NOON - HOUR)
    assert store.advance(NOON - timedelta(microseconds=1)) == []
    assert price(store) == 100
    assert told(store.advance(NOON)) == [("went_live", "1", "window", NOON)]
    assert price(store) == 75
    assert told(store.advance(NOON + HOUR)) == [("ended", "1", "window", NOON + HOUR)]
    assert price(store) == 100


def test_a_jump_over_many_windows_tells_them_in_the_order_of_their_instants():
    store = Store(SEED)
    store.put(discount("1", start=NOON + 2 * HOUR, end=NOON + 3 * HOUR), NOON)
    store.put(discount("2", start=NOON + HOUR, end=NOON + 2 * HOUR), NOON)
    effects = store.advance(NOON + 24 * HOUR)
    assert [(e.kind, e.id, e.at) for e in effects] == [
        ("went_live", "2", NOON + HOUR),
        ("ended", "2", NOON + 2 * HOUR),  # at one instant the ending comes first
        ("went_live", "1", NOON + 2 * HOUR),
        ("ended", "1", NOON + 3 * HOUR),
    ]
    assert [(e.before, e.after) for e in effects] == [(100, 75), (75, 100)] * 2


def test_a_window_that_is_made_after_it_was_over_is_never_live():
    store = Store(SEED)
    effects = store.put(discount(start=NOON - 2 * HOUR, end=NOON - HOUR), NOON)
    assert [e.kind for e in [*effects, *store.advance(NOON + HOUR)]] == ["created"]


def test_a_window_made_in_its_middle_is_live_at_once():
    store = Store(SEED)
    effects = store.put(discount(), NOON + HOUR / 2)
    assert told(effects)[1] == ("went_live", "1", "edit", NOON + HOUR / 2)


def test_a_moved_window_forgets_its_old_instants():
    store = Store(SEED)
    store.put(discount(), NOON - HOUR)
    store.put(discount(start=NOON + 5 * HOUR, end=NOON + 6 * HOUR), NOON - HOUR)
    assert store.advance(NOON + 4 * HOUR) == []
    assert [e.kind for e in store.advance(NOON + 9 * HOUR)] == ["went_live", "ended"]


def test_a_live_discount_changed_to_a_later_start_ends_first():
    store = Store(SEED)
    store.put(discount(), NOON)
    effects = store.put(discount(start=NOON + HOUR / 2), NOON + HOUR / 4)
    assert [e.kind for e in effects] == ["updated", "ended"]
    assert price(store) == 100


def test_a_value_changed_while_live_counts_at_once():
    store = Store(SEED)
    store.put(discount(), NOON)
    (effect,) = store.put(discount(percent="50"), NOON)
    assert (effect.kind, effect.before, effect.after) == ("updated", 75, 50)


def test_the_same_again_is_no_effect():
    store = Store(SEED)
    store.put(discount(), NOON)
    assert store.put(discount(), NOON) == []


def test_a_native_discount_that_is_switched_off_does_not_come_on_by_its_window():
    store = Store(SEED)
    store.put(discount(), NOON - HOUR)
    assert store.enable("1", False, NOON - HOUR) == []
    assert store.advance(NOON + HOUR) == []


# ── toggles ─────────────────────────────────────────────────────────────────────────────────────
def test_a_toggle_is_live_while_it_is_on_whatever_its_window_says():
    store = Store(SEED)
    store.put(discount(native=False, enabled=False), NOON)
    assert price(store) == 100
    assert told(store.enable("1", True, NOON)) == [("went_live", "1", "toggle", NOON)]
    assert store.enable("1", True, NOON) == []
    assert store.advance(NOON + 48 * HOUR) == []
    assert price(store) == 75
    assert [e.kind for e in store.enable("1", False, NOON)] == ["ended"]


def test_deleting_what_is_live_ends_it_first():
    store = Store(SEED)
    store.put(discount(), NOON)
    assert [e.kind for e in store.delete("1", NOON)] == ["ended", "deleted"]
    assert store.named("key-1") == ()
    assert price(store) == 100


@pytest.mark.parametrize(
    ("changes", "now", "state"),
    [
        ({}, NOON - HOUR, "scheduled"),
        ({}, NOON, "active"),
        ({}, NOON + HOUR, "ended"),
        ({"enabled": False}, NOON - HOUR, "ended"),
        ({"start": None, "end": None}, NOON, "active"),
        ({"native": False}, NOON + HOUR, "active"),
        ({"native": False, "enabled": False}, NOON, "off"),
    ],
)
def test_what_the_shop_says_of_a_discount(changes, now, state):
    assert discount(**changes).state_at(now) == state


# ── names ───────────────────────────────────────────────────────────────────────────────────────
def test_a_name_may_stand_twice_and_both_are_found_oldest_first():
    store = Store(SEED)
    store.put(discount("1", name="same"), NOON)
    store.put(discount("2", name="same"), NOON)
    assert [d.id for d in store.named("same")] == ["1", "2"]


def test_a_changed_name_is_found_under_the_new_one_only():
    store = Store(SEED)
    store.put(discount(), NOON)
    store.put(discount(name="other"), NOON)
    assert [d.id for d in store.named("other")] == ["1"]
    assert store.named("key-1") == ()


# ── prices ──────────────────────────────────────────────────────────────────────────────────────
def test_the_higher_rank_wins_and_the_older_among_equals():
    store = Store(SEED)
    store.put(discount("1", "10", rank=(1, 0)), NOON)
    store.put(discount("2", "20", rank=(1, 1)), NOON)
    store.put(discount("3", "90", rank=(0, 9)), NOON)
    store.put(discount("4", "30", rank=(1, 1)), NOON)
    assert price(store) == 80


def test_offers_stack_only_where_the_winner_and_the_other_both_do():
    store = Store(SEED)
    store.put(discount("1", "10", rank=(2,), stack=True), NOON)
    store.put(discount("2", "20", rank=(1,)), NOON)
    assert price(store) == 90
    store.put(discount("3", "50", rank=(0,), stack=True), NOON)
    assert price(store) == 45


def test_a_discount_counts_on_its_own_target_and_products_only():
    store = Store(SEED)
    winter = Offer(PercentOff(Decimal(25)), Selection(tags=frozenset({"winter"})))
    store.put(discount(offer=winter), NOON)
    assert [price(store), price(store, "fr"), price(store, product=SHOE)] == [75, 100, 80]


@pytest.mark.parametrize(
    ("value", "currency", "expected"),
    [
        (PercentOff(Decimal("33.3")), "EUR", "66.63"),
        (PercentOff(Decimal("33.3")), "JPY", "67"),
        (PercentOff(Decimal(100)), "EUR", "0.00"),
        (AmountOff((Money(Decimal("9.995"), "EUR"),)), "EUR", "89.91"),
        (AmountOff((Money(Decimal(500), "EUR"),)), "EUR", "0"),
        (AmountOff((Money(Decimal(5), "USD"),)), "EUR", "99.90"),
        (FixedPrice((Money(Decimal(49), "EUR"),)), "EUR", "49.00"),
    ],
)
def test_a_price_after_one_discount(value, currency, expected):
    assert reduced(value, Decimal("99.90"), currency) == Decimal(expected)


def test_every_product_of_the_default_seed_has_a_price_in_the_smallest_unit_of_every_currency():
    for product in DEFAULT_SEED.products:
        assert all(rounded(p, code) == p > 0 for code, p in product.prices.items())


# ── against a plain rule ────────────────────────────────────────────────────────────────────────
SELECTIONS = [
    ALL,
    Selection(skus=frozenset({"coat"})),
    Selection(skus=frozenset({"coat", "shoe"})),
    Selection(tags=frozenset({"winter"})),
    Selection(everything=True, excluded=Selection(skus=frozenset({"coat"}))),
]
STEPS = st.lists(
    st.tuples(
        st.integers(1, 6),  # id
        st.integers(0, 3),  # rank
        st.booleans(),  # stack
        st.sampled_from(SELECTIONS),
        st.sampled_from(["10", "20", "50"]),
        st.integers(0, 5),  # start, in hours
        st.integers(1, 5),  # length
        st.sampled_from(["put", "off", "delete"]),
    ),
    max_size=25,
)


def plainly(store, product, now):
    """The rule without any index: look at every discount there is."""
    live = [d for d in store.discounts() if d.live_at(now) and d.offer.products.includes(product)]
    live.sort(key=lambda d: ([-part for part in d.rank], int(d.id)))
    if not live:
        return Decimal(100) if product is COAT else Decimal(80)
    chosen = [live[0], *(d for d in live[1:] if d.stack and live[0].stack)]
    result = Decimal(100) if product is COAT else Decimal(80)
    for one in chosen:
        result = reduced(one.offer.value, result, "EUR")
    return result


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_prices_and_effects_agree_with_the_plain_rule_at_every_hour(steps):
    store, effects, now = Store(SEED), [], NOON
    for hour, (number, rank, stack, products, percent, start, length, what) in enumerate(steps):
        now = NOON + hour * HOUR / 3
        effects += store.advance(now)
        begin = NOON + start * HOUR
        if what == "put":
            offer = Offer(PercentOff(Decimal(percent)), products)
            effects += store.put(
                discount(
                    str(number),
                    offer=offer,
                    start=begin,
                    end=begin + length * HOUR,
                    rank=(rank,),
                    stack=stack,
                ),
                now,
            )
        elif store.get(str(number)):
            effects += (
                store.delete(str(number), now)
                if what == "delete"
                else store.enable(str(number), False, now)
            )
        for product in (COAT, SHOE):
            assert price(store, product=product) == plainly(store, product, now)
    live = set()
    for effect in effects:  # each went_live has its ended, and the log knows what is live now
        if effect.kind == "went_live":
            assert effect.id not in live
            live.add(effect.id)
        elif effect.kind == "ended":
            live.remove(effect.id)
    assert live == {d.id for d in store.discounts() if d.live_at(now)}
