"""Which zone data and calendars are in use, and what the system has beside it."""

import subprocess
import sys
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


def test_zone_data_that_is_installed_meanwhile_counts_after_a_renewal(tmp_path, monkeypatch):
    """A package of one zone, whose clocks are those of Kiritimati, is put before the present one."""
    assert local("Europe/Berlin", AN_INSTANT).utcoffset().total_seconds() == 3600
    package = Path(str(files("tzdata")))
    zone = (package / "zoneinfo" / "Pacific" / "Kiritimati").read_bytes()
    newer = tmp_path / "tzdata"
    for folder in (newer, newer / "zoneinfo", newer / "zoneinfo" / "Europe"):
        folder.mkdir()
        (folder / "__init__.py").write_text('IANA_VERSION = "2099z"\n')
    (newer / "zoneinfo" / "Europe" / "Berlin").write_bytes(zone)
    (newer / "zones").write_text("Europe/Berlin\n")
    with monkeypatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        assert tzdata_version() != "2099z"  # not before it is taken up
        assert renew().tzdata == versions().tzdata == "2099z"
        assert local("Europe/Berlin", AN_INSTANT).utcoffset().total_seconds() == 14 * 3600
        assert zones() == {"Europe/Berlin"}
    assert renew() == versions()
    assert zone_of("Europe/Berlin") and len(zones()) > 500
    assert local("Europe/Berlin", AN_INSTANT).utcoffset().total_seconds() == 3600


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
