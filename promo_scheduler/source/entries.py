"""From checked entries of config/ to the Regions, Channels and Settings everybody else knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from promo_scheduler.channel import Channel, Limits
from promo_scheduler.region import Blackout, City, Holidays, Peaks, Region
from promo_scheduler.settings import ApplyPolicy, Retry, Settings
from promo_scheduler.source.config_schema import (
    DAYS,
    ApplyEntry,
    ChannelEntry,
    HolidaysEntry,
    PeaksEntry,
    RegionEntry,
    RetryEntry,
    SettingsFile,
)


def region_noun(name: str, entry: RegionEntry) -> Region:
    """The region as a noun, with its defaults filled in."""
    given: dict[str, Any] = {"locale": entry.locale, "holidays": holidays_noun(entry.holidays)}
    if entry.weekend is not None:
        given["weekend"] = frozenset(DAYS.index(day) for day in entry.weekend)
    if entry.city is not None:
        given["city"] = City(entry.city.name, entry.city.latitude, entry.city.longitude)
    return Region(
        name=name,
        title=entry.name or name,
        zones=entry.zones,
        anchor=entry.anchor or entry.zones[0],
        currency=entry.currency,
        peaks=_peaks(entry.peaks),
        hijri_offset=entry.hijri_offset,
        ramadans=tuple((each.from_, each.to) for each in entry.ramadan),
        blackouts=tuple(Blackout(b.from_, b.to, b.reason or "") for b in entry.blackout),
        rules=entry.rules,
        tags=frozenset(entry.tags),
        **_given(given),
    )


def holidays_noun(entry: str | HolidaysEntry | None) -> Holidays | None:
    """The calendar as a noun; None where there is none."""
    if entry is None:
        return None
    if isinstance(entry, HolidaysEntry):
        country, _, subdivision = entry.country.partition("-")
        return Holidays(country, subdivision, entry.categories, entry.observed)
    country, _, subdivision = entry.partition("-")
    return Holidays(country, subdivision)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _peaks(entry: PeaksEntry | None) -> Peaks:
    return Peaks(entry.weekday, entry.weekend, entry.holiday) if entry else Peaks()


def channel_noun(name: str, entry: ChannelEntry) -> Channel:
    """The channel as a noun, with its defaults filled in and its references unresolved."""
    limits = Limits()
    if entry.limits is not None:
        limits = Limits(entry.limits.concurrency or limits.concurrency, entry.limits.rate)
    return Channel(
        name=name,
        connector=entry.connector,
        regions=entry.regions,
        targets=entry.targets,
        zones=entry.zones,
        settings=entry.settings,
        limits=limits,
        **_given({"stage_ahead": entry.stage_ahead}),
    )


def settings_noun(file: SettingsFile) -> Settings:
    """The settings as a noun, with the defaults of everything that is not given."""
    given = {
        name: getattr(file, name)
        for name in SettingsFile.model_fields
        if name not in ("apply", "retry")
    }
    default = Settings()
    return replace(
        default,
        apply=_apply(file.apply, default.apply),
        retry=_retry(file.retry, default.retry),
        **_given(given),
    )


def _apply(entry: ApplyEntry | None, default: ApplyPolicy) -> ApplyPolicy:
    if entry is None:
        return default
    auto = default.auto if entry.auto is None else frozenset(entry.auto)
    return ApplyPolicy(auto - frozenset(entry.ask or ()))


def _retry(entry: RetryEntry | None, default: Retry) -> Retry:
    if entry is None:
        return default
    shortest: timedelta = entry.shortest or default.shortest
    longest = entry.longest or default.longest
    return Retry(shortest, longest)
