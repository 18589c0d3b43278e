"""The circuit: a channel that is down is probed by one firing, ever less often, until it answers."""

import pytest

from promo_scheduler.channels.circuit import FIRST, LONGEST, LONGEST_ASKED, Circuit


def fallen(asked=None):
    circuit = Circuit()
    circuit.fell(100.0, asked)
    return circuit


def test_a_channel_that_is_up_takes_any_number():
    circuit = Circuit()
    assert circuit.room(0.0) is None
    assert circuit.enter(0.0)
    assert not circuit.answered()


def test_one_that_fell_takes_nothing_until_its_time_and_then_one_that_probes():
    circuit = fallen()
    assert circuit.room(100.0) == 0
    assert not circuit.enter(100.0)
    at = 100.0 + FIRST
    assert circuit.room(at) == 1
    assert circuit.enter(at)
    assert circuit.room(at) == 0
    assert not circuit.enter(at)


def test_that_it_fell_and_that_it_is_back_are_each_new_once():
    circuit = Circuit()
    assert [circuit.fell(100.0), circuit.fell(100.1)] == [True, False]
    assert [circuit.answered(), circuit.answered()] == [True, False]
    assert circuit.room(100.2) is None


def test_a_thousand_that_were_under_way_when_it_fell_do_not_make_it_wait_longer():
    circuit = fallen()
    for _ in range(1000):
        circuit.fell(100.0)
        circuit.unanswered(100.0)
    assert circuit.left(100.0) == FIRST


def test_each_probe_that_fails_doubles_the_wait_up_to_a_minute():
    circuit, now, waits = fallen(), 100.0, []
    for _ in range(9):
        now += circuit.left(now)
        waits.append(circuit.left(now - 0.001))
        assert circuit.enter(now)
        circuit.unanswered(now)
    assert circuit.left(now) == LONGEST
    assert circuit.is_open


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(30.0, 30.0), (0.0, FIRST), (-5.0, FIRST), (10**9, LONGEST_ASKED)],
    ids=["as it asks", "not at once", "not in the past", "not for ever"],
)
def test_it_is_left_alone_for_as_long_as_it_asks_within_reason(asked, waits):
    assert fallen(asked).left(100.0) == waits


def test_a_channel_that_fell_again_begins_with_the_shortest_wait():
    circuit = fallen()
    circuit.enter(200.0)
    circuit.unanswered(200.0)
    circuit.answered()
    circuit.fell(300.0)
    assert circuit.left(300.0) == FIRST
