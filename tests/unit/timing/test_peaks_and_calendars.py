"""Peaks by type of day, and types of day by region (T13, T14)."""

from datetime import date

import pytest

from promo_scheduler.clock import TimeOfDay
from promo_scheduler.region import DayType, Peak, Peaks, Region
from promo_scheduler.timing.calendars import day_type, public_holidays
from promo_scheduler.timing.peaks import peak_on

THURSDAY, SATURDAY = date(2026, 11, 12), date(2026, 11, 14)
CHRISTMAS = date(2026, 12, 25)  # a Friday


def peak(start, end):
    return Peak(TimeOfDay.parse(start), TimeOfDay.parse(end))


def region(**given):
    return Region("de", "Germany", ("Europe/Berlin",), "Europe/Berlin", "EUR", **given)


def test_a_holiday_comes_before_weekend_and_weekday():
    germany = region(holidays="DE")

    assert day_type(germany, THURSDAY) is DayType.WEEKDAY
    assert day_type(germany, SATURDAY) is DayType.WEEKEND
    assert day_type(germany, CHRISTMAS) is DayType.HOLIDAY


def test_the_weekend_is_the_regions_own():
    arabia = region(weekend=frozenset({4, 5}))

    assert day_type(arabia, CHRISTMAS) is DayType.WEEKEND
    assert day_type(arabia, date(2026, 12, 27)) is DayType.WEEKDAY


def test_a_subdivision_has_its_own_holidays():
    corpus_christi = date(2026, 6, 4)

    assert corpus_christi in public_holidays("DE-BY", 2026)
    assert corpus_christi not in public_holidays("DE", 2026)


@pytest.mark.parametrize("code", ["XX", "DE-QQ", "de"])
def test_a_calendar_that_is_not_there_is_named(code):
    with pytest.raises(ValueError, match=f'found "{code}"'):
        public_holidays(code, 2026)


def test_a_type_of_day_without_peaks_uses_the_next_wider_one():
    weekday, weekend = peak("19:30", "21:30"), peak("11:00", "13:00")
    both = region(holidays="DE", peaks=Peaks(weekday=(weekday,), weekend=(weekend,)))
    only = region(holidays="DE", peaks=Peaks(weekday=(weekday,)))

    assert peak_on(both, CHRISTMAS, 1) == (DayType.HOLIDAY, weekend)
    assert peak_on(only, CHRISTMAS, 1) == (DayType.HOLIDAY, weekday)


@pytest.mark.parametrize("number", [0, 2])
def test_a_peak_that_is_not_there_is_named(number):
    shop = region(peaks=Peaks(weekday=(peak("19:30", "21:30"),)))

    with pytest.raises(ValueError, match="1 peak on a weekday"):
        peak_on(shop, THURSDAY, number)
