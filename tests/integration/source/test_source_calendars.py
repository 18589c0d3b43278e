"""config/calendars.yaml: dates of one's own, pins, and everything that can be wrong with them."""

from datetime import date

import pytest

from promo_scheduler.calendar import (
    Between,
    Easter,
    FromTable,
    HijriDay,
    MonthDay,
    Moved,
    NthWeekday,
    Unless,
)
from promo_scheduler.region import Holidays, Region
from promo_scheduler.source import load
from promo_scheduler.timing.named import named_days

FILE = "config/calendars.yaml"


def region(country):
    return Region("r", "R", ("UTC",), "UTC", "EUR", holidays=Holidays(country))


def days(room, name, year, country="DE"):
    return named_days(room.load().dates, region(country), name, year)


def rule(room, text):
    room.write(FILE, f"dates:\n  mine: {{ is: {text} }}\n")
    return room.load().dates["mine"].findings[0].rule


# ── reading ─────────────────────────────────────────────────────────────────────────────────────
def test_the_shipped_dates_are_there_without_a_file(room):
    dates = room.load().dates
    assert {"black-friday", "11.11", "6.18", "ramadan", "lunar-new-year"} <= set(dates)
    assert all(finding.source for named in dates.values() for finding in named.findings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("25 dec", MonthDay(12, 25)),
        ("1 September", MonthDay(9, 1)),
        ("4th thu of nov + 1d", Moved(NthWeekday(4, 3, 11), 1)),
        ("Last Monday of May", NthWeekday(-1, 0, 5)),
        ("easter - 3w", Moved(Easter(), -21)),
        ("orthodox easter", Easter(orthodox=True)),
        ("hijri 10-1", HijriDay(10, 1)),
        ("diwali-singapore - 7d", Moved(FromTable("diwali-singapore"), -7)),
        (
            "last sun of may unless easter + 49d then 1st sun of jun",
            Unless(NthWeekday(-1, 6, 5), Moved(Easter(), 49), NthWeekday(1, 6, 6)),
        ),
        ("{ from: 26 dec, to: 6 jan }", Between(MonthDay(12, 26), MonthDay(1, 6))),
    ],
)
def test_a_rule_is_read(room, text, expected):
    assert rule(room, text) == expected


def test_a_name_that_looks_like_a_number_stays_a_name(room):
    room.write(FILE, 'dates:\n  3.3: { is: 3 mar }\n  "05.05": { is: 5 may }\n')
    assert {"3.3", "05.05"} <= set(room.load().dates)
    assert days(room, "3.3", 2027)[0].first == date(2027, 3, 3)


def test_norway_is_a_country_and_not_false(room):
    room.write(FILE, "dates:\n  mine: { by_country: [{ countries: [NO], is: 17 may }] }\n")
    assert days(room, "mine", 2027, "NO")[0].first == date(2027, 5, 17)


def test_a_range_over_new_year_belongs_to_the_year_it_begins_in(room):
    rule(room, "{ from: 26 dec, to: 6 jan }")
    (found,) = days(room, "mine", 2026)
    assert (found.first, found.last) == (date(2026, 12, 26), date(2027, 1, 6))
    assert found.words == "26 Dec 2026 – 6 Jan 2027"


def test_a_leap_day_has_no_date_in_other_years(room):
    rule(room, "29 feb")
    assert days(room, "mine", 2027) == ()
    assert days(room, "mine", 2028)[0].first == date(2028, 2, 29)


def test_a_fifth_weekday_has_no_date_where_the_month_has_four(room):
    rule(room, "5th mon of feb")
    assert days(room, "mine", 2027) == ()


# ── one's own over the shipped ──────────────────────────────────────────────────────────────────
def test_an_entry_with_a_rule_replaces_the_shipped_one(room):
    room.write(FILE, "dates:\n  mothers-day: { is: 1 apr }\n")
    assert {days(room, "mothers-day", 2027, each)[0].first for each in ("GB", "TH", "IL")} == {
        date(2027, 4, 1)
    }


def test_a_pin_counts_for_its_year_alone_and_ends_the_dispute(room):
    assert days(room, "lunar-new-year", 2027, "KR")[0].dispute

    room.write(FILE, "dates: { lunar-new-year: { years: { 2027: 2027-02-06 } } }\n")

    (pinned,) = days(room, "lunar-new-year", 2027, "KR")
    assert (pinned.first, pinned.dispute) == (date(2027, 2, 6), "")
    assert pinned.source == "pinned in config/calendars.yaml"


def test_a_rule_that_counts_back_over_new_year_is_pinned_under_the_year_it_belongs_to(room):
    own = "is: lunar-new-year - 45d, years: { 2027: 2026-12-24 }"
    room.write(FILE, f"dates: {{ mine: {{ {own} }} }}\n")

    (pinned,) = days(room, "mine", 2027)
    assert (pinned.year, pinned.first) == (2027, date(2026, 12, 24))


def test_the_feast_of_the_sacrifice_can_be_pinned_as_no_region_announces_it(room):
    room.write(FILE, "dates: { eid-al-adha: { years: { 2027: 2027-05-17 } } }\n")

    assert [each.first for each in days(room, "eid-al-adha", 2027, "SA")] == [date(2027, 5, 17)]
    (other,) = days(room, "lunar-new-year", 2028, "KR")
    assert (other.first, bool(other.dispute)) == (date(2028, 1, 27), True)


def test_a_pin_of_one_country_leaves_the_others_alone(room):
    room.write(
        FILE,
        "dates:\n  diwali:\n    by_country:\n"
        "      - { countries: [SG], years: { 2028: 2028-10-17 } }\n",
    )
    assert days(room, "diwali", 2028, "SG")[0].first == date(2028, 10, 17)
    assert days(room, "diwali", 2028, "SG")[0].dispute == ""
    assert days(room, "diwali", 2028, "MY")[0].dispute != ""


def test_a_pin_adds_a_year_that_nobody_had_announced(room):
    room.write(
        FILE,
        "dates:\n  prime-day:\n    years:\n      2026: { from: 2026-07-01, to: 2026-07-02 }\n"
        "      2027: { from: 2027-06-22, to: 2027-06-25 }\n    source: Our account manager\n",
    )
    assert days(room, "prime-day", 2027, "JP")[0].words == "22–25 Jun 2027"
    assert days(room, "prime-day", 2026, "DE")[0].first == date(2026, 7, 1)
    assert days(room, "prime-day", 2025, "DE")[0].first == date(2025, 7, 8)
    assert days(room, "prime-day", 2027)[0].source == "Our account manager"


def test_a_year_may_have_two_occurrences(room):
    room.write(FILE, "dates: { sale: { years: { 2027: [2027-03-01, 2027-09-01] } } }\n")
    assert [each.occurrence for each in days(room, "sale", 2027)] == ["sale-2027", "sale-2027.2"]


def test_another_source_is_told_as_a_dispute(room):
    room.write(FILE, "dates: { easter: { disputed: { 2027-03-29: A rival almanac } } }\n")
    assert "A rival almanac has 29 Mar 2027" in days(room, "easter", 2027)[0].dispute
    assert days(room, "easter", 2028)[0].dispute == ""


def test_the_file_is_a_part_of_the_configuration_that_waits_for_an_apply(room):
    before = room.load().config_digest
    room.write(FILE, "dates: { mine: { is: 3 sep } }\n")
    after = room.load()
    assert after.config_digest != before
    assert after.config_files["calendars.yaml"] == b"dates: { mine: { is: 3 sep } }\n"
    assert after.warnings == ()


def test_an_empty_file_says_nothing(room):
    room.write(FILE, "# nothing yet\n")
    assert "black-friday" in room.load().dates


# ── what is wrong ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("text", "code", "at", "help"),
    [
        ("mine: { is: 4th thr of nov }", "E071", "2:15", "did you mean thu?"),
        ("mine: { is: 4th thu of novembre }", "E071", "2:15", "did you mean november?"),
        ("mine: { is: 6th thu of nov }", "E071", "2:15", "did you mean"),
        ("mine: { is: eastr }", "E071", "2:15", "did you mean easter?"),
        ("mine: { is: lunar-new-yaer - 7d }", "E071", "2:15", "did you mean lunar-new-year?"),
        ("mine: { is: whenever }", "E071", "2:15", "such as"),
        ("mine: { is: 31 feb }", "E071", "2:15", "feb has fewer days"),
        ("mine: { is: hijri 13-1 }", "E071", "2:15", "hijri 10-1"),
        ("mine: { is: 2026-11-27 }", "E071", "2:15", "such as"),
        ("mine: { is: { from: 1 jul } }", "E016", "2:11", "add `to:`"),
        ("mine: { is: [1 jul] }", "E011", "2:11", ""),
        (
            "mine: { by_country: [{ countries: [UK], is: 1 jul }] }",
            "E072",
            "2:38",
            "did you mean GB?",
        ),
        (
            "mine: { by_country: [{ countries: [de], is: 1 jul }] }",
            "E072",
            "2:38",
            "did you mean DE?",
        ),
        ("mine: { by_country: [{ countries: [Jpan], is: 1 jul }] }", "E072", "2:38", "mean JP?"),
        ("mine: { by_country: [{ countries: [XX], is: 1 jul }] }", "E072", "2:38", "ISO 3166"),
        ("mine: { by_country: [{ countries: [], is: 1 jul }] }", "E011", None, ""),
        ("mine: { by_country: [{ countries: [DE] }] }", "E073", None, "add `is:`"),
        ("mine: { source: me }", "E073", "2:3", "add `is:`"),
        ("mine: { years: { 2027: 2026-02-06 } }", "E074", "2:26", "begin in that year"),
        ("mine: { years: { 2027: { from: 2027-02-06, to: 2027-02-01 } } }", "E043", None, ""),
        ("mine: { years: { 2027: 2027-02-30 } }", "E033", "2:26", ""),
        ("mine: { years: { 27: 2027-02-06 } }", "E033", None, ""),
        ("mine: { years: { 2027: [] } }", "E011", None, ""),
        ("ramadan: { years: { 2027: 2027-02-08 } }", "E077", "2:29", "ramadan: [{ from: …"),
        (
            "ramadan: { years: { 2027: { from: 2027-02-08, to: 2027-03-09 } } }",
            "E077",
            None,
            "config/regions.yaml: ramadan: [{ from: 2027-02-08, to: 2027-03-09 }]",
        ),
        ("eid-al-fitr: { years: { 2027: 2027-03-10 } }", "E077", "2:33", "config/regions.yaml"),
        ("mine: { is: hijri 10-2, years: { 2027: 2027-03-11 } }", "E077", None, "ramadan: ["),
        ("mine: { years: { ٢٠٢٧: 2027-02-06 } }", "E033", None, ""),
        ("golden-week: { years: { 2027: 2027-04-29 } }", "E076", None, "write both ends"),
        ("mine: { on: 1 jul }", "E010", "2:11", "known keys: is"),
        ("mine: { is: 1 jul, disputed: { soon: me } }", "E033", None, ""),
        ("2027-01-01: { is: 1 jan }", "E018", "2:3", "no date"),
        ("mine-7d: { is: 1 jan }", "E018", "2:3", "does not end like -7d"),
        ("holidays: { is: 1 jan }", "E018", "2:3", ""),
        ("mine: { is: 1 jan, is: 2 jan }", "E017", None, ""),
        ("mine: ~", "E011", None, ""),
    ],
)
def test_a_slip_is_named_with_its_place_and_a_way_out(room, text, code, at, help):
    room.write(FILE, f"dates:\n  {text}\n")
    problem = room.problem()
    assert (problem.code, problem.place.file, problem.place.line) == (code, FILE, 2)
    assert help in problem.help
    if at:
        assert f"{problem.place.line}:{problem.place.column}" == at


def test_a_country_twice_is_named(room):
    room.write(
        FILE,
        "dates:\n  mine:\n    by_country:\n      - { countries: [DE, AT], is: 1 jul }\n"
        "      - { countries: [AT], is: 2 jul }\n",
    )
    problem = room.problem()
    assert (problem.code, problem.place.line, problem.place.column) == ("E075", 5, 23)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("days: {}\n", "E010"),
        ("dates: [easter]\n", "E011"),
        ("dates: {\n", "E025"),
        ("[1, 2]\n", "E011"),
        ("\tdates: {}\n", "E023"),
        (b"\xff\xfe", "E022"),
    ],
)
def test_a_file_of_another_kind_is_refused_and_nothing_else_is_blamed(room, text, code):
    room.write(FILE, text)
    room.when("{ date: my-own-day, from: peak }")
    problems = room.problems()
    assert code in {problem.code for problem in problems}
    assert {problem.place.file for problem in problems} == {FILE}


def test_every_problem_is_told_at_once(room):
    room.write(FILE, "dates:\n  one: { is: x }\n  two: { is: 1 jul, at: 3 }\n  three: {}\n")
    assert [problem.place.line for problem in room.problems()] == [2, 3, 4]


def test_what_is_wrong_with_the_calendars_does_not_hide_the_shipped_dates(room):
    room.write(FILE, "dates: { mine: { is: soon } }\n")
    room.when("{ date: black-friday, from: '10:00', for: 2h }")
    assert {problem.place.file for problem in room.problems()} == {FILE}


def test_the_configuration_alone_knows_the_dates_too(room):
    from promo_scheduler.source import load_config

    room.write(FILE, "dates: { mine: { is: 3 sep } }\n")
    assert "mine" in load_config(room.root).dates
    assert set(load_config(room.root).dates) == set(load(room.root, revision=None).dates)
