"""What stands, for people."""

from datetime import timedelta

from promo_scheduler.audit import EMPTY, Draft, seal
from promo_scheduler.firing import EventRecord, EventState
from promo_scheduler.order import Order, OrderKind, Scope
from promo_scheduler.plan import Action, Key, Standing, StandingWindow, TriggerEvent
from promo_scheduler.timing import tzdata_version
from promo_scheduler.views.event_story import event_story, planned_story
from promo_scheduler.views.paper import written
from promo_scheduler.views.status import (
    event_grid,
    live_grid,
    order_grid,
)


def _record(window, action=Action.ACTIVATE, state=EventState.PENDING, **given):
    due = window.end if action is Action.DEACTIVATE else window.start
    return EventRecord(TriggerEvent(Key(window.key, action), due), window, state, 1, **given)


def test_what_is_live_says_until_when_there_and_how_long_that_is(make_window):
    window = make_window()

    text = written(
        live_grid([StandingWindow(window, Standing.LIVE, 1)], window.end - timedelta(hours=2))
    )

    assert "double-11/launch de storefront" in text
    assert "until Thu 12 Nov 00:00 UTC+1" in text
    assert "in 2 hours" in text


def test_an_event_says_when_on_both_clocks_and_why_it_waits(make_window):
    window = make_window()
    record = _record(
        window, reason="503 from the shop", retry_at=window.start + timedelta(minutes=2)
    )

    text = written(event_grid([record], window.start + timedelta(minutes=1)))

    assert "start" in text
    assert "Wed 11 Nov 00:00 UTC+1" in text
    assert "Tue 10 Nov 23:00 UTC" in text
    assert "503 from the shop · tried again in 1 minute" in text


def test_a_channels_answer_cannot_steer_the_terminal(make_window):
    record = _record(make_window(), reason="\x1b[2Jgone")

    assert "\x1b" not in written(event_grid([record], make_window().start))


def test_an_order_says_whom_it_covers_and_who_gave_it_why(make_window):
    now = make_window().start
    order = Order(3, OrderKind.STOP, Scope(region="de"), "price error", "ana", now)

    text = written(order_grid([order], now + timedelta(minutes=5)))

    assert all(
        part in text for part in ("stop", "region=de", "5 minutes ago by ana", "price error")
    )


def test_the_story_of_an_event_tells_hours_state_lag_and_audit(make_window):
    # Given an activation that was done, with its audit entry
    window = make_window()
    handed = window.start + timedelta(milliseconds=12)
    record = _record(window, state=EventState.DONE, handed_at=handed, settled_at=handed)
    entry = seal(
        b"k", EMPTY, Draft(handed, "daemon", "event.done", str(record.event.key), {"n": 1})
    )

    text = written(event_story([record], [entry], window.end))

    assert "Wed 11 Nov 00:00–24:00, Europe/Berlin" in text
    assert "0.012 s after it was due" in text
    assert "as written" in text
    assert "event.done" in text
    assert "done" in text


def test_the_story_of_an_event_tells_rule_wall_zone_rule_and_instant(make_window):
    window = make_window()
    events = [TriggerEvent(Key(window.key, Action.ACTIVATE), window.start)]

    text = written(planned_story(window, events, window.start - timedelta(days=1)))

    assert "decided by  as written" in text
    rule = "Europe/Berlin is CET, UTC+1 from Sun 25 Oct to Sun 28 Mar 2027"
    assert f"{rule}, by tzdata {tzdata_version()}" in text
    assert "2026-11-10 23:00:00 UTC – 2026-11-11 23:00:00 UTC" in text
    assert "Not in the ledger yet" in text
