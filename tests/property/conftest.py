"""Every clock change of every zone from 1990 to 2037, as the zone data itself has them."""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

import pytest

from promo_scheduler.timing import local, zones

FIRST, LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
SECOND, WEEK = timedelta(seconds=1), timedelta(weeks=1)
HEADER = 44


@dataclass(frozen=True)
class Change:
    """The clocks of a zone change at an instant: `before` and `after` are naive readings of it."""

    zone: str
    at: datetime
    before: datetime
    after: datetime


def reading(zone, instant):
    """What the clock shows, naive."""
    return local(zone, instant).replace(tzinfo=None, fold=0)


def offset(zone, instant):
    return local(zone, instant).utcoffset()


def listed(zone):
    """The instants that a zone's file lists (RFC 9636), and whether a yearly rule follows them."""
    data = files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()
    size_of_version_1 = HEADER + sum(
        count * size for count, size in zip(counts(data, 0), (1, 1, 8, 5, 6, 1), strict=True)
    )
    _, _, _, number, _, _ = counts(data, size_of_version_1)
    found = struct.unpack_from(f">{number}q", data, size_of_version_1 + HEADER)
    instants = [datetime.fromtimestamp(at, UTC) for at in found if at > -(2**31)]
    return instants, b"," in data.rpartition(b"\n")[0].rpartition(b"\n")[2]


def counts(data, at):
    """A header's: of UTC flags, standard flags, leap seconds, changes, kinds and characters."""
    return struct.unpack_from(">6l", data, at + 20)


def changes_in(zone):
    instants, goes_on = listed(zone)
    if goes_on:
        instants += by_rule(zone, max(instants[-1:], default=FIRST))
    for at in instants:
        if FIRST <= at < LAST and offset(zone, at - SECOND) != offset(zone, at):
            before = reading(zone, at - SECOND) + SECOND
            yield Change(zone, at, before, reading(zone, at))


def by_rule(zone, since):
    """What a yearly rule brings after the listed ones; no two of it lie in one week."""
    at = since
    while at < LAST:
        if offset(zone, at) != offset(zone, at + WEEK):
            yield halved(zone, at, at + WEEK)
        at += WEEK


def halved(zone, low, high):
    before = offset(zone, low)
    while high - low > SECOND:
        middle = low + (high - low) // SECOND // 2 * SECOND
        low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
    return high


@cache
def every_change():
    return {zone: tuple(changes_in(zone)) for zone in sorted(zones())}


@pytest.fixture(scope="session")
def clock_changes():
    """The changes by zone; a zone without any is there, with none."""
    return every_change()
