"""The command line as somebody meets it: help, version, quick to start."""

import subprocess
import sys

import pytest

COMMANDS = (
    *("demo", "simulate", "init", "validate", "preview", "plan", "apply", "run", "status"),
    *("events", "explain", "hold", "release", "stop", "resume", "retry", "audit", "channels"),
    *("zones", "calendars", "doctor", "schema", "peaks", "backup", "restore", "prune"),
)
GROUPED = (
    ("audit", "verify"),
    ("audit", "export"),
    ("audit", "head"),
    ("channels", "check"),
    ("peaks", "learn"),
)
HEAVY = (
    *("aiohttp", "alembic", "apscheduler", "holidays", "pendulum", "pydantic", "rich"),
    *("ruamel", "sqlalchemy", "sqlmodel", "structlog", "zoneinfo"),
)


def test_the_help_names_every_command(promo):
    result = promo("--help")

    assert result.code == 0
    assert [name for name in COMMANDS if f" {name} " not in result.out] == []


@pytest.mark.parametrize("command", [(name,) for name in COMMANDS] + list(GROUPED), ids=" ".join)
def test_every_command_has_help(promo, command):
    result = promo(*command, "--help")

    assert result.code == 0
    assert f"promo {' '.join(command)} " in result.out.replace("\n", " ")
    assert result.err == ""


def test_every_summary_fits_on_one_line_of_80_columns(promo, monkeypatch):
    # Given the help of a terminal with 80 columns
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")

    # Then each command takes one line, so that all of them can be overlooked
    panels = promo("--help").out.partition("Begin")[2].splitlines()
    wrapped = [line for line in panels if line.startswith("│  ")]
    assert wrapped == []


def test_the_version_names_the_zone_data(promo):
    result = promo("--version")

    assert result.code == 0
    assert "tzdata 20" in result.out


def test_no_command_at_all_shows_the_help(promo):
    result = promo()

    assert result.code == 2
    assert "Usage: promo" in result.out + result.err


def test_nothing_heavy_is_imported_for_the_help():
    # Given a fresh process that has everything the help needs
    script = (
        "import sys; from promo_scheduler.cli.app import app;"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
