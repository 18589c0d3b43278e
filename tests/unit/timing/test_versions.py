"""Which zone data and calendars are in use, and what the system has beside it."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest

from promo_scheduler.clock import Versions
from promo_scheduler.timing import tzdata_version, versions
from promo_scheduler.timing.changes import system_version
from promo_scheduler.timing.walltime import local, search_path, zone_of
from promo_scheduler.timing.zonedata import package_folder, renew, zones

AN_INSTANT = datetime(2026, 11, 11, tzinfo=UTC)


def test_the_versions_are_those_that_are_installed():
    assert versions() == Versions(
        tzdata_version(), version("holidays"), version("hijridate"), version("astral")
    )


def test_what_changed_is_said_library_by_library():
    before, after = (
        Versions("2026a", "0.108", "", "3.2"),
        Versions("2026f", "0.109", "2.6.0", "3.2"),
    )
    assert before.changed(after) == (
        "tzdata 2026a → 2026f",
        "holidays 0.108 → 0.109",
        "hijridate ? → 2.6.0",
    )
    assert after.changed(after) == ()
    assert str(before) == "tzdata 2026a, holidays 0.108, astral 3.2"


def test_zone_data_is_looked_for_in_the_package_alone():
    assert search_path() == ()
    assert (package_folder() / "Europe" / "Berlin").is_file()


def test_a_package_that_says_no_version_is_not_known(monkeypatch):
    loaded = versions()

    def unknown(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", unknown)
    assert renew() == Versions(tzdata_version())
    assert versions() == loaded  # what is loaded stays in use


def berlin_of(folder, name, version, *, is_whole=True):
    """A package of one zone, Berlin, with another zone's clocks."""
    zone = (Path(str(files("tzdata"))) / "zoneinfo" / name).read_bytes()
    newer = folder / "tzdata"
    for each in (newer, newer / "zoneinfo", newer / "zoneinfo" / "Europe"):
        each.mkdir(exist_ok=True)
        (each / "__init__.py").write_text(f'IANA_VERSION = "{version}"\n')
    (newer / "zones").write_text("Europe/Berlin\n")
    if is_whole:
        (newer / "zoneinfo" / "Europe" / "Berlin").write_bytes(zone)


def hours_ahead():
    return local("Europe/Berlin", AN_INSTANT).utcoffset().total_seconds() / 3600


def test_zone_data_that_is_installed_meanwhile_counts_after_a_renewal(tmp_path, monkeypatch):
    assert hours_ahead() == 1
    berlin_of(tmp_path, "Pacific/Kiritimati", "2099z")
    with monkeypatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        assert tzdata_version() != "2099z"  # not before it is taken up
        assert renew().tzdata == versions().tzdata == "2099z"
        assert hours_ahead() == 14
        assert zones() == {"Europe/Berlin"}
    assert renew() == versions()
    assert zone_of("Europe/Berlin") and len(zones()) > 500
    assert hours_ahead() == 1


@pytest.mark.parametrize("meanwhile", ["nothing", "a part", "no version", "broken"])
def test_zone_data_that_are_just_being_installed_count_once_they_are_whole(
    tmp_path, monkeypatch, meanwhile
):
    # Given that zone data were in use when the package began to be replaced
    before = versions()
    assert hours_ahead() == 1
    with monkeypatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        berlin_of(tmp_path, "Pacific/Kiritimati", "2099z", is_whole=meanwhile != "a part")
        package = tmp_path / "tzdata" / "__init__.py"
        if meanwhile == "nothing":
            package.write_text("raise ModuleNotFoundError('tzdata')\n")
        elif meanwhile == "no version":
            package.write_text("")
        elif meanwhile == "broken":
            package.write_text("IANA_VERSION = (\n")
        # When it is looked at, then the older ones stay in use, and that is said
        assert renew() == replace(before, tzdata="")
        assert (versions(), hours_ahead()) == (before, 1)
        # And when it is there as a whole, then it counts
        berlin_of(tmp_path, "Pacific/Kiritimati", "2099z")
        assert renew().tzdata == versions().tzdata == "2099z"
        assert hours_ahead() == 14
    assert renew() == before
    assert hours_ahead() == 1


@pytest.mark.parametrize(
    ("text", "said"), [("# version 2025b\nR A 1\n", "2025b"), ("", ""), ("# redacted\n", "")]
)
def test_the_systems_version_is_read_where_it_says_one(tmp_path, text, said):
    (tmp_path / "tzdata.zi").write_text(text)
    assert system_version(tmp_path) == said
    assert system_version(tmp_path / "nowhere") == ""


def test_asking_for_the_versions_loads_no_calendar():
    script = (
        "import sys; from promo_scheduler.timing import versions; versions();"
        "print({'holidays', 'hijridate', 'astral', 'pendulum'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr
