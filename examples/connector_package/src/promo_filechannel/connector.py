"""FileConnector: discounts in one JSON file, which is replaced whole and never half written.

Setting: `path`. One process writes the file; whoever reads it may do so at any moment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from promo_scheduler.connector import (
    Capabilities,
    Channel,
    Connector,
    DiscountRequest,
    Health,
    Invalid,
    Observed,
    ObservedState,
    Offer,
    PercentOff,
    Problem,
    RemoteRef,
    Retryable,
    Selection,
    Window,
    WindowNotAllowed,
)

Discounts = dict[str, dict[str, Any]]


class FileConnector(Connector):
    """One file. A discount's id is its natural key, so there can never be two of one."""

    capabilities = Capabilities(
        unique_enforced=True,
        selections=frozenset({"all", "skus"}),
        values=frozenset({"percent"}),
    )

    @classmethod
    def check_settings(cls, settings: Mapping[str, str]) -> list[Problem]:
        missing = [] if settings.get("path") else [Problem("FILE1", "expected path, found nothing")]
        unknown = [
            Problem("FILE1", f"unknown setting {name}") for name in settings.keys() - {"path"}
        ]
        return missing + unknown

    @classmethod
    def check(cls, window: Window) -> list[Problem]:
        return [Problem("FILE2", why) for why in _obstacles(window.start, window.end, window.offer)]

    def __init__(self, channel: Channel, settings: Mapping[str, str]) -> None:
        self._path = Path(settings["path"])

    async def find(self, natural_key: str) -> tuple[RemoteRef, ...]:
        return (RemoteRef(natural_key, natural_key),) if natural_key in self._load() else ()

    async def ensure(self, request: DiscountRequest) -> RemoteRef:
        if request.start >= request.end:
            raise WindowNotAllowed("expected an end after the start")
        if obstacles := _obstacles(request.start, request.end, request.offer):
            raise Invalid("; ".join(obstacles))
        discounts = self._load()
        was_live = discounts.get(request.natural_key, {}).get("live", False)
        self._save({**discounts, request.natural_key: {**_data(request), "live": was_live}})
        return RemoteRef(request.natural_key, request.natural_key)

    async def activate(self, ref: RemoteRef) -> None:
        self._switch(ref, live=True)

    async def deactivate(self, ref: RemoteRef) -> None:
        self._switch(ref, live=False)

    async def read(self, ref: RemoteRef) -> ObservedState:
        data = self._load().get(ref.id)
        return ObservedState(Observed.ABSENT) if data is None else _observed(data)

    async def health(self) -> Health:
        writable = os.access(self._path.parent, os.W_OK)
        return Health(ok=writable, detail="" if writable else "its folder cannot be written")

    def _switch(self, ref: RemoteRef, *, live: bool) -> None:
        discounts = self._load()
        if ref.id in discounts:  # what is gone is ended
            self._save({**discounts, ref.id: {**discounts[ref.id], "live": live}})

    def _load(self) -> Discounts:
        try:
            loaded: Discounts = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            raise Invalid("the file holds no JSON; somebody else has written it") from None
        except OSError as error:
            raise Retryable(f"the file cannot be read: {error.strerror}") from None
        return loaded

    def _save(self, discounts: Discounts) -> None:
        """A new file takes the old one's place at once, so nothing is ever half done."""
        fresh = self._path.with_name(self._path.name + ".new")
        try:
            with fresh.open("w", encoding="utf-8") as file:
                json.dump(discounts, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            raise Retryable(f"the file cannot be written: {error.strerror}") from None


def _obstacles(start: datetime, end: datetime, offer: Offer) -> list[str]:
    """Why this channel cannot hold such a discount."""
    products = offer.products
    by_name = products.everything or products.skus
    others = products.tags or products.collections or products.categories or products.excluded
    reasons = {
        "expected an end after the start": start >= end,
        "this channel takes percentages only": not isinstance(offer.value, PercentOff),
        "this channel knows products by SKU only": bool(others) or not by_name,
    }
    return [reason for reason, applies in reasons.items() if applies]


def _data(request: DiscountRequest) -> dict[str, Any]:
    assert isinstance(request.offer.value, PercentOff)
    products = request.offer.products
    return {
        "label": request.label,
        "target": request.target,
        "percent": str(request.offer.value.percent),
        "products": "all" if products.everything else sorted(products.skus),
        "start": request.start.isoformat(),
        "end": request.end.isoformat(),
        "rank": list(request.rank),
    }


def _observed(data: Mapping[str, Any]) -> ObservedState:
    everything = data["products"] == "all"
    skus = frozenset() if everything else frozenset(data["products"])
    return ObservedState(
        state=Observed.ACTIVE if data["live"] else Observed.ENDED,
        start=datetime.fromisoformat(data["start"]),
        end=datetime.fromisoformat(data["end"]),
        offer=Offer(
            PercentOff(Decimal(data["percent"])), Selection(everything=everything, skus=skus)
        ),
        target=data["target"],
        raw={"live": str(data["live"])},
    )
