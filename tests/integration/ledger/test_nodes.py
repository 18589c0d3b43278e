"""Nodes: a claim is valid as long as its owner's lease, by the database's clock."""

from datetime import timedelta

import pytest

from promo_scheduler.firing import EventState
from promo_scheduler.ledger import Ledger, Node
from promo_scheduler.plan import Action

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
LEASE, RUN_OUT = timedelta(minutes=1), timedelta(0)
ACTIVATE, STAGE = Action.ACTIVATE, Action.STAGE
UNCERTAIN, CLAIMED = EventState.UNCERTAIN, EventState.CLAIMED


# For what differs: on SQLite there is one machine, and its daemon has no row.
on_postgresql = pytest.mark.parametrize("ledger_url", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)


def names(desk):
    return [node.name for node in desk.ledger.nodes()]


# ── leases ──────────────────────────────────────────────────────────────────────────────────────
def test_a_node_is_registered_with_its_place_and_a_lease_that_counts_down(desk):
    desk.ledger.enter(Node("host:1", "/srv/ledger.lock", "embedded"), LEASE)
    (node,) = desk.ledger.nodes()
    assert (node.name, node.place, node.engine) == ("host:1", "/srv/ledger.lock", "embedded")
    assert timedelta(0) < node.lease_left <= LEASE
    assert node.started_at.tzinfo is not None and node.started_at > desk.now - 9999 * HOUR


def test_a_beat_renews_the_lease_from_now_on(desk):
    desk.enter("host:1", lease=RUN_OUT)
    assert desk.ledger.nodes()[0].lease_left <= timedelta(0)
    assert desk.ledger.beat("host:1", LEASE)
    assert desk.ledger.nodes()[0].lease_left > LEASE - 30 * SECOND


def test_a_node_that_enters_twice_is_there_once(desk):
    """The answer to its first commit was lost."""
    desk.enter("host:1", lease=RUN_OUT)
    (first,) = desk.ledger.nodes()
    desk.enter("host:1")
    (second,) = desk.ledger.nodes()
    assert second.started_at == first.started_at and second.lease_left > timedelta(0)


def test_a_node_that_left_beats_no_more(desk):
    desk.enter("host:1"), desk.enter("host:2")
    desk.ledger.leave("host:1")
    assert not desk.ledger.beat("host:1", LEASE)
    assert names(desk) == ["host:2"]


def test_nodes_are_no_change_of_what_stands_and_leave_no_entry(desk):
    before = desk.ledger.stamp()
    desk.enter("host:1"), desk.ledger.beat("host:1", LEASE), desk.ledger.leave("host:1")
    assert desk.ledger.stamp() == before


@on_postgresql
def test_a_long_write_costs_nobody_the_lease(desk):
    """Given somebody who holds the stamp's row. Then a beat goes through; a claim could not."""
    desk.enter("host:1", lease=RUN_OUT)
    impatient = f"{desk.url}&options=-c%20lock_timeout%3D300ms"
    ledger = Ledger.open(impatient, desk.access)
    with desk.raw() as connection:
        connection.exec_driver_sql("SELECT id FROM promo_stamp FOR UPDATE")
        assert ledger.beat("host:1", LEASE)
    ledger.close()
    assert desk.ledger.release_dead(desk.now) == 0


# ── the dead ────────────────────────────────────────────────────────────────────────────────────
def test_a_stalled_node_s_answer_settles_nothing_once_its_lease_ran_out(desk, window):
    """I5, I6: the event is uncertain, tried again by another, and only that answer counts."""
    made = desk.create(window())
    desk.enter("stalled"), desk.enter("quick")
    stalled = desk.at(made.start).claim_one(owner="stalled")
    assert desk.ledger.release_dead(desk.now) == 0
    desk.fall_silent("stalled")
    assert desk.ledger.release_dead(desk.now) == 1
    assert desk.state(made, ACTIVATE) is UNCERTAIN and desk.standing(made).touched
    second = desk.claim_one(owner="quick")
    assert (second.fence, second.touched) == (2, True)
    assert not desk.settle(stalled, owner="stalled")
    assert desk.settle(second, owner="quick")
    assert desk.kinds(str(stalled.event.key)) == [
        "firing.uncertain",
        "firing.late-answer",
        "firing.done",
    ]


def test_an_answer_in_time_counts_though_the_lease_ran_out_and_nobody_looked(desk, window):
    made = desk.create(window())
    desk.enter("slow")
    firing = desk.at(made.start).claim_one(owner="slow")
    desk.fall_silent("slow")
    assert desk.settle(firing, owner="slow")
    assert desk.ledger.release_dead(desk.now) == 0  # it is gone, and held nothing
    assert names(desk) == []


def test_whoever_looks_declares_it_dead_once_and_it_is_told_so(desk, window):
    """Its row is gone, what it held is free, and the audit names it with the count."""
    made = [desk.create(window(name)) for name in ("one", "two", "three")]
    desk.enter("dies"), desk.enter("lives")
    desk.at(made[0].start).claim(limit=2, owner="dies")
    desk.claim(owner="lives")
    desk.fall_silent("dies")
    assert desk.ledger.release_dead(desk.now) == 2
    assert not desk.ledger.beat("dies", LEASE)
    assert names(desk) == ["lives"]
    assert desk.ledger.release_dead(desk.now) == 0
    lost = [e for e in desk.ledger.audit() if e.kind == "node.lost"]
    assert [e.detail for e in lost] == [{"node": "dies", "claims": 2}]
    assert [r.owner for r in desk.events(states=frozenset({CLAIMED}))] == ["lives"]
    assert desk.ledger.verify() == []


def test_a_beat_in_time_saves_the_node_and_its_claims(desk, window):
    made = desk.create(window())
    desk.enter("host:1", lease=RUN_OUT)
    desk.at(made.start).claim_one(owner="host:1")
    assert desk.ledger.beat("host:1", LEASE)
    assert desk.ledger.release_dead(desk.now) == 0
    assert desk.state(made, ACTIVATE) is CLAIMED


def test_where_nobody_died_the_look_writes_nothing(desk, window):
    made = desk.create(window())
    desk.enter("host:1")
    desk.at(made.start).claim_one(owner="host:1")
    before = desk.ledger.stamp()
    assert desk.ledger.release_dead(desk.now) == 0
    assert desk.ledger.stamp() == before


@on_postgresql
def test_a_claim_whose_owner_has_no_row_is_freed(desk, window):
    """It claimed in the moment in which it was declared dead."""
    made = desk.create(window())
    desk.at(made.start).claim_one(owner="nobody")
    assert desk.ledger.release_dead(desk.now) == 1
    assert desk.state(made, ACTIVATE) is UNCERTAIN
    lost = [e.detail for e in desk.ledger.audit() if e.kind == "node.lost"]
    assert lost == [{"node": "nobody", "claims": 1}]


@on_sqlite
def test_on_sqlite_a_daemon_without_a_row_keeps_its_claims(desk, window):
    """A file lock proves there that it is alive, and no lease."""
    made = desk.create(window())
    firing = desk.at(made.start).claim_one()
    desk.enter("dead", lease=RUN_OUT)
    assert desk.ledger.release_dead(desk.now) == 0
    assert desk.settle(firing)


def test_the_next_daemon_of_a_place_frees_what_the_one_before_it_held(desk, window):
    """The file lock proves that it is dead; its lease need not run out."""
    made = [desk.create(window(name)) for name in ("here", "there")]
    desk.enter("host:1", place="/srv/here.lock"), desk.enter("host:2", place="/srv/there.lock")
    desk.at(made[0].start).claim(limit=1, owner="host:1")
    desk.claim(owner="host:2")
    assert desk.ledger.release_place("/srv/here.lock", desk.now) == 1
    assert names(desk) == ["host:2"] and desk.kinds()[-2:] == ["node.lost", "firing.uncertain"]
    assert [r.owner for r in desk.events(states=frozenset({CLAIMED}))] == ["host:2"]
    assert desk.ledger.release_place("/srv/here.lock", desk.now) == 0


def test_what_a_dead_node_was_starting_is_held_by_the_order_that_took_it_down(desk, window):
    made = desk.create(window())
    desk.enter("dies")
    desk.at(made.start).claim_one(owner="dies")
    order = desk.hold(made, region="de")
    desk.fall_silent("dies")
    desk.ledger.release_dead(desk.now)
    record = desk.record(made, ACTIVATE)
    assert (record.state, record.order_id) == (EventState.HELD, order.id)
