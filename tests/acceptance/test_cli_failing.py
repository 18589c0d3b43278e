"""Wrong input, wrong use and our own bugs: an exit code and a way out, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from promo_scheduler.cli.door import Door
from promo_scheduler.cli.failing import guarded
from promo_scheduler.errors import PartlyDone

KEY = "winter/launch/de/-/2026-12-01/1/storefront/activate"
WRONG_USES = {
    "no such command": ("blow-up",),
    "no such option": ("plan", "--colour"),
    "no such output": ("plan", "-o", "xml"),
    "not a date": ("preview", "--from", "tomorrow"),
    "no such region": ("preview", "--region", "dee"),
    "no such campaign": ("plan", "--campaign", "wintre"),
    "no such state": ("events", "--state", "sleeping"),
    "no such code": ("explain", "E999"),
    "not a key": ("retry", "winter"),
    "not a window": ("explain", "winter/launch"),
    "an unknown key": ("explain", KEY),
    "no scope": ("hold", "--reason", "x"),
    "no reason": ("stop", "--all", "--yes"),
    "an empty reason": ("stop", "--all", "--yes", "--reason", " "),
    "a scope and all": ("stop", "--all", "--region", "de", "--yes", "--reason", "x"),
    "nobody to be asked": ("stop", "--all", "--reason", "x"),
    "nothing to release": ("release", "--region", "de"),
    "not a head": ("audit", "verify", "--head", "12"),
    "no saved plan": ("apply", "nowhere.plan"),
    "a saved plan with flags": ("apply", "x.plan", "--end-now"),
    "a limit of nothing": ("events", "--limit", "0"),
    "a file for a folder": ("schema", __file__),
    "a folder that is used": ("init", Path(__file__).parent),
}


@pytest.mark.parametrize("arguments", WRONG_USES.values(), ids=WRONG_USES.keys())
def test_wrong_use_exits_with_2_and_says_what_was_expected(promo, workspace, arguments):
    assert promo("-w", workspace, "apply", "--yes").code == 0

    result = promo("-w", workspace, *arguments)

    assert result.code == 2, result
    assert result.err
    assert "Traceback" not in result.err
    assert "bug in promo" not in result.err


@pytest.mark.parametrize(
    "command",
    [("validate",), ("plan",), ("status",), ("zones",), ("doctor",), ("audit", "head")],
    ids=" ".join,
)
def test_outside_a_workspace_the_way_in_is_named(promo, tmp_path, command):
    result = promo("-w", tmp_path, *command)

    assert result.code in (1, 2)
    assert "config/settings.yaml" in result.err + result.out
    assert "promo init" in result.err + result.out


@pytest.mark.parametrize(
    "command",
    [("status",), ("events",), ("audit", "verify"), ("hold", "--all", "--reason", "x", "--yes")],
    ids=" ".join,
)
def test_without_a_ledger_nothing_is_created(promo, workspace, command):
    result = promo("-w", workspace, *command)

    assert result.code == 1
    assert "error[E201]" in result.err
    assert not (workspace / ".promo" / "ledger.db").exists()


def test_every_problem_is_told_with_its_place_and_a_caret(promo, workspace):
    # Given a campaign with two slips
    file = workspace / "campaigns" / "winter.yaml"
    text = file.read_text().replace("regions: [de, us]", "regions: [de, uss]")
    file.write_text(text.replace("percent: 25", "percnt: 25"))

    result = promo("-w", workspace, "validate")

    assert result.code == 1
    lines = result.err.splitlines()
    region = next(n for n, line in enumerate(lines) if "uss" in line)
    assert lines[region].startswith("campaigns/winter.yaml:4:15 error[E013]")
    assert lines[region + 2].index("^") == lines[region + 1].index("uss")
    assert "campaigns/winter.yaml:9:7 error[E010]" in result.err
    assert "did you mean" in result.err


def test_problems_for_github_are_workflow_commands_on_stdout(promo, workspace):
    file = workspace / "campaigns" / "winter.yaml"
    file.write_text(file.read_text().replace("regions: [de, us]", "regions: [de, uss]"))

    result = promo("-w", workspace, "plan", "-o", "github")

    assert result.code == 1
    assert result.out.startswith("::error file=campaigns/winter.yaml,line=4,col=15,title=E013::")
    assert result.err == ""


def test_problems_for_programs_are_json_on_stdout(promo, workspace):
    file = workspace / "campaigns" / "winter.yaml"
    file.write_text(file.read_text().replace("regions: [de, us]", "regions: [de, uss]"))

    result = promo("-w", workspace, "validate", "-o", "json")

    assert result.code == 1
    assert result.json["valid"] is False
    (problem,) = result.json["problems"]
    assert (problem["file"], problem["line"], problem["column"]) == ("campaigns/winter.yaml", 4, 15)


def test_a_workspace_that_does_not_load_still_lets_somebody_stop(promo, workspace):
    # Given a ledger, a commit, and a half-written file
    assert promo("-w", workspace, "apply", "--yes").code == 0
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "x")):
        who = ("-c", "user.name=ana", "-c", "user.email=ana@shop.example")
        subprocess.run(["git", *who, *command], cwd=workspace, check=True)
    (workspace / "campaigns" / "winter.yaml").write_text("campaign: [")

    result = promo("-w", workspace, "stop", "--all", "--reason", "wrong prices", "--yes")

    assert result.code == 0, result.err
    assert "in force for all" in result.err


# ── how a command ends ──────────────────────────────────────────────────────────────────────────
def _raising(error):
    def command():
        raise error

    return command


def test_an_unexpected_error_is_said_to_be_a_bug_in_one_line(capsys):
    code = guarded(_raising(ZeroDivisionError("division by zero")), Door())

    assert code == 1
    printed = capsys.readouterr().err
    assert "this is a bug in promo: ZeroDivisionError" in printed
    assert "PROMO_TRACEBACK=1" in printed
    assert "Traceback" not in printed


def test_the_traceback_comes_when_it_is_asked_for(monkeypatch):
    monkeypatch.setenv("PROMO_TRACEBACK", "1")

    with pytest.raises(ZeroDivisionError):
        guarded(_raising(ZeroDivisionError()), Door())


def test_an_interrupt_exits_with_130():
    assert guarded(_raising(KeyboardInterrupt()), Door()) == 130


def test_an_error_of_ours_brings_its_exit_code_and_way_out(capsys):
    code = guarded(_raising(PartlyDone("the rest", help="look above")), Door())

    assert code == 4
    assert capsys.readouterr().err == "error[E303] the rest\nhelp: look above\n"


# ── the streams ─────────────────────────────────────────────────────────────────────────────────
def _process(*arguments, **given):
    command = [sys.executable, "-m", "promo_scheduler", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **given)


@pytest.mark.parametrize("command", ["preview", "zones", "validate", "--version"])
def test_a_reader_that_goes_away_is_no_failure(workspace, command):
    # Given a reader that leaves before anything is written, be it much or little
    with _process("-w", workspace, command) as process:
        process.stdout.close()
        errors = process.stderr.read().decode()

    # Then nobody is told of an error
    assert errors == ""
    assert process.returncode == 0


def test_a_stream_that_knows_only_ascii_gets_question_marks(workspace):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    with _process("-w", workspace, "preview", env=environment) as process:
        out, err = process.communicate(timeout=60)

    assert process.returncode == 0, err.decode()
    assert b"?" in out
