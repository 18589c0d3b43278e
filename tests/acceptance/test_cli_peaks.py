"""`promo peaks learn`: orders in, each region's best hours out, and into config/regions.yaml."""

import csv
import os
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

ZONES = {"DE": "Europe/Berlin", "US": "America/New_York"}
REAL = "PROMO_ORDERS"  # the path of a real set: UCI Online Retail, doi:10.24432/C5BW33
SUMMER = (datetime(2011, 3, 27, 1, tzinfo=UTC), datetime(2011, 10, 30, 1, tzinfo=UTC))


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A year of lunch buyers in Germany, and a few orders from America and France."""
    draw = Random(7)
    path = tmp_path / "orders.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["order", "placed_at_utc", "country"])
        for number in range(2000):
            country = "US" if number % 20 == 0 else "DE"
            day = date(2025, 1, 1) + timedelta(days=draw.randrange(365))
            noon = datetime.combine(day, time(12), ZoneInfo(ZONES[country])).astimezone(UTC)
            placed = noon + timedelta(minutes=draw.randrange(120))
            writer.writerow([number, placed.isoformat(), country])
        writer.writerow([0, "2025-05-05T12:00:00Z", "FR"])
    return path


def profile(result, region, kind):
    (lesson,) = (each for each in result.json["regions"] if each["region"] == region)
    return next(each for each in lesson["profiles"] if each["day_type"] == kind)


def test_it_shows_what_it_found_and_what_it_would_write(promo, workspace, orders):
    result = promo("-w", workspace, "peaks", "learn", orders)

    assert result.code == 0 and result.err == ""
    assert "de Germany · Europe/Berlin" in result.out
    assert "19:30-21:30 → 12:00-14:00" in result.out
    assert "not enough data: " in result.out and "anchor of 7 zones" in result.out
    assert "1 order of a country that no region here has: FR 1." in result.out
    assert "To be written to config/regions.yaml:" in result.out
    assert "`promo apply`" in result.out.splitlines()[-1]
    assert not (workspace / "config" / "regions.yaml").exists()


def test_written_peaks_load_and_the_second_run_changes_nothing(promo, workspace, orders):
    first = promo("-w", workspace, "peaks", "learn", orders, "--write")
    written = (workspace / "config" / "regions.yaml").read_bytes()

    second = promo("-w", workspace, "peaks", "learn", orders, "--write")

    assert "Written to config/regions.yaml:" in first.out
    assert "`promo plan`" in first.out and "`promo apply`" in first.out
    assert b'weekday: "12:00-14:00"' in written
    assert b"  us:" not in written  # 100 orders say nothing
    assert (workspace / "config" / "regions.yaml").read_bytes() == written
    assert "needs no change" in second.out
    assert promo("-w", workspace, "validate").code == 0


def test_programs_get_the_profile_the_interval_and_the_reason(promo, workspace, orders):
    result = promo("-w", workspace, "peaks", "learn", orders, "--window", "1h", "-o", "json")

    weekday = profile(result, "de", "weekday")
    assert result.json["version"] == 1
    assert (result.json["rows"], result.json["written"]) == (2001, False)
    assert len(weekday["hours"]) == 24 and sum(weekday["hours"]) == pytest.approx(1, abs=0.001)
    (found,) = weekday["learned"]
    assert found["peak"] in ("12:00-13:00", "12:30-13:30", "13:00-14:00")
    assert found["start_from"] <= found["peak"][:5] <= found["start_until"]
    assert profile(result, "us", "holiday")["learned"] == []
    assert profile(result, "us", "holiday")["reason"].startswith("not enough data")


def test_one_region_is_learned_as_it_is_among_all(promo, workspace, orders):
    everything = promo("-w", workspace, "peaks", "learn", orders, "-o", "json")

    one = promo("-w", workspace, "peaks", "learn", orders, "--region", "de", "-o", "json")

    assert [each["region"] for each in one.json["regions"]] == ["de"]
    assert one.json["regions"][0] == everything.json["regions"][0]


def test_regions_of_one_country_all_get_its_orders_and_that_is_said(promo, workspace, orders):
    entry = "{ zones: [Europe/Berlin], currency: EUR, locale: de-DE }"
    (workspace / "config" / "regions.yaml").write_text(f"regions:\n  de-outlet: {entry}\n")
    channels = (workspace / "config" / "channels.yaml").read_text()
    channels = channels.replace("[de, us]", "[de, us, de-outlet]").replace(
        "us: us-store", "us: us-store, de-outlet: outlet"
    )
    (workspace / "config" / "channels.yaml").write_text(channels)

    result = promo("-w", workspace, "peaks", "learn", orders, "-o", "json")

    assert result.json["shared"] == {"DE": ["de", "de-outlet"]}
    assert [each["orders"] for each in result.json["regions"]] == [1900, 1900, 100]
    assert "count for each of de, de-outlet" in promo("-w", workspace, "peaks", "learn", orders).out


def test_the_picture_names_and_describes_itself(promo, workspace, orders, tmp_path):
    picture = tmp_path / "peaks.svg"

    assert promo("-w", workspace, "peaks", "learn", orders, "--svg", picture).code == 0

    space = "{http://www.w3.org/2000/svg}"
    root = ET.parse(picture).getroot()
    assert root.find(f"{space}title").text
    assert "19:30-21:30 → 12:00-14:00" in root.find(f"{space}desc").text
    bars = [each for each in root.iter(f"{space}rect") if "bar" in each.get("class", "")]
    assert len(bars) == 2 * 3 * 24 + 1  # two regions, three day types, and the legend


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2025-05-05T12:00:00,DE", "expected an instant with Z or an offset"),
        ("2025-05-05T12:00:00Z,", "names no country"),
    ],
    ids=["naive", "no country"],
)
def test_bad_rows_stop_it_where_they_are_many_and_are_told_where_they_are_few(
    promo, workspace, orders, row, said
):
    with orders.open("a") as file:
        file.write(f"0,{row}\n")
    few = promo("-w", workspace, "peaks", "learn", orders)
    with orders.open("a") as file:
        file.write(f"0,{row}\n" * 50)
    many = promo("-w", workspace, "peaks", "learn", orders, "--write")

    assert few.code == 0
    assert "orders.csv:2003:1 warn[W311]" in few.err and said in few.err
    assert many.code == 1 and many.out == ""
    assert "orders.csv:2003:1 error[E311]" in many.err and "51 of 2,052 rows" in many.err
    assert not (workspace / "config" / "regions.yaml").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--region", "dee"], "did you mean de?"),
        (["--window", "soon"], "expected a duration"),
        (["--window", "13h"], "30 minutes to 12 hours"),
        (["--window", "1d"], "30 minutes to 12 hours"),
        (["--window", "10m"], "30 minutes to 12 hours"),
        (["--window", "5h", "--peaks", "3"], "more than 12 hours"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_does_not_fit_together_is_wrong_usage(promo, workspace, orders, options, said):
    result = promo("-w", workspace, "peaks", "learn", orders, *options)

    assert result.code == 2
    assert said in result.err


def test_bad_rows_are_told_in_one_block(promo, workspace, orders):
    with orders.open("a") as file:
        file.write("0,2025-05-05,DE\n0,2025-05-05T12:00:00Z,\n0,soon,DE\n")

    told = promo("-w", workspace, "peaks", "learn", orders).err

    assert told.count("warn[W311]") == 3
    assert "" not in told[: told.index(" rows were left out")].splitlines()


@pytest.mark.parametrize("content", [None, "", "# ours\n"], ids=["absent", "empty", "a comment"])
def test_too_few_orders_change_nothing_and_the_reason_is_shown(promo, workspace, tmp_path, content):
    few = tmp_path / "few.csv"
    few.write_text("placed_at_utc,country\n2025-05-05T12:00:00Z,DE\n")
    file = workspace / "config" / "regions.yaml"
    if content is not None:
        file.write_text(content)

    result = promo("-w", workspace, "peaks", "learn", few, "--write")

    assert result.code == 0
    assert "not enough data" in result.out and "needs no change" in result.out
    assert (file.read_text() if file.exists() else None) == content


def test_a_picture_that_cannot_be_written_is_an_error(promo, workspace, orders):
    result = promo("-w", workspace, "peaks", "learn", orders, "--svg", "/nowhere/at/all.svg")

    assert result.code == 1
    assert "E304" in result.err and "make the folder /nowhere/at first" in result.err


def test_a_file_that_is_not_there_or_has_other_columns_fails(promo, workspace, tmp_path):
    (tmp_path / "other.csv").write_text("when,who\n")

    gone = promo("-w", workspace, "peaks", "learn", tmp_path / "gone.csv")
    other = promo("-w", workspace, "peaks", "learn", tmp_path / "other.csv")

    assert (gone.code, other.code) == (1, 1)
    assert "error[E310]" in gone.err
    assert "No such file" in " ".join(gone.err.split())
    assert "expected the columns placed_at_utc, and region or country" in other.err


def test_on_the_real_set_britain_buys_at_the_same_hour_in_summer_and_winter(
    promo, workspace, tmp_path
):
    # Given the real orders of a British shop, by the half of the year
    if REAL not in os.environ:
        pytest.skip(f"{REAL} does not name the real set of orders")
    halves = {"summer": tmp_path / "summer.csv", "winter": tmp_path / "winter.csv"}
    rows = list(csv.DictReader(Path(os.environ[REAL]).read_text("utf-8").splitlines()))
    for name, path in halves.items():
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            for row in rows:
                at = datetime.fromisoformat(row["placed_at_utc"])
                if (SUMMER[0] <= at < SUMMER[1]) is (name == "summer"):
                    writer.writerow(row)
    channels = workspace / "config" / "channels.yaml"
    channels.write_text(
        channels.read_text().replace("[de, us]", "[de, us, gb]").replace("{ de:", "{ gb: gb, de:")
    )

    starts = {}
    for name, path in halves.items():
        result = promo("-w", workspace, "peaks", "learn", path, "--region", "gb", "-o", "json")
        start = profile(result, "gb", "weekday")["learned"][0]["peak"][:5]
        starts[name] = int(start[:2]) * 60 + int(start[3:])

    # Then its clock moved and its weekday did not
    assert abs(starts["summer"] - starts["winter"]) <= 30
