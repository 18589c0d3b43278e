"""Law 11: whoever has a backlog waits for it alone. Round robin over lanes, deadlines first."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from promo_scheduler.campaign import Lateness
from promo_scheduler.firing import EventState
from promo_scheduler.ledger import ClaimRequest
from promo_scheduler.plan import Action, ChangeKind

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
STAGE, ACTIVATE, DEACTIVATE = Action.STAGE, Action.ACTIVATE, Action.DEACTIVATE


@pytest.fixture
def backlog(desk, window, events_of):
    """Many windows on one target, applied at once."""

    def made(target, count, **more):
        windows = [window(f"{target}-{n}", target=target, **more) for n in range(count)]
        changes = [desk.change(ChangeKind.CREATE, w) for w in windows]
        desk.apply(*changes, events=[e for w in windows for e in events_of(w)])
        return windows

    return made


def on(channel, made):
    """The same window on another channel."""
    return replace(made, key=made.key._replace(channel=channel))


def targets(firings):
    return [f.window.target for f in firings]


def test_no_lane_waits_for_another_one_s_backlog(desk, backlog):
    """Given 40 in the first lane, 3 and 1 in two others. When 8 are claimed, then each lane has had
    its turn before any has a second one.
    """
    backlog("crowd", 40), backlog("few", 3), backlog("one", 1)
    firings = desk.at(desk.now + 4 * HOUR).claim(limit=8)
    assert set(targets(firings[:3])) == {"crowd", "few", "one"}
    assert Counter(targets(firings)) == {"crowd": 4, "few": 3, "one": 1}
    assert Counter(targets(desk.claim(limit=100))) == {"crowd": 36}


def test_what_others_do_not_need_goes_to_the_lane_that_has_more(desk, backlog):
    for lane in ("a", "b", "c", "d"):
        backlog(lane, 2)
    backlog("crowd", 60)
    assert Counter(targets(desk.at(desk.now + 4 * HOUR).claim(limit=50)))["crowd"] == 42


def test_one_free_place_at_a_time_goes_round_too(desk, backlog):
    """A daemon that is full claims one event whenever another is done: what is in flight in a lane
    counts, so the crowd cannot win each time, though its deadline is the nearest.
    """
    backlog("crowd", 40), backlog("calm", 3, end=desk.now + 9 * HOUR)
    desk.at(desk.now + 4 * HOUR)
    assert targets([desk.claim_one(limit=1) for _ in range(4)]) == ["crowd", "calm"] * 2


def test_a_lane_is_not_served_less_for_what_is_uncertain_there(desk, backlog):
    """Nobody is doing it."""
    backlog("crowd", 5), backlog("calm", 5, end=desk.now + 9 * HOUR)
    for firing in desk.at(desk.now + 4 * HOUR).claim(limit=4):
        if firing.window.target == "crowd":
            desk.settle(firing, EventState.UNCERTAIN, retry_at=desk.now + HOUR)
    assert targets([desk.claim_one(limit=1) for _ in range(2)]) == ["crowd", "crowd"]


def test_the_nearest_deadline_goes_first(desk, window):
    """An ending at its instant; a start, or what is to be created in advance, while its window
    leaves enough of itself, or while it is not too late to begin.
    """
    now, day = desk.now, desk.now + 24 * HOUR
    desk.create(window("ends", start=now - HOUR, end=now))
    desk.at(now - HOUR).done(desk.claim_one())
    narrow = Lateness(start_within=HOUR)
    long = Lateness(min_remaining=22 * HOUR)
    ahead = window("ahead", start=now + HOUR, end=now + 3 * HOUR)
    desk.create(window("day", start=now, end=day))
    desk.create(ahead, stage_ahead=HOUR)
    desk.create(window("long", start=now, end=day, late=long))
    desk.create(window("narrow", start=now, end=day, late=narrow))
    found = [f.window.key.campaign for f in desk.at(now).claim()]
    assert found == ["ends", "narrow", "long", "ahead", "day"]


def test_a_full_channel_s_lanes_are_passed_over(desk, window):
    """Its share is used up: that costs nobody else a look at its herd."""
    mine, other = window("mine"), on("market", window("other"))
    desk.create(mine), desk.create(other)
    desk.at(mine.start)
    assert desk.claim(share=2, in_flight={"shop": 2}, limit=5)[0].window == other
    assert desk.claim(share=2, in_flight={"shop": 2}) == []
    assert desk.claim(share=2, in_flight={"shop": 1})[0].window == mine


def test_a_channel_gets_no_more_than_its_share_over_all_its_lanes(desk, backlog, window):
    for lane in ("a", "b", "c"):
        backlog(lane, 4)
    desk.create(on("market", window("other")))
    firings = desk.at(desk.now + 4 * HOUR).claim(share=5, in_flight={"shop": 1})
    assert Counter(f.window.key.channel for f in firings) == {"shop": 4, "market": 1}


def test_a_channel_s_name_may_hold_whatever_a_lane_s_name_is_made_of(desk, window):
    odd = on("my/shop %", window())
    desk.create(odd)
    desk.at(odd.start)
    assert desk.claim(share=1, in_flight={"my/shop %": 1}) == []
    assert desk.claim_one(share=1).window == odd


def test_endings_only_leaves_starts_alone_that_wait_before_them(desk, backlog):
    made = backlog("crowd", 20)
    for firing in desk.at(made[0].start).claim(limit=3):
        desk.done(firing)
    desk.at(made[0].end)
    assert {f.action for f in desk.claim(endings_only=True)} == {DEACTIVATE}


# ── one at a time ───────────────────────────────────────────────────────────────────────────────
def test_where_asked_for_a_target_does_one_thing_after_another(desk, backlog):
    backlog("a", 3), backlog("b", 3)
    alone = frozenset({"shop"})
    desk.at(desk.now + 4 * HOUR)
    first = desk.claim(one_at_a_time=alone)
    assert sorted(targets(first)) == ["a", "b"]
    assert desk.claim(one_at_a_time=alone) == []
    assert desk.claim(one_at_a_time=alone, owner="another daemon") == []
    desk.done(next(f for f in first if f.window.target == "b"))
    assert targets(desk.claim(one_at_a_time=alone)) == ["b"]


def test_other_channels_go_on_meanwhile(desk, backlog):
    backlog("a", 3)
    desk.at(desk.now + 4 * HOUR)
    assert len(desk.claim(one_at_a_time=frozenset({"market"}))) == 3


# ── law 5 costs nobody else their turn ──────────────────────────────────────────────────────────
def test_a_herd_that_waits_for_an_ending_hides_nothing_behind_it(desk, backlog, window):
    """Given a lane whose ending is overdue, with more starts behind it than are looked at one by
    one. Then another lane's event is next, and a try of the same lane that was due before it.
    """
    blocked = window("live", target="crowd")
    early = window("early", target="crowd", end=blocked.end + HOUR)
    desk.create(blocked), desk.create(early)
    for firing in desk.at(blocked.start).claim():
        if firing.window == early:
            again = blocked.end + 2 * SECOND
            desk.settle(firing, EventState.PENDING, reason="503", retry_at=again)
        else:
            desk.done(firing)
    backlog("crowd", 150, start=blocked.end, end=blocked.end + HOUR)
    free = desk.create(window("free", start=blocked.end + SECOND))
    ending = desk.at(blocked.end).claim_one()
    assert desk.ledger.next_due() == free.start
    assert [f.window for f in desk.at(free.start).claim()] == [free]
    assert desk.ledger.next_due() == again
    assert [f.window for f in desk.at(again).claim()] == [early]
    assert desk.ledger.next_due() == blocked.end + HOUR  # when the herd itself ends
    desk.done(ending)
    assert desk.ledger.next_due() == blocked.end and len(desk.claim(limit=200)) == 150


def test_a_claim_by_name_takes_its_turn_under_the_same_limits(desk, backlog):
    made = backlog("a", 4) + backlog("b", 4)
    desk.at(made[0].start)
    keys = [e.event.key for e in desk.events() if e.event.key.action is ACTIVATE]
    request = ClaimRequest(desk.now, 100, desk.owner, share=3, keys=tuple(keys))
    firings, _ = desk.ledger.claim(request)
    assert Counter(targets(firings)) in ({"a": 2, "b": 1}, {"a": 1, "b": 2})
