"""The public conformance suite, over this connector."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from promo_filechannel import FileConnector

from promo_scheduler.connector import Connector
from promo_scheduler.testing import ConnectorContract, a_channel


class TestFileConnector(ConnectorContract):
    def connector(self, url: str) -> Connector:
        return FileConnector(a_channel(), {"path": url})

    @asynccontextmanager
    async def server(self) -> AsyncIterator[str]:
        """No server here: the 'url' is the path of a file that is not there yet."""
        with TemporaryDirectory() as folder:
            yield str(Path(folder) / "discounts.json")
