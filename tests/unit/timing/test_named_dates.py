"""Named dates by region and year (T12, T13); the checked rows are in tests/cases."""

import csv
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from promo_scheduler.calendar import (
    Between,
    Finding,
    FromTable,
    Given,
    MonthDay,
    Moved,
    NamedDate,
)
from promo_scheduler.region import Holidays, Region
from promo_scheduler.source.calendars_file import dates_in
from promo_scheduler.source.config import open_config
from promo_scheduler.timing.named import named_days

CASES = Path(__file__).parents[2] / "cases" / "calendar_cases.csv"
NAMES = {
    "mothers-day-us": "mothers-day",
    "ramadan-start (Umm al-Qura)": "ramadan",
    "eid-al-fitr (Umm al-Qura)": "eid-al-fitr",
    "eid-al-adha (Umm al-Qura)": "eid-al-adha",
    "golden-week-start (Showa)": "golden-week",
    "double-11": "11.11",
}
COUNTRIES = {"golden-week": "JP"}
NORMATIVE = {"ramadan": "hijridate", "eid-al-fitr": "hijridate", "eid-al-adha": "hijridate"}
PIN = "pin it in config/calendars.yaml: dates: "
ANNOUNCE = "announce it for r in config/regions.yaml: ramadan: "
NORMATIVE |= {"diwali": "holidays_IN", "lunar-new-year": "holidays_CN"}


def rows():
    with CASES.open(newline="") as file:
        return list(csv.DictReader(file))


def region(country="US", **given):
    return Region("r", "R", ("UTC",), "UTC", "EUR", holidays=Holidays(country), **given)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """What a workspace without a calendars file of its own has."""
    dates, problems = dates_in(open_config(tmp_path_factory.mktemp("w"), "calendars.yaml"))
    assert problems == []
    return dates


def firsts(dates, name, year, where):
    return [each.first for each in named_days(dates, where, name, year)]


def only(dates, name, year, where):
    (found,) = named_days(dates, where, name, year)
    return found


def words(day):
    return f"{day.day} {day:%b %Y}"


# ── the checked rows ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['event']}-{row['year']}")
def test_a_checked_row_is_found(shipped, row):
    name = NAMES.get(row["event"], row["event"])
    oracles = dict(part.split("=") for part in row["oracles"].split(";"))
    expected = date.fromisoformat(oracles.get(NORMATIVE.get(name, ""), row["date"]))

    found = named_days(shipped, region(COUNTRIES.get(name, "US")), name, int(row["year"]))

    assert expected in [each.first for each in found]
    (days,) = [each for each in found if each.first == expected]
    if len(set(oracles.values())) > 1:
        for day in map(date.fromisoformat, oracles.values()):
            assert words(day) in days.dispute


@pytest.mark.parametrize("row", [r for r in rows() if "holidays_SG" in r["oracles"]], ids=str)
def test_singapore_has_the_dates_that_singapore_announces(shipped, row):
    oracles = dict(part.split("=") for part in row["oracles"].split(";"))
    found = firsts(shipped, row["event"], int(row["year"]), region("SG"))
    assert found == [date.fromisoformat(oracles["holidays_SG"])]


# ── rules ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("year", "day"), [(2019, 29), (2024, 29), (2030, 29), (2026, 27)])
def test_black_friday_is_the_day_after_the_4th_thursday(shipped, year, day):
    friday = only(shipped, "black-friday", year, region("DE"))
    assert (friday.first, friday.last) == (date(year, 11, day),) * 2
    assert friday.occurrence == f"black-friday-{year}"
    assert friday.words == f"{day} Nov {year}"
    assert friday.source == "4th Thursday of November + 1 day"


@pytest.mark.parametrize(
    ("country", "day"),
    [
        ("US", date(2027, 5, 9)),
        ("GB", date(2027, 3, 7)),
        ("IE", date(2027, 3, 7)),
        ("FR", date(2027, 5, 30)),
        ("MX", date(2027, 5, 10)),
        ("SA", date(2027, 3, 21)),
        ("TH", date(2027, 8, 12)),
        ("NO", date(2027, 2, 14)),
        ("AR", date(2027, 10, 17)),
    ],
)
def test_mothers_day_is_the_countrys_own(shipped, country, day):
    assert firsts(shipped, "mothers-day", 2027, region(country)) == [day]


@pytest.mark.parametrize(
    ("year", "day"), [(2026, date(2026, 5, 31)), (2023, date(2023, 6, 4)), (2012, date(2012, 6, 3))]
)
def test_in_france_mothers_day_gives_way_to_pentecost(shipped, year, day):
    assert firsts(shipped, "mothers-day", year, region("FR")) == [day]


def test_easter_is_orthodox_where_most_people_are(shipped):
    assert firsts(shipped, "easter", 2026, region("DE")) == [date(2026, 4, 5)]
    assert firsts(shipped, "easter", 2026, region("GR")) == [date(2026, 4, 12)]


@pytest.mark.parametrize(
    ("name", "country", "first", "last"),
    [
        ("golden-week", "JP", date(2027, 4, 29), date(2027, 5, 5)),
        ("golden-week", "CN", date(2027, 10, 1), date(2027, 10, 7)),
        ("obon", "JP", date(2027, 8, 13), date(2027, 8, 16)),
        ("ochugen", "JP", date(2027, 7, 1), date(2027, 7, 15)),
        ("ramadan", "SA", date(2027, 2, 8), date(2027, 3, 8)),
    ],
)
def test_a_name_may_mean_several_days(shipped, name, country, first, last):
    found = only(shipped, name, 2027, region(country))
    assert (found.first, found.last) == (first, last)


def test_a_range_is_worded_by_what_its_ends_share(shipped):
    assert only(shipped, "golden-week", 2027, region("CN")).words == "1–7 Oct 2027"
    assert only(shipped, "golden-week", 2027, region("JP")).words == "29 Apr – 5 May 2027"


# ── tables ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("country", "year", "day"),
    [
        ("CN", 2027, date(2027, 2, 6)),
        ("KR", 2027, date(2027, 2, 7)),
        ("KR", 2028, date(2028, 1, 27)),
        ("SG", 2030, date(2030, 2, 3)),
        ("VN", 2030, date(2030, 2, 2)),
    ],
)
def test_lunar_new_year_goes_by_the_countrys_own_clock(shipped, country, year, day):
    found = only(shipped, "lunar-new-year", year, region(country))
    assert found.first == day
    assert re.fullmatch(r"holidays [0-9.]+, \w+ lunisolar table", found.source)


def test_a_new_moon_near_midnight_is_a_dispute_of_the_tables(shipped):
    for country in ("CN", "KR", "DE"):
        dispute = only(shipped, "lunar-new-year", 2027, region(country)).dispute
        assert "Chinese lunisolar table has 6 Feb 2027" in dispute
        assert "Korean lunisolar table has 7 Feb 2027" in dispute
    assert only(shipped, "lunar-new-year", 2029, region("CN")).dispute == ""


def test_deepavali_2028_is_disputed_and_an_estimate_is_called_one(shipped):
    india = only(shipped, "diwali", 2028, region("IN"))
    singapore = only(shipped, "diwali", 2028, region("SG"))
    assert (india.first, singapore.first) == (date(2028, 10, 17), date(2028, 11, 15))
    assert "17 Oct 2028" in singapore.dispute
    assert "15 Nov 2028" in india.dispute
    assert singapore.source.endswith("Deepavali table of Singapore (estimated)")
    assert only(shipped, "diwali", 2026, region("SG")).source.endswith("table of Singapore")


def test_a_year_after_the_end_of_a_table_is_an_error_that_names_the_table(shipped):
    with pytest.raises(ValueError, match=r"Diwali table of India, has no date for 2036"):
        named_days(shipped, region("IN"), "diwali", 2036)


# ── the Hijri calendar ──────────────────────────────────────────────────────────────────────────
def test_2030_has_two_ramadans(shipped):
    first, second = named_days(shipped, region("SA"), "ramadan", 2030)
    assert (first.occurrence, second.occurrence) == ("ramadan-2030", "ramadan-2030.2")
    assert (first.first, second.first) == (date(2030, 1, 5), date(2030, 12, 26))
    assert re.fullmatch(r"hijridate [0-9.]+, Umm al-Qura", first.source)


def test_a_hijri_offset_moves_the_dates_and_is_part_of_the_source(shipped):
    moved = only(shipped, "eid-al-adha", 2027, region("ID", hijri_offset=1))
    assert moved.first == date(2027, 5, 17)
    assert "+1 day by config/regions.yaml" in moved.source


def test_an_announced_ramadan_decides_it_and_eid_and_ends_the_dispute(shipped):
    said = region("SA", ramadans=((date(2031, 12, 16), date(2032, 1, 13)),))
    ramadan = only(shipped, "ramadan", 2031, said)
    eid = named_days(shipped, said, "eid-al-fitr", 2032)[0]
    assert (ramadan.first, ramadan.last) == (date(2031, 12, 16), date(2032, 1, 13))
    assert ramadan.source == eid.source == "announced in config/regions.yaml"
    assert eid.first == date(2032, 1, 14)
    assert ramadan.dispute == ""
    assert only(shipped, "ramadan", 2031, region("SA")).dispute != ""


@pytest.mark.parametrize(
    ("name", "year", "where", "pin"),
    [
        (
            "lunar-new-year",
            2027,
            region("CN"),
            PIN + "{ lunar-new-year: { years: { 2027: 2027-02-06 } } }",
        ),
        (
            "ramadan",
            2031,
            region("SA"),
            ANNOUNCE + "[{ from: 2031-12-15, to: 2032-01-13 }]",
        ),
        (
            "eid-al-fitr",
            2033,
            region("SA"),
            ANNOUNCE + "[{ from: 2032-12-04, to: 2033-01-01 }]",
        ),
        (
            "eid-al-adha",
            2035,
            region("SA"),
            PIN + "{ eid-al-adha: { years: { 2035: 2035-02-18 } } }",
        ),
        ("eid-al-adha", 2034, region("SA"), ""),
    ],
    ids=lambda value: str(value) if isinstance(value, str | int) else "",
)
def test_a_dispute_comes_with_the_way_out_that_fits_the_date(shipped, name, year, where, pin):
    found = named_days(shipped, where, name, year)[0]

    assert bool(found.dispute) == bool(pin)
    assert found.pin == pin


def test_the_way_out_of_a_range_names_both_ends_and_the_year_that_it_belongs_to():
    week = Between(Moved(FromTable("lunar-new-year"), -45), Moved(FromTable("lunar-new-year"), 6))
    dates = {"festival": NamedDate("festival", (Finding(week, "us"),))}

    found = only(dates, "festival", 2027, region("CN"))

    assert (found.first.year, found.year) == (2026, 2027)
    assert "{ years: { 2027: { from: 2026-12-23, to: 2027-02-12 } } }" in found.pin


def test_a_date_before_its_year_belongs_to_the_year_that_selects_it():
    dates = {"nye": NamedDate("nye", (Finding(Moved(MonthDay(1, 1), -3), "us"),))}

    found = only(dates, "nye", 2027, region())

    assert (found.year, found.first, found.occurrence) == (2027, date(2026, 12, 29), "nye-2027")


def test_given_dates_of_a_year_are_numbered_in_the_order_of_time():
    july, march = (date(2027, month, 1) for month in (7, 3))
    given = tuple(Given(2027, day, day, "us") for day in (july, march))
    found = named_days({"fair": NamedDate("fair", (), given)}, region(), "fair", 2027)

    assert [(each.occurrence, each.first) for each in found] == [
        ("fair-2027", march),
        ("fair-2027.2", july),
    ]


# ── where there is none ─────────────────────────────────────────────────────────────────────────
def test_an_unknown_name_is_guessed_at(shipped):
    with pytest.raises(ValueError, match=r"did you mean black-friday\?"):
        named_days(shipped, region(), "blak-friday", 2026)


def test_a_country_without_the_date_is_named(shipped):
    with pytest.raises(ValueError, match="golden-week has no date in DE"):
        named_days(shipped, region("DE"), "golden-week", 2026)


def test_a_year_nobody_announced_says_which_years_are_known_and_how_to_add_it(shipped):
    assert only(shipped, "prime-day", 2026, region("US")).words == "23–26 Jun 2026"
    with pytest.raises(ValueError, match=r"2024, 2025, 2026 only.*years: \{ 2027: … \}"):
        named_days(shipped, region("US"), "prime-day", 2027)


def test_without_holidays_the_locale_says_the_country(shipped):
    british = replace(region(), holidays=None, locale="en-GB")
    nowhere = replace(region(), holidays=None, locale="en")
    assert firsts(shipped, "mothers-day", 2027, british) == [date(2027, 3, 7)]
    assert firsts(shipped, "easter", 2027, nowhere) == [date(2027, 3, 28)]
    with pytest.raises(ValueError, match="whose country nobody says"):
        named_days(shipped, nowhere, "mothers-day", 2027)
