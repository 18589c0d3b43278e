"""Orders as days of a zone's clock: how many fell into each half hour, and how long it lasted.

Orders come counted by quarter of an hour of UTC, so that a file of any length is small here, and a
clock change is a shift of whole quarters (every offset in use is one since 1973).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from operator import add

from promo_scheduler.timing.walltime import zone_of

QUARTERS = 96  # of an hour, in a day
HALF_HOURS = 48
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTER = timedelta(minutes=15)
_LANES = struct.Struct(f"<{2 * HALF_HOURS}I")

UtcDays = Mapping[int, Sequence[int]]  # days since 1970-01-01 → orders in each of its 96 quarters


@dataclass(frozen=True, slots=True)
class LocalDay:
    """A date on a zone's clock. `packed` holds, in lanes of 32 bits, the orders of its 48 half
    hours, then the quarters that each of them lasted; the sum of several days is their total.
    """

    day: date
    packed: int


@dataclass(frozen=True, slots=True)
class Lanes:
    """Orders in each half hour of the day, and how many quarters of an hour each existed."""

    orders: tuple[int, ...]
    quarters: tuple[int, ...]


def unpacked(total: int) -> Lanes:
    """What a day's `packed`, or the sum of several, holds."""
    lanes = _LANES.unpack(total.to_bytes(_LANES.size, "little"))
    return Lanes(lanes[:HALF_HOURS], lanes[HALF_HOURS:])


def local_days(zone: str, orders: UtcDays) -> list[LocalDay]:
    """Every date from the first order to the last, on a zone's clock; those without orders too.

    The first and the last date count from the first order and up to the last one only. An hour
    that the clock skips lasts nothing, one that it repeats lasts twice. A date that the zone does
    not have is left out.
    """
    flat, first = _flat(orders)
    runs = list(_runs(zone, first, first + len(flat)))
    if not runs:
        return []
    begin = min(run.begin + run.shift for run in runs) // QUARTERS * QUARTERS
    length = max(run.end + run.shift for run in runs) - begin
    counts = [0] * (length + -length % QUARTERS)
    lasted = [0] * len(counts)
    for run in runs:
        there = slice(run.begin + run.shift - begin, run.end + run.shift - begin)
        counts[there] = map(add, counts[there], flat[run.begin - first : run.end - first])
        lasted[there] = [times + 1 for times in lasted[there]]
    return list(_days(begin // QUARTERS, counts, lasted))


def _days(first: int, counts: Sequence[int], lasted: Sequence[int]) -> Iterator[LocalDay]:
    for number, at in enumerate(range(0, len(counts), QUARTERS), start=first):
        quarters = _halves(lasted[at : at + QUARTERS])
        if any(quarters):
            lanes = _LANES.pack(*_halves(counts[at : at + QUARTERS]), *quarters)
            day = EPOCH.date() + timedelta(days=number)
            yield LocalDay(day, int.from_bytes(lanes, "little"))


def _halves(quarters: Sequence[int]) -> list[int]:
    return list(map(add, quarters[0::2], quarters[1::2]))


def _flat(orders: UtcDays) -> tuple[list[int], int]:
    """The orders of every quarter from the first one with any to the last, and the first's number
    since 1970.
    """
    days = [day for day, counts in orders.items() if any(counts)]
    if not days:
        return [], 0
    nothing = (0,) * QUARTERS
    flat = [n for day in range(min(days), max(days) + 1) for n in orders.get(day, nothing)]
    before = next(number for number, count in enumerate(flat) if count)
    after = next(number for number, count in enumerate(reversed(flat)) if count)
    return flat[before : len(flat) - after], min(days) * QUARTERS + before


# ── offsets ─────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class _Run:
    """Quarters of UTC [begin, end) in which the clock is `shift` quarters ahead."""

    begin: int
    end: int
    shift: int


def _runs(zone: str, first: int, last: int) -> Iterator[_Run]:
    """The quarters [first, last) by offset; looked at one by one only where the clock changes."""
    tz, begin = zone_of(zone), first
    for at in range(first, last, QUARTERS):
        until = min(at + QUARTERS, last)
        if _shift(tz, at) == _shift(tz, until):
            continue
        for quarter in range(at + 1, until + 1):
            before = _shift(tz, quarter - 1)
            if _shift(tz, quarter) != before:
                yield _Run(begin, quarter, before)
                begin = quarter
    if begin < last:
        yield _Run(begin, last, _shift(tz, begin))


def _shift(tz: tzinfo, quarter: int) -> int:
    at = (EPOCH + quarter * _QUARTER).astimezone(tz)
    return (at.utcoffset() or timedelta(0)) // _QUARTER
