"""`when`: which dates and hours are read, and how the others are refused."""

from datetime import UTC, date, datetime, timedelta

import pytest

from promo_scheduler.clock import TimeOfDay
from promo_scheduler.when import (
    AtPeak,
    AtSun,
    AtTime,
    ClockChange,
    Duration,
    EachDay,
    Except,
    Fold,
    For,
    Gap,
    InstantWhen,
    Named,
    OnDates,
    Recurrence,
    Span,
    Sun,
    Until,
    UntilSun,
    WholePeak,
)

HALF = timedelta(minutes=30)
NOV_9, NOV_11, NOV_13 = date(2026, 11, 9), date(2026, 11, 11), date(2026, 11, 13)


def when_of(room):
    return room.load().campaigns[0].phases[0].when


# ── what is read ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-11", OnDates((NOV_11,))),
        ("'2026-11-11'", OnDates((NOV_11,))),
        ("[2026-11-11, 2026-11-09]", OnDates((NOV_9, NOV_11))),
        ("black-friday", OnDates((Named("black-friday"),))),
        ("black-friday 2026", OnDates((Named("black-friday", 0, 2026),))),
        ("lunar-new-year - 7d", OnDates((Named("lunar-new-year", -7),))),
        ("'lunar-new-year 2027 +1w'", OnDates((Named("lunar-new-year", 7, 2027),))),
        ("11.11", OnDates((Named("11.11"),))),
        ("[11.11 2026, 2026-11-09]", OnDates((NOV_9, Named("11.11", 0, 2026)))),
        ("{ from: ramadan 2027, to: ramadan }", Span(Named("ramadan", 0, 2027), Named("ramadan"))),
        (
            "{ from: 2026-11-09, to: 2026-11-13, each: day, except: [2026-11-11, holidays] }",
            EachDay(NOV_9, NOV_13, Except((NOV_11,), holidays=True)),
        ),
        (
            '{ rrule: "FREQ=DAILY", from: 2026-11-09, to: 2026-11-13, except: black-friday - 1d }',
            Recurrence("FREQ=DAILY", NOV_9, NOV_13, Except((Named("black-friday", -1),))),
        ),
        ("{ from: 2026-11-09, to: 2026-11-11 }", Span(NOV_9, NOV_11)),
        ("{ from: 2026-11-09, to: 2026-11-09 }", Span(NOV_9, NOV_9)),
        ("{ from: 2026-11-09, to: 2026-11-13, each: day }", EachDay(NOV_9, NOV_13)),
        (
            '{ rrule: "FREQ=WEEKLY;BYDAY=FR", from: 2026-11-09, to: 2026-11-13 }',
            Recurrence("FREQ=WEEKLY;BYDAY=FR", NOV_9, NOV_13),
        ),
        (
            '{ rrule: "RRULE:FREQ=DAILY;UNTIL=20261112", from: 2026-11-09, to: 2026-11-13 }',
            Recurrence("FREQ=DAILY;UNTIL=20261112", NOV_9, NOV_13),
        ),
    ],
)
def test_dates_are_read_in_each_form(room, text, expected):
    room.when(f'{{ date: {text}, from: "20:00", until: "22:00" }}')
    assert when_of(room).dates == expected


@pytest.mark.parametrize(
    ("hours", "start", "end"),
    [
        ('from: "20:00", until: "24:00"', AtTime(TimeOfDay(72_000)), Until(TimeOfDay(86_400))),
        ('from: "22:00", until: "02:00"', AtTime(TimeOfDay(79_200)), Until(TimeOfDay(7_200))),
        (
            'from: "20:00", until: "+1d 03:00"',
            AtTime(TimeOfDay(72_000)),
            Until(TimeOfDay(10_800), days=1),
        ),
        (
            'from: "20:00", until: +2d 03:00',
            AtTime(TimeOfDay(72_000)),
            Until(TimeOfDay(10_800), days=2),
        ),
        ("from: peak", AtPeak(1), WholePeak()),
        ("from: peak(2)", AtPeak(2), WholePeak()),
        ('from: peak, until: "24:00"', AtPeak(1), Until(TimeOfDay(86_400))),
        ("from: peak, for: 2h", AtPeak(1), For(Duration(elapsed=timedelta(hours=2)))),
        (
            'from: "20:00", for: 90m',
            AtTime(TimeOfDay(72_000)),
            For(Duration(0, timedelta(minutes=90))),
        ),
        (
            'from: "20:00", for: PT24H',
            AtTime(TimeOfDay(72_000)),
            For(Duration(0, timedelta(hours=24))),
        ),
        ("from: sunset, for: 2h", AtSun(Sun.SUNSET), For(Duration(elapsed=timedelta(hours=2)))),
        ("from: sunrise - 30m, until: sunset", AtSun(Sun.SUNRISE, -HALF), UntilSun(Sun.SUNSET)),
        (
            'from: sunset+1h30m, until: "+1d sunrise-30m"',
            AtSun(Sun.SUNSET, 3 * HALF),
            UntilSun(Sun.SUNRISE, -HALF, 1),
        ),
        (
            'from: iftar+30m, until: "24:00", fallback: "20:00"',
            AtSun(Sun.IFTAR, HALF, TimeOfDay(72_000)),
            Until(TimeOfDay(86_400)),
        ),
        (
            'from: sunrise, until: sunset, fallback: { from: "08:00", until: "20:00" }',
            AtSun(Sun.SUNRISE, fallback=TimeOfDay(28_800)),
            UntilSun(Sun.SUNSET, fallback=TimeOfDay(72_000)),
        ),
        ('from: "20:00", for: 1d', AtTime(TimeOfDay(72_000)), For(Duration(1))),
        ('from: "20:00", for: P1D', AtTime(TimeOfDay(72_000)), For(Duration(1))),
        (
            'from: "20:00", for: 1d12h',
            AtTime(TimeOfDay(72_000)),
            For(Duration(1, timedelta(hours=12))),
        ),
    ],
)
def test_hours_are_read_in_each_form(room, hours, start, end):
    room.when(f"{{ date: 2026-11-11, {hours} }}")
    assert (when_of(room).start, when_of(room).end) == (start, end)


@pytest.mark.parametrize(
    ("change", "start", "end"),
    [
        ('{ from: "20:00" }', None, "06:00"),
        ("{ for: 2h }", "18:00", None),
        ('{ until: "+1d 05:00" }', "18:00", None),
        ("{ until: +1d sunset }", "18:00", "06:00"),
        ("{ gap: shift }", "18:00", "06:00"),
    ],
)
def test_an_override_that_takes_the_sun_from_one_end_leaves_the_others_fallback(
    room, change, start, end
):
    pair = '{ from: "18:00", until: "06:00" }'
    room.when(f'{{ date: 2027-02-11, from: iftar, until: "+1d sunrise", fallback: {pair} }}')
    base = (room.root / "campaigns" / "sale.yaml").read_text()
    room.campaign(f"{base}overrides: {{ de: {{ phases: {{ launch: {{ when: {change} }} }} }} }}\n")

    when = room.load().campaigns[0].variant("de", "storefront").phases[0].when
    found = [getattr(each, "fallback", None) for each in (when.start, when.end)]

    assert found == [TimeOfDay.parse(text) if text else None for text in (start, end)]


def test_an_override_of_the_hours_takes_an_idle_fallback_with_it(room):
    room.when("{ date: 2026-11-11, from: iftar, for: 2h, fallback: '20:00' }")
    text = (room.root / "campaigns/sale.yaml").read_text()
    room.campaign(text + 'overrides: { de: { phases: { launch: { when: { from: "19:00" } } } } }')
    campaign = room.load().campaigns[0]
    assert campaign.variant("us", "storefront").phases[0].when.start.fallback == TimeOfDay(72_000)
    assert campaign.variant("de", "storefront").phases[0].when.start == AtTime(TimeOfDay(68_400))


def test_the_policies_for_clock_changes_are_read(room):
    room.when(
        '{ date: 2026-11-11, from: "00:00", for: 1d, gap: shift, fold: last, end_fold: first }'
    )
    assert when_of(room).changes == ClockChange(Gap.SHIFT, Fold.LAST, Fold.FIRST)


@pytest.mark.parametrize(
    ("start", "until"),
    [
        ("2026-12-12T00:00:00+08:00", "2026-12-12T17:00:00Z"),
        ("2026-12-11T16:00Z", "2026-12-12T12:00-05:00"),
    ],
)
def test_the_same_instant_everywhere_is_read_as_utc(room, start, until):
    room.when(f'{{ clock: instant, from: "{start}", until: {until} }}')
    assert when_of(room) == InstantWhen(
        datetime(2026, 12, 11, 16, tzinfo=UTC), datetime(2026, 12, 12, 17, tzinfo=UTC)
    )


# ── what is refused ─────────────────────────────────────────────────────────────────────────────
DAY = "date: 2026-11-11"
RULE = "from: 2026-11-01, to: 2026-12-31"


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        # quoting and times
        (f"{{ {DAY}, from: 20:30, for: 2h }}", "E030", "from"),
        (f'{{ {DAY}, from: "20:00", until: 20:30 }}', "E030", "until"),
        (f'{{ {DAY}, from: "20:00", until: 24:00 }}', "E030", "until"),
        (f'{{ {DAY}, from: "8:30", for: 2h }}', "E031", "from"),
        (f'{{ {DAY}, from: "20:60", for: 2h }}', "E031", "from"),
        (f'{{ {DAY}, from: "25:00", for: 2h }}', "E031", "from"),
        (f"{{ {DAY}, from: noon, for: 2h }}", "E031", "from"),
        (f"{{ {DAY}, from: peak(0), for: 2h }}", "E031", "from"),
        (f'{{ {DAY}, from: "20:00", until: "+0d 22:00" }}', "E031", "until"),
        (f'{{ {DAY}, from: "24:00", for: 2h }}', "E032", "from"),
        # ends
        (f'{{ {DAY}, from: "20:00" }}', "E040", ""),
        (f'{{ {DAY}, from: "20:00", until: "22:00", for: 2h }}', "E040", "for"),
        (f"{{ {DAY}, from: peak, until: '22:00', for: 2h }}", "E040", "for"),
        (f'{{ {DAY}, from: "20:00", until: peak }}', "E041", "until"),
        (f'{{ {DAY}, from: "00:00", until: "00:00" }}', "E042", "until"),
        (f"{{ {DAY}, from: peak, for: 0h }}", "E034", "for"),
        (f"{{ {DAY}, from: peak, for: two hours }}", "E034", "for"),
        (f"{{ {DAY}, from: peak, for: 1M }}", "E034", "for"),
        (f"{{ {DAY}, from: peak, for: [2h] }}", "E011", "for"),
        # dates
        ("{ date: 2026-02-30, from: peak }", "E033", "date"),
        ("{ date: 11.11.2026, from: peak }", "E033", "date"),
        ("{ date: 20261111, from: peak }", "E033", "date"),
        ("{ date: 9999-12-31, from: peak }", "E033", "date"),
        ("{ date: [], from: peak }", "E011", "date"),
        ("{ date: [2026-11-11, 2026-11-11], from: peak }", "E011", "date"),
        ("{ date: { from: 2026-11-11 }, from: peak }", "E016", "date"),
        ("{ date: { from: 2026-11-11, to: 2026-11-10 }, from: peak }", "E043", "date.to"),
        (
            "{ date: { from: 2026-11-11, to: 2026-11-12, each: week }, from: peak }",
            "E011",
            "date.each",
        ),
        ("{ date: { from: 2026-11-11, to: 2026-11-12 }, from: peak, for: 2h }", "E048", "for"),
        # recurrence (T8)
        (
            f'{{ date: {{ rrule: "FREQ=DAILY;UNTIL=20261120T000000Z", {RULE} }}, from: peak }}',
            "E045",
            "date.rrule",
        ),
        (f'{{ date: {{ rrule: "FREQ=HOURLY", {RULE} }}, from: peak }}', "E044", "date.rrule"),
        (
            f'{{ date: {{ rrule: "FREQ=DAILY;INTERVAL=0", {RULE} }}, from: peak }}',
            "E044",
            "date.rrule",
        ),
        (
            f'{{ date: {{ rrule: "FREQ=DAILY;BYHOUR=20", {RULE} }}, from: peak }}',
            "E044",
            "date.rrule",
        ),
        (
            f'{{ date: {{ rrule: "FREQ=WEEKLY;BYDAY=XX", {RULE} }}, from: peak }}',
            "E044",
            "date.rrule",
        ),
        (f'{{ date: {{ rrule: "every friday", {RULE} }}, from: peak }}', "E044", "date.rrule"),
        (
            f'{{ date: {{ rrule: "FREQ=DAILY", each: day, {RULE} }}, from: peak }}',
            "E043",
            "date.each",
        ),
        ('{ date: { rrule: "FREQ=DAILY", to: 2026-11-11 }, from: peak }', "E016", "date"),
        # instants (T9)
        (
            '{ clock: instant, from: "2026-11-11T00:00Z", until: "2026-11-10T00:00Z" }',
            "E047",
            "until",
        ),
        (
            '{ clock: instant, from: "2026-11-11T00:00", until: "2026-11-12T00:00Z" }',
            "E046",
            "from",
        ),
        ('{ clock: instant, from: "20:00", until: "2026-11-12T00:00Z" }', "E046", "from"),
        (
            f'{{ clock: instant, {DAY}, from: "2026-11-11T00:00Z", until: "2026-11-12T00:00Z" }}',
            "E046",
            "date",
        ),
        (
            '{ clock: instant, gap: snap, from: "2026-11-11T00:00Z", until: "2026-11-12T00:00Z" }',
            "E046",
            "gap",
        ),
        ('{ clock: instant, from: "2026-11-11T00:00Z" }', "E040", ""),
        (f'{{ {DAY}, from: "2026-11-11T00:00Z", until: "22:00" }}', "E046", "from"),
        ("{ clock: utc, date: 2026-11-11, from: peak }", "E011", "clock"),
        # missing, unknown, and known but not built yet
        ("{ from: peak }", "E016", ""),
        (f"{{ {DAY}, for: 2h }}", "E016", ""),
        (f'{{ {DAY}, from: "20:00", untl: "22:00", for: 2h }}', "E010", "untl"),
        ("{ date: black-fridy, from: peak }", "E057", "date"),
        ("{ date: black-friday-2026, from: peak }", "E057", "date"),
        ("{ date: black-friday 0000, from: peak }", "E033", "date"),
        ("{ date: 11.31, from: peak }", "E033", "date"),
        ("{ date: { from: black-friday, to: nowhere }, from: peak }", "E057", "date.to"),
        (
            "{ date: { from: 2026-11-09, to: 2026-11-13, except: holidays }, from: peak }",
            "E043",
            "date.except",
        ),
        (f"{{ {DAY}, from: sunset-19h, for: 2h }}", "E031", "from"),
        (f"{{ {DAY}, from: sunset-1d, for: 2h }}", "E031", "from"),
        (f"{{ {DAY}, from: sunset-x, for: 2h }}", "E034", "from"),
        (f"{{ {DAY}, from: iftar, until: sunset+4h, fallback: '20:00' }}", "E049", "fallback"),
        (
            f"{{ {DAY}, from: iftar, for: 2h, fallback: {{ from: '19:00', until: '20:00' }} }}",
            "E049",
            "fallback",
        ),
        (f"{{ {DAY}, from: '20:00', for: 2h, fallback: '20:00' }}", "E049", "fallback"),
        (f"{{ {DAY}, from: iftar, for: 2h, fallback: '24:00' }}", "E032", "fallback"),
        (f"{{ {DAY}, from: peak, on_holiday: skip }}", "E010", "on_holiday"),
    ],
)
def test_hours_that_do_not_fit_are_refused_at_their_key(room, text, code, key):
    room.when(text)
    problem = room.problem()
    assert problem.code == code
    path = problem.path.removeprefix("phases.launch.when").lstrip(".")
    assert path == key
    assert (problem.place.file, problem.place.line) == ("campaigns/sale.yaml", 5)
    if key:
        before, _, last = text.partition(f"{key.split('.')[0]}:")
        assert problem.place.column >= len("    when: ") + len(before) + 1
        assert last


def test_an_unquoted_time_is_refused_with_the_quoted_one(room):
    room.when("{ date: 2026-11-11, from: 20:30, for: 2h }")
    problem = room.problem()
    assert problem.help == 'quote it: "20:30"'
    assert (problem.place.line, problem.place.column) == (5, 37)
    assert problem.place.source.endswith("from: 20:30, for: 2h }")


def test_an_unknown_key_is_answered_with_the_right_one(room):
    room.when('{ date: 2026-11-11, from: "20:00", untl: "22:00", for: 2h }')
    assert room.problem().help == "did you mean until?"


def test_an_end_of_23_59_loads_with_a_warning(room):
    room.when('{ date: 2026-11-11, from: "20:00", until: "23:59" }')
    (warning,) = room.load().warnings
    assert (warning.code, warning.severity) == ("W010", "warn")
    assert "24:00" in warning.help
    assert str(warning.place) == "campaigns/sale.yaml:5:53"
