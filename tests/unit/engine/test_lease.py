"""The lease: a daemon that was stopped past it does nothing more in its name."""

from datetime import timedelta

import pytest

from promo_scheduler.engine.lease import Lease, LeaseLost
from promo_scheduler.testing import TickingClock

FIVE = timedelta(seconds=5)


def test_before_it_was_given_it_does_not_hold():
    with pytest.raises(LeaseLost):
        Lease(TickingClock(), FIVE).require()


def test_it_holds_for_its_length_from_the_moment_it_was_asked_for():
    # Given an answer that took two seconds to come
    clock = TickingClock()
    lease, asked_at = Lease(clock, FIVE), clock.monotonic()
    clock.tick(timedelta(seconds=2))
    lease.renewed(asked_at)
    # When less than its length has passed since it was asked for, then it holds, and no longer
    clock.tick(timedelta(seconds=2.9))
    lease.require()
    clock.tick(timedelta(seconds=0.1))
    with pytest.raises(LeaseLost, match="another daemon may be doing it"):
        lease.require()


def test_who_is_alone_behind_a_lock_needs_none():
    clock = TickingClock()
    lease = Lease(clock, None)
    clock.tick(timedelta(days=30))
    lease.require()
