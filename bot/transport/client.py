"""The HTTP client of the Bot API where no proxy stands between: aiohttp, which costs less than httpx."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from io import BytesIO
from typing import Any

import httpx
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, FormData, TCPConnector
from telegram._utils.defaultvalue import DefaultValue
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

# A connection that was idle for longer may be dead without a sign, and a request on it "perhaps sent".
_IDLE_SECONDS = 5.0


class NoSeatError(TimeoutError):
    """Every connection was in use for too long; nothing of the request has left."""


class DirectRequest(BaseRequest):
    """What python-telegram-bot talks through: up to `connections` at once, each used again and again."""

    def __init__(self, connections: int, patience: httpx.Timeout) -> None:
        self._patience, self._connections = patience, connections
        # aiohttp's own queue has no timeout apart from the connection's, and no seat is not "cut off".
        self._seats = asyncio.Semaphore(connections)
        self._session: ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Return the seconds that an answer may take where the call does not say."""
        return self._patience.read

    async def initialize(self) -> None:
        """Make the session; connections are opened when they are needed."""
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=self._connections, keepalive_timeout=_IDLE_SECONDS),
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                # Answers are small: what is not compressed need not be undone.
                skip_auto_headers=("Accept-Encoding",),
            )

    async def shutdown(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()
            self._session = None

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
        if self._session is None:
            raise RuntimeError("the client is not initialized")
        own = self._patience
        timeout = _timeout(
            _or(connect_timeout, own.connect), _or(read_timeout, own.read), _or(write_timeout, own.write)
        )
        trust = self._trust if url.startswith("https:") else True
        form = _form(request_data)
        no_kind = () if form else ("Content-Type",)
        # An error's own message may quote the address, and the token with it: its kind says enough.
        try:
            async with (
                self._seat(_or(pool_timeout, own.pool)),
                self._session.request(
                    method,
                    url,
                    data=form,
                    timeout=timeout,
                    ssl=trust,
                    skip_auto_headers=no_kind,
                    allow_redirects=False,
                ) as answer,
            ):
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut(f"Timed out: {type(error).__name__}") from error
        except ClientError as error:
            raise NetworkError(type(error).__name__) from error

    @asynccontextmanager
    async def _seat(self, seconds: float | None) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(seconds):
                await self._seats.acquire()
        except TimeoutError as error:
            raise NoSeatError("every connection is in use") from error
        try:
            yield
        finally:
            self._seats.release()

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """Trust whom the usual client trusts; made once, since reading it takes long."""
        return httpx.create_ssl_context()


def _or(said: Any, else_: float | None) -> float | None:
    """Return the seconds that a call says, or else those of the client."""
    return else_ if isinstance(said, DefaultValue) else said


def _timeout(connect: float | None, read: float | None, write: float | None) -> ClientTimeout:
    """Bound each part; aiohttp knows none for writing, so that what is never taken ends with the whole."""
    total = None if connect is None or read is None or write is None else connect + read + write
    return ClientTimeout(total=total, connect=connect, sock_read=read)


def _form(data: RequestData | None) -> FormData | None:
    """Return a request's body: a form, of several parts where it has files."""
    if data is None or not (data.parameters or data.contains_files):
        return None
    # Telegram takes the name of a file as it is written.
    form = FormData(data.json_parameters, quote_fields=False)
    for name, (filename, content, kind) in data.multipart_data.items():
        file = BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, file, filename=filename, content_type=kind)
    return form
