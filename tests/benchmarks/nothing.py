"""The connector of the benchmarks: a channel on which everything is always as it should be."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from promo_scheduler.channel import Capabilities, Channel
from promo_scheduler.connector import (
    Connector,
    DiscountRequest,
    Health,
    Observed,
    ObservedState,
    RemoteRef,
)


class Nothing(Connector):
    """Does nothing; where `delay` (seconds) is set, it takes so long for it."""

    capabilities = Capabilities()

    def __init__(self, channel: Channel, settings: Mapping[str, str]) -> None:
        del channel
        self._delay = float(settings.get("delay", "0"))

    async def find(self, natural_key: str) -> tuple[RemoteRef, ...]:
        return ()

    async def ensure(self, request: DiscountRequest) -> RemoteRef:
        if self._delay:
            await asyncio.sleep(self._delay)
        return RemoteRef("1", request.natural_key)

    async def deactivate(self, ref: RemoteRef) -> None:
        return None

    async def read(self, ref: RemoteRef) -> ObservedState:
        return ObservedState(Observed.ACTIVE)

    async def health(self) -> Health:
        return Health(ok=True)
