"""Where the places of zones lie."""

from decimal import Decimal

import pytest

from promo_scheduler.region import City
from promo_scheduler.timing.zone_places import place_of


def test_a_zone_lies_where_the_tz_database_says():
    assert place_of("Pacific/Honolulu") == City("Honolulu", Decimal("21.307"), Decimal("-157.858"))


def test_south_is_negative_and_a_name_has_its_spaces():
    place = place_of("America/Sao_Paulo")

    assert place.name == "Sao Paulo"
    assert place.latitude == Decimal("-23.533")


@pytest.mark.parametrize("zone", ["UTC", "Etc/GMT+5", "Asia/Calcutta"])
def test_what_is_no_place_has_none(zone):
    assert place_of(zone) is None
