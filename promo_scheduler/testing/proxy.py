"""A loopback proxy that stands between a connector and its channel, and misbehaves on demand.

It speaks plain HTTP/1.1 over asyncio's streams: one request a connection, bodies by length or
chunked. It forwards, answers something else, loses the channel's answer after its effect, cuts it
short, or never answers at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

Mischief = Literal["none", "lose", "truncate", "hang"]
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """An answer in place of the channel's."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """As bytes on the wire."""
        given = {"Content-Length": str(len(self.body)), "Connection": "close", **self.headers}
        lines = [f"HTTP/1.1 {self.status} Canned", *(f"{n}: {v}" for n, v in given.items())]
        return "\r\n".join(lines).encode() + _END + self.body


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that came by."""

    method: str
    path: str
    head: str = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_write(self) -> bool:
        return self.method not in ("GET", "HEAD")


class Proxy:
    """What it does, it does to writes, or to every request where `also_reads`."""

    def __init__(self, upstream: str) -> None:
        split = urlsplit(upstream)
        self._host, self._port = split.hostname or "127.0.0.1", split.port or 80
        self.path = split.path
        self.seen: list[Seen] = []
        self.url = ""
        self._serving: set[asyncio.Task[None]] = set()
        self.forward()

    def forward(self) -> None:
        """Behave."""
        self._canned: CannedAnswer | None = None
        self._mischief: Mischief = "none"
        self._also_reads = False

    def answer(self, canned: CannedAnswer, *, also_reads: bool = False) -> None:
        """Answer this; the channel never hears of the request."""
        self.forward()
        self._canned, self._also_reads = canned, also_reads

    def misbehave(self, mischief: Mischief, *, also_reads: bool = False) -> None:
        """Let the channel do its work, then lose its answer, or cut it; or hang from the start."""
        self.forward()
        self._mischief, self._also_reads = mischief, also_reads

    def writes(self) -> list[Seen]:
        """The writes that came by, in order."""
        return [request for request in self.seen if request.is_write]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Proxy]:
        """Listen on a free loopback port."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}{self.path}"
        self._hanging = asyncio.Event()
        try:
            yield self
        finally:
            self._hanging.set()
            server.close()
            await server.wait_closed()
            if self._serving:
                await asyncio.wait(self._serving)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head, body = await _message(reader)
            method, path, _ = head.decode("latin-1").split(" ", 2)
            seen = Seen(method, path, head.decode("latin-1"), body)
            self.seen.append(seen)
            writer.write(await self._answered(seen, head, body))
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _answered(self, seen: Seen, head: bytes, body: bytes) -> bytes:
        """The bytes to send back; none where the answer is lost."""
        concerned = seen.is_write or self._also_reads
        if concerned and self._mischief == "hang":
            await self._hanging.wait()
            return b""
        if concerned and self._canned is not None:
            return self._canned.encoded()
        answer = await self._asked(head, body)
        if concerned and self._mischief == "lose":
            return b""
        return answer[:-1] if concerned and self._mischief == "truncate" else answer

    async def _asked(self, head: bytes, body: bytes) -> bytes:
        """The channel's own answer, with the word that this connection closes after it."""
        reader, writer = await asyncio.open_connection(self._host, self._port)
        writer.write(_closing(head) + body)
        await writer.drain()
        answer = await reader.read()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        return answer


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """A request's head and body."""
    head = await reader.readuntil(_END)
    fields = _fields(head)
    if "chunked" in fields.get("transfer-encoding", ""):
        return head, await reader.readuntil(b"0\r\n\r\n")
    return head, await reader.readexactly(int(fields.get("content-length", "0")))


def _fields(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _closing(head: bytes) -> bytes:
    """The head of a request that asks the channel to close the connection after its answer."""
    lines = head.rstrip(b"\r\n").split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close"]) + _END
