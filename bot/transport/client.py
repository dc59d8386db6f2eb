"""The HTTP client of the Bot API where no proxy stands between: a quarter of the usual client's price.

What is sent is what the usual client sends, byte for byte in the body; what
fails is named as the usual client names it, causes included.
"""

import asyncio
import ssl
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import h11
import httpx
from telegram._utils.defaultvalue import DefaultValue
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.transport.connection import Connection, Origin, Patience, connect

# A connection that was idle for longer may be dead without a sign, and a request on it "perhaps sent".
_IDLE_SECONDS = 5.0
_FILE_WRITE_SECONDS = 20.0
_PORTS = {"http": 80, "https": 443}


class DirectRequest(BaseRequest):
    """What python-telegram-bot talks through: up to `connections` at once, each used again and again."""

    def __init__(self, connections: int, patience: Patience) -> None:
        self._patience = patience
        self._seats = asyncio.Semaphore(connections)
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._tls: ssl.SSLContext | None = None

    @property
    def read_timeout(self) -> float | None:
        """Return the seconds that an answer may take where the call does not say."""
        return self._patience.read

    async def initialize(self) -> None:
        """Nothing to be made ready: connections are opened when they are needed."""

    async def shutdown(self) -> None:
        """Close what is open."""
        for connection in (*self._idle, *self._busy):
            connection.close()
        self._idle.clear()

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
        """Make one call and return status and body of its answer."""
        own = self._patience
        patience = Patience(
            connect=_or(connect_timeout, own.connect),
            read=_or(read_timeout, own.read),
            write=_or(write_timeout, _FILE_WRITE_SECONDS if _has_files(request_data) else own.write),
            pool=_or(pool_timeout, own.pool),
        )
        origin, target = _split(url)
        kind, body = _form(request_data)
        try:
            return await self._exchange(origin, _head(method, origin, target, kind, body), body, patience)
        except httpx.TimeoutException as error:
            raise TimedOut(f"Timed out: httpx.{type(error).__name__}") from error
        except httpx.TransportError as error:
            raise NetworkError(f"httpx.{type(error).__name__}: {error}") from error

    async def _exchange(
        self, origin: Origin, request: h11.Request, body: bytes, patience: Patience
    ) -> tuple[int, bytes]:
        await self._take_a_seat(patience.pool)
        try:
            connection = self._used_before(origin) or await connect(
                origin, self._secured(origin), patience.connect
            )
            return await self._ask(connection, request, body, patience)
        finally:
            self._seats.release()

    async def _take_a_seat(self, seconds: float | None) -> None:
        if not self._seats.locked():
            await self._seats.acquire()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._seats.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("every connection is in use") from error

    async def _ask(
        self, connection: Connection, request: h11.Request, body: bytes, patience: Patience
    ) -> tuple[int, bytes]:
        self._busy.add(connection)
        try:
            answer = await connection.ask(request, body, patience)
        except BaseException:
            connection.abort()
            raise
        finally:
            self._busy.discard(connection)
        if connection.is_free:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def _used_before(self, origin: Origin) -> Connection | None:
        """Return the connection that was used last, where it still stands; let go of those that do not."""
        oldest = asyncio.get_running_loop().time() - _IDLE_SECONDS
        good = []
        for connection in self._idle:
            if connection.is_free and connection.idle_since >= oldest:
                good.append(connection)
            else:
                connection.close()
        self._idle = good
        fitting = [connection for connection in good if connection.origin == origin]
        if not fitting:
            return None
        self._idle.remove(fitting[-1])
        return fitting[-1]

    def _secured(self, origin: Origin) -> ssl.SSLContext | None:
        """Return what the usual client trusts; made once, since reading it takes long."""
        if origin.scheme != "https":
            return None
        if self._tls is None:
            self._tls = httpx.create_ssl_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls


def _or(said: Any, else_: float | None) -> float | None:
    """Return the seconds that a call says, or else those of the client."""
    if isinstance(said, DefaultValue):
        return else_
    return None if said is None else float(said)


def _has_files(data: RequestData | None) -> bool:
    return data is not None and data.contains_files


def _form(data: RequestData | None) -> tuple[str, bytes]:
    """Return a request's body and what kind it is of."""
    if data is None or not data.parameters:
        return "", b""
    if not data.contains_files:
        return "application/x-www-form-urlencoded", urlencode(data.json_parameters).encode()
    form = httpx.Request("POST", "http://local", data=data.json_parameters, files=data.multipart_data)
    return form.headers["content-type"], form.read()


def _head(method: str, origin: Origin, target: str, kind: str, body: bytes) -> h11.Request:
    headers = [("host", origin.authority), ("accept", "*/*"), ("user-agent", BaseRequest.USER_AGENT)]
    if method != "GET":
        headers.append(("content-length", str(len(body))))
    if kind:
        headers.append(("content-type", kind))
    return h11.Request(method=method, target=target, headers=headers)


@lru_cache(maxsize=64)
def _split(url: str) -> tuple[Origin, str]:
    """Return where a call goes, and what it asks for there."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise NetworkError("the address must begin with http:// or https://") from httpx.UnsupportedProtocol(
            "no http"
        )
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    return Origin(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]), target
