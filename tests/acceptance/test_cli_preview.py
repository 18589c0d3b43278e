"""`promo preview`: the viewer's clock, the files it writes, and coverage."""

import os
import threading
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def windows(root):
    """Who and when, of every bar of a picture."""
    titles = (g[0].text or "" for g in root.iter(f"{SVG}g") if len(g))
    return {tuple(t.split("\n")[:2]) for t in titles if "lasts" in t}


def test_preview_tells_the_viewers_time(promo, workspace, day):
    result = promo("-w", workspace, "preview", "--in", "Asia/Shanghai", "--region", "de")

    assert result.code == 0
    assert result.out.count("Shanghai") == 2


def test_programs_get_the_viewers_time_and_both_lengths(promo, workspace, day):
    data = promo("-w", workspace, "preview", "--in", "Asia/Shanghai", "-o", "json").json

    window = next(w for w in data["windows"] if (w["region"], w["phase"]) == ("de", "evening"))
    seen = window["viewer"]
    assert seen["zone"] == "Asia/Shanghai"
    assert seen["start"].endswith("+08:00")
    assert datetime.fromisoformat(seen["start"]) == datetime.fromisoformat(window["start"])
    assert datetime.fromisoformat(seen["end"]) == datetime.fromisoformat(window["end"])
    assert (window["elapsed"], window["wall"]) == ("PT2H", "PT2H")
    assert window["decided_by"]


def test_without_a_viewer_there_is_none(promo, workspace):
    data = promo("-w", workspace, "preview", "-o", "json").json

    assert not any("viewer" in window for window in data["windows"])


@pytest.mark.parametrize(
    ("zone", "near"),
    [("Asia/Shangai", "Asia/Shanghai"), ("new york", "America/New_York"), ("tokyo", "Asia/Tokyo")],
)
def test_a_wrong_zone_is_refused_with_a_suggestion(promo, workspace, zone, near):
    result = promo("-w", workspace, "preview", "--in", zone)

    assert result.code == 2
    assert f"did you mean {near}?" in result.err
    assert result.out == ""


def test_the_picture_the_page_and_the_calendar_hold_every_window(promo, workspace, tmp_path):
    files = {kind: tmp_path / f"world.{kind}" for kind in ("svg", "html", "ics")}

    result = promo(
        "-w", workspace, "preview", *(p for k, f in files.items() for p in (f"--{k}", f))
    )

    assert result.code == 0
    assert [f"wrote {file}" in result.err for file in files.values()] == [True] * 3
    assert "launch" in result.out
    assert len(windows(ET.parse(files["svg"]).getroot())) == 4
    assert files["html"].read_text().count('scope="row"') == 4 + 2
    events = Calendar.from_ical(files["ics"].read_bytes()).walk("VEVENT")
    keys = {w["key"] for w in promo("-w", workspace, "preview", "-o", "json").json["windows"]}
    assert {str(e["uid"]).removesuffix("@promo-scheduler") for e in events} == keys


def test_json_stays_alone_on_stdout_beside_files(promo, workspace, tmp_path):
    result = promo("-w", workspace, "preview", "-o", "json", "--svg", tmp_path / "x.svg")

    assert len(result.json["windows"]) == 4


@pytest.mark.parametrize("kind", ["svg", "html", "ics"])
def test_a_folder_that_is_not_there_is_an_error_that_says_so(promo, workspace, tmp_path, kind):
    result = promo("-w", workspace, "preview", f"--{kind}", tmp_path / "no" / f"x.{kind}")

    assert result.code == 1
    assert "E304" in result.err
    assert f"make the folder {tmp_path / 'no'} first" in result.err
    assert not (tmp_path / "no").exists()


def test_what_cannot_be_written_is_left_as_it_was(promo, workspace, tmp_path):
    # Given a folder where the file should be
    (tmp_path / "world.svg").mkdir()
    before = sorted(tmp_path.iterdir())

    result = promo("-w", workspace, "preview", "--svg", tmp_path / "world.svg")

    assert result.code == 1
    assert "is a folder" in result.err
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_is_replaced_whole(promo, workspace, tmp_path):
    (tmp_path / "x.svg").write_text("x" * 1_000_000)

    promo("-w", workspace, "preview", "--svg", tmp_path / "x.svg")

    ET.parse(tmp_path / "x.svg")
    assert [file.name for file in tmp_path.glob("*x.svg*")] == ["x.svg"]


@pytest.mark.parametrize("path", [".", "/", ""])
def test_a_folder_is_refused_by_its_name(promo, workspace, path):
    result = promo("-w", workspace, "preview", "--svg", path)

    assert result.code == 1
    assert "E304" in result.err and "is a folder; name a file in it" in result.err


def test_a_pipe_is_written_into_and_stays_one(promo, workspace, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()), daemon=True)
    reader.start()

    result = promo("-w", workspace, "preview", "--svg", pipe)
    reader.join(timeout=30)

    assert result.code == 0
    assert len(windows(ET.fromstring(found[0]))) == 4
    assert pipe.is_fifo()


def test_a_link_stays_one_and_its_target_keeps_its_mode(promo, workspace, tmp_path):
    target, link = tmp_path / "real.svg", tmp_path / "link.svg"
    target.write_text("before")
    target.chmod(0o640)
    link.symlink_to(target)

    promo("-w", workspace, "preview", "--svg", link)

    assert link.is_symlink() and link.readlink() == target
    assert len(windows(ET.parse(target).getroot())) == 4
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_permissions_that_the_process_gives(promo, workspace, tmp_path):
    (tmp_path / "usual").touch()

    promo("-w", workspace, "preview", "--svg", tmp_path / "x.svg")

    assert (tmp_path / "x.svg").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize(("length", "code"), [(255, 0), (256, 1)])
def test_a_name_may_be_as_long_as_the_system_lets_it(promo, workspace, tmp_path, length, code):
    result = promo("-w", workspace, "preview", "--svg", tmp_path / ("x" * (length - 4) + ".svg"))

    assert result.code == code
    assert ("E304" in result.err) == bool(code)


@pytest.mark.parametrize("more", [(), ("--coverage",)], ids=["", "coverage"])
@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (("--until", "9999-12-31"), "--until: expected a year from 1970 to 2199, found 9999"),
        (("--from", "0001-01-01"), "--from: expected a year from 1970 to 2199, found 1"),
        (("--from", "2026-12-02", "--until", "2026-12-01"), "turn the two round"),
    ],
)
def test_dates_that_cannot_be_meant_are_refused(promo, workspace, dates, said, more):
    result = promo("-w", workspace, "preview", *dates, *more)

    assert (result.code, result.out) == (2, "")
    assert said in " ".join(result.err.split())


# ── coverage ────────────────────────────────────────────────────────────────────────────────────
def test_coverage_names_the_region_that_nothing_reaches(promo, workspace, write_campaign):
    write_campaign(("regions: [de, us]", "regions: [de]"))

    result = promo("-w", workspace, "preview", "--coverage")
    data = promo("-w", workspace, "preview", "--coverage", "-o", "json").json

    assert result.code == 0
    assert "warn[W130] us takes part in no campaign in these weeks" in result.out
    by_region = {region["region"]: region for region in data["coverage"]["regions"]}
    assert by_region["de"]["campaigns"] == ["winter"]
    assert by_region["de"]["hours_per_week"] == pytest.approx(24)
    assert by_region["us"]["warning"]["code"] == "W130"
    assert len(data["windows"]) == 2


def test_coverage_counts_between_the_given_dates(promo, workspace, day):
    data = promo(
        "-w", workspace, "preview", "--coverage", "-o", "json", "--from", day, "--until", day
    ).json["coverage"]

    assert (data["from"], data["until"]) == (day, day)
    assert data["regions"][0]["hours_per_week"] == pytest.approx(24 * 7)


@pytest.mark.parametrize(
    ("dates", "first", "last"),
    [
        (("--until", "1970-01-01"), "1969-12-29", "1970-01-01"),
        (("--from", "2199-12-31"), "2199-12-31", "2200-01-05"),
    ],
)
def test_coverage_of_weeks_that_the_plan_does_not_reach_has_no_hours(
    promo, workspace, dates, first, last
):
    data = promo("-w", workspace, "preview", "--coverage", "-o", "json", *dates).json["coverage"]

    assert data["from"] <= first and data["until"] >= last
    assert [str(region["hours_per_week"]) for region in data["regions"]] == ["0.0", "0.0"]


def test_where_a_calendar_ends_neither_coverage_nor_the_picture_fails(
    promo, workspace, write_campaign, day, tmp_path
):
    """Germany's public holidays are known until 2100; the phases are on from peaks of none."""
    write_campaign((f"date: {day}", "date: 2150-01-05"))

    result = promo(
        "-w",
        workspace,
        "preview",
        "--coverage",
        "--svg",
        tmp_path / "x.svg",
        "--until",
        "2199-01-01",
    )

    assert result.code == 0
    assert "Germany" in result.out
    assert (tmp_path / "x.svg").is_file()
    told = " ".join(promo("-w", workspace, "preview").out.split())
    assert "! nobody can tell whether 2150-01-05 is a public holiday" in told
    assert "ends in 2100" in told


def test_coverage_of_one_region_alone_is_refused(promo, workspace):
    result = promo("-w", workspace, "preview", "--coverage", "--region", "de")

    assert result.code == 2
    assert "leave out --region" in result.err


def test_coverage_for_github_is_workflow_commands(promo, workspace, write_campaign):
    write_campaign(("regions: [de, us]", "regions: [de]"))

    result = promo("-w", workspace, "preview", "--coverage", "-o", "github")

    assert "::warning title=W130::us takes part in no campaign" in result.out


# ── the example ─────────────────────────────────────────────────────────────────────────────────
def test_the_picture_in_the_readme_shows_what_preview_draws(promo, tmp_path):
    example = ROOT / "examples" / "double-11"
    drawn = tmp_path / "timeline.svg"

    promo("-w", example, "preview", "--svg", drawn)

    shown = ET.parse(example / "timeline.svg").getroot()
    assert windows(shown) == windows(ET.parse(drawn).getroot())
    assert len(windows(shown)) > 50
