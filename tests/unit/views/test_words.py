"""Words for people."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from promo_scheduler.offer import AmountOff, FixedPrice, Money, Offer, PercentOff, Selection
from promo_scheduler.views.words import (
    Dates,
    count,
    lasting,
    offer,
    offset,
    plain,
    products,
    relative,
    value,
)

NOON = datetime(2026, 11, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        (timedelta(hours=2), "2 hours"),
        (timedelta(minutes=90), "1 hour 30 minutes"),
        (timedelta(hours=25), "1 day 1 hour"),
        (timedelta(0), "no time"),
    ],
)
def test_a_length_is_said_in_words(delta, words):
    assert lasting(delta) == words


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        (timedelta(days=3), "in 3 days"),
        (timedelta(days=3, hours=5), "in 3 days"),
        (timedelta(days=1, hours=5, minutes=3), "in 1 day 5 hours"),
        (timedelta(hours=2, minutes=5, seconds=9), "in 2 hours 5 minutes"),
        (timedelta(seconds=-40), "40 seconds ago"),
        (timedelta(days=-130), "18 weeks ago"),
        (timedelta(milliseconds=300), "now"),
    ],
)
def test_a_distance_is_as_exact_as_it_matters(delta, words):
    assert relative(NOON + delta, NOON) == words


def test_the_midnight_that_ends_a_day_is_its_24_00():
    dates = Dates(2026)
    midnight = datetime(2026, 11, 12, tzinfo=UTC)
    assert dates.span(midnight - timedelta(days=1), midnight) == "Wed 11 Nov 00:00–24:00"


def test_an_end_on_another_day_is_named_by_its_weekday_and_after_a_week_by_its_date():
    dates = Dates(2026)
    assert dates.span(NOON, NOON + timedelta(hours=15)) == "Wed 11 Nov 12:00 – Thu 03:00"
    assert dates.span(NOON, NOON + timedelta(days=7)) == "Wed 11 Nov 12:00 – Wed 18 Nov 12:00"


def test_a_year_is_named_where_it_is_not_the_expected_one():
    assert Dates(2026).moment(NOON) == "Wed 11 Nov 12:00"
    assert Dates(2025).moment(NOON) == "Wed 11 Nov 2026 12:00"


def test_local_hours_are_those_of_the_zone_not_of_utc():
    dates = Dates(2026)
    start = datetime(2026, 11, 10, 23, tzinfo=UTC)
    end = start + timedelta(days=1)
    assert dates.local("Europe/Berlin", start, end) == "Wed 11 Nov 00:00–24:00"
    assert dates.utc(start, end) == "Tue 23:00 – Wed 23:00 UTC"


def test_a_change_of_one_moment_names_the_day_once_where_it_stays_the_same():
    dates = Dates(2026)
    assert dates.arrow(NOON, NOON + timedelta(minutes=30)) == "Wed 11 Nov 12:00 → 12:30"
    assert dates.arrow(NOON, NOON + timedelta(days=1)) == "Wed 11 Nov 12:00 → Thu 12 Nov 12:00"


@pytest.mark.parametrize(
    ("minutes", "words"), [(60, "UTC+1"), (-210, "UTC−3:30"), (0, "UTC+0"), (765, "UTC+12:45")]
)
def test_an_offset_is_written_with_minutes_only_where_there_are_some(minutes, words):
    zone = timezone(timedelta(minutes=minutes))
    assert offset(NOON.astimezone(zone)) == words


def test_an_offer_says_value_and_products():
    selection = Selection(
        tags=frozenset({"winter"}), excluded=Selection(skus=frozenset({"A-200", "A-100"}))
    )
    winter = Offer(PercentOff(Decimal("25.0")), selection)
    assert offer(winter) == "25 % off tag winter except A-100, A-200"


def test_money_is_shown_in_the_regions_own_currency():
    amounts = (Money(Decimal("5.00"), "EUR"), Money(Decimal("4.00"), "GBP"))
    everything = Selection(everything=True)
    assert value(Offer(AmountOff(amounts), everything), "GBP") == "4.00 GBP off"
    assert value(Offer(FixedPrice(amounts), everything), "EUR") == "for 5.00 EUR"


def test_a_long_list_of_products_is_cut_and_counted():
    many = Selection(skus=frozenset(f"S-{n:02}" for n in range(40)))
    assert products(many) == "S-00, S-01, S-02 and 37 more"


def test_a_number_agrees_with_its_noun():
    assert [count(n, "window") for n in (0, 1, 1200)] == ["0 windows", "1 window", "1,200 windows"]


def test_control_characters_cannot_steer_a_terminal():
    assert plain("bad\x1b[2J\x07\nline") == "bad [2J  line"
