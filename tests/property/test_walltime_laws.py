"""The laws of S and E, near the clock changes of many zones."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from promo_scheduler.campaign import ClockChange, Duration
from promo_scheduler.clock import TimeOfDay, WallTime
from promo_scheduler.timing import parse_duration
from promo_scheduler.timing.changes import describe_zone
from promo_scheduler.timing.durations import duration_text
from promo_scheduler.timing.walltime import end_of, local, start_of

ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Tokyo",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Chatham",
    "Pacific/Easter",
)
MINUTE = timedelta(minutes=1)
DEFAULT = ClockChange()


@st.composite
def near_a_change(draw):
    """A zone, an instant near one of its changes, and wall times around it, by minutes."""
    zone = draw(st.sampled_from(ZONES))
    since = datetime(draw(st.integers(2022, 2032)), draw(st.sampled_from([1, 7])), 1, tzinfo=UTC)
    change = describe_zone(zone, since).next_change or since
    around = local(zone, change).replace(tzinfo=None, fold=0)
    minutes = draw(st.lists(st.integers(-300, 300), min_size=2, max_size=6))
    return zone, change, sorted(wall(around + minute * MINUTE) for minute in minutes)


def wall(at):
    return WallTime(at.date(), TimeOfDay(at.hour * 3600 + at.minute * 60))


def start(zone, at):
    return start_of(zone, at, DEFAULT).instant


def end(zone, at):
    return end_of(zone, at, DEFAULT).instant


def naive(at):
    return datetime.combine(at.day, datetime.min.time()) + timedelta(seconds=at.time.seconds)


def scan(zone, change, at):
    """S and E by their definitions, reading the clock at every minute of two days around."""
    moments = [change + minute * MINUTE for minute in range(-1440, 1440)]
    readings = [local(zone, moment).replace(tzinfo=None) for moment in moments]
    first = next(m for m, reading in zip(moments, readings, strict=True) if reading >= naive(at))
    last = [m for m, reading in zip(moments, readings, strict=True) if reading < naive(at)][-1]
    return first, last + MINUTE


@given(near_a_change())
def test_starts_and_ends_never_go_back_as_the_wall_time_grows(near):
    zone, _, walls = near
    for earlier, later in pairwise(walls):
        assert start(zone, earlier) <= start(zone, later)
        assert end(zone, earlier) <= end(zone, later)


@given(near_a_change())
def test_a_start_is_no_later_than_the_end_of_the_same_wall_time(near):
    zone, _, walls = near
    for at in walls:
        assert start(zone, at) <= end(zone, at)


@given(near_a_change())
def test_the_clock_reads_the_start_or_later_at_the_start(near):
    zone, _, walls = near
    for at in walls:
        reading = local(zone, start(zone, at)).replace(tzinfo=None)
        before = local(zone, start(zone, at) - MINUTE).replace(tzinfo=None)
        assert before < naive(at) <= reading


@settings(max_examples=60, deadline=None)
@given(near_a_change())
def test_starts_and_ends_are_what_reading_the_clock_every_minute_finds(near):
    zone, change, walls = near
    for at in walls[:2]:
        assert (start(zone, at), end(zone, at)) == scan(zone, change, at)


@given(
    st.builds(
        Duration, st.integers(0, 20_000), st.integers(0, 10**8).map(lambda s: timedelta(seconds=s))
    )
)
def test_a_duration_survives_being_written_and_read(duration):
    assert parse_duration(duration_text(duration)) == duration
