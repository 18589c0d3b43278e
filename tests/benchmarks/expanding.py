"""G4: expanding a season of campaigns, beside a plain zoneinfo loop that builds the same values."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from figures import Figure, interleaved

from promo_scheduler.campaign import Campaign, Phase
from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.cli import GARBAGE
from promo_scheduler.clock import TimeOfDay, WallTime
from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.plan import Action, Key, TriggerEvent, WallSpan, Window, WindowKey
from promo_scheduler.planning import ExpandRequest, expand
from promo_scheduler.settings import Settings
from promo_scheduler.source import load, shipped
from promo_scheduler.when import (
    AtPeak,
    AtSun,
    AtTime,
    Duration,
    EachDay,
    Except,
    For,
    LocalWhen,
    Named,
    Recurrence,
    Sun,
    Until,
    WholePeak,
)
from promo_scheduler.workspace import Workspace

FIRST, DAYS = date(2026, 9, 1), 120  # the clocks change in most of the zones
CAMPAIGNS = 6
OFFER = Offer(PercentOff(Decimal(25)), Selection(tags=frozenset({"winter"})))
EVENING = (TimeOfDay(18 * 3600), TimeOfDay(22 * 3600))


def _workspace() -> Workspace:
    """Every market of the double-11 example, each day of a third of a year, some campaigns."""
    base = load(shipped("examples") / "double-11")
    regions = base.regions
    when = LocalWhen(
        EachDay(FIRST, FIRST + timedelta(days=DAYS - 1)), AtTime(EVENING[0]), Until(EVENING[1])
    )
    phase = Phase("evening", 0, when, OFFER)
    campaigns = tuple(
        Campaign(
            f"season-{n}", "Season", "x@shop.example", tuple(regions), None, (phase,), priority=n
        )
        for n in range(CAMPAIGNS)
    )
    targets = {name: name for name in regions}
    channels = {"shop": Channel("shop", "sandbox", tuple(regions), targets)}
    settings = replace(Settings(), max_occurrences=100_000)
    return Workspace(Path(), settings, regions, channels, campaigns, dates=base.dates)


def _full_workspace() -> Workspace:
    """The same markets with calendars, peaks and the sun in use: five phases a campaign."""
    base = _workspace()
    last = FIRST + timedelta(days=DAYS - 1)
    two_hours, late = For(Duration(elapsed=timedelta(hours=2))), Until(TimeOfDay(24 * 3600))
    holidays = Except((Named("black-friday"),), holidays=True)
    whens = {
        "peak": LocalWhen(EachDay(FIRST, last), AtPeak(), WholePeak()),
        "sunset": LocalWhen(EachDay(FIRST, last), AtSun(Sun.SUNSET, timedelta(hours=1)), late),
        "workdays": LocalWhen(EachDay(FIRST, last, holidays), AtTime(EVENING[0]), two_hours),
        "fridays": LocalWhen(
            Recurrence("FREQ=WEEKLY;BYDAY=FR", FIRST, last, holidays), AtPeak(), two_hours
        ),
        "diwali": LocalWhen(
            EachDay(Named("diwali", -7, 2026), Named("diwali", 0, 2026)), AtTime(EVENING[0]), late
        ),
    }
    phases = tuple(Phase(name, n, when, OFFER) for n, (name, when) in enumerate(whens.items()))
    campaigns = tuple(replace(each, phases=phases) for each in base.campaigns)
    return replace(base, campaigns=campaigns)


def _plain(workspace: Workspace) -> tuple[list[Window], list[TriggerEvent]]:
    """The loop that one would write first: no gaps, no folds, no findings."""
    windows, events = [], []
    for campaign in workspace.campaigns:
        for region in workspace.regions.values():
            zone = ZoneInfo(region.anchor)
            for number in range(DAYS):
                day = FIRST + timedelta(days=number)
                start, end = (_instant(day, time, zone) for time in EVENING)
                key = WindowKey(
                    campaign.name, "evening", region.name, "-", day.isoformat(), 1, "shop"
                )
                windows.append(
                    Window(
                        key, region.anchor, region.name, WallTime(day, EVENING[0]),
                        WallTime(day, EVENING[1]), start, end, region.currency, OFFER,
                        (campaign.priority, 0), False, campaign.late, "Season", "18:00 to 22:00", (),
                        WallSpan(WallTime(day, EVENING[0]), WallTime(day, EVENING[1])), None,
                    )
                )  # fmt: skip
                events.append(TriggerEvent(Key(key, Action.STAGE), start - timedelta(hours=24)))
                events.append(TriggerEvent(Key(key, Action.ACTIVATE), start))
                events.append(TriggerEvent(Key(key, Action.DEACTIVATE), end))
    return windows, events


def _instant(day: date, time: TimeOfDay, zone: ZoneInfo) -> datetime:
    hours, seconds = divmod(time.seconds, 3600)
    local = datetime(day.year, day.month, day.day, hours, seconds // 60, tzinfo=zone)
    return local.astimezone(UTC)


def _cron(workspace: Workspace) -> float:
    """Fire times a second of APScheduler's cron triggers over the same evenings."""
    found, begun = 0, perf_counter()
    for region in list(workspace.regions.values())[:3]:
        zone = ZoneInfo(region.anchor)
        for hour in (18, 22):
            trigger = CronTrigger(hour=hour, timezone=zone)
            at = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=zone)
            for _ in range(DAYS):
                fired = trigger.get_next_fire_time(None, at)
                assert fired is not None
                at = fired + timedelta(seconds=1)
                found += 1
    return found / (perf_counter() - begun)


def measure() -> list[Figure]:
    """Ours and the plain loop in turns, then cron; events a second of each."""
    gc.set_threshold(*GARBAGE)  # as the command line does
    workspace = _workspace()
    capabilities = {
        "shop": Capabilities(native_start=True, native_end=True, create_in_advance=True)
    }
    request = ExpandRequest(workspace, capabilities, datetime(2026, 1, 1, tzinfo=UTC))
    plan, (windows, events) = expand(request), _plain(workspace)
    assert {(w.key, w.start, w.end, w.offer) for w in plan.windows} == {
        (w.key, w.start, w.end, w.offer) for w in windows
    }
    assert set(plan.events) == set(events)
    ours, plain = interleaved([lambda: expand(request), lambda: _plain(workspace)], 7)
    rate, loop, cron = len(events) / ours, len(events) / plain, _cron(workspace)
    return [
        Figure("G4", f"expansion to {len(events):,} events: events a second", f"{rate:,.0f}",
               f"plain zoneinfo loop {loop:,.0f} ({rate / loop:.2f} ×)", "≥ 1 ×", rate >= loop),
        Figure("G4", "the same, beside APScheduler's cron", f"{rate:,.0f}",
               f"cron {cron:,.0f} ({rate / cron:.0f} ×)", "≥ 20 ×", rate >= 20 * cron),
        *_full(capabilities),
    ]  # fmt: skip


def _full(capabilities: dict[str, Capabilities]) -> list[Figure]:
    """With calendars, peaks and the sun: the first time, as a command does it, and once warm."""
    request = ExpandRequest(_full_workspace(), capabilities, datetime(2026, 1, 1, tzinfo=UTC))
    begun = perf_counter()
    count = len(expand(request).events)
    cold = count / (perf_counter() - begun)
    (warm,) = interleaved([lambda: expand(request)], 7)
    rate = count / warm
    return [
        Figure("", f"with calendars, peaks and sun, {count:,} events: events a second",
               f"{rate:,.0f}", f"the first time {cold:,.0f}", "≥ 300,000", rate >= 300_000),
    ]  # fmt: skip
