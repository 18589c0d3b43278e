"""What an entry of config/ may not say, beyond each single value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from promo_scheduler.settings import Retry
from promo_scheduler.source.complaint import Complaint, Path, did_you_mean, shown
from promo_scheduler.source.config_schema import (
    ChannelEntry,
    Dates,
    HolidaysEntry,
    RegionEntry,
    SettingsFile,
)
from promo_scheduler.source.entries import holidays_noun

_SIGHT = timedelta(days=3)
_LENGTHS = (29, 30)  # days of a Hijri month


def region_complaints(entry: RegionEntry) -> Iterator[Complaint]:
    """An anchor that is none of the region's zones, and dates that end before they begin; paths
    start at the region.
    """
    if entry.anchor is not None and entry.anchor not in entry.zones:
        message = f"the anchor {shown(entry.anchor)} is none of the region's zones"
        way_out = did_you_mean(entry.anchor, entry.zones) or f"zones: {', '.join(entry.zones)}"
        yield Complaint("E060", message, ("anchor",), way_out)
    for key in ("ramadan", "blackout"):
        for position, dates in enumerate(getattr(entry, key)):
            if dates.to < dates.from_:
                message = f"the last date, {dates.to}, is before the first, {dates.from_}"
                yield Complaint("E043", message, (key, position, "to"))
    said: dict[int, date] = {}
    for position, dates in enumerate(entry.ramadan):
        yield from (each.under("ramadan", position) for each in _ramadan(dates, said))


def _ramadan(dates: Dates, said: dict[int, date]) -> Iterator[Complaint]:
    """A month that sight could not bring; `said` gathers the first date by Hijri year."""
    from promo_scheduler.timing.hijri import computed_ramadan, hijri_year

    first, length = dates.from_, (dates.to - dates.from_).days + 1
    try:
        computed, year = computed_ramadan(first), hijri_year(first)
    except ValueError as error:
        yield Complaint("E061", str(error), ("from",), "drop it")
        return
    if abs(computed - first) > _SIGHT:
        message = f"Ramadan of that year begins about {computed}, not on {first}"
        yield Complaint("E061", message, ("from",), "correct the date")
    elif length > 0 and length not in _LENGTHS:
        message = f"Ramadan lasts 29 or 30 days, and these are {length}"
        yield Complaint("E061", message, ("to",), "correct the date")
    if year in said:
        message = f"this Ramadan is given twice; first from {said[year]}"
        yield Complaint("E061", message, ("from",), "keep one of the two")
    said.setdefault(year, first)


def calendar_complaints(entry: RegionEntry) -> Iterator[Complaint]:
    """A calendar of public holidays that the library does not have; paths start at the region."""
    from promo_scheduler.timing.calendars import calendar_refused

    wanted = holidays_noun(entry.holidays)
    refused = calendar_refused(wanted) if wanted else None
    if refused is None:
        return
    path: Path = ("holidays",)
    if isinstance(entry.holidays, HolidaysEntry):
        path = ("holidays", refused.key)
    yield Complaint("E058", refused.message, path, refused.help)


def channel_complaints(entry: ChannelEntry) -> Iterator[Complaint]:
    """Regions without a target, and targets without a region; paths start at the channel."""
    missing = [region for region in entry.regions if region not in entry.targets]
    if len(entry.regions) > 1 and missing:
        message = f"serves several regions, but {', '.join(missing)} has no target"
        way_out = f"add `targets: {{ {missing[0]}: … }}`, the region's place in this account"
        yield Complaint("E062", message, ("targets",), way_out)
    for region in entry.targets:
        if region not in entry.regions:
            message = f"a target for {shown(region)}, which this channel does not serve"
            way_out = f"add {region} to `regions`, or drop the target"
            yield Complaint("E063", message, ("targets", region), way_out, at_key=True)


def settings_complaints(file: SettingsFile) -> Iterator[Complaint]:
    """A kind of change in both lists, or waits the wrong way round."""
    if file.apply is not None:
        auto = file.apply.auto or ()
        for position, kind in enumerate(file.apply.ask or ()):
            if kind in auto:
                message = f"{shown(kind)} is in `auto` too"
                yield Complaint("E066", message, ("apply", "ask", position), "keep it in one list")
    if file.retry is not None:
        default = Retry()
        shortest = file.retry.shortest or default.shortest
        if shortest > (file.retry.longest or default.longest):
            message = "the shortest wait is longer than the longest"
            yield Complaint("E067", message, ("retry",), "make `longest` at least `shortest`")
