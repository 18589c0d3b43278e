"""The checked answers through the command line: campaigns made of the rows, and one `promo preview`.

Every zone is a region and every row a campaign (or several), all in one workspace.
"""

import csv
import json
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from promo_scheduler.timing import local, zones

CASES = Path(__file__).parents[1] / "cases"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
EARTH = "earth"
HEAD = """\
campaign: {name}
regions: [{regions}]
phases:
  sale:
    when: {{ {when} }}
    offer: {{ percent: 10, products: {{ skus: [{name}] }} }}
"""


def checked(name):
    """The rows of a file of cases, each with a number of its own."""
    with (CASES / name).open(encoding="utf-8") as file:
        return [{**row, "n": n} for n, row in enumerate(csv.DictReader(file))]


TIMES, WINDOWS = checked("time_cases.csv"), checked("window_cases.csv")


def time_name(row):
    return f"{row['zone']} {row['local']} {row['policy']}"


def window_name(row):
    return f"{row['zone']} {row['date']} {row['start']}-{row['end']}"


# ── campaigns of rows ───────────────────────────────────────────────────────────────────────────
def as_start(row):
    """A window that starts at the row's wall time.

    A date that its zone jumped over starts nothing (T8), but a range may begin with one.
    """
    day, _, time = row["local"].partition("T")
    policy = "" if row["kind"] == "regular" else f", {row['kind']}: {row['policy']}"
    if row["note"].startswith("whole day skipped"):
        later = date.fromisoformat(day) + 2 * DAY
        dates, end = f"{{ from: {day}, to: {later} }}", 'until: "24:00"'
    else:
        dates, end = day, "for: 1h"
    return f'date: {dates}, from: "{time}", {end}{policy}'


def as_end(row):
    """A window that ends at the row's wall time, from noon two days before."""
    day, _, time = row["local"].partition("T")
    policy = {
        ("gap", row["policy"]): f", gap: {row['policy']}",
        ("fold", "first"): ", end_fold: first",
        ("fold", "last"): ", end_fold: last",
        ("fold", "error"): ", fold: error",
    }.get((row["kind"], row["policy"]), "")
    first = date.fromisoformat(day) - 2 * DAY
    return f'date: {first}, from: "12:00", until: "+2d {time}"{policy}'


def as_window(row, policies=""):
    return f'date: {row["date"]}, from: "{row["start"]}", until: "{row["end"]}"{policies}'


def beside_another(row):
    """The row's window, and the same a week later."""
    other = date.fromisoformat(row["date"]) + 7 * DAY
    return as_window({**row, "date": f"[{row['date']}, {other}]"})


EXAMPLES = {
    "cairo-spring": ("Africa/Cairo", "2026-04-24", "00:00", "24:00"),
    "cairo-autumn": ("Africa/Cairo", "2026-10-29", "00:00", "24:00"),
    "nuuk": ("America/Nuuk", "2026-03-28", "20:00", "23:59"),
    "new-york": ("America/New_York", "2026-03-08", "02:30", "03:15"),
    "lord-howe": ("Australia/Lord_Howe", "2026-10-04", "00:00", "24:00"),
    "troll-spring": ("Antarctica/Troll", "2026-03-29", "00:00", "24:00"),
    "troll-autumn": ("Antarctica/Troll", "2026-10-25", "00:00", "24:00"),
    "no-such-date": ("Pacific/Apia", "2011-12-30", "22:00", "02:00"),
    "vancouver": ("America/Vancouver", "2026-11-27", "00:00", "24:00"),
}


def every_campaign():
    """The name of each campaign, its zone, and its `when`."""
    for row in TIMES:
        yield f"start-{row['n']}", row["zone"], as_start(row)
        yield f"end-{row['n']}", row["zone"], as_end(row)
    for row in WINDOWS:
        yield f"window-{row['n']}", row["zone"], as_window(row)
        yield f"first-{row['n']}", row["zone"], as_window(row, ", end_fold: first")
        yield f"rfc5545-{row['n']}", row["zone"], as_window(row, ", gap: shift, end_fold: first")
        yield f"beside-{row['n']}", row["zone"], beside_another(row)
    for name, (zone, day, start, end) in EXAMPLES.items():
        yield name, zone, f'date: {day}, from: "{start}", until: "{end}"'
    yield EARTH, None, 'date: 2026-11-11, from: "00:00", until: "24:00"'


# ── the workspace, and what the command says of it ──────────────────────────────────────────────
def region_of(zone):
    return re.sub(r"[^A-Za-z0-9_-]", ".", zone)


def write_workspace(root):
    names = {zone: region_of(zone) for zone in sorted(zones())}
    assert len(set(names.values())) == len(names)
    regions = [f"  {n}: {{ zones: [{zone}], currency: EUR }}\n" for zone, n in names.items()]
    everywhere = ", ".join(names.values())
    targets = ", ".join(f"{name}: s{n}" for n, name in enumerate(names.values()))
    (root / "config").mkdir(parents=True)
    (root / "config" / "settings.yaml").write_text("{}\n")
    (root / "config" / "regions.yaml").write_text("regions:\n" + "".join(regions))
    (root / "config" / "channels.yaml").write_text(
        f"channels: {{ shop: {{ connector: sandbox, regions: [{everywhere}], "
        f'targets: {{ {targets} }}, settings: {{ url: "http://127.0.0.1:9" }} }} }}\n'
    )
    (root / "campaigns").mkdir()
    for name, zone, when in every_campaign():
        regions = everywhere if zone is None else names[zone]
        text = HEAD.format(name=name, regions=regions, when=when)
        (root / "campaigns" / f"{name}.yaml").write_text(text)


@dataclass
class Shown:
    """What preview says of one campaign."""

    windows: list = field(default_factory=list)
    codes: list = field(default_factory=list)
    errors: set = field(default_factory=set)

    @property
    def window(self):
        (window,) = self.windows
        return window

    @property
    def answer(self):
        """The window's start and end, or why there is none, in the words of the cases."""
        if "E110" in self.codes:
            return ["ERROR", "ERROR"] if self.codes == ["E110"] and not self.windows else self.codes
        if not self.windows:
            return ["SKIP", "SKIP"] if self.codes == ["W114"] else self.codes
        return [self.window["start"], self.window["end"]]


def preview(root):
    """What the command says, by campaign: in a process of its own, as a user calls it."""
    command = [sys.executable, "-m", "promo_scheduler", "-w", root, "preview", "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    data = json.loads(done.stdout)
    shown = defaultdict(Shown)
    for window in data["windows"]:
        shown[window["campaign"]].windows.append(window)
    for finding in data["findings"]:
        of_campaign = shown[finding["campaign"]]
        of_campaign.codes.append(finding["code"])
        if finding["severity"] == "error":
            of_campaign.errors.add(finding["code"])
    assert done.returncode == (1 if any(found.errors for found in shown.values()) else 0)
    return shown


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    root = tmp_path_factory.mktemp("cases") / "shop"
    write_workspace(root)
    return preview(root)


def naive(text):
    """A local time without its offset."""
    return datetime.fromisoformat(text).replace(tzinfo=None).isoformat()


# ── time_cases.csv ──────────────────────────────────────────────────────────────────────────────
NOTICE = {"gap": ["W110"], "fold": ["W111"], "regular": []}


@pytest.mark.parametrize("row", TIMES, ids=time_name)
def test_a_start_is_the_checked_instant_and_what_the_clocks_do_is_said(shown, row):
    found = shown[f"start-{row['n']}"]

    assert found.answer[0] == row["expected_utc"]
    if found.windows:
        assert naive(found.window["start_local"]) == row["local_at_expected"]
        assert found.codes == NOTICE[row["kind"]]
        assert len(found.window["warnings"]) == len(found.codes)


@pytest.mark.parametrize("row", TIMES, ids=time_name)
def test_an_end_is_the_checked_instant(shown, row):
    found = shown[f"end-{row['n']}"]

    assert found.answer[1] == row["expected_utc"]
    if found.windows:
        assert naive(found.window["end_local"]) == row["local_at_expected"]
        last_minute = ["W113"] * row["local"].endswith("T23:59:00")
        at_an_edge = last_minute  # where it is just what one expects
        assert found.codes in (at_an_edge, NOTICE[row["kind"]] + last_minute)


# ── window_cases.csv ────────────────────────────────────────────────────────────────────────────
NOTHING_LEFT = {"W114", "E113"}


@pytest.mark.parametrize("row", WINDOWS, ids=window_name)
def test_a_window_is_the_checked_one(shown, row):
    found = shown[f"window-{row['n']}"]

    if row["empty"] == "True":
        assert (found.windows, set(found.codes), found.errors) == ([], NOTHING_LEFT, {"E113"})
        return
    assert found.answer == [row["expected_start_utc"], row["expected_end_utc"]]
    start, end = (datetime.fromisoformat(found.window[edge]) for edge in ("start", "end"))
    assert (end - start) / timedelta(minutes=1) == float(row["elapsed_min"])
    for edge, at in (("start_local", start), ("end_local", end)):
        assert found.window[edge] == local(row["zone"], at).isoformat()


@pytest.mark.parametrize("row", WINDOWS, ids=window_name)
def test_a_window_under_the_policies_of_rfc_5545_is_the_checked_one(shown, row):
    found = shown[f"rfc5545-{row['n']}"]

    start, end = row["rfc5545_start"], row["rfc5545_end"]
    if row["empty"] == "True" or end <= start:
        assert (found.windows, set(found.codes)) == ([], NOTHING_LEFT)
    else:
        assert found.answer == [start, end]


@pytest.mark.parametrize("row", [r for r in WINDOWS if r["empty"] != "True"], ids=window_name)
def test_a_window_that_ends_at_the_first_reading_is_the_checked_one(shown, row):
    assert shown[f"first-{row['n']}"].answer[1] == row["end_if_first"]


@pytest.mark.parametrize("row", WINDOWS, ids=window_name)
def test_a_window_that_is_dropped_beside_another_is_a_warning(shown, row):
    found = shown[f"beside-{row['n']}"]

    empty = row["empty"] == "True"
    assert len(found.windows) == 2 - empty
    assert ("W114" in found.codes) == empty
    assert not found.errors


# ── worked examples ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("name", "start", "end", "hours"),
    [
        ("cairo-spring", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z", 23),
        ("cairo-autumn", "2026-10-28T21:00:00Z", "2026-10-29T22:00:00Z", 25),
        ("nuuk", "2026-03-28T22:00:00Z", "2026-03-29T01:00:00Z", 3),
        ("new-york", "2026-03-08T07:00:00Z", "2026-03-08T07:15:00Z", 0.25),
        ("lord-howe", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z", 23.5),
        ("troll-spring", "2026-03-29T00:00:00Z", "2026-03-29T22:00:00Z", 22),
        ("troll-autumn", "2026-10-24T22:00:00Z", "2026-10-26T00:00:00Z", 26),
        ("vancouver", "2026-11-27T07:00:00Z", "2026-11-28T07:00:00Z", 24),
    ],
)
def test_a_worked_example(shown, name, start, end, hours):
    found = shown[name]

    assert found.answer == [start, end]
    assert datetime.fromisoformat(end) - datetime.fromisoformat(start) == timedelta(hours=hours)


def test_a_date_that_a_zone_jumped_over_starts_nothing(shown):
    assert (shown["no-such-date"].windows, shown["no-such-date"].errors) == ([], {"E113"})


def test_11_11_lasts_50_hours_on_earth(shown):
    found = shown[EARTH].windows

    first = min(found, key=lambda window: window["start"])
    last = max(found, key=lambda window: window["end"])
    assert len(found) == len(zones())
    assert {window["start_local"][:19] for window in found} == {"2026-11-11T00:00:00"}
    assert (first["zone"], first["start"]) == ("Etc/GMT-14", "2026-11-10T10:00:00Z")
    assert (last["zone"], last["end"]) == ("Etc/GMT+12", "2026-11-12T12:00:00Z")
    assert first["start"] in {w["start"] for w in found if w["zone"] == "Pacific/Kiritimati"}
