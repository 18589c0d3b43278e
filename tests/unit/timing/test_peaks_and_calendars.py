"""Peaks by type of day, and types of day by region (T13, T14)."""

from datetime import date, timedelta

import pytest

from promo_scheduler.clock import TimeOfDay
from promo_scheduler.region import DayType, Holidays, Peak, Peaks, Region
from promo_scheduler.timing.calendars import (
    calendar_refused,
    day_type,
    holiday_name,
    holiday_year,
    is_holiday,
)
from promo_scheduler.timing.peaks import peak_on

THURSDAY, SATURDAY = date(2026, 11, 12), date(2026, 11, 14)
CHRISTMAS = date(2026, 12, 25)  # a Friday
GERMANY = Holidays("DE")


def peak(start, end):
    return Peak(TimeOfDay.parse(start), TimeOfDay.parse(end))


def region(**given):
    return Region("de", "Germany", ("Europe/Berlin",), "Europe/Berlin", "EUR", **given)


# ── types of day ────────────────────────────────────────────────────────────────────────────────
def test_a_holiday_comes_before_weekend_and_weekday():
    germany = region(holidays=GERMANY)

    assert day_type(germany, THURSDAY) is DayType.WEEKDAY
    assert day_type(germany, SATURDAY) is DayType.WEEKEND
    assert day_type(germany, CHRISTMAS) is DayType.HOLIDAY


def test_the_weekend_is_the_regions_own():
    arabia = region(weekend=frozenset({4, 5}))

    assert day_type(arabia, CHRISTMAS) is DayType.WEEKEND
    assert day_type(arabia, date(2026, 12, 27)) is DayType.WEEKDAY


def test_a_region_without_a_calendar_has_no_holidays():
    assert not is_holiday(region(), CHRISTMAS)
    assert holiday_name(region(), CHRISTMAS) == ""


def test_a_subdivision_has_its_own_holidays():
    corpus_christi = date(2026, 6, 4)
    bavaria = region(holidays=Holidays("DE", "BY"))

    assert is_holiday(bavaria, corpus_christi)
    assert holiday_name(bavaria, corpus_christi) == "Corpus Christi"
    assert not is_holiday(region(holidays=GERMANY), corpus_christi)


def test_a_category_adds_its_days():
    assumption = date(2026, 8, 15)  # in the Catholic communities of Bavaria
    public, more = Holidays("DE", "BY"), Holidays("DE", "BY", ("public", "catholic"))

    assert not is_holiday(region(holidays=public), assumption)
    assert is_holiday(region(holidays=more), assumption)


def test_a_day_in_lieu_counts_where_it_is_observed():
    # 4 July 2026 is a Saturday: the Friday before it is observed
    friday, saturday = date(2026, 7, 3), date(2026, 7, 4)
    observed, plain = Holidays("US"), Holidays("US", observed=False)

    assert is_holiday(region(holidays=observed), friday)
    assert not is_holiday(region(holidays=plain), friday)
    assert is_holiday(region(holidays=plain), saturday)


def test_a_day_in_lieu_may_fall_into_the_year_before():
    # 1 January 2028 is a Saturday
    assert is_holiday(region(holidays=Holidays("US")), date(2027, 12, 31))


def test_a_weekend_day_that_is_worked_in_exchange_is_a_weekday():
    # China 2026: Saturday 14 February is worked, Friday 20 February is off for it
    china = region(holidays=Holidays("CN"))

    assert day_type(china, date(2026, 2, 14)) is DayType.WEEKDAY
    assert day_type(china, date(2026, 2, 20)) is DayType.HOLIDAY
    assert day_type(china, date(2026, 2, 7)) is DayType.WEEKEND


def test_only_the_swaps_of_the_year_itself_are_in_it():
    worked = holiday_year(Holidays("CN"), 2026).worked

    assert sorted(worked) == [
        *(date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28)),
        *(date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)),
    ]
    assert all(day.weekday() >= 5 for day in worked)


def test_every_day_of_a_year_has_one_type_and_a_name_only_when_it_is_a_holiday():
    japan = region(holidays=Holidays("JP"))
    for number in range(365):
        day = date(2027, 1, 1) + timedelta(days=number)
        kind = day_type(japan, day)
        assert (kind is DayType.HOLIDAY) == is_holiday(japan, day) == bool(holiday_name(japan, day))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Holidays("XX"), 'has no country "XX"'),
        (Holidays("de"), 'has no country "de"'),
        (Holidays("DE", "QQ"), "BB, BE, BW"),
        (Holidays("DE", "BY", ("publik",)), r"did you mean public\?"),
        (Holidays("DE", "", ("banana",)), 'no category "banana"; there are catholic, public'),
    ],
    ids=str,
)
def test_a_calendar_that_is_not_there_is_named(wanted, said):
    with pytest.raises(ValueError, match=said):
        day_type(region(holidays=wanted), THURSDAY)


@pytest.mark.parametrize(("country", "end"), [("IN", 2035), ("JP", 2099), ("DE", 2100)])
def test_a_year_after_the_last_one_of_a_calendar_is_an_error_and_not_a_year_of_working_days(
    country, end
):
    # Nothing of the library's own warnings comes out: they would fail this test
    home = Holidays(country)

    assert any(day.year == end for day in holiday_year(home, end).names)
    with pytest.raises(ValueError, match=f"ends in {end} for {country}, before {end + 1}"):
        is_holiday(region(holidays=home), date(end + 1, 1, 1))


def test_a_year_before_a_table_begins_is_read_without_a_word_of_the_library():
    assert holiday_year(Holidays("IN"), 1999).names


@pytest.mark.parametrize(
    ("wanted", "key", "way_out"),
    [
        (Holidays("DE", "BY", ("public", "catholic")), None, ""),
        (Holidays("XX"), "country", "such as DE"),
        (Holidays("UK"), "country", "did you mean GB?"),
        (Holidays("DE", "BYX"), "country", "did you mean BY?"),
        (Holidays("DE", "BY", ("katholic",)), "categories", "did you mean catholic?"),
    ],
    ids=str,
)
def test_a_calendar_is_refused_with_a_way_out(wanted, key, way_out):
    refused = calendar_refused(wanted)

    assert (refused.key if refused else None) == key
    assert way_out in (refused.help if refused else "")


# ── peaks ───────────────────────────────────────────────────────────────────────────────────────
def test_a_type_of_day_without_peaks_uses_the_next_wider_one():
    weekday, weekend = peak("19:30", "21:30"), peak("11:00", "13:00")
    both = region(holidays=GERMANY, peaks=Peaks(weekday=(weekday,), weekend=(weekend,)))
    only = region(holidays=GERMANY, peaks=Peaks(weekday=(weekday,)))

    assert peak_on(both, day_type(both, CHRISTMAS), 1) == weekend
    assert peak_on(only, day_type(only, CHRISTMAS), 1) == weekday


@pytest.mark.parametrize("number", [0, 2])
def test_a_peak_that_is_not_there_is_named(number):
    shop = region(peaks=Peaks(weekday=(peak("19:30", "21:30"),)))

    with pytest.raises(ValueError, match="1 peak on a weekday"):
        peak_on(shop, day_type(shop, THURSDAY), number)
