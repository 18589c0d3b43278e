"""Clock changes for people, and the system's zone data against the package's."""

import shutil
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from promo_scheduler.errors import NaiveDatetime
from promo_scheduler.timing.changes import (
    ZoneDifference,
    ZoneNow,
    describe_zone,
    system_differences,
)

NOW = datetime(2026, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_zone_is_described_with_its_next_change():
    assert describe_zone("Europe/Berlin", NOW) == ZoneNow(
        offset=2 * HOUR,
        abbreviation="CEST",
        last_change=datetime(2026, 3, 29, 1, tzinfo=UTC),
        next_change=datetime(2026, 10, 25, 1, tzinfo=UTC),
        next_offset=HOUR,
    )


def test_a_zone_that_never_changes_has_no_next_change():
    tokyo = describe_zone("Asia/Tokyo", NOW)

    assert (tokyo.offset, tokyo.next_change, tokyo.next_offset) == (9 * HOUR, None, None)


def test_at_the_change_itself_the_new_offset_holds():
    change = datetime(2026, 10, 25, 1, tzinfo=UTC)

    assert describe_zone("Europe/Berlin", change).offset == HOUR
    assert describe_zone("Europe/Berlin", change).last_change == change
    assert describe_zone("Europe/Berlin", change - timedelta(seconds=1)).next_change == change


def test_a_naive_instant_is_refused():
    with pytest.raises(NaiveDatetime):
        describe_zone("Europe/Berlin", NOW.replace(tzinfo=None))


@pytest.fixture
def system(tmp_path):
    """A system whose data for Vancouver is Los Angeles's, and that knows Berlin and not Nuuk."""
    package = files("tzdata").joinpath("zoneinfo")
    for zone, source in {
        "America/Vancouver": "America/Los_Angeles",
        "Europe/Berlin": "Europe/Berlin",
    }.items():
        (tmp_path / zone).parent.mkdir(exist_ok=True)
        with package.joinpath(*source.split("/")).open("rb") as data:
            (tmp_path / zone).write_bytes(data.read())
    return tmp_path


def test_where_the_system_differs_is_named_with_its_first_instant(system):
    found = system_differences(["America/Vancouver", "Europe/Berlin"], NOW, root=system)

    fall_back = datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert found == [ZoneDifference("America/Vancouver", fall_back, -7 * HOUR, -8 * HOUR)]


def test_a_zone_that_the_system_does_not_know_or_cannot_read_is_named(system):
    (system / "Europe/Berlin").write_bytes(b"no zone data")

    found = system_differences(["America/Nuuk", "Europe/Berlin"], NOW, root=system)

    assert [(d.zone, d.system) for d in found] == [("America/Nuuk", None), ("Europe/Berlin", None)]


def test_a_difference_beyond_the_days_asked_for_is_none(system):
    assert system_differences(["America/Vancouver"], NOW, days=90, root=system) == []


def test_a_system_without_zone_data_differs_nowhere(system):
    shutil.rmtree(system)

    assert system_differences(["America/Vancouver"], NOW, root=system) == []
