"""A shop that listens on loopback: for the demo, for tests, and for `python -m`."""

from __future__ import annotations

import asyncio

from aiohttp import web

from promo_scheduler.channels.sandbox.server import Server
from promo_scheduler.channels.sandbox.shop import Shop, ShopOptions

_HOST = "127.0.0.1"


async def start_shop(options: ShopOptions) -> RunningShop:
    """Start a shop and answer once it listens. Raises OSError where the port is taken."""
    shop = Shop(options)
    runner = web.ServerRunner(web.Server(Server(shop).handle, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, _HOST, options.port)
    try:
        await site.start()
    except OSError:
        await runner.cleanup()
        shop.close()
        raise
    return RunningShop(shop, runner, f"http://{_HOST}:{runner.addresses[0][1]}")


class RunningShop:
    """A shop that listens. Close it when done."""

    def __init__(self, shop: Shop, runner: web.ServerRunner, url: str) -> None:
        self.shop = shop
        self.url = url
        self._runner = runner
        self._ticking = asyncio.create_task(_tick(shop))

    async def aclose(self) -> None:
        """Stop listening."""
        self._ticking.cancel()
        await asyncio.wait([self._ticking])
        await self._runner.cleanup()
        self.shop.close()


async def _tick(shop: Shop) -> None:
    """Let windows begin and end while nobody asks."""
    while True:
        shop.now()
        await asyncio.sleep(0.25)
