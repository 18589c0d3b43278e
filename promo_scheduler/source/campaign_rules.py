"""What a campaign may not say as a whole: overrides without effect, currencies that are missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from promo_scheduler.channel import Channel
from promo_scheduler.region import Region
from promo_scheduler.source.complaint import Complaint, hint, shown
from promo_scheduler.source.scalars import Known
from promo_scheduler.source.schema import CampaignFile, ChannelOverride, Phase, Tagged


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a campaign is checked against: names, and the regions and channels that are sound."""

    known: Known
    regions: Mapping[str, Region]
    channels: Mapping[str, Channel]

    @property
    def knows_channels(self) -> bool:
        """Whether every channel is sound, so that what none of them does is known."""
        return self.known.channels == frozenset(self.channels)

    def regions_of(self, file: CampaignFile) -> tuple[str, ...]:
        """The campaign's regions by name, a tag resolved in alphabetical order."""
        if not isinstance(file.regions, Tagged):
            return file.regions
        tag = file.regions.tagged
        return tuple(sorted(name for name, each in self.regions.items() if tag in each.tags))


def campaign_complaints(file: CampaignFile, around: Surroundings) -> Iterator[Complaint]:
    """Overrides that do nothing, and regions that no channel serves."""
    regions = around.regions_of(file)
    for region, override in file.overrides.items():
        path = ("overrides", region)
        if region not in regions:
            way_out = hint(region, regions, "its regions")
            message = f"{shown(region)} is none of the campaign's regions"
            yield Complaint("E055", message, path, way_out, at_key=True)
        yield from _phase_names(override, file, path)
        for channel, narrower in override.channels.items():
            there = (*path, "channels", channel)
            yield from _phase_names(narrower, file, there)
            if around.knows_channels and channel not in _serving(region, file, around):
                message = f"{shown(channel)} does not serve {region} in this campaign"
                yield Complaint("E055", message, there, "drop it, or let it serve", at_key=True)
    yield from _unserved(file, regions, around)
    yield from _no_dates(file)


def _no_dates(file: CampaignFile) -> Iterator[Complaint]:
    if file.on_holiday and all(each.when.clock == "instant" for each in file.phases.values()):
        message = "`on_holiday` goes by dates, and every phase has `clock: instant`"
        yield Complaint("W013", message, ("on_holiday",), "drop it", severity="warn", at_key=True)


def _phase_names(
    override: ChannelOverride, file: CampaignFile, path: tuple[str, ...]
) -> Iterator[Complaint]:
    named: list[tuple[str, str | int, str]] = [("phases", name, name) for name in override.phases]
    named += [("skip", position, name) for position, name in enumerate(override.skip)]
    for key, step, name in named:
        if name not in file.phases:
            message, way_out = f"unknown phase {shown(name)}", hint(name, file.phases, "its phases")
            yield Complaint("E056", message, (*path, key, step), way_out, at_key=True)


def _serving(region: str, file: CampaignFile, around: Surroundings) -> Collection[str]:
    asked = file.channels or tuple(around.channels)
    there = around.channels
    return [name for name in asked if name in there and region in there[name].regions]


def _unserved(
    file: CampaignFile, regions: tuple[str, ...], around: Surroundings
) -> Iterator[Complaint]:
    for position, region in enumerate(regions):
        if around.knows_channels and not _serving(region, file, around):
            message = f"no channel of this campaign serves {region}, so nothing happens there"
            step = "tagged" if isinstance(file.regions, Tagged) else position
            way_out = f"add {region} to a channel's `regions`"
            yield Complaint("W012", message, ("regions", step), way_out, severity="warn")


def currency_complaints(phase: Phase, currencies: Mapping[str, str]) -> Iterator[Complaint]:
    """A phase's amounts or prices against the currencies of the regions they are meant for."""
    for key in ("amount", "price"):
        given = getattr(phase.offer, key)
        lacking = [r for r, code in currencies.items() if given and code not in given]
        if lacking:
            names = ", ".join(f"{region} ({currencies[region]})" for region in lacking)
            codes = ", ".join(sorted({currencies[region] for region in lacking}))
            message = f"no {key} for {names}"
            yield Complaint("E053", message, ("offer", key), f"add {codes}, or use `percent`")
