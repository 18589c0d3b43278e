"""Campaigns by name, sun and holiday: from YAML to windows (T8, T12, T13)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from promo_scheduler.operations import preview
from promo_scheduler.source import load

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REGIONS = """\
regions:
  us: { zones: [America/New_York, America/Los_Angeles], currency: USD, holidays: US }
  de: { zones: [Europe/Berlin], currency: EUR, holidays: DE-BY }
  gb: { zones: [Europe/London], currency: GBP, holidays: GB-ENG }
  jp: { zones: [Asia/Tokyo], currency: JPY, holidays: JP }
  kr: { zones: [Asia/Seoul], currency: KRW, holidays: KR }
  cn: { zones: [Asia/Shanghai], currency: CNY, holidays: CN }
  sa:
    zones: [Asia/Riyadh]
    currency: SAR
    holidays: SA
    weekend: [fri, sat]
    city: { name: Riyadh, latitude: 24.71, longitude: 46.68 }
  "no":
    zones: [Europe/Oslo]
    currency: NOK
    city: { name: Tromsø, latitude: 69.65, longitude: 18.96 }
  quiet:
    zones: [Europe/Paris]
    currency: EUR
    blackout: [{ from: 2026-12-24, to: 2026-12-26, reason: stocktaking }]
"""
ALL = ["us", "de", "gb", "jp", "kr", "cn", "sa", "no", "quiet"]


@dataclass(frozen=True)
class Room:
    root: Path

    def plan(self, when, *regions, now=NOW, more=""):
        (self.root / "campaigns").mkdir(exist_ok=True)
        (self.root / "campaigns" / "sale.yaml").write_text(
            f"campaign: sale\nregions: [{', '.join(map(repr, regions))}]\n{more}\nphases:\n"
            f"  launch:\n    when: {when}\n    offer: {{ percent: 10, products: all }}\n",
            encoding="utf-8",
        )
        return preview(load(self.root, revision=None), now)

    def windows(self, when, *regions, **given):
        """Each window as its occurrence and slot, and its start and end on the wall."""
        windows = self.plan(when, *regions, **given).windows
        return [(w.key.occurrence, w.key.slot, str(w.start_wall), str(w.end_wall)) for w in windows]


@pytest.fixture
def room(tmp_path):
    config = tmp_path / "config"
    config.mkdir()
    (config / "settings.yaml").write_text("", encoding="utf-8")
    (config / "regions.yaml").write_text(REGIONS, encoding="utf-8")
    targets = ", ".join(f"{name!r}: {name}-store" for name in ALL)
    (config / "channels.yaml").write_text(
        f"channels:\n  shop:\n    connector: sandbox\n    regions: {[*ALL]}\n"
        f"    targets: {{ {targets} }}\n    settings: {{ url: 'http://127.0.0.1:9' }}\n",
        encoding="utf-8",
    )
    return Room(tmp_path)


def codes(plan):
    return [finding.problem.code for finding in plan.findings]


DAY = 'from: "00:00", until: "24:00"'


# ── named dates ─────────────────────────────────────────────────────────────────────────────────
def test_a_named_date_with_its_year_is_that_years(room):
    found = room.windows(f"{{ date: black-friday 2027, {DAY} }}", "us", "de")

    day = ("black-friday-2027", 1, "2027-11-26T00:00", "2027-11-26T24:00")
    assert found == [day, day]


def test_an_offset_is_part_of_the_occurrence_so_two_dates_of_one_name_never_meet(room):
    found = room.windows(f"{{ date: [11.11 2026 - 1w, 11.11 2026], {DAY} }}", "us")

    assert [each[:3] for each in found] == [
        ("11.11-2026-7d", 1, "2026-11-04T00:00"),
        ("11.11-2026", 1, "2026-11-11T00:00"),
    ]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-22T12:00", "2026-11-27"),
        ("2026-11-27T12:00", "2026-11-27"),  # it is on
        ("2026-11-28T04:59", "2026-11-27"),  # still in New York
        ("2026-11-28T05:00", "2027-11-26"),  # over
        ("2027-06-01T00:00", "2027-11-26"),
    ],
)
def test_a_name_without_a_year_means_the_one_that_is_on_or_the_next(room, now, expected):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    plan = room.plan(f"{{ date: black-friday, {DAY} }}", "us", now=at)

    assert [str(w.start_wall.day) for w in plan.windows] == [expected]
    assert "W121" in codes(plan)


def test_what_lasts_over_its_day_stays_planned_while_it_lasts(room):
    at = datetime(2026, 12, 6, tzinfo=UTC)
    found = room.windows("{ date: black-friday, from: '00:00', for: 10d }", "us", now=at)

    assert [each[0] for each in found] == ["black-friday-2026"]


def test_a_range_by_name_is_all_of_it_and_each_day_of_it_has_its_slot(room):
    whole = room.windows(f"{{ date: ramadan 2027, {DAY} }}", "sa")
    each = room.windows(
        f"{{ date: {{ from: ramadan 2027, to: ramadan, each: day }}, {DAY} }}", "sa"
    )

    assert whole == [("ramadan-2027", 1, "2027-02-08T00:00", "2027-03-08T24:00")]
    assert each[0] == ("ramadan-2027", 1, "2027-02-08T00:00", "2027-02-08T24:00")
    assert each[-1] == ("ramadan-2027", 29, "2027-03-08T00:00", "2027-03-08T24:00")
    assert len(each) == 29


def test_the_two_ramadans_of_2030_are_both_planned(room):
    found = room.windows(f"{{ date: ramadan 2030, {DAY} }}", "sa")

    assert [each[0] for each in found] == ["ramadan-2030", "ramadan-2030.2"]


def test_the_sources_dispute_is_a_warning_until_the_date_is_pinned(room):
    when = f"{{ date: lunar-new-year 2027, {DAY} }}"
    before = room.plan(when, "kr", "cn")
    assert [str(w.start_wall.day) for w in before.windows] == ["2027-02-07", "2027-02-06"]
    assert "W120" in codes(before)
    assert any("6 Feb 2027" in text for text in before.windows[0].warnings)

    pin = "dates: { lunar-new-year: { years: { 2027: 2027-02-07 } } }\n"
    (room.root / "config" / "calendars.yaml").write_text(pin, encoding="utf-8")
    after = room.plan(when, "kr", "cn")
    assert [str(w.start_wall.day) for w in after.windows] == ["2027-02-07", "2027-02-07"]
    assert "W120" not in codes(after)


def test_a_year_that_nobody_has_announced_is_an_error_of_its_campaign(room):
    plan = room.plan(f"{{ date: prime-day 2060, {DAY} }}", "us")

    assert plan.windows == ()
    assert "E122" in codes(plan)


@pytest.mark.parametrize("now", ["2026-11-20", "2026-11-27", "2026-11-28", "2026-12-30"])
@pytest.mark.parametrize("more", ["", ", each: day"])
def test_a_name_before_a_written_end_is_the_last_one_not_after_it(room, now, more):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    when = f"{{ date: {{ from: black-friday, to: 2026-12-31{more} }}, {DAY} }}"
    found = room.windows(when, "us", now=at, more="on_holiday: keep")

    assert found[0][:3] == ("black-friday-2026", 1, "2026-11-27T00:00")
    assert found[-1][3] == "2026-12-31T24:00"


def test_one_date_said_twice_is_one_window(room):
    twice = "[2026-11-27, black-friday, black-friday 2026]"
    found = room.windows(f"{{ date: {twice}, {DAY} }}", "us")

    assert [each[0] for each in found] == ["2026-11-27"]


@pytest.mark.parametrize(
    ("date", "day", "says"),
    [
        ("new-year - 7d", "2026-12-25", "new-year 2027 -7d = 25 Dec 2026"),
        ("new-year 2027 - 7d", "2026-12-25", "new-year 2027 -7d = 25 Dec 2026"),
        ("nye 2027", "2026-12-29", "nye 2027 = 29 Dec 2026"),
    ],
)
def test_the_words_name_the_year_that_the_file_would_have_to_name(room, date, day, says):
    own = "dates: { nye: { is: 1 jan - 3d } }\n"
    (room.root / "config" / "calendars.yaml").write_text(own, encoding="utf-8")
    at = datetime(2026, 12, 1, tzinfo=UTC)
    plan = room.plan(f"{{ date: {date}, {DAY} }}", "us", now=at)

    assert [str(w.start_wall.day) for w in plan.windows] == [day]
    assert plan.windows[0].decided_by.startswith(says)
    for finding in plan.findings:
        if finding.problem.code == "W121":
            assert '"new-year 2027 -7d"' in finding.problem.help


# ── repetitions ─────────────────────────────────────────────────────────────────────────────────
def test_each_day_of_a_range_but_some_and_the_public_holidays(room):
    when = (
        "{ date: { from: 2026-12-23, to: 2026-12-29, each: day, "
        f"except: [2026-12-28, holidays] }}, {DAY} }}"
    )
    found = {r: [each[0][-2:] for each in room.windows(when, r)] for r in ("us", "de", "jp")}

    assert found == {
        "us": ["23", "24", "26", "27", "29"],
        "de": ["23", "24", "27", "29"],
        "jp": ["23", "24", "25", "26", "27", "29"],
    }


def test_a_rule_runs_over_a_named_range_and_leaves_a_named_date_out(room):
    found = room.windows(
        '{ date: { rrule: "FREQ=WEEKLY;BYDAY=FR", from: ramadan 2027, to: ramadan, '
        f"except: eid-al-fitr 2027 - 4d }}, {DAY} }}",
        "sa",
    )

    assert [each[0] for each in found] == ["2027-02-12", "2027-02-19", "2027-02-26"]


def test_a_name_that_has_no_date_there_leaves_nothing_out(room):
    when = (
        "{ date: { from: 2026-06-22, to: 2026-06-28, each: day, "
        f"except: [prime-day, thanksgiving] }}, {DAY} }}"
    )
    found = {
        region: [each[0][-2:] for each in room.windows(when, region)] for region in ("us", "kr")
    }

    assert found == {"us": ["22", "27", "28"], "kr": ["22", "23", "24", "25", "26", "27", "28"]}


# ── holidays and blackouts ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("policy", "days", "said"),
    [
        ("", ["24", "25", "26"], ["W118"]),
        ("on_holiday: keep", ["24", "25", "26"], []),
        ("on_holiday: skip", ["24"], ["W118"]),
        ("on_holiday: next-day", ["24", "27"], ["W118"]),  # equal instants are one
        ("on_holiday: previous-day", ["24"], ["W118"]),
    ],
)
def test_what_becomes_of_a_window_on_a_public_holiday(room, policy, days, said):
    when = f"{{ date: [2026-12-24, 2026-12-25, 2026-12-26], {DAY} }}"
    plan = room.plan(when, "de", more=policy)

    assert [str(w.start_wall.day)[-2:] for w in plan.windows] == days
    assert list(dict.fromkeys(codes(plan))) == said


def test_a_moved_window_keeps_its_name(room):
    found = room.windows(f"{{ date: 2026-12-25, {DAY} }}", "de", more="on_holiday: next-day")

    assert found == [("2026-12-25", 1, "2026-12-27T00:00", "2026-12-27T24:00")]


def test_of_two_that_fall_together_the_one_on_its_own_date_keeps_its_name(room):
    dates = "{ from: 2026-12-24, to: 2026-12-28, each: day }"
    found = room.windows(f"{{ date: {dates}, {DAY} }}", "de", more="on_holiday: next-day")

    assert [each[0] for each in found] == ["2026-12-24", "2026-12-27", "2026-12-28"]


def test_a_named_date_means_that_very_day(room):
    found = room.windows(f"{{ date: thanksgiving 2026, {DAY} }}", "us", more="on_holiday: skip")

    assert [each[2] for each in found] == ["2026-11-26T00:00"]


def test_a_window_in_a_blackout_is_left_out_and_a_longer_one_refused(room):
    dates = room.plan(f"{{ date: [2026-12-23, 2026-12-24], {DAY} }}", "quiet", "de")
    assert [(w.key.region, w.key.occurrence) for w in dates.windows] == [
        ("quiet", "2026-12-23"),
        ("de", "2026-12-23"),
        ("de", "2026-12-24"),
    ]
    assert "W119" in codes(dates)

    over = room.plan(f"{{ date: {{ from: 2026-12-20, to: 2026-12-24 }}, {DAY} }}", "quiet")
    assert over.windows == ()
    assert "E123" in codes(over)

    until_it = room.plan("{ date: 2026-12-23, from: '20:00', until: '24:00' }", "quiet")
    assert len(until_it.windows) == 1
    into_it = room.plan("{ date: 2026-12-23, from: '20:00', until: '02:00' }", "quiet")
    assert "E123" in codes(into_it)

    instant = 'clock: instant, from: "2026-12-24T00:00+01:00", until: "2026-12-24T01:00+01:00"'
    assert "E123" in codes(room.plan(f"{{ {instant} }}", "quiet"))


@pytest.mark.parametrize("order", [1, -1])
def test_the_blackout_that_holds_the_start_decides_in_whatever_order(room, order):
    dates = [
        "{ from: 2026-12-02, to: 2026-12-05 }",
        "{ from: 2026-12-01, to: 2026-12-01 }",
    ][::order]
    text = REGIONS.replace(
        "[{ from: 2026-12-24, to: 2026-12-26, reason: stocktaking }]", f"[{', '.join(dates)}]"
    )
    (room.root / "config" / "regions.yaml").write_text(text, encoding="utf-8")
    plan = room.plan("{ date: 2026-12-01, from: '22:00', until: '02:00' }", "quiet", "de")

    assert [w.key.region for w in plan.windows] == ["de"]
    assert "W119" in codes(plan)


def test_a_blackout_that_leaves_nothing_is_an_error(room):
    assert "E113" in codes(room.plan(f"{{ date: 2026-12-24, {DAY} }}", "quiet"))


# ── the sun ─────────────────────────────────────────────────────────────────────────────────────
def test_iftar_follows_the_sunset_of_each_day_of_ramadan(room):
    plan = room.plan(
        "{ date: { from: ramadan 2027, to: ramadan, each: day }, from: iftar+1h, for: 2h }", "sa"
    )
    first, last = plan.windows[0], plan.windows[-1]

    assert str(first.start_wall) == "2027-02-08T18:43"
    assert str(last.start_wall) == "2027-03-08T18:59"
    assert first.decided_by.endswith("iftar+1h = sunset 17:43 + 60 min for 2h")


def test_outside_ramadan_iftar_is_the_fallback_or_an_error(room):
    with_it = "{ date: 2026-11-25, from: iftar, for: 2h, fallback: '20:00' }"
    assert [each[2] for each in room.windows(with_it, "sa")] == ["2026-11-25T20:00"]

    plan = room.plan("{ date: 2026-11-25, from: iftar, for: 2h }", "sa")
    assert (plan.windows, codes(plan)) == ((), ["E121"])


def test_where_the_sun_does_not_rise_a_fallback_is_required(room):
    assert codes(room.plan("{ date: 2026-12-20, from: sunset, for: 2h }", "no")) == ["E121"]

    when = "{ date: 2026-12-20, from: sunset-30m, for: 2h, fallback: '16:00' }"
    assert [each[2] for each in room.windows(when, "no")] == ["2026-12-20T16:00"]


def test_a_region_without_a_city_is_told_so(room):
    plan = room.plan("{ date: 2026-12-20, from: sunset, for: 2h }", "de")

    assert codes(plan) == ["E121"]
    assert "city" in plan.findings[0].problem.help


def test_a_night_from_sunset_to_the_next_sunrise(room):
    (found,) = room.windows("{ date: 2026-12-20, from: sunset, until: '+1d sunrise' }", "sa")

    assert found[2:] == ("2026-12-20T17:09", "2026-12-21T06:33")


def test_a_day_that_ends_before_it_starts_is_refused(room):
    when = "{ date: 2026-12-20, from: sunset, until: sunrise }"
    assert codes(room.plan(when, "sa")) == ["E111"]


def test_a_year_that_the_librarys_calendar_does_not_reach_matters_where_a_policy_asks(room):
    text = REGIONS.replace("holidays: KR", "holidays: IN")
    (room.root / "config" / "regions.yaml").write_text(text, encoding="utf-8")
    when = f"{{ date: 2036-12-20, {DAY} }}"
    policy = room.plan(when, "kr", "cn", more="on_holiday: skip")
    plain = room.plan(when, "kr", "cn")

    assert [w.key.region for w in policy.windows] == ["cn"]
    assert codes(policy) == ["E124"]
    assert [w.key.region for w in plain.windows] == ["kr", "cn"]
    assert codes(plain) == ["W122"]


def test_hours_after_sunset_are_real_time_also_when_the_clocks_change(room):
    text = REGIONS.replace(
        "de: { zones: [Europe/Berlin],",
        "de: { zones: [Europe/Berlin], city: { name: B, latitude: 52.52, longitude: 13.405 },",
    )
    (room.root / "config" / "regions.yaml").write_text(text, encoding="utf-8")
    (back,) = room.plan("{ date: 2026-10-24, from: sunset, until: sunset+10h }", "de").windows
    (ahead,) = room.plan("{ date: 2026-03-28, from: sunset+8h, for: 1h }", "de").windows

    assert (back.end - back.start).total_seconds() == 10 * 3600
    assert str(ahead.start_wall) == "2026-03-29T03:34"  # 18:34 and eight hours, one of them skipped


def test_the_words_of_a_peak_over_several_days_name_the_end(room):
    text = REGIONS.replace(
        "de: { zones: [Europe/Berlin],",
        'de: { zones: [Europe/Berlin], peaks: { weekday: "19:30-21:30", weekend: "11:00-13:00" },',
    )
    (room.root / "config" / "regions.yaml").write_text(text, encoding="utf-8")
    (window,) = room.plan(
        "{ date: { from: 2026-11-27, to: 2026-11-29 }, from: peak }", "de"
    ).windows

    assert str(window.end_wall) == "2026-11-29T13:00"
    ending = "to the end of peak weekend 11:00-13:00 on 2026-11-29"
    assert window.decided_by == f"peak weekday 19:30-21:30 {ending}"
