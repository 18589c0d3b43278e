"""The shop's discounts on disk, so that they outlast the shop; replaced whole each time."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from promo_scheduler.channels.sandbox.discount import Discount
from promo_scheduler.channels.sandbox.store import Store
from promo_scheduler.channels.sandbox.wire import NOTHING_OFF, discount_data, discount_from
from promo_scheduler.record import instant, instant_from


class StateFile:
    """One JSON file. Saving writes all of it: meant for demos and tests, not for thousands."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, store: Store, now: datetime, shift: timedelta) -> None:
        """Write a new file and put it in the old one's place."""
        discounts = [
            {**discount_data(d, now), "live": store.is_live(d.id)} for d in store.discounts()
        ]
        prices = {
            target: {sku: str(price) for sku, price in there.items()}
            for target, there in store.own_prices.items()
        }
        clock = {"now": instant(now), "shift": shift.total_seconds()}
        state = {**clock, "discounts": discounts, "prices": prices}
        fresh = self._path.with_name(self._path.name + ".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(state, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def load(self, store: Store) -> timedelta | None:
        """Put what was saved into the store; answers how far its clock was ahead."""
        if not self._path.exists():
            return None
        state = json.loads(self._path.read_text(encoding="utf-8"))
        saved_at = instant_from(state["now"])
        for data in state["discounts"]:
            store.restore(discount_from(data, blank_discount(data["id"])), data["live"], saved_at)
        for target, there in state.get("prices", {}).items():
            for sku, price in there.items():
                store.set_price(sku, target, Decimal(price), saved_at)
        return timedelta(seconds=state["shift"])


def blank_discount(id: str, *, native: bool = True) -> Discount:
    """What a discount is before anything is said of it: nothing off, open ends, on if native."""
    return Discount(id, "", "", "", "", NOTHING_OFF, None, None, native=native, enabled=native)
