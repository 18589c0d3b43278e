"""Handing over: a queue's jobs only say when to look; what is lost or doubled changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from promo_scheduler.errors import LedgerUnavailable
from promo_scheduler.firing import EventState
from promo_scheduler.ledger import HandOver
from promo_scheduler.order import OrderKind
from promo_scheduler.plan import Action, ChangeKind, Key, Standing

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
STAGE, ACTIVATE, DEACTIVATE = Action.STAGE, Action.ACTIVATE, Action.DEACTIVATE
HANDED, PENDING = EventState.HANDED, EventState.PENDING
LOST = 2 * SECOND  # after it a job that has not come is lost


@pytest.fixture
def handed(desk, window):
    """A window whose start is handed over, some minutes before it is due."""
    made = desk.create(window())
    desk.at(made.start - 3 * MINUTE)
    assert desk.hand_over(horizon=5 * MINUTE) == [(Key(made.key, ACTIVATE), made.start)]
    return made


def start_of(made):
    return Key(made.key, ACTIVATE)


def its_job(desk, made, **more):
    """What a worker does when the job of a window's start comes."""
    return desk.claim(keys=(start_of(made),), **more)


# ── handing over ────────────────────────────────────────────────────────────────────────────────
def test_what_is_due_within_the_horizon_is_handed_over_once_in_the_order_it_is_due(desk, window):
    made = [desk.create(window(f"c{n}", start=desk.now + n * MINUTE)) for n in (4, 2, 9, 1)]
    jobs = desk.hand_over(horizon=5 * MINUTE)
    assert jobs == [(start_of(made[n]), made[n].start) for n in (3, 1, 0)]
    assert desk.hand_over(horizon=5 * MINUTE) == []
    assert desk.ledger.counts()[HANDED] == 3


def test_no_more_than_was_asked_for_is_handed_over(desk, window):
    for n in range(5):
        desk.create(window(f"c{n}", start=desk.now + n * SECOND))
    first = desk.hand_over(most=2)
    assert [at - desk.now for _, at in first] == [timedelta(0), SECOND]
    assert len(desk.hand_over(most=100)) == 8


def test_it_is_no_change_of_what_happens_and_leaves_no_entry(desk, handed):
    assert desk.kinds(str(start_of(handed))) == []
    assert desk.ledger.verify() == []


def test_jobs_and_marks_are_one_transaction(desk, window):
    """Given a queue that refuses, after it wrote a job. Then neither the job nor the mark is there."""
    made = desk.create(window())

    def fails(connection, events):
        connection.execute("INSERT INTO promo_order (kind, reason, actor, at) VALUES ('x','','',0)")
        raise OSError(f"no room for {len(events)}")

    with pytest.raises(LedgerUnavailable, match="no room for 2"):
        desk.ledger.hand_over(HandOver(desk.now, 9 * HOUR, 100), fails)
    assert desk.ledger.orders(in_force=False) == ()
    assert desk.state(made, ACTIVATE) is PENDING


def test_the_queue_writes_through_the_very_connection(desk, window):
    """What it wrote is there once the call returns."""
    desk.create(window())
    row = "INSERT INTO promo_order (kind, reason, actor, at) VALUES ('hold','job','queue',0)"
    request = HandOver(desk.now, 9 * HOUR, 100)
    assert desk.ledger.hand_over(request, lambda line, _: line.execute(row)) == 2
    assert [order.reason for order in desk.ledger.orders()] == ["job"]


def test_nothing_to_hand_over_asks_the_queue_for_nothing(desk, window):
    desk.create(window())
    request = HandOver(desk.now, MINUTE, 100)
    assert desk.ledger.hand_over(request, lambda line, events: pytest.fail("asked")) == 0


def test_neither_what_is_held_nor_in_flight_nor_uncertain_is_handed_over(desk, window):
    """An uncertain one stays known as such, and is claimed by anybody."""
    held, flying, uncertain = (window(n) for n in ("held", "flying", "uncertain"))
    for each in (held, flying, uncertain):
        desk.create(each)
    order = desk.hold(campaign="held")
    for firing in desk.at(held.start).claim():
        if firing.window == held:
            desk.settle(firing, EventState.HELD, order_id=order.id)
        if firing.window == uncertain:
            desk.settle(firing, EventState.UNCERTAIN, retry_at=desk.now + MINUTE)
    assert desk.hand_over(horizon=HOUR) == []


def test_a_try_that_waits_is_handed_over_for_its_own_instant(desk, window):
    made = desk.create(window())
    again = made.start + MINUTE
    desk.settle(desk.at(made.start).claim_one(), PENDING, reason="503", retry_at=again)
    assert desk.hand_over(horizon=5 * MINUTE) == [(start_of(made), again)]


# ── its job comes ───────────────────────────────────────────────────────────────────────────────
def test_its_job_claims_exactly_that_event(desk, handed, window):
    desk.create(window("other", start=handed.start))
    (firing,) = its_job(desk.at(handed.start), handed)
    assert (firing.event.key, firing.fence) == (start_of(handed), 1)
    assert desk.settle(firing)


def test_a_doubled_job_finds_nothing(desk, handed):
    (firing,) = its_job(desk.at(handed.start), handed)
    assert its_job(desk, handed, owner="another worker") == []
    assert desk.state(handed, ACTIVATE) is EventState.CLAIMED
    desk.settle(firing)
    assert its_job(desk, handed) == []


def test_a_job_that_comes_too_early_takes_nothing_and_the_event_waits_in_the_ledger(desk, handed):
    assert its_job(desk.at(handed.start - SECOND), handed) == []
    assert desk.state(handed, ACTIVATE) is PENDING
    assert desk.ledger.next_due() == handed.start
    assert desk.at(handed.start).claim_one().event.key == start_of(handed)


def test_a_job_of_an_event_that_was_never_handed_over_claims_it_too(desk, window):
    made = desk.create(window())
    assert len(its_job(desk.at(made.start), made)) == 1


def test_a_job_of_an_uncertain_event_claims_it_too(desk, window):
    made = desk.create(window())
    desk.at(made.start).claim_one()
    desk.ledger.release_owner("", desk.now)
    (firing,) = its_job(desk, made)
    assert (firing.fence, firing.touched) == (2, True)


def test_a_job_of_a_key_that_nobody_knows_finds_nothing(desk, window):
    assert its_job(desk, window("never made")) == []


def test_a_job_whose_event_waits_for_an_ending_gives_it_back_to_the_ledger(desk, window):
    """Law 5: the ending's settlement frees it, and no job comes for it again."""
    first = desk.create(window("first", target="de"))
    second = desk.create(window("second", target="de", start=first.end))
    desk.at(first.start).done(desk.claim_one())
    desk.at(first.end - MINUTE).hand_over(horizon=5 * MINUTE)
    assert its_job(desk.at(first.end), second) == []
    assert desk.state(second, ACTIVATE) is PENDING
    assert desk.state(first, DEACTIVATE) is HANDED
    (ending,) = desk.claim(keys=(Key(first.key, DEACTIVATE),))
    desk.done(ending)
    assert desk.claim_one().window == second


def test_a_job_whose_window_is_busy_gives_its_event_back_to_the_ledger(desk, window):
    made = desk.create(window(), stage_ahead=MINUTE)
    desk.at(made.start - 3 * MINUTE).hand_over(horizon=5 * MINUTE)
    (stage,) = desk.at(made.start).claim(keys=(Key(made.key, STAGE),))
    assert its_job(desk, made) == []
    desk.done(stage)
    assert desk.claim_one().action is ACTIVATE


def test_what_there_is_no_room_for_is_given_back_to_the_ledger(desk, window):
    made = [desk.create(window(f"c{n}")) for n in range(3)]
    desk.at(made[0].start).hand_over(horizon=timedelta(0))
    keys = tuple(map(start_of, made))
    assert len(desk.claim(keys=keys, limit=2)) == 2
    assert desk.ledger.counts()[HANDED] == 0
    assert len(desk.claim(owner="another worker")) == 1


def test_more_jobs_than_one_statement_can_name_are_claimed_at_once(desk, window, events_of):
    made = [window(f"c{n}") for n in range(620)]
    changes = [desk.change(ChangeKind.CREATE, w) for w in made]
    desk.apply(*changes, events=[e for w in made for e in events_of(w)])
    desk.at(made[0].start).hand_over(horizon=timedelta(0))
    firings = desk.claim(keys=tuple(map(start_of, made)), limit=5000)
    assert {f.window for f in firings} == set(made)


# ── its job is lost ─────────────────────────────────────────────────────────────────────────────
def test_an_event_whose_job_is_lost_is_anybody_s_after_two_seconds(desk, handed):
    assert desk.ledger.next_due() == handed.start + LOST
    assert desk.at(handed.start + LOST - timedelta(microseconds=1)).claim() == []
    assert desk.at(handed.start + LOST).claim_one().event.key == start_of(handed)


def test_what_was_never_handed_over_comes_no_later_for_what_was(desk, handed, window):
    other = desk.create(window("other", target=handed.target, start=handed.start))
    assert desk.ledger.next_due() == handed.start
    assert [f.window for f in desk.at(handed.start).claim()] == [other]


def test_a_lane_s_lost_jobs_hold_up_no_other_lane(desk, window, events_of):
    crowd = [window(f"c{n}", target="crowd") for n in range(30)]
    one = window("one")
    changes = [desk.change(ChangeKind.CREATE, w) for w in (*crowd, one)]
    desk.apply(*changes, events=[e for w in (*crowd, one) for e in events_of(w)])
    desk.at(one.start).hand_over(horizon=timedelta(0))
    firings = desk.at(one.start + LOST).claim(limit=4)
    assert one in [f.window for f in firings] and len(firings) == 4


# ── what is handed over may be changed like anything else ───────────────────────────────────────
def test_an_event_that_was_moved_is_not_due_when_its_job_comes(desk, handed, moved, events_of):
    later = moved(handed, HOUR)
    desk.apply(desk.change(ChangeKind.MOVE, later), events=events_of(later))
    assert desk.state(later, ACTIVATE) is PENDING
    assert its_job(desk.at(handed.start), later) == []
    assert desk.at(handed.start + LOST).claim() == []
    assert desk.at(later.start).claim_one().event.due_at == later.start
    assert desk.kinds(str(start_of(later))) == []  # to be handed over, and back, is no change


def test_an_event_of_a_window_that_was_cancelled_is_gone_when_its_job_comes(desk, handed):
    desk.apply(desk.change(ChangeKind.CANCEL, handed))
    assert its_job(desk.at(handed.start), handed) == []
    assert desk.told(start_of(handed)) == [("firing.cancelled", "cancelled", 2)]


def test_a_newer_generation_replaces_what_was_handed_over(desk, handed, events_of):
    other = replace(handed, label="cheaper")
    desk.apply(desk.change(ChangeKind.AMEND, other, 2), events=events_of(other, 2))
    assert desk.state(handed, ACTIVATE, 1) is EventState.SUPERSEDED
    (firing,) = its_job(desk.at(handed.start), handed)
    assert firing.event.generation == 2


def test_a_hold_catches_what_was_handed_over(desk, handed):
    """Taken down with its window, it is held though its job comes."""
    desk.on_its_channel(handed)
    order = desk.hold(handed)
    record = desk.record(handed, ACTIVATE)
    assert (record.state, record.order_id) == (EventState.HELD, order.id)
    assert its_job(desk.at(handed.start), handed) == []


def test_a_stop_brings_an_ending_forward_that_was_handed_over(desk, window):
    made = desk.create(window())
    desk.at(made.start).done(desk.claim_one())
    desk.at(made.end - 3 * MINUTE).hand_over(horizon=5 * MINUTE)
    desk.hold(made, kind=OrderKind.STOP)
    assert desk.state(made, DEACTIVATE) is PENDING
    assert desk.claim_one().event.due_at == desk.now  # not two seconds later


def test_a_withdrawal_brings_an_ending_forward_that_was_handed_over(desk, window):
    made = desk.create(window())
    desk.at(made.start).done(desk.claim_one())
    desk.at(made.end - 3 * MINUTE).hand_over(horizon=5 * MINUTE)
    desk.apply(desk.change(ChangeKind.WITHDRAW, made, saw=Standing.LIVE))
    ending = desk.claim_one()
    assert (ending.action, ending.event.due_at) == (DEACTIVATE, desk.now)


def test_a_start_that_starves_is_held_though_its_job_was_lost(desk, window):
    first = desk.create(window("first", target="de"))
    second = desk.create(window("second", target="de", start=first.end))
    desk.at(first.start).done(desk.claim_one())
    desk.at(first.end - MINUTE).hand_over(horizon=MINUTE)
    patience = 15 * MINUTE
    assert desk.ledger.hold_starved(first.end + patience - SECOND, patience) == 0
    assert desk.state(second, ACTIVATE) is HANDED
    assert desk.ledger.hold_starved(first.end + patience, patience) == 1
    assert desk.told(start_of(second)) == [("firing.held", "held", None)]
    desk.at(first.end + patience).done(desk.claim_one())
    assert desk.claim_one().window == second


def test_a_try_that_was_handed_over_is_tried_now_where_somebody_wants_it(desk, window):
    made = desk.create(window())
    again = desk.at(made.start).now + MINUTE
    desk.settle(desk.claim_one(), PENDING, reason="503", retry_at=again)
    desk.hand_over(horizon=5 * MINUTE)
    assert desk.record(made, ACTIVATE).retry_at == again
    desk.ledger.retry(start_of(made), desk.now, "ann")
    assert desk.claim_one().event.key == start_of(made)


def test_a_stage_that_was_handed_over_is_skipped_once_the_window_is_live(desk, window):
    made = desk.create(window(), stage_ahead=HOUR)
    stage = desk.at(made.start - HOUR).claim_one()
    desk.settle(stage, PENDING, reason="503", retry_at=made.start + MINUTE)
    desk.hand_over(horizon=2 * HOUR)
    desk.done(*its_job(desk.at(made.start), made))
    assert desk.state(made, STAGE) is EventState.SKIPPED
