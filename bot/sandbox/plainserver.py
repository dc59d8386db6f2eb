"""The least of an HTTP server, for ASGI applications on loopback.

A simulated year is a hundred thousand calls, and a test suite starts a thousand
servers: a full server costs ten times as much for each. It reads requests with
a Content-Length, one after the other on a connection, and keeps it open.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

log = logging.getLogger(__name__)

_REASONS = {status.value: status.phrase for status in HTTPStatus}


class _Connection(asyncio.Protocol):
    """One connection: a request at a time."""

    def __init__(self, app: ASGIApp, open_: "set[_Connection]") -> None:
        self._app, self._open = app, open_
        self._received = b""
        self._gone = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone.set()
        self._open.discard(self)

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._advance()

    def _advance(self) -> None:
        """Begin with the next request, once it is there as a whole and none is in hand."""
        if self.task is not None:
            return
        head, blank, rest = self._received.partition(b"\r\n\r\n")
        if not blank:
            return
        try:
            scope = _scope(head)
            length = int(_header(scope, b"content-length") or 0)
        except ValueError:
            self.transport.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            self.transport.close()
            return
        if len(rest) >= length:
            self._received = rest[length:]
            request = _Request(self.transport, self._gone, rest[:length])
            self.task = asyncio.get_running_loop().create_task(self._serve(scope, request))

    async def _serve(self, scope: Scope, request: "_Request") -> None:
        try:
            await self._app(scope, request.receive, request.send)
        except Exception:
            log.exception("the application failed")
            await request.fail()
        self.task = None
        if _header(scope, b"connection") == b"close":
            self.transport.close()
        else:
            self._advance()


class _Request:
    """What an application is handed: `transport` too, for those that break the connection on purpose."""

    def __init__(self, transport: asyncio.Transport, gone: asyncio.Event, body: bytes) -> None:
        self.transport = transport
        self._gone, self._body = gone, body
        self._asked = False
        self._head = b""

    async def receive(self) -> Message:
        """Return the body, whole; then wait until the caller leaves."""
        if self._asked:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def send(self, message: Any) -> None:
        """Write the answer: head and body in one go."""
        if message["type"] == "http.response.start":
            self._head = _answer_head(message["status"], message["headers"])
        elif not self.transport.is_closing():
            self.transport.write(self._head + message.get("body", b""))
            self._head = b""

    async def fail(self) -> None:
        """Say that the application broke."""
        await self.send(
            {"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"0")]}
        )
        await self.send({"type": "http.response.body"})


@asynccontextmanager
async def listening(app: ASGIApp, *, port: int = 0) -> AsyncIterator[str]:
    """Serve an application inside the running loop; gives its URL."""
    connections: set[_Connection] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(app, connections), sock=_listener(port))
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await _end(connections)


async def _end(connections: set[_Connection]) -> None:
    tasks = [each.task for each in connections if each.task is not None]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for each in list(connections):
        each.transport.abort()
    await asyncio.sleep(0)


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(512)
    listener.setblocking(False)
    return listener


def _scope(head: bytes) -> Scope:
    """Return what ASGI says of a request; ValueError where it is none."""
    first, *lines = head.split(b"\r\n")
    method, target, _ = first.split(b" ")
    path, _, query = target.partition(b"?")
    parts = (line.partition(b":") for line in lines)
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method.decode("ascii"),
        "path": unquote(path.decode("ascii")),
        "root_path": "",
        "query_string": query,
        "headers": [(name.strip().lower(), value.strip()) for name, _, value in parts],
    }


def _header(scope: Scope, wanted: bytes) -> bytes | None:
    return next((value for name, value in scope["headers"] if name == wanted), None)


def _answer_head(status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, '')}".encode()]
    lines += [b"%b: %b" % header for header in headers]
    return b"\r\n".join([*lines, b"", b""])
