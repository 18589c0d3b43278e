"""The sandbox's connector against the sandbox's shop over real HTTP: native windows, and toggles."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from promo_scheduler.channels.sandbox.catalogue import DEFAULT_SEED, ShopSeed
from promo_scheduler.channels.sandbox.connector import SandboxConnector
from promo_scheduler.channels.sandbox.running import start_shop
from promo_scheduler.channels.sandbox.shop import ShopOptions
from promo_scheduler.connector import Connector
from promo_scheduler.testing import HttpConnectorContract, a_channel

TOKEN = "shop-token-4711"
SEED = ShopSeed(DEFAULT_SEED.products, {"de": "EUR"})


class TestNative(HttpConnectorContract):
    secret = TOKEN
    native = "true"

    def connector(self, url: str) -> Connector:
        settings = {"url": url, "token": TOKEN, "native": self.native, "timeout": "0.4"}
        return SandboxConnector(a_channel(), settings)

    @asynccontextmanager
    async def server(self) -> AsyncIterator[str]:
        shop = await start_shop(ShopOptions(seed=SEED, token=TOKEN))
        try:
            yield shop.url
        finally:
            await shop.aclose()


class TestToggle(TestNative):
    native = "false"
