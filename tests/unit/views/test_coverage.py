"""The table of what each region gets."""

from datetime import date

from rich.console import Group

from promo_scheduler.errors import Problem
from promo_scheduler.plan import Coverage
from promo_scheduler.views.coverage import Covered, coverage_data, coverage_parts
from promo_scheduler.views.paper import written

NEGLECTED = Problem("W130", "jp takes part in no campaign in these weeks", "warn")
COVERED = Covered(
    (
        Coverage("de", ("double-11", "flash"), 20.0, 0.125),
        Coverage("jp", (), 0.0, None, NEGLECTED),
        Coverage("us", ("flash",), 40.0, 1.0),
    ),
    date(2026, 11, 9),
    date(2026, 11, 22),
)


def test_the_regions_with_most_hours_come_first_and_warnings_last(regions):
    lines = written(Group(*coverage_parts(COVERED, regions))).splitlines()

    assert lines[0] == "Coverage  9–22 Nov 2026"
    rows = [line.split() for line in lines[3:6]]
    assert [row[0] for row in rows] == ["us", "de", "jp"]
    assert rows[0][-3:] == ["█" * 20, "100%", "flash"]
    assert rows[1][-5:] == ["20.0", "█" * 10, "12%", "double-11,", "flash"]
    assert rows[2][-2:] == ["0.0", "none"]
    assert lines[-1] == "warn[W130] jp takes part in no campaign in these weeks"


def test_it_fits_into_80_columns(regions):
    lines = written(Group(*coverage_parts(COVERED, regions)), 80).splitlines()

    assert max(map(len, lines)) <= 80


def test_programs_get_parts_of_one_and_null_where_there_are_no_hours():
    data = coverage_data(COVERED)

    assert (data["from"], data["until"]) == ("2026-11-09", "2026-11-22")
    assert data["regions"][0] == {
        "region": "de",
        "campaigns": ["double-11", "flash"],
        "hours_per_week": 20.0,
        "peak_share": 0.125,
        "warning": None,
    }
    assert data["regions"][1]["peak_share"] is None
    assert data["regions"][1]["warning"]["code"] == "W130"
