"""What an entry of config/ may not say, beyond each single value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from promo_scheduler.settings import Retry
from promo_scheduler.source.complaint import Complaint, did_you_mean, shown
from promo_scheduler.source.config_schema import ChannelEntry, RegionEntry, SettingsFile

_SIGHT = timedelta(days=3)


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
    for position, dates in enumerate(entry.ramadan):
        yield from _far_off(dates.from_, position)


def _far_off(first: date, position: int) -> Iterator[Complaint]:
    """Sight moves a month by a day or two; what is farther off is a slip of the pen."""
    from promo_scheduler.timing.hijri import computed_ramadan

    path = ("ramadan", position, "from")
    try:
        computed = computed_ramadan(first)
    except ValueError as error:
        yield Complaint("E061", str(error), path, "drop it")
        return
    if abs(computed - first) > _SIGHT:
        message = f"Ramadan of that year begins about {computed}, not on {first}"
        yield Complaint("E061", message, path, "correct the date")


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
