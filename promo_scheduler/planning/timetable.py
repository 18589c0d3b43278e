"""The hours of a `when` in each zone, worked out once for all channels that share them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from promo_scheduler.calendar import NamedDate
from promo_scheduler.region import Region
from promo_scheduler.timing.blackouts import blackout_at, blackout_of
from promo_scheduler.timing.calendars import is_holiday
from promo_scheduler.timing.days import (
    Choice,
    Days,
    DaysRequest,
    choices_of,
    names_a_date,
    on_holidays,
)
from promo_scheduler.timing.hours import Hours, Outcome, hours_in
from promo_scheduler.timing.notices import (
    NO_CALENDAR,
    NOT_AFTER_START,
    Dropped,
    Impossible,
    Notice,
)
from promo_scheduler.timing.points import Lookup
from promo_scheduler.timing.walls import Walls, WallsRequest, Written, depends_on_region, walls_of
from promo_scheduler.when import ClockChange, InstantWhen, LocalWhen, OnHoliday, When


@dataclass(frozen=True, slots=True)
class Schedule:
    """The hours of a `when` in a zone, and what is to be said of them and of what is left out."""

    hours: tuple[Hours, ...] = ()
    notices: tuple[Notice, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    impossible: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """What dates are worked out with: named ones, the present instant (UTC), and a cap on them."""

    named: Mapping[str, NamedDate]
    now: datetime
    most: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A `when` of a campaign in a region."""

    region: Region
    when: When
    on_holiday: OnHoliday | None = None

    def meets(self, choices: Iterable[Choice]) -> bool:
        """Whether the region's own holidays or blackouts may touch one of these dates."""
        region = self.region
        if region.blackouts:
            return True
        if region.holidays is None or self.on_holiday is OnHoliday.KEEP:
            return False
        dates = (days.first for choice in choices for one in choice for days in one)
        try:
            return any(is_holiday(region, day) for day in dates)
        except ValueError:  # the calendar does not reach so far: each date says so
            return True


_Entry = Walls | Dropped | Impossible
_Entries = tuple[tuple[tuple[_Entry, ...], ...], ...]  # by choice and alternative, as in `days`
_SAME_INSTANT = "the same instant everywhere"


class Timetable:
    """Schedules by region, zone and `when`, each made once.

    A `when` is known by its identity, so it must outlive the timetable.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._schedules: dict[tuple[object, ...], Schedule] = {}
        self._choices: dict[tuple[str, int], tuple[Choice, ...] | Impossible] = {}
        self._entries: dict[tuple[object, ...], _Entries | Impossible] = {}

    def schedule(self, wanted: Wanted, zone: str) -> Schedule:
        """Everything that a `when` comes to in a zone of a region."""
        key = (wanted.region.name, zone, id(wanted.when), wanted.on_holiday)
        made = self._schedules.get(key)
        if made is None:
            try:
                made = self._make(wanted, zone)
            except ValueError as error:  # the region's calendar is not known
                made = Schedule(impossible=(Notice(NO_CALENDAR, str(error)),))
            self._schedules[key] = made
        return made

    def _make(self, wanted: Wanted, zone: str) -> Schedule:
        when, region = wanted.when, wanted.region
        if isinstance(when, InstantWhen):
            return _same_instant(when, region, zone)
        entries = self._entries_of(wanted, when)
        if isinstance(entries, Impossible):
            return Schedule(impossible=(entries.notice,))
        return _schedule(zone, when.changes, entries, self._calendar.now)

    def _entries_of(self, wanted: Wanted, when: LocalWhen) -> _Entries | Impossible:
        """What is written for each window, once for all zones of a region."""
        key = (wanted.region.name, wanted.on_holiday, id(when))
        made = self._entries.get(key)
        if made is None:
            made = self._entries[key] = self._written(wanted, when)
        return made

    def _written(self, wanted: Wanted, when: LocalWhen) -> _Entries | Impossible:
        """The walls of a date are the same in every region, unless its own calendar, peaks or sun
        decide them.
        """
        named = names_a_date(when.dates)
        choices = self._choices_of(when, wanted.region, named=named)
        if isinstance(choices, Impossible):
            return choices
        if named or depends_on_region(when) or wanted.meets(choices):
            return _entries(wanted, when, choices)
        shared = self._entries.get((id(when),))
        if shared is None:
            shared = self._entries[(id(when),)] = _entries(wanted, when, choices)
        return shared

    def _choices_of(
        self, when: LocalWhen, region: Region, *, named: bool
    ) -> tuple[Choice, ...] | Impossible:
        key = (region.name if named else "", id(when))
        known = self._choices.get(key)
        if known is None:
            calendar = self._calendar
            lookup = Lookup(calendar.named, region, calendar.now.date())
            request = DaysRequest(when.dates, lookup, calendar.most)
            known = self._choices[key] = choices_of(request)
        return known


def _entries(wanted: Wanted, when: LocalWhen, choices: tuple[Choice, ...]) -> _Entries:
    return tuple(
        tuple(tuple(_entry(wanted, when, days) for days in one) for one in choice)
        for choice in choices
    )


def _entry(wanted: Wanted, when: LocalWhen, days: Days) -> _Entry:
    """What is written for one window, after the region's holidays and blackouts."""
    region = wanted.region
    days = on_holidays(days, region, wanted.on_holiday)
    if days.left_out is not None:
        return Dropped(days.left_out, wanted=True)
    walls = walls_of(WallsRequest(when, days, region))
    if isinstance(walls, Impossible) or not region.blackouts:
        return walls
    return blackout_of(region, walls) or walls


def _same_instant(when: InstantWhen, region: Region, zone: str) -> Schedule:
    if when.end <= when.start:
        message = f"expected an end after the start {when.start}, found {when.end}"
        return Schedule(impossible=(Notice(NOT_AFTER_START, message),))
    written = Written(when.start.date().isoformat(), 1, None, None, _SAME_INSTANT)
    hours = Hours(when.start.astimezone(UTC), when.end.astimezone(UTC), written)
    blackout = blackout_at(region, zone, hours)
    if blackout is not None:
        return Schedule(impossible=(blackout.notice,))
    return Schedule((hours,))


def _schedule(zone: str, changes: ClockChange, entries: _Entries, now: datetime) -> Schedule:
    outcomes = [outcome for choice in entries for outcome in _holding(choice, zone, changes, now)]
    found = [outcome for outcome in outcomes if isinstance(outcome, Hours)]
    return Schedule(
        hours=_each_once(found),
        notices=tuple(dict.fromkeys(notice for hours in found for notice in hours.notices)),
        dropped=tuple(outcome for outcome in outcomes if isinstance(outcome, Dropped)),
        impossible=tuple(o.notice for o in outcomes if isinstance(o, Impossible)),
    )


def _each_once(found: list[Hours]) -> tuple[Hours, ...]:
    """Equal instants are one window (T8): the one that is called by its own date, else the first.

    Two dates may come to one where a holiday moves them, or where a name means a written date.
    """
    once: dict[tuple[datetime, datetime], Hours] = {}
    for hours in found:
        span = (hours.start, hours.end)
        if span not in once or (_is_its_own(hours) and not _is_its_own(once[span])):
            once[span] = hours
    return tuple(once.values()) if len(once) < len(found) else tuple(found)


def _is_its_own(hours: Hours) -> bool:
    start = hours.written.start
    return start is not None and hours.written.occurrence == start.day.isoformat()


def _holding(
    choice: tuple[tuple[_Entry, ...], ...], zone: str, changes: ClockChange, now: datetime
) -> list[Outcome]:
    """The first alternative that is not over; the only one where there is no other."""
    outcomes: list[Outcome] = []
    for entries in choice:
        outcomes = [
            hours_in(zone, entry, changes) if isinstance(entry, Walls) else entry
            for entry in entries
        ]
        if any(isinstance(each, Hours) and each.end > now for each in outcomes):
            break
    return outcomes
