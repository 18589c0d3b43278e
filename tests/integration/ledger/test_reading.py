"""Reading: what people and pages are shown."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from promo_scheduler.campaign import Lateness
from promo_scheduler.clock import WallTime
from promo_scheduler.firing import EventState
from promo_scheduler.ledger import WindowQuery
from promo_scheduler.offer import AmountOff, FixedPrice, Money, Offer, Selection
from promo_scheduler.order import Scope
from promo_scheduler.plan import Action, ChangeKind, Key, Standing, WindowKey

HOUR = timedelta(hours=1)


@pytest.fixture
def three(desk, window):
    """Three windows, an hour apart; the first is live."""
    made = [
        desk.create(window(name, region=region, start=window().start + n * HOUR))
        for n, (name, region) in enumerate((("one", "de"), ("two", "us"), ("three", "de")))
    ]
    desk.at(made[0].start).done(desk.claim_one())
    return made


@pytest.mark.parametrize(
    "more",
    [
        {"offer": Offer(AmountOff((Money(Decimal("5.00"), "EUR"),)), Selection(everything=True))},
        {
            "offer": Offer(
                FixedPrice((Money(Decimal("9.90"), "EUR"),)),
                Selection(tags=frozenset({"a", "b"})),
                (("zh", "双11"),),
            )
        },
        {"late": Lateness(HOUR, timedelta(minutes=5)), "stack": True, "rank": (-3, 7)},
        {
            "start_wall": WallTime.parse("2026-11-10T13:00"),
            "end_wall": WallTime.parse("2026-11-10T24:00"),
        },
        {"label": "a/b \u2028 'quoted'", "warnings": ("W1", "W2"), "target": "a/b"},
    ],
)
def test_a_window_comes_back_as_it_went_in(desk, window, more):
    made = desk.create(window(**more))
    assert desk.standing(made).window == made
    assert desk.at(made.start).claim_one().window == made


def test_a_key_with_any_characters_comes_back(desk, window):
    key = WindowKey("a/b", "50% off", "de", "Europe/Berlin", "ramadan-2027", 2, "shop:é")
    made = desk.create(replace(window(), key=key))
    assert desk.standing(made).window.key == key
    assert desk.ledger.event(Key(key, Action.ACTIVATE))[0].window == made


def test_microseconds_are_kept(desk, window):
    odd = timedelta(microseconds=123457)
    made = desk.create(window(start=window().start + odd, end=window().end + odd))
    assert desk.standing(made).window == made


def test_events_are_filtered_ordered_and_limited(desk, three, window):
    one, two, three_ = three
    pending = frozenset({EventState.PENDING})
    found = desk.events(states=pending, until=three_.start + timedelta(seconds=1))
    assert [r.window for r in found] == [two, one, three_]
    assert [r.window for r in desk.events(states=pending, limit=1)] == [two]
    newest = desk.events(newest_first=True, limit=1)
    assert newest[0].event.due_at == max(w.end for w in three)
    since = desk.events(since=two.start, until=two.start + timedelta(microseconds=1))
    assert [r.window for r in since] == [two]
    assert {r.window for r in desk.events(scope=Scope(region="de"))} == {one, three_}
    assert {r.window for r in desk.events(scope=Scope(campaign="two", channel="shop"))} == {two}
    assert desk.events(scope=Scope(campaign="two", region="de")) == []


def test_a_scope_by_sku_is_judged_by_the_offer(desk, three, window):
    other = Offer(window().offer.value, Selection(skus=frozenset({"B-2"})))
    late = desk.create(
        window("other", offer=other, start=window().start + 9 * HOUR, end=window().end + 9 * HOUR)
    )
    found = desk.events(scope=Scope(sku="B-2"), limit=1)
    assert [r.window for r in found] == [late]
    assert desk.ledger.windows(WindowQuery(Scope(sku="B-2")))[0].window == late


def test_windows_are_filtered_by_standing(desk, three):
    live = WindowQuery(standings=frozenset({Standing.LIVE}))
    assert [w.window for w in desk.ledger.windows(live)] == [three[0]]
    assert [w.window for w in desk.ledger.windows(WindowQuery(limit=2))] == three[:2]
    assert desk.ledger.windows(WindowQuery(since=desk.now + 99 * HOUR)) == []


def test_every_generation_of_an_event_is_shown(desk, three, events_of):
    one = three[0]
    desk.apply(desk.change(ChangeKind.AMEND, one, 2), events=events_of(one, 2))
    records = desk.ledger.event(Key(one.key, Action.ACTIVATE))
    assert [(r.event.generation, r.state) for r in records] == [
        (1, EventState.DONE),
        (2, EventState.PENDING),
    ]
    assert desk.ledger.event(Key(one.key._replace(slot=9), Action.ACTIVATE)) == []


def test_a_record_shows_the_last_attempt(desk, three):
    two = three[1]
    firing = desk.at(two.start).claim_one()
    assert desk.record(two, Action.ACTIVATE).owner == desk.owner
    again = desk.now + HOUR
    desk.settle(firing, EventState.PENDING, reason="503", retry_at=again, handed_at=desk.now)
    record = desk.record(two, Action.ACTIVATE)
    assert (record.attempt, record.reason, record.retry_at) == (1, "503", again)
    assert (record.handed_at, record.settled_at, record.owner) == (desk.now, desk.now, "")


def test_counts_name_every_state(desk, three):
    counts = desk.ledger.counts()
    assert set(counts) == set(EventState)
    assert (counts[EventState.PENDING], counts[EventState.DONE], sum(counts.values())) == (5, 1, 6)
