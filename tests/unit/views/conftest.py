"""Windows of an imaginary seller, built by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from promo_scheduler.offer import Offer, PercentOff, Selection
from promo_scheduler.plan import NO_ZONE, Window, WindowKey
from promo_scheduler.region import Region

WINTER = Offer(PercentOff(Decimal(25)), Selection(tags=frozenset({"winter"})))
ZONES = {"de": "Europe/Berlin", "us": "America/New_York", "jp": "Asia/Tokyo", "in": "Asia/Kolkata"}


@pytest.fixture
def make_window():
    """A window in a region: a start in UTC and a length in hours; the rest has a default."""

    def make(region="de", start="2026-11-10T23:00", hours=24.0, **given):
        begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
        key = WindowKey(
            given.pop("campaign", "double-11"),
            given.pop("phase", "launch"),
            region,
            given.pop("key_zone", NO_ZONE),
            given.pop("occurrence", start[:10]),
            1,
            given.pop("channel", "storefront"),
        )
        values = {"zone_name": ZONES[region], "target": "-", "start_wall": None, "end_wall": None}
        values |= {"currency": "EUR", "offer": WINTER, "decided_by": "as written", **given}
        return Window(key=key, start=begin, end=begin + timedelta(hours=hours), **values)

    return make


@pytest.fixture
def regions():
    """Their regions."""
    titles = {"de": "Germany", "us": "United States", "jp": "Japan", "in": "India"}
    return {n: Region(n, titles[n], (zone,), zone, "EUR") for n, zone in ZONES.items()}
