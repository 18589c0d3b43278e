"""The sandbox's connector where it overwrites prices, against the sandbox's shop over real HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from promo_scheduler.channels.sandbox.catalogue import DEFAULT_SEED, ShopSeed
from promo_scheduler.channels.sandbox.connector import SandboxConnector
from promo_scheduler.channels.sandbox.running import start_shop
from promo_scheduler.channels.sandbox.shop import ShopOptions
from promo_scheduler.connector import Connector
from promo_scheduler.testing import PriceConnectorContract, a_channel

TOKEN = "shop-token-4711"
SEED = ShopSeed(DEFAULT_SEED.products, {"de": "EUR"})


class TestPrices(PriceConnectorContract):
    secret = TOKEN

    def connector(self, url: str) -> Connector:
        mode = {"mechanism": "price_overwrite", "timeout": "0.4"}
        return SandboxConnector(a_channel(), {"url": url, "token": TOKEN, **mode})

    @asynccontextmanager
    async def server(self) -> AsyncIterator[str]:
        shop = await start_shop(ShopOptions(seed=SEED, token=TOKEN))
        try:
            yield shop.url
        finally:
            await shop.aclose()


def test_an_unknown_mechanism_is_a_problem():
    (problem,) = SandboxConnector.check_settings({"url": "http://x", "mechanism": "prices"})
    assert problem.path == "settings.mechanism"
    assert "price_overwrite" in problem.message
