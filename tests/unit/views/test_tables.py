"""The table of windows."""

from promo_scheduler.views.paper import written
from promo_scheduler.views.tables import window_table


def test_a_window_shows_its_hours_here_and_there_its_length_and_what_decided(make_window, regions):
    window = make_window(decided_by="peak 19:30-21:30 on a weekday")

    heading, row = written(window_table([window], regions)).splitlines()

    assert heading == "de Germany · Europe/Berlin UTC+1 · storefront"
    assert row.split("  ")[1:] == [
        "launch",
        "Wed 11 Nov 00:00–24:00",
        "Tue 23:00 – Wed 23:00 UTC",
        "25 % off",
        "1 day",
        "tag winter",
        "peak 19:30-21:30 on a weekday",
    ]


def test_regions_come_from_east_to_west(make_window, regions):
    windows = [make_window(region) for region in ("us", "in", "jp", "de")]

    text = written(window_table(windows, regions))

    assert [line[:2] for line in text.splitlines() if line[:1].isalpha()] == [
        "jp",
        "in",
        "de",
        "us",
    ]


def test_the_same_window_on_several_channels_is_one_row(make_window, regions):
    windows = [make_window(channel=name) for name in ("shop", "outlet")]

    text = written(window_table(windows, regions))

    assert text.count("launch") == 1
    assert "outlet, shop" in text


def test_a_channel_with_other_hours_is_named_in_its_row(make_window, regions):
    windows = [make_window(channel="shop"), make_window(channel="outlet", hours=3)]

    rows = [
        line for line in written(window_table(windows, regions)).splitlines() if "launch" in line
    ]

    assert ["shop" in row for row in rows] == [False, True]
    assert ["outlet" in row for row in rows] == [True, False]


def test_a_warning_stands_under_its_window(make_window, regions):
    window = make_window(warnings=("the clocks change inside this window",))

    lines = written(window_table([window], regions)).splitlines()

    assert lines[2].strip() == "! the clocks change inside this window"


def test_an_offset_that_changes_between_windows_is_named_twice(make_window, regions):
    # Given windows on both sides of the end of summer time in Berlin
    windows = [make_window("de", "2026-10-20T10:00"), make_window("de", "2026-10-30T10:00")]

    assert "UTC+2, UTC+1" in written(window_table(windows, regions))


def test_it_fits_into_80_columns(make_window, regions):
    windows = [make_window(region, hours=31, decided_by="x" * 70) for region in regions]

    assert max(map(len, written(window_table(windows, regions), 80).splitlines())) <= 80


def test_the_viewers_clock_stands_beside_utc(make_window, regions):
    text = written(window_table([make_window()], regions, "Asia/Shanghai"))

    assert "Tue 23:00 – Wed 23:00 UTC  Wed 11 Nov 07:00 – Thu 07:00 Shanghai  25 % off" in text


def test_where_the_clocks_change_both_lengths_are_shown(make_window, regions):
    window = make_window("de", "2026-03-28T23:00", 23)

    assert "1 day by the clock, 23 hours elapsed" in written(window_table([window], regions))
