"""From a campaign to what stands in the ledger, by the command line alone."""

import json
import os
import pty
import subprocess
import sys

import pytest


def _terminal(*arguments, answers=b"", **environment):
    """The command in a terminal of its own: its exit code and everything it showed."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "promo_scheduler", *map(str, arguments)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment}
    environment.pop("NO_COLOR" if "NO_COLOR" not in environment else "", None)
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        os.write(ours, answers)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:
            pass  # the terminal is gone: the process has ended
    os.close(ours)
    return process.returncode, shown.decode()


# ── init ────────────────────────────────────────────────────────────────────────────────────────
def test_a_new_workspace_is_valid_and_says_what_comes_next(promo, tmp_path):
    made = promo("init", tmp_path / "new")

    assert made.code == 0
    assert "promo preview" in made.out
    assert (tmp_path / "new" / "campaigns" / "campaign.schema.json").is_file()
    assert promo("-w", tmp_path / "new", "validate").code == 0


def test_a_new_workspace_may_be_made_in_a_fresh_repository(promo, tmp_path):
    (tmp_path / ".git").mkdir()

    assert promo("init", tmp_path).code == 0


def test_a_folder_with_files_is_left_alone(promo, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")

    result = promo("init", tmp_path)

    assert result.code == 2
    assert "notes.txt" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


# ── looking ahead ───────────────────────────────────────────────────────────────────────────────
def test_a_window_is_explained_before_anything_of_it_is_applied(promo, workspace):
    windows = promo("-w", workspace, "preview", "-o", "json").json["events"]
    key = windows[0]["key"].rpartition("/")[0]

    told = promo("-w", workspace, "explain", key)
    as_json = promo("-w", workspace, "explain", key, "-o", "json").json

    assert told.code == 0
    assert "zone rule" in told.out
    assert "Not in the ledger yet" in told.out
    assert len(as_json["events"]) == 3
    assert not (workspace / ".promo").exists()


def test_preview_shows_the_timeline_every_window_and_needs_no_ledger(promo, workspace):
    result = promo("-w", workspace, "preview")

    assert result.code == 0
    assert "░" in result.out
    assert "▄▄ launch   ██ evening" in result.out
    assert "de Germany · Europe/Berlin" in result.out
    assert result.out.count("25 % off") == 2
    assert not (workspace / ".promo").exists()


def test_preview_for_programs_has_the_documented_shape(promo, workspace, day):
    data = promo("-w", workspace, "preview", "-o", "json").json

    assert data["version"] == 1
    assert data["revision"] is None
    launch = next(w for w in data["windows"] if (w["region"], w["phase"]) == ("de", "launch"))
    assert launch["start_local"].startswith(f"{day}T00:00:00+0")
    assert launch["start"].endswith("Z")
    assert launch["offer"]["percent"] == "25"
    assert {event["action"] for event in data["events"]} == {"stage", "activate", "deactivate"}


@pytest.mark.parametrize(
    ("filter_", "count"),
    [
        (("--region", "de"), 2),
        (("--phase", "evening"), 2),
        (("--region", "us", "--phase", "launch"), 1),
        (("--from", "2099-01-01"), 0),
        (("--until", "2000-01-01"), 0),
    ],
    ids=str,
)
def test_preview_is_narrowed_by_its_filters(promo, workspace, filter_, count):
    data = promo("-w", workspace, "preview", "-o", "json", *filter_).json

    assert len(data["windows"]) == count
    assert {e["key"].rpartition("/")[0] for e in data["events"]} == {
        w["key"] for w in data["windows"]
    }


def test_local_dates_decide_what_preview_shows(promo, workspace, day):
    # Given a day that begins the evening before in UTC, in Berlin
    data = promo("-w", workspace, "preview", "-o", "json", "--from", day, "--until", day).json

    assert len(data["windows"]) == 4


def test_where_offers_meet_preview_says_which_one_goes_first(promo, workspace, write_campaign):
    write_campaign(("products: { skus: [A-1] }", "products: { all: true }"))

    result = promo("-w", workspace, "preview")

    overlap = result.out.partition("Which offer applies when")[2]
    assert "evening  before launch" in overlap
    assert "20:00–22:00" in overlap


# ── plan and apply ──────────────────────────────────────────────────────────────────────────────
def test_plan_shows_both_clocks_and_counts(promo, workspace):
    result = promo("-w", workspace, "plan")

    assert result.code == 0
    assert "+ launch" in result.out
    assert "00:00–24:00" in result.out
    assert " UTC" in result.out
    assert result.out.rstrip().endswith("Plan: 4 to create.")


def test_apply_twice_is_the_same_as_once(promo, workspace):
    # Given a plan that was applied
    assert promo("-w", workspace, "plan", "--detailed-exitcode").code == 3
    assert promo("-w", workspace, "apply", "--yes").code == 0
    before = promo("-w", workspace, "audit", "head").out

    # When it is applied again
    again = promo("-w", workspace, "apply", "--yes")

    # Then nothing is done, and the audit is the same
    assert again.code == 0
    assert "No changes" in again.out
    assert promo("-w", workspace, "audit", "head").out == before
    assert promo("-w", workspace, "plan", "--detailed-exitcode").code == 0


def test_an_edit_is_an_amendment_and_a_move_and_a_removal_a_cancellation(
    promo, workspace, write_campaign, day
):
    promo("-w", workspace, "apply", "--yes")

    write_campaign(("percent: 25", "percent: 30"))
    amended = promo("-w", workspace, "plan", "-o", "json").json["changes"]
    write_campaign(('from: "20:00"', 'from: "21:00"'))
    moved = promo("-w", workspace, "plan").out
    (workspace / "campaigns" / "winter.yaml").unlink()
    gone = promo("-w", workspace, "plan").out

    assert [len(amended[kind]) for kind in amended] == [0, 0, 2, 0, 0]
    offers = [amended["amend"][0][side]["offer"]["percent"] for side in ("before", "after")]
    assert offers == ["25", "30"]
    assert "20:00 → 21:00" in moved
    assert moved.rstrip().endswith("Plan: 2 to move.")
    assert gone.rstrip().endswith("Plan: 4 to cancel.")


def test_plan_takes_one_region_only(promo, workspace):
    assert promo("-w", workspace, "apply", "--yes", "--region", "de").code == 0

    rest = promo("-w", workspace, "plan", "-o", "json").json

    assert {change["after"]["region"] for change in rest["changes"]["create"]} == {"us"}


def test_a_saved_plan_is_applied_without_asking_and_only_once(promo, workspace, tmp_path):
    saved = tmp_path / "reviewed.plan"
    assert promo("-w", workspace, "plan", "--out", saved, "--region", "de").code == 0

    first = promo("-w", workspace, "apply", saved)
    second = promo("-w", workspace, "apply", saved)

    assert (first.code, second.code) == (0, 1)
    assert "error[E103]" in second.err
    standing = promo("-w", workspace, "events", "-o", "json").json["events"]
    assert {event["key"].split("/")[2] for event in standing} == {"de"}


def test_a_saved_plan_is_refused_when_the_files_have_moved_on(
    promo, workspace, tmp_path, write_campaign
):
    saved = tmp_path / "reviewed.plan"
    promo("-w", workspace, "plan", "--out", saved)
    write_campaign(("percent: 25", "percent: 99"))

    result = promo("-w", workspace, "apply", saved)

    assert result.code == 1
    assert "error[E103]" in result.err


def test_without_a_terminal_apply_wants_yes(promo, workspace):
    result = promo("-w", workspace, "apply")

    assert result.code == 2
    assert "--yes" in result.err
    assert promo("-w", workspace, "events", "-o", "json").json["events"] == []


def test_in_a_terminal_apply_asks(workspace, promo):
    code, shown = _terminal("-w", workspace, "apply", answers=b"n\n")
    assert code == 1
    assert "Apply 4 changes?" in shown
    assert promo("-w", workspace, "events", "-o", "json").json["events"] == []

    code, shown = _terminal("-w", workspace, "apply", answers=b"y\n")
    assert code == 0, shown
    assert len(promo("-w", workspace, "events", "-o", "json").json["events"]) == 12


def test_errors_stop_their_own_region_and_the_rest_is_applied(promo, workspace, write_campaign):
    # Given two campaigns of the same priority on the same products, in Germany only
    write_campaign(("campaign: winter", "campaign: rival"), name="rival")
    rival = workspace / "campaigns" / "rival.yaml"
    rival.write_text(rival.read_text().replace("regions: [de, us]", "regions: [de]"))

    # When everything is applied
    result = promo("-w", workspace, "apply", "--yes")

    # Then the other region stands, and the exit code says that something is left
    assert result.code == 4
    assert "E116" in result.out
    assert "rival de" in result.err
    standing = promo("-w", workspace, "events", "-o", "json").json["events"]
    assert {event["key"].split("/")[2] for event in standing} == {"us"}


def test_findings_for_github_are_workflow_commands(promo, workspace, write_campaign):
    write_campaign(("campaign: winter", "campaign: rival"), name="rival")

    result = promo("-w", workspace, "plan", "-o", "github")

    assert result.code == 1
    assert all(line.startswith("::") for line in result.out.splitlines())
    assert "title=E116::" in result.out


# ── how it looks ────────────────────────────────────────────────────────────────────────────────
def test_a_terminal_gets_colours_and_nothing_else_does(workspace, promo):
    _, coloured = _terminal("-w", workspace, "preview")
    _, plain = _terminal("-w", workspace, "preview", NO_COLOR="1")

    assert "\x1b[36m" in coloured
    assert "\x1b[" not in plain
    assert "\x1b[" not in promo("-w", workspace, "preview").out


def test_output_that_is_no_terminal_keeps_every_row_on_one_line(workspace, promo, monkeypatch):
    monkeypatch.delenv("COLUMNS")

    rows = [line for line in promo("-w", workspace, "plan").out.splitlines() if "+ launch" in line]

    assert len(rows) == 2
    assert all("tag winter" in row and "storefront" in row for row in rows)


@pytest.mark.parametrize("command", ["preview", "plan", "status", "zones", "channels", "doctor"])
def test_80_columns_are_enough(workspace, promo, monkeypatch, command):
    promo("-w", workspace, "apply", "--yes")
    monkeypatch.setenv("COLUMNS", "80")

    lines = promo("-w", workspace, command).out.splitlines()

    longest = max(lines, key=len)
    assert len(longest) <= 80 or " " not in longest.strip()


def test_json_is_one_object_with_its_version(workspace, promo):
    promo("-w", workspace, "apply", "--yes")
    for command in (
        "preview",
        "plan",
        "status",
        "events",
        "zones",
        "channels",
        "doctor",
        "validate",
    ):
        text = promo("-w", workspace, "-o", "json", command).out
        assert json.loads(text)["version"] == 1, command
