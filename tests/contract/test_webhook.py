"""The webhook connector against a receiver over real HTTP."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from promo_scheduler.channels.webhook import WebhookConnector
from promo_scheduler.connector import Connector
from promo_scheduler.testing import HttpConnectorContract, a_channel

SECRET = "whsec_" + base64.b64encode(b"a key of twenty-four byt").decode()


async def _accept(request: web.BaseRequest) -> web.Response:
    await request.read()
    return web.Response(status=204)


class TestWebhook(HttpConnectorContract):
    secret = SECRET

    def connector(self, url: str) -> Connector:
        return WebhookConnector(a_channel(), {"url": url, "secret": SECRET, "timeout": "0.4"})

    @asynccontextmanager
    async def server(self) -> AsyncIterator[str]:
        runner = web.ServerRunner(web.Server(_accept))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/hooks/promo"
        finally:
            await runner.cleanup()
