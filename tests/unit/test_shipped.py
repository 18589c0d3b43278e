"""The shipped markets, settings and examples: true, complete, and accepted by the product itself."""

from __future__ import annotations

import re
import shutil
from functools import cache
from importlib.resources import files
from pathlib import Path

import holidays
import pytest
from ruamel.yaml import YAML

from promo_scheduler.campaign import Campaign, Phase
from promo_scheduler.clock import TimeOfDay
from promo_scheduler.offer import AmountOff, FixedPrice
from promo_scheduler.settings import POLICIES, Settings
from promo_scheduler.source import load
from promo_scheduler.when import Recurrence
from promo_scheduler.workspace import Workspace

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
EXAMPLES = sorted(path.parent.parent for path in ROOT.glob("examples/*/config/settings.yaml"))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MARKETS = _words(
    "ae au br ca cl cn de eg es fr gb hk id in it jp kr mx my nl nz ph pl sa se sg th tr us vn za"
)
FIELDS = {"name", "zones", "currency", "locale", "city", "weekend", "holidays", "peaks", "tags"}
# The active codes of ISO 4217, without funds, metals and tests.
ISO_4217 = _words(
    """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW
    KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR
    MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG"""
)
# Clocks of a few hundred or thousand people, and Urumqi's, which no shop keeps.
REMOTE = _words(
    """America/Adak America/Blanc-Sablon America/Cambridge_Bay America/Rankin_Inlet
    America/Resolute Asia/Urumqi Australia/Eucla Australia/Lord_Howe"""
)


def _read(name: str) -> dict:
    return YAML(typ="safe").load(CONFIG / name)


REGIONS = _read("regions.yaml")["regions"]
each_region = pytest.mark.parametrize("code", REGIONS)


@cache
def _zone_table() -> dict[str, dict[str, tuple[float, float]]]:
    """The zones of each country with the coordinates of the city they are named for."""
    table: dict[str, dict[str, tuple[float, float]]] = {}
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text().splitlines():
        if not line.startswith("#"):
            country, position, zone, *_ = line.split("\t")
            latitude, longitude = re.findall(r"[+-]\d+", position)
            table.setdefault(country, {})[zone] = (_degrees(latitude), _degrees(longitude))
    return table


def _degrees(text: str) -> float:
    """Read ISO 6709 as zone.tab writes it: ±DDMM, ±DDDMM, or either with SS."""
    digits, whole = text[1:], 2 if len(text) % 2 else 3
    rest = digits[whole:]
    value = int(digits[:whole]) + int(rest[:2]) / 60 + int(rest[2:] or 0) / 3600
    return -value if text[0] == "-" else value


def _clock(zone: str) -> bytes:
    """The rule that a zone follows from now on: the footer of its file."""
    data = files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()
    return data.rsplit(b"\n", 2)[-2]


def _peaks(code: str) -> list[str]:
    values = REGIONS[code]["peaks"].values()
    return [peak for value in values for peak in ([value] if isinstance(value, str) else value)]


# ── markets ─────────────────────────────────────────────────────────────────────────────────────
def test_every_promised_market_is_shipped() -> None:
    assert set(REGIONS) >= MARKETS
    assert len(REGIONS) > 31


@each_region
def test_a_market_has_every_field_and_no_unknown_one(code: str) -> None:
    region = REGIONS[code]
    assert FIELDS <= set(region) <= FIELDS | {"anchor"}
    assert ("anchor" in region) == (len(region["zones"]) > 1)
    assert region["locale"].partition("-")[2] == code.upper()
    assert region["tags"]


@each_region
def test_a_market_lists_zones_of_its_own_country_once(code: str) -> None:
    zones = REGIONS[code]["zones"]
    assert set(zones) <= set(_zone_table()[code.upper()])
    assert len(set(zones)) == len(zones)
    assert REGIONS[code].get("anchor", zones[0]) in zones


@each_region
def test_a_market_covers_every_clock_that_its_people_live_by(code: str) -> None:
    everywhere = _zone_table()[code.upper()].keys() - REMOTE
    covered = {_clock(zone) for zone in REGIONS[code]["zones"]}
    assert {zone for zone in everywhere if _clock(zone) not in covered} == set()


@each_region
def test_a_market_pays_in_a_currency_of_iso_4217(code: str) -> None:
    assert REGIONS[code]["currency"] in ISO_4217


@each_region
def test_a_market_has_holidays_in_the_years_ahead(code: str) -> None:
    country, _, subdivision = REGIONS[code]["holidays"].partition("-")
    days = holidays.country_holidays(country, subdiv=subdivision or None, years=(2026, 2027))
    assert country == code.upper()
    assert {day.year for day in days} == {2026, 2027}


def test_weekends_are_those_of_2026() -> None:
    friday = {code for code, region in REGIONS.items() if region["weekend"] == ["fri", "sat"]}
    others = {tuple(region["weekend"]) for code, region in REGIONS.items() if code not in friday}
    assert friday == {"eg", "il", "sa"}
    assert others == {("sat", "sun")}


@each_region
def test_a_city_lies_where_the_zone_data_has_it(code: str) -> None:
    city, zones = REGIONS[code]["city"], _zone_table()[code.upper()]
    anchor = zones[REGIONS[code].get("anchor", REGIONS[code]["zones"][0])]
    near = {"il": 0.5, "in": 12}.get(code, 0.25)  # Tel Aviv and New Delhi name no zone
    assert abs(city["latitude"] - anchor[0]) < near
    assert abs(city["longitude"] - anchor[1]) < near


@each_region
def test_a_peak_is_a_few_hours_of_a_day(code: str) -> None:
    assert set(REGIONS[code]["peaks"]) == {"weekday", "weekend", "holiday"}
    for peak in _peaks(code):
        start, end = (TimeOfDay.parse(text).seconds for text in peak.split("-"))
        assert start < 86_400
        assert 3600 <= (end - start) % 86_400 <= 5 * 3600


def test_every_time_in_the_shipped_files_is_quoted() -> None:
    shipped = [*CONFIG.glob("*.yaml"), *ROOT.glob("examples/*/*/*.yaml")]
    lines = [line for path in shipped for line in path.read_text("utf-8").splitlines()]
    values = [line.partition("#")[0] for line in lines]
    bare = [value for value in values if re.search(r"(?<!\+1d)[^\"\dT+:-]\d\d:\d\d", value)]
    assert len(shipped) > 10
    assert bare == []


# ── named dates ─────────────────────────────────────────────────────────────────────────────────
DATES = _read("calendars.yaml")["dates"]
PROMISED = _words(
    """black-friday cyber-monday thanksgiving mothers-day fathers-day valentines-day white-day 11.11
    12.12 6.18 9.9 10.10 prime-day easter good-friday ramadan eid-al-fitr eid-al-adha diwali
    lunar-new-year golden-week ochugen obon christmas boxing-day new-year womens-day childrens-day
    mid-autumn dragon-boat"""
)


def test_every_promised_date_is_shipped() -> None:
    assert set(DATES) >= PROMISED


@pytest.mark.parametrize("name", DATES)
def test_a_shipped_date_names_its_sources_and_only_markets_or_neighbours(name: str) -> None:
    parts = [DATES[name], *DATES[name].get("by_country", [])]
    codes = [code for part in parts for code in part.get("countries", [])]
    assert all(part.get("source") for part in parts if "is" in part or "years" in part)
    assert {code.lower() for code in codes} <= set(REGIONS)
    assert len(set(codes)) == len(codes)


@each_region
def test_a_market_knows_mothers_day_or_is_known_to_have_no_rule(code: str) -> None:
    countries = {
        c.lower() for part in DATES["mothers-day"]["by_country"] for c in part["countries"]
    }
    # Israel keeps Family Day by the Hebrew calendar, Vietnam Vu Lan by its own: no rule of ours
    assert (code in countries) == (code not in {"il", "vn"})


# ── settings and channels ───────────────────────────────────────────────────────────────────────
def test_no_channel_is_shipped() -> None:
    assert _read("channels.yaml") == {"channels": {}}


def test_shipped_settings_name_every_setting_and_every_kind_of_change() -> None:
    settings = _read("settings.yaml")
    assert set(settings) == set(Settings.__dataclass_fields__)
    assert (*settings["apply"]["auto"], *settings["apply"]["ask"]) == POLICIES


def test_shipped_settings_are_the_defaults(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(ROOT / "examples" / "starter", shop)
    shutil.copy(CONFIG / "settings.yaml", shop / "config")
    assert load(shop).settings == _example("starter").settings == Settings()


# ── examples ────────────────────────────────────────────────────────────────────────────────────
each_example = pytest.mark.parametrize("root", EXAMPLES, ids=lambda path: path.name)


def _example(name: str) -> Workspace:
    return load(ROOT / "examples" / name)


def _phases(campaign: Campaign) -> list[Phase]:
    return [*campaign.phases, *(phase for v in campaign.variants for phase in v.phases)]


def test_every_promised_example_is_there() -> None:
    names = {path.name for path in EXAMPLES}
    assert {"double-11", "black-friday", "flash-friday", "same-instant", "starter"} <= names
    assert {"ramadan", "lunar-new-year", "season"} <= names


@each_example
def test_an_example_loads_without_a_warning(root: Path) -> None:
    workspace = load(root)
    assert workspace.campaigns
    assert workspace.warnings == ()


@each_example
def test_every_offer_of_an_example_means_some_product(root: Path) -> None:
    workspace = load(root)
    for campaign in workspace.campaigns:
        for phase in _phases(campaign):
            assert any(phase.offer.products.includes(item) for item in workspace.catalog)


@each_example
def test_every_product_of_an_example_has_a_price_in_every_market(root: Path) -> None:
    workspace = load(root)
    wanted = {region.currency for region in workspace.regions.values()}
    assert workspace.catalog
    assert all(wanted == set(item.prices) for item in workspace.catalog)


@each_example
def test_a_reduced_price_stays_between_nothing_and_the_list_price(root: Path) -> None:
    workspace = load(root)
    offers = [phase.offer for c in workspace.campaigns for phase in _phases(c)]
    for offer in offers:
        money = {AmountOff: "amounts", FixedPrice: "prices"}.get(type(offer.value))
        for item in filter(offer.products.includes, workspace.catalog):
            for sum_ in getattr(offer.value, money) if money else ():
                assert 0 < sum_.amount < item.prices[sum_.currency]


@each_example
def test_an_example_says_in_a_read_me_what_to_type(root: Path) -> None:
    text = (root / "README.md").read_text("utf-8")
    assert "promo" in text
    assert set(re.findall(r"-w examples/(\S+)", text)) <= {root.name}


def test_double_11_reaches_six_continents_in_three_phases() -> None:
    workspace = _example("double-11")
    (campaign,) = workspace.campaigns
    gone = {variant.region for variant in campaign.variants if variant.cancelled}
    tags = {tag for name in campaign.regions for tag in workspace.regions[name].tags}
    assert len(set(campaign.regions) - gone) >= 9
    assert {"africa", "asia", "europe", "latin-america", "north-america", "oceania"} <= tags
    assert [phase.name for phase in campaign.phases] == ["teaser", "launch", "last-call"]
    assert {channel.zones for channel in workspace.channels.values()} == {"anchor", "each"}


def test_flash_friday_goes_through_the_clock_changes_of_both_hemispheres() -> None:
    workspace = _example("flash-friday")
    (campaign,) = workspace.campaigns
    dates = campaign.phases[0].when.dates
    changing = {r.name for r in workspace.regions.values() if b"," in _clock(r.anchor)}
    assert isinstance(dates, Recurrence)
    assert (dates.first.isoformat(), dates.last.isoformat()) == ("2026-12-04", "2027-04-30")
    assert {"us", "de", "eg", "cl", "au", "nz"} <= changing
