"""The checked dates through the command line: each row as `date: "<name> <year>"`, one preview."""

import csv
import json
import subprocess
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

CASES = Path(__file__).parents[1] / "cases" / "calendar_cases.csv"
DISPUTED = "W120"
HEAD = """\
campaign: {name}
regions: [{region}]
phases:
  sale:
    when: {{ date: "{date}", from: "00:00", until: "24:00" }}
    offer: {{ percent: 10, products: {{ skus: [{name}] }} }}
"""

# How a row's event is called in a campaign, the shipped region it is asked for, and the source
# that decides where the row's sources disagree.
EVENTS = {
    "black-friday": ("black-friday", "us", ""),
    "cyber-monday": ("cyber-monday", "us", ""),
    "double-11": ("11.11", "cn", ""),
    "easter": ("easter", "de", ""),
    "mothers-day-us": ("mothers-day", "us", ""),
    "golden-week-start (Showa)": ("golden-week", "jp", ""),
    "lunar-new-year": ("lunar-new-year", "cn", "holidays_CN"),
    "diwali": ("diwali", "in", "holidays_IN"),
    "ramadan-start (Umm al-Qura)": ("ramadan", "sa", "hijridate"),
    "eid-al-fitr (Umm al-Qura)": ("eid-al-fitr", "sa", "hijridate"),
    "eid-al-adha (Umm al-Qura)": ("eid-al-adha", "sa", "hijridate"),
}


def checked():
    with CASES.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


ROWS = checked()


def name_of(row):
    return f"{row['event'].partition(' ')[0]}-{row['year']}"


def agrees(row):
    agreeing, _, all_of_them = row["agree"].partition("/")
    return agreeing == all_of_them


def sources(row):
    """The date that each source has."""
    pairs = (pair.partition("=") for pair in row["oracles"].split(";"))
    return {name: date.fromisoformat(day) for name, _, day in pairs}


def expected(row):
    """The row's date; where its sources disagree, that of the one that decides."""
    decides = EVENTS[row["event"]][2]
    return date.fromisoformat(row["date"]) if agrees(row) else sources(row)[decides]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The windows and the codes of the findings, by campaign."""
    root = tmp_path_factory.mktemp("calendars")
    (root / "config").mkdir()
    (root / "campaigns").mkdir()
    regions = sorted({region for _, region, _ in EVENTS.values()})
    targets = ", ".join(f"{region}: {region}-store" for region in regions)
    (root / "config" / "settings.yaml").write_text("{}\n")
    (root / "config" / "channels.yaml").write_text(
        f"channels: {{ shop: {{ connector: sandbox, regions: [{', '.join(regions)}], "
        f'targets: {{ {targets} }}, settings: {{ url: "http://127.0.0.1:9" }} }} }}\n'
    )
    for row in ROWS:
        called, region, _ = EVENTS[row["event"]]
        text = HEAD.format(name=name_of(row), region=region, date=f"{called} {row['year']}")
        (root / "campaigns" / f"{name_of(row)}.yaml").write_text(text)
    command = [sys.executable, "-m", "promo_scheduler", "-w", root, "preview", "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr or done.stdout
    return by_campaign(json.loads(done.stdout))


def by_campaign(data):
    windows, codes = defaultdict(list), defaultdict(set)
    for window in data["windows"]:
        windows[window["campaign"]].append(window)
    for finding in data["findings"]:
        codes[finding["campaign"]].add(finding["code"])
    return windows, codes


def window_of(windows, row):
    """The window that starts on the row's date; some years have an event twice."""
    found = {window["start_local"][:10]: window for window in windows[name_of(row)]}
    assert expected(row).isoformat() in found
    return found[expected(row).isoformat()]


def in_words(day):
    return f"{day.day} {day:%b %Y}"


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_named_date_of_a_year_is_the_checked_one(shown, row):
    windows, _ = shown
    window = window_of(windows, row)

    assert window["start_local"][10:19] == "T00:00:00"
    called = EVENTS[row["event"]][0]
    assert window["occurrence"].partition(".2")[0] == f"{called}-{row['year']}"


@pytest.mark.parametrize("row", [row for row in ROWS if not agrees(row)], ids=name_of)
def test_a_date_that_the_sources_dispute_warns_and_names_the_other_one(shown, row):
    windows, codes = shown
    warnings = " ".join(window_of(windows, row)["warnings"])

    assert DISPUTED in codes[name_of(row)]
    for day in {*sources(row).values()}:
        assert in_words(day) in warnings


# Tables of other countries are sources too, which the rows do not have.
OF_ONE_TABLE = ("lunar-new-year", "diwali")


@pytest.mark.parametrize(
    "row", [r for r in ROWS if agrees(r) and r["event"] not in OF_ONE_TABLE], ids=name_of
)
def test_a_date_on_which_the_sources_agree_is_not_called_disputed(shown, row):
    windows, _ = shown

    assert " has " not in " ".join(window_of(windows, row)["warnings"])
