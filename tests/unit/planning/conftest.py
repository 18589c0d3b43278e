"""Small workspaces, written in a line each."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from promo_scheduler.campaign import Campaign, Phase
from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.clock import TimeOfDay
from promo_scheduler.errors import Place
from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.plan import Plan, Standing, StandingWindow, Window
from promo_scheduler.planning import ExpandRequest, ReviewRequest, expand, review
from promo_scheduler.region import Peak, Peaks, Region
from promo_scheduler.settings import Settings
from promo_scheduler.timing import parse_duration
from promo_scheduler.when import (
    AtPeak,
    AtTime,
    ClockChange,
    For,
    LocalWhen,
    OnDates,
    Until,
    WholePeak,
)
from promo_scheduler.workspace import Workspace

NATIVE = Capabilities(native_start=True, native_end=True, create_in_advance=True)
DEFAULTS = Settings()
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def time(text):
    return TimeOfDay.parse(text)


def end_of(text):
    if text == "peak":
        return WholePeak()
    if text.startswith("for "):
        return For(parse_duration(text.removeprefix("for ")))
    days, _, rest = text.partition("d ") if text.startswith("+") else ("0", "", text)
    return Until(time(rest), int(days))


@dataclass(frozen=True)
class World:
    """Regions, channels and campaigns by short words."""

    regions: tuple[Region, ...] = ()
    channels: tuple[Channel, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    catalog: tuple = ()
    settings: Settings = DEFAULTS
    capabilities: Capabilities = NATIVE

    def region(self, name, *zones, anchor=None, **given):
        peaks = given.pop("peaks", {})
        by_type = {kind: (self.peak(hours),) for kind, hours in peaks.items()}
        given = {"currency": "EUR", "peaks": Peaks(**by_type), **given}
        region = Region(name, name.upper(), zones, anchor or zones[0], **given)
        return replace(self, regions=(*self.regions, region))

    def channel(self, name="shop", regions=None, **given):
        names = tuple(regions or (region.name for region in self.regions))
        given = {"targets": {n: f"{n}-store" for n in names}, **given}
        channel = Channel(name, "sandbox", names, **given)
        return replace(self, channels=(*self.channels, channel))

    def campaign(self, name, *phases, regions=None, channels=None, **given):
        names = tuple(regions or (region.name for region in self.regions))
        numbered = tuple(replace(phase, order=order) for order, phase in enumerate(phases))
        campaign = Campaign(
            name, name.title(), "growth@shop.example", names, channels, numbered, **given
        )
        return replace(self, campaigns=(*self.campaigns, campaign))

    def replacing(self, name, *phases, **given):
        """The same world with another version of one campaign."""
        rest = tuple(c for c in self.campaigns if c.name != name)
        return replace(self, campaigns=rest).campaign(name, *phases, **given)

    def sale(self, start="10:00", end="14:00", **given):
        """The world with one campaign of one window, on 2026-11-11."""
        return self.replacing("sale", self.phase("p", "2026-11-11", start, end, **given))

    def standing(self, state, generation=1, **given):
        """The window of `sale`, as the ledger holds it."""
        (window,) = self.sale().plan().windows
        touched = state in (Standing.STAGED, Standing.LIVE, Standing.ENDING)
        return StandingWindow(window, state, generation, **{"touched": touched, **given})

    def can(self, **given):
        return replace(self, capabilities=replace(self.capabilities, **given))

    @staticmethod
    def peak(text):
        start, _, end = text.partition("-")
        return Peak(time(start), time(end))

    @staticmethod
    def phase(name, dates, start, end, **given):
        """`dates` is one ISO date, or the Dates themselves."""
        dates = OnDates((date.fromisoformat(dates),)) if isinstance(dates, str) else dates
        start = AtPeak() if start == "peak" else AtTime(time(start))
        changes = given.pop("changes", ClockChange())
        offer = given.pop("offer", None) or World.offer(**given)
        place = Place("campaigns/x.yaml", 7, 5)
        return Phase(name, 0, LocalWhen(dates, start, end_of(end), changes), offer, place)

    @staticmethod
    def offer(percent=10, label=(), **products):
        products = {n: v if isinstance(v, Selection) else frozenset(v) for n, v in products.items()}
        selection = Selection(**products) if products else Selection(everything=True)
        return Offer(PercentOff(Decimal(percent)), selection, tuple(label))

    @property
    def workspace(self):
        return Workspace(
            Path(),
            self.settings,
            {region.name: region for region in self.regions},
            {channel.name: channel for channel in self.channels},
            self.campaigns,
            catalog=self.catalog,
        )

    @property
    def abilities(self):
        return {channel.name: self.capabilities for channel in self.channels}

    def plan(self, **given):
        return expand(ExpandRequest(self.workspace, self.abilities, NOW, **given))

    def review(self, now=NOW, plan=None, **given):
        plan = plan or self.plan()
        return review(ReviewRequest(plan, self.workspace, self.abilities, now, **given))


def span(window: Window):
    """A window's instants, short."""
    return window.start.strftime("%m-%dT%H:%M"), window.end.strftime("%m-%dT%H:%M")


def codes(found):
    """The codes of a plan's findings, or of some findings, with the region each concerns."""
    findings = found.findings if isinstance(found, Plan) else found
    return [
        (finding.problem.code, finding.problem.severity, finding.region) for finding in findings
    ]


@pytest.fixture
def world():
    """An empty world."""
    return World()


@pytest.fixture
def shop(world):
    """One shop that serves Germany."""
    return world.region("de", "Europe/Berlin", peaks={"weekday": "19:30-21:30"}).channel()


@pytest.fixture
def utc(world):
    """One shop that serves a region on UTC."""
    return world.region("gb", "UTC").channel()


@pytest.fixture(name="span")
def _span():
    return span


@pytest.fixture(name="codes")
def _codes():
    return codes
