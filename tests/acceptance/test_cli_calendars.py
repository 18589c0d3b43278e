"""`promo calendars`: dates by name, one date's story, a region's public holidays."""

import pytest

CHANNELS = """\
channels:
  storefront:
    connector: sandbox
    regions: [de, us, gb, jp, cn]
    targets: { de: de, us: us, gb: gb, jp: jp, cn: cn }
    settings: { url: "http://127.0.0.1:9" }
"""


@pytest.fixture
def shop(workspace):
    """The workspace with five markets."""
    (workspace / "config" / "channels.yaml").write_text(CHANNELS)
    return workspace


def test_every_date_is_listed_with_this_year_and_the_next(promo, shop):
    result = promo("calendars", "--year", "2026", "-w", shop)

    assert (result.code, result.err) == (0, "")
    lines = {line.split("  ")[0]: line for line in result.out.splitlines() if line[:1].strip()}
    assert "27 Nov 2026" in lines["black-friday"] and "26 Nov 2027" in lines["black-friday"]
    assert " all " in lines["black-friday"]
    assert "4th Thursday of November + 1 day" in result.out
    assert "not known" in lines["prime-day"]


def test_regions_that_differ_have_rows_of_their_own(promo, shop):
    result = promo("calendars", "--year", "2027", "-w", shop)

    start = result.out.index("mothers-day")
    rows = result.out[start:].splitlines()[:2]
    assert "9 May 2027" in rows[0] and "de" in rows[0]
    assert "7 Mar 2027" in rows[1] and "gb" in rows[1]


def test_a_dispute_is_said_until_the_workspace_pins_the_date(promo, shop):
    assert "disputed: " in promo("calendars", "lunar-new-year", "--year", "2027", "-w", shop).out

    pins = "dates: { lunar-new-year: { years: { 2027: 2027-02-06, 2028: 2028-01-26, 2030: 2030-02-03 } } }\n"
    (shop / "config" / "calendars.yaml").write_text(pins)

    result = promo("calendars", "lunar-new-year", "--year", "2027", "-w", shop)
    assert "disputed" not in result.out
    assert "pinned in config/calendars.yaml" in result.out


def test_one_date_tells_its_story_over_the_years(promo, shop):
    result = promo("calendars", "golden-week", "--year", "2027", "-w", shop)

    assert "jp: From Shōwa Day to Children's Day" in result.out
    assert "29 Apr – 5 May 2027" in result.out
    assert "1–7 Oct 2032" in result.out
    assert "golden-week has no date in DE" in result.out


def test_regions_whose_sources_differ_are_not_told_as_one(promo, shop):
    (shop / "config" / "regions.yaml").write_text(
        "regions:\n  de: { zones: [Europe/Berlin], currency: EUR, holidays: DE,\n"
        "        ramadan: [{ from: 2027-02-08, to: 2027-03-08 }] }\n"
    )

    every = promo("calendars", "--year", "2027", "-w", shop).out.splitlines()
    start = next(number for number, line in enumerate(every) if line.startswith("ramadan "))
    told = " ".join(" ".join(every[start : start + 4]).split())

    # Then the dates agree, and still de alone has its first year from its file
    assert "de 2027: announced in config/regions.yaml; 2028: hijridate" in told
    assert "cn, gb, jp, us hijridate" in told


def test_json_gives_every_occurrence(promo, shop):
    result = promo(
        "calendars", "ramadan", "--year", "2030", "--region", "de", "-w", shop, "-o", "json"
    )

    of_2030 = [each for each in result.json["dates"] if each["year"] == 2030]
    assert result.json["version"] == 1
    assert [each["occurrence"] for each in of_2030] == ["ramadan-2030", "ramadan-2030.2"]
    assert of_2030[0]["first"] == "2030-01-05"
    assert of_2030[0]["source"].startswith("hijridate ")
    assert {each["region"] for each in result.json["dates"]} == {"de"}


def test_json_says_why_a_date_is_missing(promo, shop):
    result = promo("calendars", "prime-day", "--year", "2027", "-w", shop, "-o", "json")

    told = {(each["region"], each["year"]): each["missing"] for each in result.json["dates"]}
    assert "prime-day is known for 2024, 2025, 2026 only" in told["us", 2027]
    assert "give it for 2028" in told["us", 2028]
    assert "prime-day has no date in JP" in told["jp", 2027]


def test_the_public_holidays_of_a_region_and_the_days_worked_for_them(promo, shop):
    result = promo("calendars", "--holidays", "cn", "--year", "2026", "-w", shop)

    assert "Sat 14 Feb  weekday  worked in exchange" in result.out
    assert "Tue 17 Feb  holiday  Chinese New Year" in result.out
    told = promo("calendars", "--holidays", "cn", "--year", "2026", "-w", shop, "-o", "json").json
    assert {"date": "2026-02-14", "day_type": "weekday", "name": "worked in exchange"} in told[
        "holidays"
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["blackfriday"], "did you mean black-friday?"),
        (["whatever"], "`promo calendars` lists them"),
        (["--region", "dee"], "did you mean de?"),
        (["--holidays", "jpn"], "did you mean jp?"),
        (["easter", "--holidays", "jp"], "leave out NAME"),
    ],
)
def test_what_is_not_there_is_wrong_usage(promo, shop, arguments, said):
    result = promo("calendars", *arguments, "-w", shop)

    assert result.code == 2
    assert said in result.err


def test_a_year_beyond_the_librarys_calendar_is_said_and_not_shown_empty(promo, shop):
    result = promo("calendars", "--holidays", "de", "--year", "2199", "-w", shop)

    assert (result.code, result.out) == (2, "")
    assert "ends in 2100 for DE, before 2199" in " ".join(result.err.split())


def test_every_code_of_the_calendars_is_explained(promo):
    for number in range(71, 78):
        assert promo("explain", f"E0{number}").code == 0
