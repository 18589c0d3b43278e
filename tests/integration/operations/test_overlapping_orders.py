"""Several orders over one window: it goes on when none covers it any more, and not before."""

from datetime import timedelta

import pytest

from promo_scheduler.errors import WrongUsage
from promo_scheduler.firing import EventState
from promo_scheduler.operations import account_of, still_falling
from promo_scheduler.plan import Action, Key

REGION, CHANNEL, SALE = {"region": "gb"}, {"channel": "shop"}, {"campaign": "sale"}


@pytest.fixture
def staged(desk):
    """The sale of 90 %, from 10:00 to 14:00, has been created in advance; it is 08:30."""
    desk.apply()
    desk.pass_to("08:30")
    assert desk.stands() == [("sale/launch", "staged", 90)]
    return desk


@pytest.fixture
def live(staged):
    """It has been live for an hour."""
    staged.pass_to("11:00")
    assert staged.stands() == [("sale/launch", "live", 90)]
    return staged


def _starts(desk):
    """Every start that was ever done: its generation."""
    records = desk.ledger.event(Key(desk.window().key, Action.ACTIVATE))
    return [r.event.generation for r in records if r.state is EventState.DONE]


# ── three over one ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("turns", [(REGION, CHANNEL, SALE), (SALE, REGION, CHANNEL)])
def test_of_three_holds_the_last_release_lets_it_go_on_in_whatever_order(staged, turns):
    # Given three holds over one window that was staged; the first took it back
    for scope in (REGION, CHANNEL, SALE):
        staged.hold(**scope)
    staged.pass_to("08:40")
    # When two of them are released, then nothing of it is done, whatever time passes
    for scope in turns[:2]:
        staged.release(**scope)
        staged.pass_to("10:30")
    assert _starts(staged) == []
    assert len(staged.ledger.orders()) == 1
    # When the last one is, then it begins at once, in one more generation
    given = staged.release(**turns[2])
    assert [window.key.campaign for window in given.back] == ["sale"]
    staged.pass_to("10:31")
    assert staged.stands() == [("sale/launch", "live", 90)]
    assert _starts(staged) == [2]


def test_three_holds_over_a_start_that_was_never_staged(desk):
    desk.apply()
    for scope in (REGION, CHANNEL, SALE):
        desk.hold(**scope)
    desk.pass_to("10:30")
    for scope in (REGION, SALE):
        desk.release(**scope)
        desk.pass_to("10:31")
        assert _starts(desk) == []
    desk.release(**CHANNEL)
    desk.pass_to("10:32")
    assert desk.stands() == [("sale/launch", "live", 90)]


def test_what_a_stop_is_ending_is_ended_though_another_stop_over_it_is_taken_back(live):
    """A new generation would have replaced the ending: live under a stop, and nobody to end it."""
    # Given two stops over a live window, whose ending is not done yet
    live.stop(**REGION)
    second = live.stop(**CHANNEL)
    # When the one that took it down is taken back
    given = live.resume(**REGION)
    # Then the other keeps it down, and says so
    assert given.back == ()
    assert [each.why for each in given.stays_down] == ["stop 2 (channel=shop) covers it too"]
    live.pass_to("11:10")
    assert live.stands() == [("sale/launch", "ended", 90)]
    # And its own resume brings it back
    assert second.order.id == 2
    live.resume(**CHANNEL)
    live.pass_to("11:20")
    assert live.stands() == [("sale/launch", "live", 90)]
    assert _starts(live) == [1, 2]


def test_a_hold_over_a_stopped_window_keeps_it_down_after_the_stop(live):
    live.stop(**SALE)
    live.hold(**REGION)
    live.pass_to("11:10")
    live.resume(**SALE)
    live.pass_to("11:20")
    assert live.stands() == [("sale/launch", "ended", 90)]
    live.release(**REGION)
    live.pass_to("11:30")
    assert live.stands() == [("sale/launch", "live", 90)]


def test_an_order_over_something_else_keeps_nothing_down(live):
    live.stop(**SALE)
    live.hold(region="gb", channel="fair")
    live.hold(campaign="sale", phase="other")
    live.pass_to("11:10")
    assert len(live.resume(**SALE).back) == 1
    live.pass_to("11:20")
    assert live.stands() == [("sale/launch", "live", 90)]


def test_who_keeps_it_down_from_now_on_is_on_record(live):
    live.stop(**REGION)
    live.stop(**CHANNEL)
    live.resume(**REGION)
    (entry,) = [e for e in live.ledger.audit() if e.kind == "order.keep-down"]
    assert (entry.key, entry.actor) == (str(live.window().key), "ana@desk")
    assert (entry.detail["order"], entry.detail["released"]) == (2, 1)
    assert live.ledger.verify() == []


def test_two_orders_with_the_same_scope_are_taken_back_together(live):
    live.stop(**SALE)
    live.pass_to("11:10")
    live.stop(**SALE)
    given = live.resume(**SALE)
    assert ([order.id for order in given.orders], given.stays_down) == ([1, 2], ())
    assert len(given.back) == 1
    live.pass_to("11:20")
    assert live.stands() == [("sale/launch", "live", 90)]


def test_a_scope_that_is_wider_than_the_order_takes_nothing_back(live):
    live.stop(**SALE)
    with pytest.raises(WrongUsage, match="found stop campaign=sale"):
        live.resume()
    assert len(live.ledger.orders()) == 1


# ── one more generation each time ───────────────────────────────────────────────────────────────
def test_each_resume_is_a_generation_and_one_start(live):
    for generation, minute in ((2, 10), (3, 20), (4, 30)):
        live.stop(**SALE)
        live.pass_to(f"11:{minute}")
        live.resume(**SALE)
        live.pass_to(f"11:{minute + 5}")
        assert _starts(live) == list(range(1, generation + 1))
    assert live.stands() == [("sale/launch", "live", 90)]


def test_a_window_that_is_over_by_its_resume_stays_down_and_says_why(live):
    live.stop(**SALE)
    live.pass_to("15:00")
    given = live.resume(**SALE)
    assert [each.why for each in given.stays_down] == ["its time is over"]
    assert _starts(live) == [1]


def test_what_is_gone_from_the_files_or_has_an_error_stays_down_and_says_why(live):
    live.stop(**SALE)
    live.pass_to("11:10")
    text = (live.root / "campaigns/sale.yaml").read_text()
    live.write("campaigns/rival.yaml", text.replace("campaign: sale", "campaign: rival"))
    assert [e.why for e in live.resume(**SALE).stays_down] == ["its campaign has error E116 there"]

    (live.root / "campaigns/rival.yaml").unlink()
    live.apply("starts-late")
    live.pass_to("11:20")
    live.stop(**SALE)
    (live.root / "campaigns/sale.yaml").unlink()
    why = "the workspace does not ask for it now"
    assert [e.why for e in live.resume(**SALE).stays_down] == [why]


def test_a_resume_that_the_ledger_overtakes_is_planned_again_with_what_stands_then(live):
    """An order between the look and the writing would be planned away without it."""
    # Given a stop, and somebody whose second stop comes while the first is being taken back
    live.stop(**REGION)
    real, late = live.ledger.release, []

    def overtaken(order_id, application):
        if not late:
            late.append(live.stop(**CHANNEL))
        return real(order_id, application)

    live.ledger.release = overtaken
    # When the first is taken back, then the window stays down under the second
    assert live.resume(**REGION).back == ()
    live.pass_to("11:10")
    assert live.stands() == [("sale/launch", "ended", 90)]


# ── the account of an order ─────────────────────────────────────────────────────────────────────
def test_an_order_is_carried_out_when_the_channel_was_read_back(live):
    given = live.stop(**SALE)
    (stands,) = given.taken_down
    assert [s.window for s in still_falling(live.ledger, given)] == [stands.window]
    (before,) = account_of(live.ledger, given)
    assert (before.confirmed, before.waits, before.ending.attempt) == (False, True, 0)

    live.pass_to("11:01")

    assert still_falling(live.ledger, given) == ()
    (after,) = account_of(live.ledger, given)
    assert (after.confirmed, after.waits, after.observed) == (True, False, "ended")


def test_a_second_stop_waits_for_what_the_first_has_not_ended(live):
    live.stop(**SALE)
    again = live.stop(**REGION)
    assert (again.taken_down, len(again.falling)) == ((), 1)
    live.pass_to("11:01")
    assert [each.confirmed for each in account_of(live.ledger, again)] == [True]


def test_what_somebody_resumed_meanwhile_is_not_told_as_down(live):
    given = live.stop(**SALE)
    live.now += timedelta(seconds=1)
    live.resume(**SALE)
    live.pass_to("11:10")
    (each,) = account_of(live.ledger, given)
    assert (each.confirmed, each.waits, each.ending.state) == (False, False, "superseded")
