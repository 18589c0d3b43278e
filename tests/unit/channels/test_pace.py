"""The pace of an account, on a clock that the test ticks."""

import pytest

from promo_scheduler.channel import Limits
from promo_scheduler.channels.pace import TokenBucket


def test_no_rate_never_waits():
    bucket = TokenBucket(Limits(per_second=None), now=0)
    assert [bucket.reserve(0) for _ in range(1000)] == [0.0] * 1000


def test_after_the_first_burst_calls_come_at_the_rate():
    bucket = TokenBucket(Limits(per_second=4), now=100)
    waits = [bucket.reserve(100) for _ in range(7)]
    assert waits == [0, 0, 0, 0, 0.25, 0.5, 0.75]


def test_a_quiet_time_fills_the_bucket_but_never_beyond_one_burst():
    bucket = TokenBucket(Limits(per_second=4), now=0)
    for _ in range(4):
        bucket.reserve(0)
    assert [bucket.reserve(1000) for _ in range(5)] == [0, 0, 0, 0, 0.25]


def test_less_than_one_call_a_second():
    bucket = TokenBucket(Limits(per_second=0.1), now=0)
    assert [bucket.reserve(0), bucket.reserve(0)] == [0, pytest.approx(10)]
    assert bucket.reserve(20) == pytest.approx(0)
