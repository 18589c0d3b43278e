"""A wall time in a zone: the checked answers, and the rules T0, T2, T3 and T5 in words."""

import csv
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from promo_scheduler.clock import WallTime
from promo_scheduler.timing import tzdata_version, zones
from promo_scheduler.timing.walltime import (
    Exact,
    FoldAt,
    GapAt,
    Refused,
    Resolved,
    Skipped,
    date_exists,
    end_of,
    local,
    locate,
    naive,
    start_of,
    zone_of,
)
from promo_scheduler.when import ClockChange, Fold, Gap

CASES = Path(__file__).parents[2] / "cases"


def checked(name):
    with (CASES / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def policy_of(row):
    match row["kind"]:
        case "gap":
            return ClockChange(gap=Gap(row["policy"]))
        case "fold":
            return ClockChange(fold=Fold(row["policy"]))
        case _:
            return ClockChange()


def answer(moment):
    match moment:
        case Resolved(instant):
            return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
        case Skipped():
            return "SKIP"
        case Refused():
            return "ERROR"


@pytest.mark.parametrize(
    "row", checked("time_cases.csv"), ids=lambda r: f"{r['zone']} {r['local']} {r['policy']}"
)
def test_a_start_is_the_checked_instant(row):
    moment = start_of(row["zone"], WallTime.parse(row["local"]), policy_of(row))

    assert answer(moment) == row["expected_utc"]
    if isinstance(moment, Resolved):
        reading = local(row["zone"], moment.instant).replace(tzinfo=None)
        assert reading.isoformat() == row["local_at_expected"]


def end(zone, wall, **changes):
    moment = end_of(zone, WallTime.parse(wall), ClockChange(**changes))
    return moment.instant.strftime("%Y-%m-%dT%H:%MZ") if isinstance(moment, Resolved) else moment


def test_an_end_in_a_repeated_hour_means_the_second_reading():
    assert end("America/New_York", "2026-11-01T01:30") == "2026-11-01T06:30Z"


def test_an_end_at_what_the_clocks_go_back_to_means_the_first_reading():
    assert end("America/Havana", "2025-11-01T24:00") == "2025-11-02T04:00Z"
    assert end("Atlantic/Azores", "2026-10-25T00:00") == "2026-10-25T00:00Z"


def test_an_end_in_a_skipped_hour_means_the_moment_of_the_change():
    assert end("America/Nuuk", "2026-03-28T23:59") == "2026-03-29T01:00Z"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"end_fold": Fold.FIRST}, "2026-11-01T05:30Z"),
        ({"end_fold": Fold.LAST}, "2026-11-01T06:30Z"),
        ({"fold": Fold.LAST}, "2026-11-01T06:30Z"),
        ({"fold": Fold.FIRST}, "2026-11-01T06:30Z"),
        ({"fold": Fold.ERROR, "end_fold": Fold.FIRST}, "2026-11-01T05:30Z"),
    ],
)
def test_the_policies_for_an_end_in_a_repeated_hour(changes, expected):
    assert end("America/New_York", "2026-11-01T01:30", **changes) == expected


def test_fold_error_refuses_an_end_as_well():
    assert isinstance(end("America/New_York", "2026-11-01T01:30", fold=Fold.ERROR), Refused)


def test_gap_skip_and_error_speak_for_an_end_as_well():
    assert isinstance(end("America/Nuuk", "2026-03-28T23:59", gap=Gap.SKIP), Skipped)
    assert isinstance(end("America/Nuuk", "2026-03-28T23:59", gap=Gap.ERROR), Refused)
    assert end("America/Nuuk", "2026-03-28T23:59", gap=Gap.SHIFT) == "2026-03-29T01:59Z"


def test_what_a_wall_time_is_in_a_zone_is_one_of_three():
    def at(wall):
        return locate("Europe/Berlin", naive(WallTime.parse(wall)))

    assert at("2026-07-01T12:00") == Exact(datetime(2026, 7, 1, 10, tzinfo=UTC))
    assert at("2026-03-29T02:30") == GapAt(
        transition=datetime(2026, 3, 29, 1, tzinfo=UTC),
        shifted=datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    )
    assert at("2026-10-25T02:00") == FoldAt(
        first=datetime(2026, 10, 25, 0, tzinfo=UTC),
        second=datetime(2026, 10, 25, 1, tzinfo=UTC),
        lower_edge=True,
    )


def test_24_00_is_the_next_midnight():
    assert naive(WallTime.parse("2026-12-31T24:00")).isoformat() == "2027-01-01T00:00:00"


def test_a_date_that_a_calendar_jumped_over_does_not_exist():
    assert not date_exists("Pacific/Apia", date(2011, 12, 30))
    assert date_exists("Pacific/Apia", date(2011, 12, 31))
    assert date_exists("Africa/Cairo", date(2026, 4, 24))  # only its midnight is missing
    assert date_exists("America/Havana", date(2026, 11, 1))


def test_zone_data_comes_from_the_package_alone():
    assert zoneinfo.TZPATH == ()
    assert tzdata_version() >= "2026f"
    vancouver = start_of("America/Vancouver", WallTime.parse("2026-11-27T00:00"), ClockChange())
    assert vancouver.instant == datetime(2026, 11, 27, 7, tzinfo=UTC)  # 08:00 before 2026b


def test_every_zone_that_is_listed_can_be_read():
    assert {"Europe/Berlin", "Asia/Calcutta", "Etc/GMT+12", "UTC"} <= zones()
    assert "Factory" not in zones()
    for zone in zones():
        offset = zone_of(zone).utcoffset(datetime(2026, 7, 1, tzinfo=UTC).replace(tzinfo=None))
        assert offset is not None
        assert abs(offset) <= timedelta(hours=14)
