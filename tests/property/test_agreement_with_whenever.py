"""Starts and ends against `whenever`, an independent implementation that resolves as RFC 5545 does.

They are the same but in three classes, where T2 and T3 differ on purpose:

gap    A start or end that the clocks skip. RFC 5545 reads it by the offset before the change, and
       so lands after the change by as much as the time lies behind the gap's lower edge. Ours is
       the change itself: a shop that opens at 02:30 in a night without one opens at 03:00. At the
       lower edge both are the same.
fold   An end that the clocks read twice. RFC 5545 means the first time. Ours is the second: only
       after that does the clock never again read less.
lower  Such an end, at what the clocks go back to. After the first time the clock never again reads
       less, so that is ours: here RFC 5545 says the same, and its other choice, the second, does
       not.
"""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import tzdata
import whenever
from whenever import Instant, PlainDateTime, RepeatedTime, SkippedTime

from promo_scheduler.clock import TimeOfDay, WallTime
from promo_scheduler.timing import local, tzdata_version, zones
from promo_scheduler.timing.walltime import Refused, Resolved, end_of, start_of
from promo_scheduler.when import ClockChange, Fold, Gap

FIRST = datetime.fromisoformat("1990-01-01")  # a reading, no instant
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
AROUND = 6 * 3600  # seconds to either side of a change
EXACT, GAP, GAP_EDGE, FOLD, FOLD_EDGE = "exact", "gap", "gap edge", "fold", "fold edge"

OURS = ClockChange()
RFC_5545 = ClockChange(Gap.SHIFT, Fold.FIRST, Fold.FIRST)
SECOND_TIME = ClockChange(Gap.SHIFT, Fold.LAST, Fold.LAST)
ERROR = ClockChange(Gap.ERROR, Fold.ERROR)


@pytest.fixture(autouse=True)
def zone_data_of_the_package():
    """By default `whenever` reads the system's zone data; without a path, the tzdata package's."""
    path = whenever.get_tzpath()
    whenever.reset_tzpath([])
    whenever.clear_tzcache()
    yield
    whenever.reset_tzpath(list(path))
    whenever.clear_tzcache()


def walls(zone, changes, count):
    """Random wall times near the changes of a zone, or anywhere without any; the same every run."""
    chance = random.Random(zone)
    for _ in range(count):
        if changes:
            yield near(chance.choice(changes), chance)
        else:
            yield FIRST + timedelta(minutes=chance.randrange(48 * 365 * 1440))


def near(change, chance):
    """At an edge of the change, in between, or within hours of it: to the second or the minute."""
    edge = chance.choice((change.before, change.after))
    match chance.randrange(8):
        case 0:
            return edge
        case 1:
            return edge + chance.randrange(-AROUND, AROUND) * SECOND
        case 2:
            between = abs(change.after - change.before) // SECOND
            return min(change.before, change.after) + chance.randrange(between) * SECOND
        case _:
            return edge + chance.randrange(-AROUND // 60, AROUND // 60) * MINUTE


def seconds(moment):
    """Seconds since 1970 of what is resolved; None of what is refused."""
    match moment:
        case Resolved(instant):
            return round(instant.timestamp())
        case Refused():
            return None


class Theirs:
    """What `whenever` makes of a wall time in a zone, in seconds since 1970."""

    def __init__(self, zone, naive):
        self.zone, self.plain = zone, PlainDateTime(naive)

    def by(self, disambiguation):
        return self.plain.assume_tz(self.zone, disambiguation=disambiguation).timestamp()

    def kind(self):
        try:
            self.by("raise")
        except SkippedTime:
            return GAP
        except RepeatedTime:
            return FOLD
        return EXACT

    @staticmethod
    def offset(zone, at):
        return Instant(at).to_tz(zone).offset.to_stdlib()

    def reads(self, instant):
        """What the clock shows, naive."""
        return Instant.from_timestamp(instant).to_tz(self.zone).to_plain().to_stdlib()


def check(zone, naive):
    """The class of a wall time; raises AssertionError where it is not as its class says."""
    wall = WallTime(naive.date(), TimeOfDay(naive.hour * 3600 + naive.minute * 60 + naive.second))
    theirs = Theirs(zone, naive)
    kind, compatible = theirs.kind(), theirs.by("compatible")
    start, end = seconds(start_of(zone, wall, OURS)), seconds(end_of(zone, wall, OURS))
    refused = seconds(start_of(zone, wall, ERROR))
    if kind is EXACT:
        assert start == end == refused == compatible
        return EXACT
    assert refused is seconds(end_of(zone, wall, ERROR)) is None
    assert seconds(start_of(zone, wall, RFC_5545)) == compatible
    assert seconds(end_of(zone, wall, RFC_5545)) == compatible
    return check_gap(theirs, naive, start, end) if kind is GAP else check_fold(theirs, wall, end)


def check_gap(theirs, naive, start, end):
    """RFC 5545 is later than ours by as much as the time lies behind the gap's lower edge."""
    lower_edge = theirs.reads(start - 1) + SECOND
    assert lower_edge <= naive < theirs.reads(start)
    assert start == end == theirs.by("compatible") - (naive - lower_edge) // SECOND
    return GAP if naive > lower_edge else GAP_EDGE


def check_fold(theirs, wall, end):
    """A start means the first time, as by RFC 5545; an end the second, but at the lower edge."""
    first, second = theirs.by("earlier"), theirs.by("later")
    assert first == theirs.by("compatible") < second
    for policy, expected in ((OURS, first), (SECOND_TIME, second)):
        assert seconds(start_of(theirs.zone, wall, policy)) == expected
    assert seconds(end_of(theirs.zone, wall, SECOND_TIME)) == second
    at_lower_edge = theirs.reads(second - 1) >= theirs.reads(second)
    assert end == (first if at_lower_edge else second)
    return FOLD_EDGE if at_lower_edge else FOLD


def compare(clock_changes, times):
    """How many wall times there are of each class; raises where one does not fit its class."""
    found = Counter()
    for zone, changes in clock_changes.items():
        found.update(check(zone, naive) for naive in walls(zone, changes, times))
    assert set(found) == {EXACT, GAP, GAP_EDGE, FOLD, FOLD_EDGE}
    assert found.total() == times * len(zones())
    return found


# ── the tests ───────────────────────────────────────────────────────────────────────────────────
def test_both_read_the_same_zone_data():
    assert whenever.get_tzpath() == ()
    assert tzdata_version() == tzdata.IANA_VERSION
    for zone in sorted(zones()):
        for year in (1990, 2010, 2026, 2037):  # what came last is not in older data
            at = datetime(year, 12, 1, tzinfo=UTC)
            assert local(zone, at).utcoffset() == Theirs.offset(zone, at), zone


def test_starts_and_ends_are_those_of_whenever_but_where_the_rules_differ(clock_changes):
    compare(clock_changes, 200)


@pytest.mark.long  # pytest -m long -s tests/property/test_agreement_with_whenever.py
def test_2000_wall_times_in_every_zone_and_how_many_there_are_of_each_class(clock_changes):
    found = compare(clock_changes, 2_000)

    same = found[EXACT] + found[GAP_EDGE] + found[FOLD_EDGE]
    print(f"\n{found.total():,} wall times in {len(clock_changes)} zones: {dict(found)}")
    print(f"starts: {found.total() - found[GAP]:,} the same; {found[GAP]:,} in a gap differ (T2)")
    print(
        f"ends: {same:,} the same; {found[GAP]:,} in a gap, {found[FOLD]:,} in a fold differ (T3)"
    )
