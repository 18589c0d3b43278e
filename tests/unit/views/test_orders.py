"""What an order takes down, region by channel, and how far that is."""

from datetime import timedelta

import pytest

from promo_scheduler.firing import EventRecord, EventState
from promo_scheduler.order import Order, OrderKind, Scope
from promo_scheduler.plan import Action, Key, Standing, StandingWindow, TriggerEvent
from promo_scheduler.views.orders import (
    StaysDown,
    TakenDown,
    given_data,
    not_confirmed,
    progress_line,
    stays_down,
    taken_down_matrix,
)
from promo_scheduler.views.paper import written

STOP = OrderKind.STOP
ENDED = {"state": EventState.DONE, "observed": "ended"}


@pytest.fixture
def taken(make_window):
    """A window of a region and channel that is taken down, and how far that is."""

    def make(region="de", channel="shop", **given):
        window = make_window(region, channel=channel, phase=given.pop("phase", "launch"))
        observed, state = given.pop("observed", ""), given.pop("state", EventState.PENDING)
        event = TriggerEvent(Key(window.key, Action.DEACTIVATE), window.start)
        record = EventRecord(event, window, state, given.pop("attempt", 1), **given)
        return TakenDown(StandingWindow(window, Standing.LIVE, 1), record, observed)

    return make


def _rows(renderable, width=200):
    return [line.split("  ") for line in written(renderable, width).splitlines()]


def test_every_region_and_channel_has_its_place_with_what_was_read_back(taken):
    here = [taken("de", "shop", **ENDED), taken("us", "outlet"), taken("us", "shop", **ENDED)]

    heading, de, us = written(taken_down_matrix(STOP, here)).splitlines()

    assert heading.split() == ["outlet", "shop"]
    assert de.split() == ["de", "–", "ended"]
    assert us.replace("not yet", "not-yet").split() == ["us", "not-yet", "ended"]


def test_several_windows_in_one_place_are_counted(taken):
    both = [taken(phase="one", **ENDED), taken(phase="two", **ENDED)]
    one = [taken("us", phase="one", **ENDED), taken("us", phase="two")]

    _, de, us = written(taken_down_matrix(STOP, [*both, *one])).splitlines()

    assert de.endswith("2 ended")
    assert us.endswith("1 of 2 ended")


def test_what_a_hold_takes_back_is_called_so(taken):
    assert "taken back" in written(taken_down_matrix(OrderKind.HOLD, [taken(**ENDED)]))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_channels_that_find_no_room_follow_beneath_with_the_regions_again(taken, width):
    channels = [f"marketplace-{n}" for n in range(9)]
    here = [taken(r, c, **ENDED) for r in ("de", "us") for c in channels]

    lines = written(taken_down_matrix(STOP, here), width).splitlines()

    assert max(map(len, lines)) <= width
    assert sum(line.count("ended") for line in lines) == 18
    headings = [line.split() for line in lines if "marketplace" in line]
    assert [name for names in headings for name in names] == channels
    assert len(headings) > 1
    assert sum(line.split()[0] == "de" for line in lines if line.strip()) == len(headings)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"attempt": 0}, "not tried yet"),
        ({"reason": "503", "attempt": 3}, "attempt 3 · 503 · due again"),
        ({"state": EventState.CLAIMED, "attempt": 2}, "attempt 2 was begun, and its answer is not"),
        (
            {"state": EventState.SUPERSEDED, "reason": "generation 2 stands"},
            "no longer to be ended",
        ),
        ({"state": EventState.DONE, "observed": "unknown"}, "nothing can be read back"),
    ],
)
def test_what_is_not_confirmed_says_what_is_known_of_it(taken, make_window, given, words):
    text = written(not_confirmed([taken(**given), taken("us", **ENDED)], make_window().start))

    assert words in text
    assert "double-11/launch de shop" in text
    assert " us " not in text


def test_the_next_try_is_told(taken, make_window):
    now = make_window().start
    each = taken(reason="503 from \x1b[2Jthe shop", retry_at=now + timedelta(seconds=8))

    text = written(not_confirmed([each], now))

    assert "tried again in 8 seconds" in text
    assert "\x1b" not in text


def test_programs_are_told_the_same(taken, make_window):
    order = Order(3, STOP, Scope(region="de"), "price", "ana", make_window().start)

    data = given_data(order, [taken(**ENDED), taken("us")])

    assert [each["confirmed"] for each in data["taken_down"]] == [True, False]
    assert [each["observed"] for each in data["taken_down"]] == ["ended", None]
    assert data["taken_down"][1]["ending"]["state"] == "pending"
    assert data["unconfirmed"] == [data["taken_down"][1]["key"]]
    assert progress_line(order, 1, 2).plain == "stop 3: 1 of 2 windows confirmed down"


def test_what_stays_down_says_why(make_window):
    text = written(stays_down([StaysDown(make_window(), "its time is over")]))

    assert "Stays down" in text
    assert "double-11/launch de storefront  its time is over" in text
