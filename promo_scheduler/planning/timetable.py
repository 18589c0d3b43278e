"""The hours of a `when` in each zone, worked out once for all channels that share them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, timedelta

from promo_scheduler.campaign import (
    ClockChange,
    Dates,
    EachDay,
    InstantWhen,
    LocalWhen,
    OnDates,
    Recurrence,
    Span,
    When,
)
from promo_scheduler.planning.codes import RULE_REFUSED, TOO_MANY
from promo_scheduler.region import Region
from promo_scheduler.timing.hours import Hours, hours_in
from promo_scheduler.timing.notices import NOT_AFTER_START, Dropped, Impossible, Notice
from promo_scheduler.timing.recurrence import dates_of
from promo_scheduler.timing.walls import Walls, WallsRequest, Written, depends_on_region, walls_of

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The hours of a `when` in a zone, and what is to be said of them and of what is left out."""

    hours: tuple[Hours, ...] = ()
    notices: tuple[Notice, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    impossible: tuple[Notice, ...] = ()


_Ranges = tuple[tuple[date, date], ...]
_Days = list[Walls | Impossible]
_SAME_INSTANT = "the same instant everywhere"


class Timetable:
    """Schedules by region, zone and `when`, each made once. `most` caps the dates of one `when`.

    A `when` is known by its identity, so it must outlive the timetable.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._schedules: dict[tuple[str, str, int], Schedule] = {}
        self._days: dict[tuple[str, int], _Days | Notice] = {}

    def schedule(self, region: Region, zone: str, when: When) -> Schedule:
        """Everything that a `when` comes to in a zone of a region."""
        key = (region.name, zone, id(when))
        made = self._schedules.get(key)
        if made is None:
            made = self._schedules[key] = self._make(region, zone, when)
        return made

    def _make(self, region: Region, zone: str, when: When) -> Schedule:
        if isinstance(when, InstantWhen):
            return _same_instant(when)
        # The walls of a date are the same in every region, unless its own peaks decide them.
        key = (region.name if depends_on_region(when) else "", id(when))
        days = self._days.get(key)
        if days is None:
            days = self._days[key] = _days(region, when, self._most)
        if isinstance(days, Notice):
            return Schedule(impossible=(days,))
        return _schedule(zone, when.changes, days)


def _same_instant(when: InstantWhen) -> Schedule:
    if when.end <= when.start:
        message = f"expected an end after the start {when.start}, found {when.end}"
        return Schedule(impossible=(Notice(NOT_AFTER_START, message),))
    written = Written(when.start.date().isoformat(), None, None, _SAME_INSTANT)
    return Schedule((Hours(when.start.astimezone(UTC), when.end.astimezone(UTC), written),))


def _schedule(zone: str, changes: ClockChange, days: _Days) -> Schedule:
    """Two dates never come to equal instants (T8): one that does not exist in a zone is dropped."""
    outcomes = [
        walls if isinstance(walls, Impossible) else hours_in(zone, walls, changes) for walls in days
    ]
    found = tuple(outcome for outcome in outcomes if isinstance(outcome, Hours))
    return Schedule(
        hours=found,
        notices=tuple(dict.fromkeys(notice for hours in found for notice in hours.notices)),
        dropped=tuple(outcome for outcome in outcomes if isinstance(outcome, Dropped)),
        impossible=tuple(o.notice for o in outcomes if isinstance(o, Impossible)),
    )


# ── dates ───────────────────────────────────────────────────────────────────────────────────────
def _days(region: Region, when: LocalWhen, most: int) -> _Days | Notice:
    """What is written for each window; or why it cannot be followed."""
    ranges = _ranges(when.dates, most)
    if isinstance(ranges, Notice):
        return ranges
    return [walls_of(WallsRequest(when, first, last, region)) for first, last in ranges]


def _ranges(dates: Dates, most: int) -> _Ranges | Notice:
    """The first and last date of each window; a Notice where the dates cannot be followed."""
    match dates:
        case OnDates(days):
            return _each(tuple(dict.fromkeys(days)), most)
        case Span(first, last):
            return ((first, last),) if first <= last else ()
        case EachDay(first, last):
            count = max((last - first).days + 1, 0)
            return _each(tuple(first + n * _DAY for n in range(min(count, most + 1))), most)
        case Recurrence():
            return _recurring(dates, most)


def _recurring(recurrence: Recurrence, most: int) -> _Ranges | Notice:
    try:
        return _each(dates_of(recurrence, most + 1), most)
    except ValueError as refused:
        return Notice(RULE_REFUSED, str(refused))


def _each(days: tuple[date, ...], most: int) -> _Ranges | Notice:
    if len(days) > most:
        return Notice(
            TOO_MANY,
            f"more than {most} dates come of this",
            help=f"narrow the range, or raise max_occurrences (now {most}) in config/settings.yaml",
        )
    return tuple((day, day) for day in days)
