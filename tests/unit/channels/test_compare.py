"""What was asked for against what reading back shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from promo_scheduler.channels.compare import differences, state_difference
from promo_scheduler.connector import (
    AmountOff,
    Money,
    Observed,
    ObservedState,
    Offer,
    PercentOff,
    Selection,
)
from promo_scheduler.errors import NaiveDatetime
from promo_scheduler.plan import Action
from promo_scheduler.testing import a_request, an_offer

REQUEST = a_request()
SAME = ObservedState(Observed.ACTIVE, REQUEST.start, REQUEST.end, REQUEST.offer, REQUEST.target)


def fields(**changes):
    return [d.field for d in differences(REQUEST, replace(SAME, **changes))]


def test_the_same_has_no_difference():
    assert fields() == []


def test_what_a_channel_cannot_tell_is_not_compared():
    assert differences(REQUEST, ObservedState(Observed.ACTIVE)) == ()


def test_each_field_that_differs_is_named():
    later = REQUEST.end + timedelta(seconds=1)
    assert fields(start=later, end=later, offer=an_offer("26"), target="fr") == [
        "start", "end", "value", "target",
    ]  # fmt: skip


def test_an_instant_in_another_offset_is_the_same_instant():
    assert fields(start=REQUEST.start.astimezone(timezone(timedelta(hours=-8)))) == []


def test_a_naive_instant_is_refused_and_never_guessed():
    with pytest.raises(NaiveDatetime):
        fields(end=REQUEST.end.replace(tzinfo=None))


def test_a_value_counts_and_not_how_it_is_written():
    assert fields(offer=an_offer("25.00")) == []


def test_a_selection_that_was_not_taken_over_is_a_difference():
    everything = replace(REQUEST, offer=an_offer("25", "A-1", "A-2"))
    observed = replace(SAME, offer=an_offer("25"))
    assert [d.field for d in differences(everything, observed)] == ["products"]


def test_an_empty_selection_says_that_the_channel_cannot_tell():
    assert fields(offer=Offer(PercentOff(Decimal(25)), Selection())) == []


def test_an_amount_is_compared_in_the_currency_of_the_window():
    both = AmountOff((Money(Decimal(5), "EUR"), Money(Decimal(6), "USD")))
    asked = replace(REQUEST, offer=replace(REQUEST.offer, value=both))
    told = AmountOff((Money(Decimal("5.00"), "EUR"),))
    wrong = AmountOff((Money(Decimal(6), "EUR"),))
    for value, expected in ((told, ()), (wrong, ("value: expected 5 EUR off, found 6 EUR off",))):
        observed = replace(SAME, offer=replace(REQUEST.offer, value=value))
        assert tuple(map(str, differences(asked, observed))) == expected


@pytest.mark.parametrize(
    ("action", "good"),
    [
        (Action.STAGE, {Observed.SCHEDULED, Observed.ACTIVE}),
        (Action.ACTIVATE, {Observed.ACTIVE}),
        (Action.DEACTIVATE, {Observed.ENDED, Observed.ABSENT}),
    ],
)
def test_the_states_that_an_action_may_end_in(action, good):
    passed = {s for s in Observed if state_difference(action, ObservedState(s)) is None}
    assert passed == good


def test_a_difference_says_what_was_expected_and_found():
    end = datetime(2090, 1, 1, tzinfo=UTC)
    (difference,) = differences(REQUEST, replace(SAME, end=end + timedelta(days=1)))
    assert str(difference) == (
        "end: expected 2090-01-01T00:00:00+00:00, found 2090-01-02T00:00:00+00:00"
    )
