"""The examples of calendars: from their YAML to instants worked out by hand (T8, T12, T13)."""

import re
import shutil
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from promo_scheduler.errors import Problem
from promo_scheduler.operations import preview
from promo_scheduler.plan import NO_ZONE, Plan, Window
from promo_scheduler.source import load

EXAMPLES = Path(__file__).parents[3] / "examples"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAMES = ("ramadan", "lunar-new-year", "season")


@cache
def plan_of(name: str) -> Plan:
    return preview(load(EXAMPLES / name), NOW)


def windows(
    name: str, phase: str, region: str, channel: str = "storefront", zone: str = NO_ZONE
) -> list[Window]:
    """The windows of a phase in one place, in order."""
    return [
        w
        for w in plan_of(name).windows
        if (w.key.phase, w.key.region, w.key.channel, w.key.zone) == (phase, region, channel, zone)
    ]


def instants(found: list[Window]) -> list[tuple[str, str]]:
    return [(f"{w.start:%Y-%m-%dT%H:%MZ}", f"{w.end:%Y-%m-%dT%H:%MZ}") for w in found]


def dates(found: list[Window]) -> set[date]:
    return {w.start_wall.day for w in found if w.start_wall}


def problems(name: str) -> list[Problem]:
    return [finding.problem for finding in plan_of(name).findings]


def warnings(plan: Plan) -> Counter[str]:
    return Counter(f.problem.code for f in plan.findings if f.problem.severity == "warn")


def day(text: str) -> date:
    return date.fromisoformat(text)


# ── all three ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "ramadan",
            {
                "stocking-up": 5,
                "nights": 3 * 29 + 2 * 30 + 3 * 10,  # and the app's last ten, in three zones
                "suhoor": 3 * 9 + 2 * 10,
                "eid": 5 + 3,
                "evening": 3 * 12,
            },
        ),
        (
            "lunar-new-year",
            {
                "teaser": 4 * 14 + 2 * 13,  # on Korea's two channels a day less
                "eve": 6,
                "festival": 6,
                "lanterns": 4,
                "lunch": 4,
            },
        ),
        (
            "season",
            {
                "flash": 8 * 10,  # 13 Fridays without 25 December, 1 and 15 January
                "lunch": 13 + 2 * 12,
                "payday": 8 * 3 - 2,  # Germany's December, on two channels
                "evening": 12 + 10 + 13 + 12 + 7 * 12,
                "sale": 4 + 6,
                "last-days": 4,
            },
        ),
    ],
)
def test_an_example_has_as_many_windows_as_its_calendar_says(name, expected):
    assert Counter(w.key.phase for w in plan_of(name).windows) == expected


@pytest.mark.parametrize(
    ("name", "warned", "noted"),
    [
        ("ramadan", {}, {"W115"}),
        ("lunar-new-year", {"W118": 4}, set()),
        ("season", {"W118": 4, "W119": 1}, {"W115", "W117"}),
    ],
)
def test_an_example_says_nothing_but_what_it_explains(name, warned, noted):
    found = problems(name)

    assert warnings(plan_of(name)) == warned
    assert {p.code for p in found if p.severity == "info"} == noted
    assert not any(p.severity == "error" for p in found)
    texts = chain.from_iterable((EXAMPLES / name).rglob(kind) for kind in ("*.md", "*.yaml"))
    explained = set(re.findall(r"\bW\d{3}\b", "".join(path.read_text("utf-8") for path in texts)))
    assert explained >= {p.code for p in found}


# ── ramadan ─────────────────────────────────────────────────────────────────────────────────────
def test_riyadhs_nights_start_an_hour_after_its_sunset_from_the_first_day_to_the_last():
    found = instants(windows("ramadan", "nights", "sa"))

    assert found[0] == ("2027-02-08T15:43Z", "2027-02-08T18:43Z")  # sunset 17:43 at UTC+3
    assert found[-1] == ("2027-03-08T15:59Z", "2027-03-08T18:59Z")  # sunset 17:59
    assert len(found) == 29


def test_each_night_belongs_to_its_ramadan_by_number():
    found = [(w.key.occurrence, w.key.slot) for w in windows("ramadan", "nights", "sa")]

    assert found == [("ramadan-2027", night) for night in range(1, 30)]


@pytest.mark.parametrize(
    ("region", "first", "last"),
    [
        ("sa", "2027-02-08", "2027-03-08"),  # Umm al-Qura
        ("ae", "2027-02-08", "2027-03-08"),
        ("eg", "2027-02-09", "2027-03-09"),  # a day later by its offset
        ("id", "2027-02-08", "2027-03-09"),  # announced, with 30 days
        ("my", "2027-02-08", "2027-03-09"),
    ],
)
def test_every_region_keeps_its_own_ramadan(region, first, last):
    found = dates(windows("ramadan", "nights", region))

    assert (min(found), max(found)) == (day(first), day(last))


def test_the_week_before_is_counted_from_each_regions_first_day():
    arabia, egypt = (windows("ramadan", "stocking-up", region) for region in ("sa", "eg"))

    assert instants(arabia) == [("2027-01-31T21:00Z", "2027-02-07T21:00Z")]
    assert instants(egypt) == [("2027-02-01T22:00Z", "2027-02-08T22:00Z")]


def test_the_meal_before_dawn_ends_an_hour_and_a_half_before_sunrise():
    found = instants(windows("ramadan", "suhoor", "sa"))

    assert found[-1] == ("2027-03-07T23:00Z", "2027-03-08T01:40Z")  # sunrise 06:10 in Riyadh


def test_eid_begins_with_the_sunset_before_it_a_day_later_in_indonesia():
    arabia, indonesia = (windows("ramadan", "eid", region) for region in ("sa", "id"))

    assert instants(arabia) == [("2027-03-08T14:59Z", "2027-03-11T21:00Z")]
    assert instants(indonesia) == [("2027-03-09T11:09Z", "2027-03-12T17:00Z")]


def test_each_zone_of_indonesia_has_its_own_evening_in_the_app():
    zones = ("Asia/Jayapura", "Asia/Makassar", "Asia/Jakarta")
    last = [instants(windows("ramadan", "nights", "id", "app", zone))[-1][0] for zone in zones]

    assert last == ["2027-03-09T10:09Z", "2027-03-09T11:09Z", "2027-03-09T12:09Z"]


def test_thursday_evenings_wait_for_iftar_in_ramadan_only():
    starts = [start for start, _ in instants(windows("ramadan", "evening", "sa"))]

    assert starts[4:6] == ["2027-02-04T16:30Z", "2027-02-11T16:45Z"]  # 19:30; sunset 17:45 + 2 h
    assert starts[8:10] == ["2027-03-04T16:57Z", "2027-03-11T16:30Z"]  # sunset 17:57 + 2 h; 19:30


# ── lunar new year ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("region", "eve"),
    [
        ("cn", ("2027-02-05T10:00Z", "2027-02-05T18:00Z")),  # 18:00 to 02:00 at UTC+8
        ("sg", ("2027-02-05T10:00Z", "2027-02-05T18:00Z")),
        ("vn", ("2027-02-05T11:00Z", "2027-02-05T19:00Z")),
        ("kr", ("2027-02-06T09:00Z", "2027-02-06T17:00Z")),  # a day later, at UTC+9
    ],
)
def test_koreas_new_years_eve_is_a_day_after_the_others(region, eve):
    assert instants(windows("lunar-new-year", "eve", region)) == [eve]


def test_the_festival_is_a_week_in_china_and_seollal_three_days_in_korea():
    china, korea = (windows("lunar-new-year", "festival", region) for region in ("cn", "kr"))

    assert instants(china) == [("2027-02-05T16:00Z", "2027-02-12T16:00Z")]
    assert instants(korea) == [("2027-02-05T15:00Z", "2027-02-08T15:00Z")]


def test_the_teaser_has_the_peak_of_each_kind_of_day():
    by_day = {
        w.start_wall.day: str(w.start_wall.time) for w in windows("lunar-new-year", "teaser", "sg")
    }

    assert min(by_day) == day("2027-01-23")
    assert by_day[day("2027-01-23")] == "20:00"  # a Saturday
    assert by_day[day("2027-01-25")] == "20:30"  # a Monday


@pytest.mark.parametrize(
    ("region", "moved_to"),
    [("sg", "2027-02-09"), ("kr", "2027-02-10"), ("cn", "2027-02-11"), ("vn", "2027-02-11")],
)
def test_back_to_work_is_the_first_day_that_is_no_holiday(region, moved_to):
    (found,) = windows("lunar-new-year", "lunch", region)

    assert found.start_wall.day == day(moved_to)
    assert found.key.occurrence == "2027-02-08"  # it keeps its name where it moves


def test_without_the_pins_the_same_dates_come_out_with_the_dispute(tmp_path):
    root = tmp_path / "shop"
    shutil.copytree(EXAMPLES / "lunar-new-year", root)
    own = "dates: { lantern-festival: { is: lunar-new-year + 14d } }\n"
    (root / "config" / "calendars.yaml").write_text(own)

    plan = preview(load(root), NOW)

    pinned = plan_of("lunar-new-year")
    assert {(w.key, w.start, w.end) for w in plan.windows} == {
        (w.key, w.start, w.end) for w in pinned.windows
    }
    assert warnings(plan)["W120"] > 0


# ── season ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("region", ["au", "nz", "br", "za", "de", "gb", "us", "jp"])
def test_fridays_that_are_excluded_are_left_out_also_where_christmas_is_no_holiday(region):
    found = dates(windows("season", "flash", region))

    assert {d.weekday() for d in found} == {4}
    assert found.isdisjoint(map(day, ("2026-12-25", "2027-01-01", "2027-01-15")))
    assert (min(found), max(found)) == (day("2026-12-04"), day("2027-02-26"))


def test_lunch_is_the_second_peak_and_leaves_out_each_regions_own_holidays():
    japan, bavaria, brazil = (windows("season", "lunch", r) for r in ("jp", "de", "br"))

    assert ("2027-01-06T03:00Z", "2027-01-06T04:00Z") in instants(japan)  # 12:00 to 13:00
    assert instants(brazil)[0] == ("2026-12-02T15:00Z", "2026-12-02T17:00Z")  # 12:00 to 14:00
    assert dates(japan) - dates(bavaria) == {day("2027-01-06")}  # Epiphany
    assert dates(japan) - dates(brazil) == {day("2027-02-10")}  # Ash Wednesday, optional


@pytest.mark.parametrize(
    ("region", "december"),
    [
        ("jp", {"2026-12-25"}),
        ("us", {"2026-12-24"}),
        ("za", {"2026-12-24"}),
        ("gb", {"2026-12-24"}),
        ("br", {"2026-12-23"}),  # the 24th counts as a holiday there
        ("de", set()),  # the 24th lies in its blackout
    ],
)
def test_payday_is_the_last_day_before_a_holiday(region, december):
    found = dates(windows("season", "payday", region))

    assert found == {day(d) for d in ("2027-01-25", "2027-02-25", *december)}


def test_the_sales_run_in_the_same_weeks_each_in_its_hemisphere():
    south, north = ({w.key.region for w in plan_of("season").windows if w.key.campaign == c}
                    for c in ("summer-sale-2026", "winter-sale-2026"))  # fmt: skip

    assert (south, north) == ({"au", "nz", "br", "za"}, {"de", "gb", "us", "jp"})
    assert instants(windows("season", "sale", "nz")) == [("2026-12-25T11:00Z", "2027-01-17T11:00Z")]
    assert instants(windows("season", "sale", "de")) == [("2026-12-26T23:00Z", "2027-01-17T23:00Z")]
    assert instants(windows("season", "sale", "br")) == [("2027-01-04T03:00Z", "2027-02-10T03:00Z")]


def test_a_sale_that_reaches_into_the_blackout_is_refused(tmp_path):
    root = tmp_path / "shop"
    shutil.copytree(EXAMPLES / "season", root)
    path = root / "campaigns" / "winter-sale.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("from: 2026-12-27", "from: 2026-12-26"), encoding="utf-8")

    plan = preview(load(root), NOW)

    errors = [(f.problem.code, f.region) for f in plan.findings if f.problem.severity == "error"]
    assert errors == [("E123", "de")]


def test_summer_evenings_lie_around_sunset_and_leave_out_saturdays_that_are_holidays():
    sydney, auckland, brazil = (windows("season", "evening", r) for r in ("au", "nz", "br"))
    perth = windows("season", "evening", "au", "app", "Australia/Perth")

    assert instants(sydney)[0] == ("2026-12-05T07:54Z", "2026-12-05T09:54Z")  # sunset 19:54
    assert instants(perth)[0] == ("2026-12-05T10:54Z", "2026-12-05T12:54Z")  # on its own clock
    assert dates(brazil) - dates(auckland) == set(
        map(day, ("2026-12-26", "2027-01-02", "2027-02-06"))
    )
