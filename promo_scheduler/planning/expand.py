"""Expansion: campaigns × regions × zones × channels to windows and trigger events (T0 to T10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from promo_scheduler.campaign import Campaign, Phase
from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.errors import Problem, Severity
from promo_scheduler.order import Scope
from promo_scheduler.plan import NO_ZONE, Plan, TriggerEvent, Window, WindowKey, window_of
from promo_scheduler.planning.codes import ANCHOR_DECIDES, NO_WINDOW, NOT_SERVED
from promo_scheduler.planning.events import events_of
from promo_scheduler.planning.findings import Findings
from promo_scheduler.planning.timetable import Calendar, Schedule, Timetable, Wanted
from promo_scheduler.region import Region
from promo_scheduler.timing import versions
from promo_scheduler.timing.hours import Hours
from promo_scheduler.timing.notices import Notice
from promo_scheduler.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ExpandRequest:
    """What to expand. `capabilities` are by the channel's name; `scope` narrows what is planned.

    `now` (UTC) matters to named dates without a year alone: they mean the one that is on, or next.
    """

    workspace: Workspace
    capabilities: Mapping[str, Capabilities]
    now: datetime
    scope: Scope = field(default_factory=Scope)


@dataclass(frozen=True, slots=True)
class _Part:
    """One campaign in one region on one channel."""

    campaign: Campaign
    region: Region
    channel: Channel


def expand(request: ExpandRequest) -> Plan:
    """Everything the workspace asks for, in the order it is written, with what speaks against it.

    A phase whose hours cannot be worked out brings findings, and no windows.
    """
    workspace = request.workspace
    findings = Findings()
    most = workspace.settings.max_occurrences
    timetable = Timetable(Calendar(workspace.dates, request.now, most))
    windows: list[Window] = []
    events: list[TriggerEvent] = []
    for part in _parts(request, findings):
        found = _windows(part, request.scope, timetable, findings)
        capabilities = request.capabilities[part.channel.name]
        for window in found:
            windows.append(window)
            events += events_of(window, 1, part.channel, capabilities)
    return Plan(tuple(windows), tuple(events), findings.all(), versions(), workspace.revision)


def _parts(request: ExpandRequest, findings: Findings) -> Iterator[_Part]:
    """Every campaign, region and channel that meet: each must name the other."""
    workspace, scope = request.workspace, request.scope
    for campaign in workspace.campaigns:
        if scope.campaign not in (None, campaign.name):
            continue
        for name in campaign.regions:
            if scope.region not in (None, name):
                continue
            serving = [c for c in workspace.channels.values() if _serves(c, campaign, name)]
            if not serving:
                findings.add(_not_served(campaign, name), campaign.name, name)
            for channel in serving:
                if scope.channel in (None, channel.name):
                    yield _Part(campaign, workspace.regions[name], channel)


def _serves(channel: Channel, campaign: Campaign, region: str) -> bool:
    allowed = campaign.channels is None or channel.name in campaign.channels
    return allowed and region in channel.regions


def _not_served(campaign: Campaign, region: str) -> Problem:
    return Problem(
        NOT_SERVED,
        f"no channel of this campaign serves {region}: nothing is planned there",
        "warn",
        campaign.place,
        "regions",
        "add the region to a channel in config/channels.yaml, or take it out of the campaign",
    )


def _windows(
    part: _Part, scope: Scope, timetable: Timetable, findings: Findings
) -> Iterator[Window]:
    variant = part.campaign.variant(part.region.name, part.channel.name)
    if variant.cancelled is not None:
        return
    if variant.phases and part.channel.zones == "anchor" and len(part.region.zones) > 1:
        _say(part, None, _anchor_decides(part), "info", findings)
    for phase in variant.phases:
        if scope.phase in (None, phase.name):
            found = _phase_windows(part, phase, timetable, findings)
            yield from found if scope.sku is None else filter(scope.covers, found)


def _anchor_decides(part: _Part) -> Notice:
    others = ", ".join(zone for zone in part.region.zones if zone != part.region.anchor)
    return Notice(
        ANCHOR_DECIDES,
        f"{part.channel.name} takes one window for {part.region.name}: its hours are those of "
        f"{part.region.anchor}, also in {others}",
        help="set zones: each on the channel, where it can target zones",
    )


def _phase_windows(
    part: _Part, phase: Phase, timetable: Timetable, findings: Findings
) -> Iterator[Window]:
    each = part.channel.zones == "each"
    zones = part.region.zones if each else (part.region.anchor,)
    wanted = Wanted(part.region, phase.when, part.campaign.on_holiday)
    schedules = [timetable.schedule(wanted, zone) for zone in zones]
    _say_all(part, phase, schedules, findings)
    for zone, schedule in zip(zones, schedules, strict=True):
        common = _Common(part, phase, zone, zone if each else NO_ZONE)
        yield from _of_hours(common, schedule.hours)


def _say_all(part: _Part, phase: Phase, schedules: list[Schedule], findings: Findings) -> None:
    """What is to be said of a phase's hours; leaving out all of them is an error (T4)."""
    for schedule in schedules:
        for notice in schedule.impossible:
            _say(part, phase, notice, "error", findings)
        for notice in (*schedule.notices, *(dropped.notice for dropped in schedule.dropped)):
            _say(part, phase, notice, notice.severity, findings)
    if not any(s.hours or s.impossible or _all_wanted(s) for s in schedules):
        _say(part, phase, _NOTHING_LEFT, "error", findings)


_NOTHING_LEFT = Notice(
    NO_WINDOW, "no window comes of this phase here", help="choose another date, or other hours"
)


def _all_wanted(schedule: Schedule) -> bool:
    return bool(schedule.dropped) and all(dropped.wanted for dropped in schedule.dropped)


def _say(
    part: _Part, phase: Phase | None, notice: Notice, severity: Severity, findings: Findings
) -> None:
    place = phase.place if phase else part.campaign.place
    path = f"phases.{phase.name}.when" if phase else ""
    problem = Problem(notice.code, notice.message, severity, place, path, notice.help)
    findings.add(problem, part.campaign.name, part.region.name)


@dataclass(frozen=True, slots=True)
class _Common:
    """What all windows of one phase in one zone on one channel have in common."""

    part: _Part
    phase: Phase
    zone: str
    key_zone: str


def _of_hours(common: _Common, all_hours: tuple[Hours, ...]) -> Iterator[Window]:
    """A window for each."""
    part, phase, zone = common.part, common.phase, common.zone
    campaign, region, channel = part.campaign, part.region, part.channel
    names = (campaign.name, phase.name, region.name, common.key_zone)
    target, currency = channel.target(region.name), region.currency
    offer, rank, place = phase.offer, (campaign.priority, phase.order), phase.place
    stack, late = campaign.stack, campaign.late
    label = offer.label_in(region.language) or campaign.title
    for start, end, written, said in all_hours:
        key = WindowKey(*names, written.occurrence, written.slot, channel.name)
        first, last, words = written.start, written.end, written.words
        warnings = tuple(n.message for n in said if n.severity == "warn") if said else ()
        yield window_of((
            key, zone, target, first, last, start, end, currency,
            offer, rank, stack, late, label, words, warnings, written.span, place,
        ))  # fmt: skip
