"""The calendar file, read back by the icalendar library."""

from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from promo_scheduler.views.icalendar_file import CalendarRequest, calendar_file
from promo_scheduler.views.story import Telling

NOW = datetime(2026, 11, 1, 12, 30, 0, 999_999, tzinfo=UTC)
TELLING = Telling({"double-11": "双11; 20 %, nur heute"}, {"de": "Deutschland"}, "Asia/Shanghai")


def written(*windows, telling=TELLING, name="Sale"):
    return calendar_file(CalendarRequest(windows, telling, NOW, name))


def events(*windows, **given):
    return Calendar.from_ical(written(*windows, **given)).walk("VEVENT")


def test_each_window_is_an_event_at_its_instants(make_window):
    first, other = events(make_window(), make_window("jp", "2026-11-10T15:00", 3))

    assert first.decoded("dtstart") == datetime(2026, 11, 10, 23, tzinfo=UTC)
    assert first.decoded("dtend") == datetime(2026, 11, 11, 23, tzinfo=UTC)
    assert other.decoded("dtstart") == datetime(2026, 11, 10, 15, tzinfo=UTC)
    assert first.decoded("dtstamp") == datetime(2026, 11, 1, 12, 30, tzinfo=UTC)


def test_times_are_written_in_utc(make_window):
    assert b"\r\nDTSTART:20261110T230000Z\r\n" in written(make_window())


def test_the_uid_is_the_windows_key_whatever_its_hours(make_window):
    here = make_window(occurrence="2026-11-11")
    moved = make_window(start="2026-11-11T01:00", occurrence="2026-11-11")

    (one,), (other,) = events(here), events(moved)

    assert one["uid"] == other["uid"] == f"{here.key}@promo-scheduler"
    assert one["dtstart"].dt != other["dtstart"].dt


def test_titles_with_commas_and_other_scripts_come_back_as_they_are(make_window):
    (event,) = events(make_window())

    assert str(event["summary"]) == "双11; 20 %, nur heute: launch, Deutschland: 25 % off"


def test_the_description_tells_local_time_zone_offer_reason_and_warnings(make_window):
    window = make_window(decided_by="iftar+1h = sunset 17:42 + 60 min", warnings=("a, b; c",))

    (event,) = events(window)

    assert str(event["description"]).split("\n") == [
        "Wed 11 Nov 2026 00:00–24:00 (Europe/Berlin, UTC+1)",
        "Tue 23:00 – Wed 23:00 UTC",
        "Wed 11 Nov 2026 07:00 – Thu 07:00 in Shanghai",
        "25 % off tag winter",
        "lasts 1 day",
        "decided by iftar+1h = sunset 17:42 + 60 min",
        "on storefront",
        "! a, b; c",
    ]


def test_a_line_break_in_a_title_cannot_begin_another_property(make_window):
    telling = Telling({"double-11": "Sale\r\nUID:other\nEND:VEVENT"}, {})

    (event,) = events(make_window(), telling=telling)

    assert str(event["summary"]).startswith("Sale")
    assert "other" not in str(event["uid"])


def test_lines_are_folded_at_75_octets_between_letters(make_window):
    telling = Telling({"double-11": "双" * 100}, {})

    lines = written(make_window(), telling=telling).split(b"\r\n")

    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)
    assert lines[-1] == b""


def test_the_same_plan_gives_the_same_bytes(make_window):
    windows = [make_window(), make_window("jp")]

    assert written(*windows) == written(*windows)


@pytest.mark.parametrize("name", ["Double 11", "A, B; C"])
def test_a_plan_without_windows_is_an_empty_calendar(name):
    calendar = Calendar.from_ical(written(name=name))

    assert calendar.walk("VEVENT") == []
    assert str(calendar["x-wr-calname"]) == name
