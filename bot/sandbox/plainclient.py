"""The least of an HTTP client, for the bot of a simulation or a test: plain HTTP to the local Bot API.

A simulated year is a hundred thousand calls, and the usual client costs a
millisecond of processor time for each. What is sent and what is understood is
the same; the sandbox with its page, and the live program, use the usual one.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import httpx
from telegram._utils.defaultvalue import DefaultValue
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

_READ_SECONDS = 20.0


class _Lost(Exception):
    """The connection broke before the answer was whole."""


class _Connection(asyncio.Protocol):
    """One connection: a request at a time."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self.transport: asyncio.Transport
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(_Lost())

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and return status and body of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank or len(body) < (length := _length(head)):
            return
        self._received = body[length:]
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((int(head[9:12]), body[:length]))


class PlainRequest(BaseRequest):
    """What python-telegram-bot talks through, for `http://` on loopback only."""

    def __init__(self) -> None:
        self._idle: list[_Connection] = []

    @property
    def read_timeout(self) -> float | None:
        """Return the seconds that an answer may take where the call does not say."""
        return _READ_SECONDS

    async def initialize(self) -> None:
        """Nothing to be made ready: connections are opened when they are needed."""

    async def shutdown(self) -> None:
        """Close what is open."""
        while self._idle:
            self._idle.pop().transport.abort()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one call; errors are those of the usual client, causes included."""
        seconds = _READ_SECONDS if isinstance(read_timeout, DefaultValue) else read_timeout
        try:
            return await self._exchange(url, method, request_data, seconds)
        except TimeoutError as error:
            raise TimedOut from _as_httpx(httpx.ReadTimeout, error)
        except _Lost as error:
            raise NetworkError("the connection was lost") from _as_httpx(httpx.ReadError, error)
        except OSError as error:
            raise NetworkError("no connection") from _as_httpx(httpx.ConnectError, error)

    async def _exchange(
        self, url: str, method: str, data: RequestData | None, seconds: float | None
    ) -> tuple[int, bytes]:
        target = urlsplit(url)
        connection = await self._connection(target.hostname or "127.0.0.1", target.port or 80)
        try:
            async with asyncio.timeout(seconds):
                answer = await connection.ask(_request(method, target.path, data))
        except BaseException:
            connection.transport.abort()
            raise
        self._idle.append(connection)
        return answer

    async def _connection(self, host: str, port: int) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.lost:
                return connection
        _, connection = await asyncio.get_running_loop().create_connection(_Connection, host, port)
        return connection


def _request(method: str, path: str, data: RequestData | None) -> bytes:
    kind, body = _body(data)
    head = f"{method} {path} HTTP/1.1\r\nhost: local\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def _body(data: RequestData | None) -> tuple[str, bytes]:
    if data is None:
        return "application/json", b""
    if not data.contains_files:
        return "application/json", data.json_payload
    form = httpx.Request("POST", "http://local", data=data.json_parameters, files=data.multipart_data)
    return form.headers["content-type"], form.read()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


def _as_httpx(kind: type[httpx.TransportError], error: Exception) -> httpx.TransportError:
    """Return the error that the usual client gives: what it means for a message hangs on its kind."""
    return kind(str(error))
