"""The schema of the files in config/: regions, channels and settings."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from promo_scheduler.clock import DAY_SECONDS, TimeOfDay
from promo_scheduler.region import Peak
from promo_scheduler.settings import POLICIES
from promo_scheduler.source.complaint import is_showable, shown
from promo_scheduler.source.dates import IsoDay
from promo_scheduler.source.hours import Elapsed, SomeElapsed
from promo_scheduler.source.nodes import Text
from promo_scheduler.source.scalars import (
    Code,
    Currency,
    Flag,
    Line,
    Name,
    Reads,
    RegionName,
    Some,
    ZoneName,
    choice,
    complain,
    degrees,
    whole,
)
from promo_scheduler.source.secrets import malformed
from promo_scheduler.source.shape import MAPPING, SCALAR, Strict, as_list, kind_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_HOLIDAYS = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_RATE = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)/(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


# ── regions ─────────────────────────────────────────────────────────────────────────────────────
def _peak(text: Text) -> Peak:
    start, dash, end = (part.strip() for part in text.partition("-"))
    try:
        peak = Peak(TimeOfDay.parse(start), TimeOfDay.parse(end))
    except ValueError as error:
        found = str(error) if dash and len(text) < 60 and is_showable(text) else shown(text)
        raise complain("E031", f'expected hours like "19:30-21:30": {found}') from None
    if peak.start == peak.end or peak.start.seconds == DAY_SECONDS:
        raise complain("E042", f"{shown(text)} holds no time", 'a whole day is "00:00-24:00"')
    return peak


Hours = Annotated[Peak, Reads("hours", _peak)]
PeakHours = Annotated[
    tuple[Hours, ...], Some, BeforeValidator(as_list, json_schema_input_type=Hours | list[Hours])
]


class CityEntry(Strict):
    """The place that the region's sun is computed for."""

    name: Line = Field(description="Its name.")
    latitude: Annotated[Decimal, degrees(90)] = Field(description="Degrees; north is positive.")
    longitude: Annotated[Decimal, degrees(180)] = Field(description="Degrees; east is positive.")


class PeaksEntry(Strict):
    """Hours of most sales on the region's clock, the best first."""

    weekday: PeakHours = Field((), description='Such as "19:30-21:30", or a list.')
    weekend: PeakHours = Field((), description="Default: as on weekdays.")
    holiday: PeakHours = Field((), description="Default: as on the weekend.")


def _locale(text: Text) -> str:
    if _LOCALE.fullmatch(text):
        return str(text)
    raise complain("E036", f"expected a locale such as pt-BR, found {shown(text)}")


def _holidays(text: Text) -> str:
    if _HOLIDAYS.fullmatch(text):
        return str(text)
    raise complain("E036", f"expected a country such as DE or DE-BY, found {shown(text)}")


CountryCode = Annotated[str, Reads("a country", _holidays)]


class HolidaysEntry(Strict):
    """Which public holidays count, beyond a country's plain ones."""

    country: CountryCode = Field(description="A code of the holidays library: DE, or DE-BY.")
    categories: Annotated[tuple[Name, ...], Some] = Field(
        ("public",), description="Its categories that count, such as [public, bank]."
    )
    observed: Flag = Field(
        default=True, description="Days on which a holiday on a day off is made up for count too."
    )


HolidaysOf = Annotated[
    Annotated[CountryCode, Tag(SCALAR)] | Annotated[HolidaysEntry, Tag(MAPPING)],
    Discriminator(kind_of),
]


class Dates(Strict):
    """Dates from the first to the last, both included."""

    from_: IsoDay = Field(alias="from", description="The first date.")
    to: IsoDay = Field(description="The last date; it is included.")


class BlackoutEntry(Dates):
    """Dates on which no window may lie."""

    reason: Line | None = Field(None, description="Why; people read it in the plan.")


class RegionEntry(Strict):
    """A market."""

    name: Line | None = Field(None, description="What people read. Default: its key.")
    zones: Annotated[tuple[ZoneName, ...], Some] = Field(
        description="IANA time zones, such as Europe/Berlin; several where it has several."
    )
    anchor: ZoneName | None = Field(
        None, description="The zone that counts where a channel knows only one. Default: the first."
    )
    currency: Currency = Field(description="ISO 4217 code, such as EUR.")
    locale: Annotated[str, Reads("a locale", _locale)] | None = Field(
        None, description="Language and country, such as de-DE."
    )
    city: CityEntry | None = Field(None, description="The place its sun is computed for.")
    weekend: Annotated[tuple[Annotated[str, choice(*DAYS)], ...], Some] | None = Field(
        None, description="The days off. Default: [sat, sun]."
    )
    holidays: HolidaysOf | None = Field(
        None,
        description="A code of the holidays library: DE, or DE-BY for a subdivision; or "
        "{country, categories, observed}.",
    )
    hijri_offset: Annotated[int, whole(-1, 1)] = Field(
        0, description="Days by which the Hijri months begin here after the computed ones."
    )
    ramadan: tuple[Dates, ...] = Field(
        (), description="Announced dates of Ramadan; other years are computed."
    )
    blackout: tuple[BlackoutEntry, ...] = Field(
        (), description="Dates on which no window may lie: [{from, to, reason}]."
    )
    peaks: PeaksEntry | None = Field(None, description="Hours of most sales, by kind of day.")
    rules: Annotated[tuple[Name, ...], Some] = Field((), description="Rule sets by name.")
    tags: Annotated[tuple[Name, ...], Some] = Field(
        (), description="Tags by which campaigns choose regions."
    )


class RegionsFile(Strict):
    """Markets by name; an entry here replaces the shipped one of the same name."""

    regions: dict[Name, RegionEntry] = Field(description="Markets by name.")


# ── channels ────────────────────────────────────────────────────────────────────────────────────
def _setting(text: Text) -> str:
    if malformed(text):
        way_out = "write ${env:NAME}, ${env:NAME:-default} or ${file:path}"
        raise complain("E064", "a `${` that is not a reference", way_out)
    return str(text)


def _rate(text: Text) -> float:
    found = _RATE.fullmatch(text)
    rate = float(found[1]) / _SECONDS[found[2]] if found else 0.0
    if rate > 0:
        return rate
    raise complain("E035", f"expected calls in a time, such as 40/s, found {shown(text)}")


Setting = Annotated[str, Reads("a text", _setting, {"type": ["string", "number", "boolean"]})]


class LimitsEntry(Strict):
    """How hard the account may be used."""

    concurrency: Annotated[int, whole(1, 10_000)] | None = Field(
        None, description="Calls at one time. Default: 8."
    )
    rate: Annotated[float, Reads("a rate", _rate)] | None = Field(
        None, description="Calls in a time: 40/s, 100/m, 1000/h. Default: unlimited."
    )


class ChannelEntry(Strict):
    """One store or marketplace account."""

    connector: Name = Field(description="The kind of channel; `promo channels` lists them.")
    regions: Annotated[tuple[RegionName, ...], Some] = Field(
        description="The regions it serves. A region takes part only where a channel names it."
    )
    targets: dict[RegionName, Code] = Field(
        default_factory=dict,
        description="Each region's place in the account; needed where it serves several.",
    )
    zones: Annotated[Literal["anchor", "each"], choice("anchor", "each")] = Field(
        "anchor", description="`each` where the account can tell a region's zones apart."
    )
    settings: dict[Name, Setting] = Field(
        default_factory=dict,
        description="What the connector needs. Secrets are references: ${env:TOKEN}, ${file:path}.",
    )
    limits: LimitsEntry | None = Field(None, description="How hard the account may be used.")
    stage_ahead: Elapsed | None = Field(
        None, description="How long before its start a discount is created. Default: 24h."
    )


class ChannelsFile(Strict):
    """Accounts by name."""

    channels: dict[Name, ChannelEntry] = Field(description="Accounts by name.")


# ── settings ────────────────────────────────────────────────────────────────────────────────────
def _reference(text: Text) -> str:
    if text == "" or (text.startswith("${") and text.endswith("}") and not malformed(text)):
        return str(text)
    way_out = "write ${env:PROMO_AUDIT_KEY} or ${file:/run/secrets/audit}"
    raise complain("E065", "a secret stands here; expected a reference to it", way_out)


def _metrics_file(text: Text) -> str:
    if text == "" or (text.endswith(".prom") and is_showable(text)):
        return str(text)
    message = f"expected a file that ends in .prom, found {shown(text)}"
    raise complain("E078", message, "node_exporter reads no other: metrics: /…/promo.prom")


Policies = Annotated[tuple[Annotated[str, choice(*POLICIES)], ...], Field()]


class ApplyEntry(Strict):
    """Which changes the daemon applies by itself."""

    auto: Policies | None = Field(None, description="Kinds of change that it applies.")
    ask: Policies | None = Field(None, description="Kinds of change that wait for a person.")


class RetryEntry(Strict):
    """The waits after failed attempts."""

    shortest: SomeElapsed | None = Field(None, description="The first wait. Default: 1s.")
    longest: SomeElapsed | None = Field(
        None, description="It doubles each time, up to this. Default: 5m."
    )


class SettingsFile(Strict):
    """How the daemon behaves in this workspace. Everything has a default."""

    ledger: Annotated[str, Reads("a database URL", _setting)] | None = Field(
        None, description="A database URL. Default: sqlite:///.promo/ledger.db."
    )
    audit_key: Annotated[str, Reads("a reference", _reference)] | None = Field(
        None, description="A reference to the key that seals the audit. Default: a key file."
    )
    apply: ApplyEntry | None = Field(None, description="Which changes the daemon applies alone.")
    new_zone_data: Annotated[Literal["auto", "ask"], choice("auto", "ask")] | None = Field(
        None, description="Who applies what new zone data or calendars move. Default: auto."
    )
    retry: RetryEntry | None = Field(None, description="The waits after failed attempts.")
    reconcile_every: SomeElapsed | None = Field(
        None, description="How often it looks for a new revision. Default: 30s."
    )
    lease: SomeElapsed | None = Field(
        None, description="How long a silent daemon keeps its claims, beside others. Default: 5s."
    )
    ending_patience: SomeElapsed | None = Field(
        None, description="How long a start waits for an overdue ending. Default: 15m."
    )
    max_in_flight: Annotated[int, whole(1, 100_000)] | None = Field(
        None, description="Events worked on at one moment. Default: 1000."
    )
    max_occurrences: Annotated[int, whole(1, 100_000)] | None = Field(
        None, description="Windows that one phase may have in one region. Default: 1000."
    )
    metrics: Annotated[str, Reads("a file", _metrics_file)] | None = Field(
        None, description="A file for Prometheus, ending in .prom. Default: none."
    )
