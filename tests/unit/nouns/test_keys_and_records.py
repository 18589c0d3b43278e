"""Keys, wall times, windows and offers survive being written down and read again."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promo_scheduler.campaign import Lateness
from promo_scheduler.clock import TimeOfDay, WallTime, require_utc
from promo_scheduler.errors import NaiveDatetime, UnknownKey
from promo_scheduler.offer import AmountOff, FixedPrice, Money, Offer, PercentOff, Selection
from promo_scheduler.plan import Action, Key, WallSpan, Window, WindowKey, natural_key
from promo_scheduler.record import encode, offer_data, offer_from, window_data, window_from
from promo_scheduler.when import ClockChange, Fold, Gap

names = st.text(min_size=1, max_size=12)
window_keys = st.builds(WindowKey, names, names, names, names, names, st.integers(1, 99), names)
moneys = st.builds(Money, st.decimals(0, 10**6, places=2), st.sampled_from(["EUR", "JPY", "KWD"]))
lists = st.frozensets(names, max_size=3)
selections = st.builds(Selection, st.booleans(), lists, lists, lists, lists)
one_per_currency = st.lists(moneys, min_size=1, max_size=3, unique_by=lambda m: m.currency)
values = st.one_of(
    st.builds(PercentOff, st.decimals(0, 100, places=1)),
    st.builds(AmountOff, one_per_currency.map(tuple)),
    st.builds(FixedPrice, one_per_currency.map(tuple)),
)
offers = st.builds(
    Offer,
    values,
    st.builds(
        lambda chosen, excluded: Selection(
            chosen.everything,
            chosen.tags,
            chosen.collections,
            chosen.categories,
            chosen.skus,
            excluded,
        ),
        selections,
        st.none() | selections,
    ),
    st.dictionaries(names, names, max_size=3).map(lambda d: tuple(d.items())),
)
walls = st.builds(WallTime, st.dates(), st.builds(TimeOfDay, st.integers(0, 86_400)))
instants = st.datetimes(timezones=st.just(UTC))
folds = st.sampled_from(Fold)
changes = st.builds(ClockChange, st.sampled_from(Gap), folds, st.none() | folds)
spans = st.builds(
    WallSpan, walls, st.none() | walls, st.timedeltas(timedelta(0), timedelta(days=99)), changes
)


@given(window_keys, st.sampled_from(Action))
def test_a_key_reads_back_whatever_its_parts_hold(window_key, action):
    key = Key(window_key, action)
    assert Key.parse(str(key)) == key
    assert str(key).count("/") == 7


@pytest.mark.parametrize("text", ["", "a/b/c", "a/b/c/-/d/x/e/activate", "a/b/c/-/d/1/e/explode"])
def test_another_shape_is_no_key(text):
    with pytest.raises(UnknownKey):
        Key.parse(text)


def test_the_natural_key_differs_by_ledger_and_window_and_by_nothing_else():
    key = WindowKey("c", "p", "de", "-", "2026-11-11", 1, "shop")
    assert natural_key("a" * 32, key) == natural_key("a" * 32, key)
    assert natural_key("b" * 32, key) != natural_key("a" * 32, key)
    assert natural_key("a" * 32, WindowKey("c", "p", "de", "-", "2026-11-11", 2, "shop")) != (
        natural_key("a" * 32, key)
    )


@given(walls)
def test_a_wall_time_reads_back(wall):
    assert WallTime.parse(str(wall)) == wall


@pytest.mark.parametrize("text", ["24:01", "8:00", "12:60", "noon", "", "12", "1２:00", "-1:00"])
def test_what_is_no_time_of_day_is_refused(text):
    with pytest.raises(ValueError, match="expected a time"):
        TimeOfDay.parse(text)


@given(offers)
def test_an_offer_reads_back(offer):
    again = offer_from(offer_data(offer))
    assert encode(offer_data(again)) == encode(offer_data(offer))
    assert again.value == offer.value
    assert again.products == offer.products


@given(
    window_keys,
    offers,
    st.none() | walls,
    instants,
    st.tuples(st.none() | st.timedeltas(), st.none() | spans),
)
def test_a_window_reads_back(key, offer, wall, start, given_or_not):
    within, span = given_or_not
    window = Window(
        key,
        "Europe/Berlin",
        "de",
        wall,
        wall,
        start,
        start,
        "EUR",
        offer,
        (3, 1),
        True,
        Lateness(within, timedelta(minutes=5)),
        "Double 11",
        "peak weekday",
        ("a warning",),
        span,
    )
    assert encode(window_data(window_from(window_data(window)))) == encode(window_data(window))


def test_a_naive_datetime_is_refused_and_another_zone_becomes_utc():
    with pytest.raises(NaiveDatetime):
        require_utc(datetime(2026, 11, 11))  # noqa: DTZ001
    berlin = timezone(timedelta(hours=1))
    assert require_utc(datetime(2026, 11, 11, tzinfo=berlin)).day == date(2026, 11, 10).day


def test_a_window_that_was_written_down_without_a_span_has_none():
    key = WindowKey("a", "b", "c", "-", "2026-11-11", 1, "shop")
    start = datetime(2026, 11, 11, tzinfo=UTC)
    offer = Offer(PercentOff(5), Selection(everything=True))
    data = window_data(Window(key, "UTC", "-", None, None, start, start, "EUR", offer))
    del data["span"]
    assert window_from(data).span is None
