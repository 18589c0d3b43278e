"""For connector authors: the conformance suite, a clock that a test ticks, and builders.

    from promo_scheduler.testing import HttpConnectorContract

    class TestMyChannel(HttpConnectorContract):
        secret = "a-token-of-this-test"

        def connector(self, url: str) -> Connector:
            return MyConnector(a_channel(), {"url": url, "token": self.secret, "timeout": "0.5"})

        @asynccontextmanager
        async def server(self) -> AsyncIterator[str]:
            async with my_fake_server() as server:
                yield server.url

A channel without HTTP subclasses ConnectorContract; one that overwrites prices
PriceConnectorContract. The suite needs pytest and pytest-asyncio.
"""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "promo_scheduler.testing.contract",
    "promo_scheduler.testing.http_contract",
    "promo_scheduler.testing.price_contract",
)

from promo_scheduler.testing.builders import (  # noqa: E402 (asserts are rewritten first)
    a_channel,
    a_firing,
    a_request,
    a_window,
    an_offer,
)
from promo_scheduler.testing.clock import TickingClock  # noqa: E402
from promo_scheduler.testing.contract import ConnectorContract  # noqa: E402
from promo_scheduler.testing.http_contract import HttpConnectorContract  # noqa: E402
from promo_scheduler.testing.price_book import MemoryPriceBook  # noqa: E402
from promo_scheduler.testing.price_contract import PriceConnectorContract  # noqa: E402
from promo_scheduler.testing.proxy import CannedAnswer, Proxy  # noqa: E402

__all__ = [
    "CannedAnswer",
    "ConnectorContract",
    "HttpConnectorContract",
    "MemoryPriceBook",
    "PriceConnectorContract",
    "Proxy",
    "TickingClock",
    "a_channel",
    "a_firing",
    "a_request",
    "a_window",
    "an_offer",
]
