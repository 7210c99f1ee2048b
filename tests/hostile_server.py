"""A server on 127.0.0.1 that answers with raw bytes, so that it can break every rule of HTTP there is.

    async with Server(reply, reply) as server: ... server.url, server.requests

A reply is bytes, or a coroutine function that is given the connection's writer. They are given in order, one per request;
the last one is given again for every further request.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from typing import Any, Self

Reply = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """One listening socket. It ends with all its connections at the end of its block, whatever they are doing."""

    def __init__(self, *replies: Reply, tls: ssl.SSLContext | None = None) -> None:
        self.replies, self.tls = replies, tls
        self.requests: list[bytes] = []
        """Head and body of each request, as they came."""
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks.add(asyncio.get_running_loop().create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
                self.requests.append(head + await reader.readexactly(length))
                reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
                if isinstance(reply, bytes):
                    writer.write(reply)
                else:
                    await reply(writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()


def reply(body: bytes = b"{}", status: int | str = 200, *headers: str | bytes, content_type: str | None = "application/json") -> bytes:
    """A whole and honest response, but for what `headers` say."""
    lines = [f"HTTP/1.1 {status} Said".encode(), b"Content-Length: %d" % len(body)]
    lines += [f"Content-Type: {content_type}".encode()] if content_type else []
    lines += [line if isinstance(line, bytes) else line.encode() for line in headers]
    return b"\r\n".join([*lines, b"", body])


def cut(data: bytes) -> Reply:
    """Write `data` and close the connection."""

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return write


def then_nothing(data: bytes = b"") -> Reply:
    """Write `data` and leave the connection open, with nothing more to say."""

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(3600)

    return write


def without_end(head: bytes, piece: bytes, pause: float = 0.0) -> Reply:
    """Write `head`, and `piece` again and again until the other side has had enough."""

    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return write
