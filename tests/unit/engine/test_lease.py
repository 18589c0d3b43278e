"""The lease: a daemon that was stopped past it does nothing more in its name."""

from datetime import timedelta

import pytest

from promo_scheduler.engine.lease import Lease, LeaseLost
from promo_scheduler.testing import TickingClock

FIVE = timedelta(seconds=5)


def test_before_it_was_given_it_does_not_hold():
    with pytest.raises(LeaseLost):
        Lease(TickingClock(), FIVE).require(0)


def test_it_holds_for_its_length_from_the_moment_it_was_asked_for():
    # Given an answer that took two seconds to come
    clock = TickingClock()
    lease, asked_at = Lease(clock, FIVE), clock.monotonic()
    clock.tick(timedelta(seconds=2))
    lease.renewed(asked_at)
    # When less than its length has passed since it was asked for, then it holds, and no longer
    clock.tick(timedelta(seconds=2.9))
    lease.require(0)
    clock.tick(timedelta(seconds=0.1))
    with pytest.raises(LeaseLost, match="another daemon may be doing it"):
        lease.require(0)


def test_who_is_alone_behind_a_lock_needs_none():
    clock = TickingClock()
    lease = Lease(clock, None)
    clock.tick(timedelta(days=30))
    lease.require(0)


def test_what_was_claimed_before_it_was_lost_is_not_done_under_the_next_one():
    # Given a firing of the first term, and the ledger that took this daemon for dead
    clock = TickingClock()
    lease = Lease(clock, FIVE)
    lease.renewed(clock.monotonic())
    before = lease.term
    lease.lost()
    # When it is registered anew, then that firing makes no further call, and a new one does
    lease.renewed(clock.monotonic())
    with pytest.raises(LeaseLost):
        lease.require(before)
    lease.require(lease.term)
