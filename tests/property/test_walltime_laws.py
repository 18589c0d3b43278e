"""The laws of S and E, near every clock change of every zone from 1990 to 2037.

What they are held against reads the clock alone: minute by minute, from instants to wall times.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from promo_scheduler.clock import TimeOfDay, WallTime
from promo_scheduler.timing import local, parse_duration, zones
from promo_scheduler.timing.durations import duration_text
from promo_scheduler.timing.walltime import Refused, Skipped, end_of, start_of
from promo_scheduler.when import ClockChange, Duration, Fold, Gap

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
DEFAULT = ClockChange()
A_DAY_AND_A_HALF = 36 * 60  # minutes: more than any change skips, and the times drawn around it
near_every_change = settings(deadline=None)


# ── what is drawn ───────────────────────────────────────────────────────────────────────────────
def near(draw, clock_changes, count):
    """A change, and wall times around it by minutes, in order."""
    change = a_change(draw, clock_changes, lambda change: True)
    edges = st.sampled_from([change.before, change.after])
    around = st.builds(lambda edge, m: edge + m * MINUTE, edges, st.integers(-300, 300))
    times = st.one_of(edges, around, between(change))
    return change, sorted(draw(st.lists(times, min_size=count, max_size=count)))


def a_change(draw, clock_changes, wanted):
    """One of a zone's changes."""
    having = {zone: [c for c in found if wanted(c)] for zone, found in clock_changes.items()}
    zone = draw(st.sampled_from([zone for zone, changes in having.items() if changes]))
    return draw(st.sampled_from(having[zone]))


def between(change):
    """The minutes that are skipped, or come twice."""
    low, high = sorted((change.before, change.after))
    return st.integers(0, (high - low) // MINUTE - 1).map(lambda m: low + m * MINUTE)


def a_gap(draw, clock_changes):
    change = a_change(draw, clock_changes, lambda change: change.after > change.before)
    return change, draw(between(change))


def a_fold(draw, clock_changes):
    change = a_change(draw, clock_changes, lambda change: change.after < change.before)
    return change, draw(between(change))


def wall(at):
    return WallTime(at.date(), TimeOfDay(at.hour * 3600 + at.minute * 60 + at.second))


def start(zone, at, changes=DEFAULT):
    return start_of(zone, wall(at), changes)


def end(zone, at, changes=DEFAULT):
    return end_of(zone, wall(at), changes)


# ── what the clock shows ────────────────────────────────────────────────────────────────────────
def reading(zone, instant):
    return local(zone, instant).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=512)
def minutes_around(change):
    """Every minute of three days around a change, and what the clock shows at it."""
    moments = [change.at + m * MINUTE for m in range(-A_DAY_AND_A_HALF, A_DAY_AND_A_HALF)]
    return [(moment, reading(change.zone, moment)) for moment in moments]


def first_reading_or_later(change, at):
    """S by its definition: the first minute at which the clock reads `at` or later."""
    return next(moment for moment, shown in minutes_around(change) if shown >= at)


def never_less_again(change, at):
    """E by its definition: after the last minute at which the clock reads less than `at`."""
    return max(moment for moment, shown in minutes_around(change) if shown < at) + MINUTE


def passes(change, at):
    """The minutes at which the clock reads `at`: none in a gap, two in a fold."""
    return [moment for moment, shown in minutes_around(change) if shown == at]


# ── the laws ────────────────────────────────────────────────────────────────────────────────────
@near_every_change
@given(st.data())
def test_starts_and_ends_never_go_back_as_the_wall_time_grows(clock_changes, data):
    change, walls = near(data.draw, clock_changes, 5)
    for earlier, later in pairwise(walls):
        assert start(change.zone, earlier).instant <= start(change.zone, later).instant
        assert end(change.zone, earlier).instant <= end(change.zone, later).instant


@near_every_change
@given(st.data())
def test_a_start_is_the_first_instant_at_which_the_clock_reads_it_or_later(clock_changes, data):
    change, (at,) = near(data.draw, clock_changes, 1)
    found = start(change.zone, at).instant

    assert found == first_reading_or_later(change, at)
    assert reading(change.zone, found) >= at > reading(change.zone, found - SECOND)


@near_every_change
@given(st.data())
def test_an_end_is_the_first_instant_after_which_the_clock_never_again_reads_less(
    clock_changes, data
):
    change, (at,) = near(data.draw, clock_changes, 1)
    found = end(change.zone, at).instant

    assert found == never_less_again(change, at)
    assert reading(change.zone, found) >= at > reading(change.zone, found - SECOND)


@near_every_change
@given(st.data())
def test_a_window_is_what_reading_the_clock_every_minute_finds_with_nothing_left_out_between(
    clock_changes, data
):
    """[S, E) is the hull of all minutes inside: in a repeated hour it covers both passes."""
    change, (first, last) = near(data.draw, clock_changes, 2)
    assume(first < last)
    opens, closes = start(change.zone, first).instant, end(change.zone, last).instant

    inside = [moment for moment, shown in minutes_around(change) if first <= shown < last]
    if inside:
        assert (opens, closes) == (min(inside), max(inside) + MINUTE)
    else:
        assert opens >= closes  # the clocks skip all of it: the window is dropped


def test_at_the_edges_of_every_clock_change_of_every_zone(clock_changes):
    """The same laws, for each change at and beside both of its edges, and in its middle."""
    assert len(clock_changes) == len(zones())
    assert sum(map(len, clock_changes.values())) > 20_000
    for zone, changes in clock_changes.items():
        for change in changes:
            middle = change.before + (change.after - change.before) // 2
            walls = [e + m * MINUTE for e in (change.before, change.after) for m in (-1, 0, 1)]
            check_in_order(zone, sorted({*walls, middle}))


def check_in_order(zone, walls):
    low = datetime.min.replace(tzinfo=UTC)
    began = ended = low
    for at in walls:
        opens, closes = start(zone, at).instant, end(zone, at).instant
        for found in (opens, closes):
            assert reading(zone, found) >= at > reading(zone, found - SECOND), (zone, at)
        assert began <= opens <= closes >= ended, (zone, at)
        began, ended = opens, closes


# ── the policies ────────────────────────────────────────────────────────────────────────────────
@near_every_change
@given(st.data())
def test_the_policies_change_nothing_at_a_time_that_comes_once(clock_changes, data):
    change, (at,) = near(data.draw, clock_changes, 1)
    assume(len(passes(change, at)) == 1)
    policies = ClockChange(
        data.draw(st.sampled_from(Gap)),
        data.draw(st.sampled_from(Fold)),
        data.draw(st.sampled_from([None, Fold.FIRST, Fold.LAST])),
    )

    (once,) = passes(change, at)
    assert start(change.zone, at, policies).instant == once
    assert end(change.zone, at, policies).instant == once


@pytest.mark.parametrize("of", [start, end])
@near_every_change
@given(data=st.data())
def test_the_policies_for_a_time_that_is_skipped(clock_changes, of, data):
    change, at = a_gap(data.draw, clock_changes)
    fold = data.draw(st.sampled_from(Fold))  # says nothing of a gap

    def by(gap):
        return of(change.zone, at, ClockChange(gap, fold))

    assert passes(change, at) == []
    assert by(Gap.SNAP).instant == change.at == first_reading_or_later(change, at)
    assert by(Gap.SHIFT).instant == change.at + (at - change.before)
    assert reading(change.zone, by(Gap.SHIFT).instant) == at + (change.after - change.before)
    assert isinstance(by(Gap.SKIP), Skipped)
    assert isinstance(by(Gap.ERROR), Refused)


@near_every_change
@given(st.data())
def test_the_policies_for_a_time_that_comes_twice(clock_changes, data):
    change, at = a_fold(data.draw, clock_changes)
    gap = data.draw(st.sampled_from(Gap))  # says nothing of a fold

    def starts(fold):
        return start(change.zone, at, ClockChange(gap, fold))

    def ends(fold, end_fold=None):
        return end(change.zone, at, ClockChange(gap, fold, end_fold))

    first, second = passes(change, at)
    assert (starts(Fold.FIRST).instant, starts(Fold.LAST).instant) == (first, second)
    assert isinstance(starts(Fold.ERROR), Refused)
    assert isinstance(ends(Fold.ERROR), Refused)
    for fold in Fold:
        assert ends(fold, Fold.FIRST).instant == first
        assert ends(fold, Fold.LAST).instant == second
    by_rule = first if at == change.after else second  # T3: what the clocks go back to
    assert ends(Fold.FIRST).instant == ends(Fold.LAST).instant == by_rule
    assert by_rule == never_less_again(change, at)


# ── durations ───────────────────────────────────────────────────────────────────────────────────
@given(
    st.builds(
        Duration, st.integers(0, 20_000), st.integers(0, 10**8).map(lambda s: timedelta(seconds=s))
    )
)
def test_a_duration_survives_being_written_and_read(duration):
    assert parse_duration(duration_text(duration)) == duration
