"""config/: regions over the shipped ones, channels, settings and the catalogue."""

import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal

import pytest

from promo_scheduler.catalog import Product
from promo_scheduler.channel import Limits
from promo_scheduler.region import Blackout, City, Holidays, Peak, Peaks
from promo_scheduler.settings import ApplyPolicy, Retry, Settings
from promo_scheduler.source import shipped
from promo_scheduler.source.config import regions_in, shipped_config
from promo_scheduler.source.config_rules import calendar_complaints

FULL_REGION = """\
regions:
  us: { zones: [America/New_York], currency: USD }
  de:
    name: Germany
    zones: [Europe/Berlin, Europe/Busingen]
    anchor: Europe/Busingen
    currency: EUR
    locale: de-DE
    city: { name: Berlin, latitude: 52.52, longitude: 13.405 }
    weekend: [fri, sat]
    holidays: { country: DE-BY, categories: [public, catholic], observed: false }
    hijri_offset: -1
    ramadan: [{ from: 2027-02-09, to: 2027-03-09 }]
    blackout: [{ from: 2026-12-24, to: 2026-12-26, reason: stocktaking }]
    peaks: { weekday: ["19:30-21:30", 11:00-13:00], weekend: "22:00-01:00" }
    rules: [eu, de]
    tags: [core]
"""


def _time(text):
    from promo_scheduler.clock import TimeOfDay

    return TimeOfDay.parse(text)


# ── regions ─────────────────────────────────────────────────────────────────────────────────────
def test_a_region_is_read_as_written(room):
    room.write("config/regions.yaml", FULL_REGION)
    region = room.load().regions["de"]
    assert (region.title, region.anchor, region.currency) == ("Germany", "Europe/Busingen", "EUR")
    assert region.city == City("Berlin", Decimal("52.52"), Decimal("13.405"))
    assert region.weekend == {4, 5}
    assert region.holidays == Holidays("DE", "BY", ("public", "catholic"), observed=False)
    assert region.hijri_offset == -1
    assert region.ramadans == ((date(2027, 2, 9), date(2027, 3, 9)),)
    assert region.blackouts == (Blackout(date(2026, 12, 24), date(2026, 12, 26), "stocktaking"),)
    assert region.peaks == Peaks(
        (Peak(_time("19:30"), _time("21:30")), Peak(_time("11:00"), _time("13:00"))),
        (Peak(_time("22:00"), _time("01:00")),),
    )
    assert (region.rules, region.tags) == (("eu", "de"), {"core"})


def test_a_region_needs_no_more_than_zones_and_a_currency(room):
    region = room.load().regions["us"]
    assert (region.title, region.anchor) == ("us", "America/New_York")
    assert region.weekend == {5, 6}


def test_an_entry_replaces_the_shipped_one_as_a_whole(room):
    room.write("config/regions.yaml", "regions:\n  de: { zones: [Europe/Vienna], currency: CHF }\n")
    regions = room.load().regions
    assert regions["de"].anchor == "Europe/Vienna"
    assert regions["de"].tags == frozenset()
    assert regions["us"].title == "United States"  # shipped


def test_a_shipped_region_counts_only_where_it_is_named(room):
    (room.root / "config/regions.yaml").unlink()
    assert set(room.load().regions) == {"de", "us"}


def test_a_tag_of_shipped_regions_that_nobody_names_means_nothing(room):
    text = (room.root / "campaigns/sale.yaml").read_text()
    room.campaign(text.replace("[de, us]", "{ tagged: oceania }"))
    assert room.problem().code == "E015"


def test_an_own_region_that_nobody_names_is_checked_and_does_not_count(room):
    room.write("config/regions.yaml", "regions:\n  xx: { zones: [Europe/Oslo], currency: NOK }\n")
    assert "xx" not in room.load().regions
    room.write("config/regions.yaml", "regions:\n  xx: { zones: [Europe/Oslo] }\n")
    assert room.problem().code == "E016"


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("{ currency: EUR }", "E016", "regions.de"),
        ("{ zones: [Europe/Berlin] }", "E016", "regions.de"),
        ("{ zones: [], currency: EUR }", "E011", "regions.de.zones"),
        ("{ zones: Europe/Berlin, currency: EUR }", "E011", "regions.de.zones"),
        ("{ zones: [Europe/Berlin, Europe/Berlin], currency: EUR }", "E011", "regions.de.zones"),
        ("{ zones: [CEST], currency: EUR }", "E012", "regions.de.zones.0"),
        ("{ zones: [europe/berlin], currency: EUR }", "E012", "regions.de.zones.0"),
        ("{ zones: [../../etc/passwd], currency: EUR }", "E012", "regions.de.zones.0"),
        ("{ zones: [Europe/Berlin], anchor: Europe/Vienna, currency: EUR }", "E060", "regions.de.anchor"),
        ("{ zones: [Europe/Berlin], anchor: [Europe/Berlin, Europe/Vienna], currency: EUR }", "E011", "regions.de.anchor"),
        ("{ zones: [Europe/Berlin], currency: Euro }", "E052", "regions.de.currency"),
        ("{ zones: [Europe/Berlin], currency: EUR, peaks: { weekday: evening } }", "E031", "regions.de.peaks.weekday.0"),
        ('{ zones: [Europe/Berlin], currency: EUR, peaks: { weekday: "20:00-20:00" } }', "E042", "regions.de.peaks.weekday.0"),
        ("{ zones: [Europe/Berlin], currency: EUR, weekend: [saturday] }", "E011", "regions.de.weekend.0"),
        ("{ zones: [Europe/Berlin], currency: EUR, locale: German }", "E036", "regions.de.locale"),
        ("{ zones: [Europe/Berlin], currency: EUR, holidays: Germany }", "E036", "regions.de.holidays"),
        ("{ zones: [Europe/Berlin], currency: EUR, city: { name: B, latitude: 95, longitude: 0 } }", "E035", "regions.de.city.latitude"),
        ("{ zones: [Europe/Berlin], currency: EUR, hijri_offset: 2 }", "E035", "regions.de.hijri_offset"),
        ("{ zones: [Europe/Berlin], currency: EUR, ramadan: [{ from: 2027-01-08, to: 2027-02-08 }] }", "E061", "regions.de.ramadan.0.from"),
        ("{ zones: [Europe/Berlin], currency: EUR, ramadan: [{ from: 2177-01-08, to: 2177-02-08 }] }", "E061", "regions.de.ramadan.0.from"),
        ("{ zones: [Europe/Berlin], currency: EUR, ramadan: [{ from: 2027-02-08, to: 2028-02-09 }] }", "E061", "regions.de.ramadan.0.to"),
        ("{ zones: [Europe/Berlin], currency: EUR, ramadan: [{ from: 2027-02-08, to: 2027-03-10 }] }", "E061", "regions.de.ramadan.0.to"),
        ("{ zones: [Europe/Berlin], currency: EUR, ramadan: [{ from: 2027-02-08, to: 2027-03-07 }] }", "E061", "regions.de.ramadan.0.to"),
        ("{ zones: [Europe/Berlin], currency: EUR, ramadan: [{ from: 2027-02-08, to: 2027-03-09 }, { from: 2027-02-09, to: 2027-03-09 }] }", "E061", "regions.de.ramadan.1.from"),
        ("{ zones: [Europe/Berlin], currency: EUR, holidays: XX }", "E058", "regions.de.holidays"),
        ("{ zones: [Europe/Berlin], currency: EUR, holidays: UK }", "E058", "regions.de.holidays"),
        ("{ zones: [Europe/Berlin], currency: EUR, holidays: DE-XX }", "E058", "regions.de.holidays"),
        ("{ zones: [Europe/Berlin], currency: EUR, holidays: { country: DE-XX } }", "E058", "regions.de.holidays.country"),
        ("{ zones: [Europe/Berlin], currency: EUR, holidays: { country: DE, categories: [banana] } }", "E058", "regions.de.holidays.categories"),
        ("{ zones: [Europe/Berlin], currency: EUR, holidays: [] }", "E011", "regions.de.holidays"),
        ('{ zones: [Europe/Berlin], currency: EUR, hijri_offset: "1" }', "E035", "regions.de.hijri_offset"),
        ("{ zones: [Europe/Berlin], currency: EUR, hijri_offset: ١ }", "E035", "regions.de.hijri_offset"),
        ("{ zones: [Europe/Berlin], currency: EUR, ramadan: [2027-02-08] }", "E011", "regions.de.ramadan.0"),
        ("{ zones: [Europe/Berlin], currency: EUR, ramadan: [{ from: 2027-02-08, to: 2027-02-07 }] }", "E043", "regions.de.ramadan.0.to"),
        ("{ zones: [Europe/Berlin], currency: EUR, blackout: [{ from: christmas, to: 2027-02-08 }] }", "E033", "regions.de.blackout.0.from"),
        ("{ zones: [Europe/Berlin], currency: EUR, blackout: [{ from: 2027-02-08 }] }", "E016", "regions.de.blackout.0"),
    ],
)  # fmt: skip
def test_regions_that_do_not_fit_are_refused_at_their_key(room, text, code, path):
    room.write("config/regions.yaml", f"regions:\n  de: {text}\n")
    problem = room.problem()
    assert (problem.code, problem.path) == (code, path)
    assert (problem.place.file, problem.place.line) == ("config/regions.yaml", 2)


def test_the_two_ramadans_of_one_year_are_both_announced(room):
    dates = "[{ from: 2030-01-05, to: 2030-02-03 }, { from: 2030-12-26, to: 2031-01-23 }]"
    room.write(
        "config/regions.yaml",
        f"regions:\n  de: {{ zones: [Europe/Berlin], currency: EUR, ramadan: {dates} }}\n"
        "  us: { zones: [America/New_York], currency: USD }\n",
    )
    assert len(room.load().regions["de"].ramadans) == 2


def test_a_list_where_none_may_stand_is_told_in_plain_words(room):
    room.write(
        "config/regions.yaml",
        "regions:\n  de: { zones: [Europe/Berlin], currency: EUR, holidays: [] }\n",
    )
    assert room.problem().message == "expected a single value or a mapping, found a list"


def test_the_shipped_regions_have_calendars_that_the_library_has(room):
    known, problems = regions_in(shipped_config("regions.yaml"), calendar_complaints)
    assert problems == []
    assert sum(region.holidays is not None for region in known.values()) > 30


def test_a_calendar_that_the_shipped_catalogue_has_is_not_looked_up_again(room):
    """Loading the library takes longer than reading the workspace."""
    room.write(
        "config/regions.yaml",
        "regions:\n  de: { zones: [Europe/Berlin], currency: EUR, holidays: DE }\n"
        "  us: { zones: [America/New_York], currency: USD }\n",
    )
    room.load()
    code = (
        "import sys; from pathlib import Path; from promo_scheduler.source import load; "
        f"load(Path({str(room.root)!r}), revision=None); print('holidays' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_an_unreadable_regions_file_is_not_followed_by_unknown_regions(room):
    room.write("config/regions.yaml", "regions: [\n")
    text = (room.root / "campaigns/sale.yaml").read_text()
    room.campaign(text.replace("[de, us]", "[de, mine]"))
    errors = [problem for problem in room.problems() if problem.severity == "error"]
    assert [problem.place.file for problem in errors] == ["config/regions.yaml"]


# ── channels ────────────────────────────────────────────────────────────────────────────────────
def test_a_channel_is_read_as_written_with_its_references_unresolved(room):
    room.write(
        "config/channels.yaml",
        "channels:\n  shop:\n    connector: sandbox\n    regions: [de, us]\n"
        "    targets: { de: 00123, us: us-store }\n    zones: each\n"
        '    settings: { url: "http://127.0.0.1:8322", token: "${env:STORE_TOKEN}", retries: 3 }\n'
        "    limits: { concurrency: 2, rate: 30/m }\n    stage_ahead: 1d\n",
    )
    channel = room.load().channels["shop"]
    assert channel.targets == {"de": "00123", "us": "us-store"}
    assert channel.settings["token"] == "${env:STORE_TOKEN}"
    assert channel.settings["retries"] == "3"
    assert channel.limits == Limits(2, 0.5)
    assert (channel.zones, channel.stage_ahead) == ("each", timedelta(hours=24))


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("{ connector: sandbox }", "E016", "channels.shop"),
        ("{ regions: [de] }", "E016", "channels.shop"),
        ("{ connector: sandbox, regions: [] }", "E011", "channels.shop.regions"),
        ("{ connector: sandbox, regions: [dee] }", "E013", "channels.shop.regions.0"),
        ("{ connector: sandbox, regions: [de, us] }", "E062", "channels.shop.targets"),
        ("{ connector: sandbox, regions: [de, us], targets: { de: x } }", "E062", "channels.shop.targets"),
        ("{ connector: sandbox, regions: [de], targets: { us: x } }", "E063", "channels.shop.targets.us"),
        ("{ connector: sandbox, regions: [de], zones: all }", "E011", "channels.shop.zones"),
        ("{ connector: sandbox, regions: [de], limits: { rate: 40 } }", "E035", "channels.shop.limits.rate"),
        ("{ connector: sandbox, regions: [de], limits: { rate: 0/s } }", "E035", "channels.shop.limits.rate"),
        ("{ connector: sandbox, regions: [de], limits: { concurrency: 0 } }", "E035", "channels.shop.limits.concurrency"),
        ("{ connector: sandbox, regions: [de], settings: { a: [b] } }", "E011", "channels.shop.settings.a"),
        ("{ connector: sandbox, regions: [de], settings: { a: '${env:}' } }", "E064", "channels.shop.settings.a"),
        ("{ connector: sandbox, regions: [de], stage_ahead: soon }", "E034", "channels.shop.stage_ahead"),
        ("{ connector: sandbox, region: [de], regions: [de] }", "E010", "channels.shop.region"),
    ],
)  # fmt: skip
def test_channels_that_do_not_fit_are_refused_at_their_key(room, text, code, path):
    room.write("config/channels.yaml", f"channels:\n  shop: {text}\n")
    problem = room.problem()
    assert (problem.code, problem.path) == (code, path)
    assert (problem.place.file, problem.place.line) == ("config/channels.yaml", 2)


def test_the_line_of_a_broken_reference_is_not_shown(room):
    room.write(
        "config/channels.yaml",
        "channels:\n  shop: { connector: sandbox, regions: [de], settings: { a: '${hunter2' } }\n",
    )
    problem = room.problem()
    assert problem.code == "E064"
    assert "hunter2" not in f"{problem!r}"


# ── settings ────────────────────────────────────────────────────────────────────────────────────
def test_settings_are_read_as_written(room):
    room.write(
        "config/settings.yaml",
        "ledger: postgresql+psycopg://promo@db/promo\naudit_key: ${env:KEY}\n"
        "apply: { auto: [create], ask: [withdraw] }\nretry: { shortest: 2s, longest: 10m }\n"
        "reconcile_every: 1m\nlease: PT2M\nending_patience: 1d\nmax_in_flight: 7\nmax_occurrences: 9\n"
        "new_zone_data: ask\nmetrics: out/promo.prom\n",
    )
    assert room.load().settings == Settings(
        ledger="postgresql+psycopg://promo@db/promo",
        audit_key="${env:KEY}",
        apply=ApplyPolicy(frozenset({"create"})),
        retry=Retry(timedelta(seconds=2), timedelta(minutes=10)),
        reconcile_every=timedelta(minutes=1),
        lease=timedelta(minutes=2),
        ending_patience=timedelta(days=1),
        max_in_flight=7,
        new_zone_data="ask",
        max_occurrences=9,
        metrics="out/promo.prom",
    )


def test_what_is_asked_for_is_not_applied_alone(room):
    room.write("config/settings.yaml", "apply: { ask: [move] }\n")
    assert room.load().settings.apply.auto == {"create", "amend", "cancel"}


def test_the_shipped_settings_are_the_defaults(room):
    room.write("config/settings.yaml", (shipped("config") / "settings.yaml").read_text())
    assert room.load().settings == Settings()


def test_no_settings_file_means_the_defaults(room):
    (room.root / "config/settings.yaml").unlink()
    assert room.load().settings == Settings()


@pytest.mark.parametrize(
    ("text", "code", "path"),
    [
        ("leese: 30s", "E010", "leese"),
        ("lease: 0s", "E034", "lease"),
        ("lease: 30", "E034", "lease"),
        ("max_in_flight: many", "E035", "max_in_flight"),
        ("new_zone_data: never", "E011", "new_zone_data"),
        ("max_in_flight: 0", "E035", "max_in_flight"),
        ("apply: { auto: [creat] }", "E011", "apply.auto.0"),
        ("apply: { auto: [create, move], ask: [move] }", "E066", "apply.ask.0"),
        ("retry: { shortest: 1h }", "E067", "retry"),
        ("notify: [ops]", "E070", "notify"),
        ("audit_key: hunter2", "E065", "audit_key"),
        ("metrics: /tmp/promo.txt", "E078", "metrics"),
        ("metrics: [a.prom]", "E011", "metrics"),
    ],
)
def test_settings_that_do_not_fit_are_refused_at_their_key(room, text, code, path):
    room.write("config/settings.yaml", text + "\n")
    problem = room.problem()
    assert (problem.code, problem.path) == (code, path)
    assert "hunter2" not in f"{problem!r}"


# ── the catalogue ───────────────────────────────────────────────────────────────────────────────
def test_the_catalogue_is_read(room):
    room.write(
        "config/catalog.csv",
        "sku,title,category,tags,collections,cost,EUR,price_USD\n"
        '00123,"Shoe, blue",shoes,winter;Big Sale;,Autumn Days|x,10.50,59.90,\n\n'
        "B-1,Hat,,winter gift,,,,9\n",
    )
    assert room.load().catalog == (
        Product(
            "00123",
            "Shoe, blue",
            "shoes",
            frozenset({"winter", "Big Sale"}),
            frozenset({"Autumn Days", "x"}),
            Decimal("10.50"),
            {"EUR": Decimal("59.90")},
        ),
        Product("B-1", "Hat", tags=frozenset({"winter", "gift"}), prices={"USD": Decimal(9)}),
    )


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "E024", "1:1"),
        ("title\nx\n", "E016", "1:1"),
        ("sku,titel\nA,x\n", "E010", "1:5"),
        ("sku,title,title\nA,x,y\n", "E017", "1:11"),
        ("sku,EUR,price_EUR\nA,1,2\n", "E017", "1:9"),
        ("sku,title\nA\n", "E068", "2:1"),
        ("sku,title\nA,b,c\n", "E068", "2:1"),
        ("sku,title\n,b\n", "E068", "2:1"),
        ('sku,title\nA,"b\n', "E068", "2:1"),
        ("sku,title\nA,x\nB,y\nA,z\n", "E069", "4:1"),
        ("sku,EUR\nA,1\nB,free\n", "E035", "3:3"),
        ('sku,title,EUR\nA,"x, y",-1\n', "E035", "2:10"),
        ("sku,cost\nA,1e3\n", "E035", "2:3"),
        ("sku,title\nA,\x1b[31m\n", "E036", "2:1"),
        (b"sku\n\xff\n", "E022", "2:1"),
    ],
)
def test_a_catalogue_that_does_not_fit_is_refused_at_its_line(room, text, code, place):
    room.write("config/catalog.csv", text)
    problem = room.problem()
    assert (problem.code, str(problem.place)) == (code, f"config/catalog.csv:{place}")


def test_a_catalogue_full_of_mistakes_names_the_first_hundred(room):
    room.write("config/catalog.csv", "sku,EUR\n" + "".join(f"S{n},x\n" for n in range(5_000)))
    assert len(room.problems()) == 100


# ── the digest ──────────────────────────────────────────────────────────────────────────────────
def test_the_digest_names_the_content_of_config_and_nothing_else(room, tmp_path):
    before = room.load().config_digest
    room.root.rename(tmp_path / "moved")
    (tmp_path / "moved").rename(room.root)
    room.campaign((room.root / "campaigns/sale.yaml").read_text() + "priority: 5\n")
    assert room.load().config_digest == before
    room.write("config/settings.yaml", "lease: 30s\n")
    assert room.load().config_digest != before
