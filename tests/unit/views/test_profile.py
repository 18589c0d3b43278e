"""Learned profiles on a terminal, readable without colour and in 80 columns."""

from promo_scheduler.clock import TimeOfDay
from promo_scheduler.region import DayType, Peak, Peaks, Region
from promo_scheduler.timing.best_windows import LearnedPeak
from promo_scheduler.timing.learning import Lesson, Profile
from promo_scheduler.views.paper import written
from promo_scheduler.views.profile import Profiles, places_notes
from promo_scheduler.views.profile_svg import profiles_svg


def peak(text):
    return Peak(*map(TimeOfDay.parse, text.split("-")))


def lesson(*, learned="20:00-22:00", configured="21:00-23:00", orders=412, name="de"):
    """Orders from 20:00 to 22:00, and half as many in the hour before."""
    shares = [0.0] * 48
    shares[38:44] = [0.1, 0.1, 0.2, 0.2, 0.2, 0.2]
    old = (peak(configured),)
    region = Region(name, "Shop <&>", ("Europe/Berlin",), "Europe/Berlin", "EUR", peaks=Peaks(old))
    start = peak(learned).start
    found = LearnedPeak(peak(learned), start, TimeOfDay(start.seconds + 1800), 0.8)
    weekday = Profile(DayType.WEEKDAY, orders, 90, 2, tuple(shares), old, (found,))
    thin = Profile(
        DayType.WEEKEND, 3, 40, 37, (0.0,) * 48, old, (), "not enough data: 3 of 200 orders"
    )
    return Lesson(region, (weekday, thin))


def test_an_hour_is_a_bar_and_the_marks_under_it_tell_what_is_learned_and_configured():
    lines = written(Profiles((lesson(),)), width=140).splitlines()

    axis, bars, marks = (line[11:59] for line in lines[1:4])
    assert axis.startswith("╷00   ╷03   ╷06")
    assert bars.rstrip() == " " * 38 + "▄▄████"
    assert marks.rstrip() == " " * 40 + "━━══┄┄"


def test_the_windows_the_interval_and_the_reason_stand_beside():
    text = written(Profiles((lesson(),)), width=140)

    assert "21:00-23:00 → 20:00-22:00" in text
    assert "90 % sure to start 20:00–20:30; 80 % of 412 orders; 90 days, 2 without orders" in text
    assert "21:00-23:00 kept" in text
    assert "not enough data: 3 of 200 orders" in text
    assert "━━ learned   ┄┄ configured   ══ both" in text


def test_a_window_that_is_found_where_it_is_configured_is_said_to_stay():
    text = written(Profiles((lesson(configured="20:00-22:00"),)), width=140)

    assert "20:00-22:00, as configured" in text
    assert "→" not in text


def test_a_peak_round_midnight_is_marked_at_both_ends():
    text = written(Profiles((lesson(learned="23:00-01:00", configured="10:00-11:00"),)), width=140)

    marks = text.splitlines()[3][11:59]
    assert marks[:2] == "━━" and marks[46:] == "━━" and marks.count("━") == 4


def test_in_80_columns_there_is_still_a_bar_for_each_hour():
    lines = written(Profiles((lesson(),)), width=80).splitlines()

    assert lines[2][11:35].rstrip() == " " * 19 + "▄██"
    assert max(map(len, lines)) <= 80


def test_regions_without_orders_share_a_line():
    silent = Lesson(Region("jp", "Japan", ("Asia/Tokyo",), "Asia/Tokyo", "JPY"), ())

    text = written(Profiles((lesson(), silent)))

    assert "No orders, so nothing changes: jp" in text
    assert "Asia/Tokyo" not in text


def test_places_that_nobody_has_are_counted_the_most_frequent_first():
    unknown = {"FR": 2, "IT": 30, "A\x1b[31m": 1, "PL": 1, "ES": 1, "PT": 1}

    (note,) = places_notes("country", unknown, {})

    assert note.startswith("36 orders of a country that no region here has: IT 30, FR 2, A")
    assert note.endswith("and 1 more.")
    assert "\x1b" not in note


def test_the_picture_tells_the_same_in_words_and_escapes_them():
    picture = profiles_svg([lesson()])

    assert "Shop &lt;&amp;&gt;" in picture and "<&>" not in picture
    assert "weekday: 21:00-23:00 → 20:00-22:00, 90 % sure to start 20:00–20:30" in picture
    assert picture.count('class="bar in"') == 2 + 1  # two hours, and the legend
