"""One HTTP/1.1 connection to the Bot API: asyncio carries the bytes, h11 knows the grammar.

What goes wrong has httpx's names, since what a fault means for a message hangs on them.
"""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any

import h11
import httpx

# As much of an answer's head as the usual client reads, and its patience between two addresses of a host.
_HEAD_BYTES = 100 * 1024
_NEXT_ADDRESS_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a connection leads to."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """The host as its header names it; the usual port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds each part of a call may take; None is for ever."""

    connect: float | None
    read: float | None
    write: float | None
    pool: float | None


class Connection(asyncio.Protocol):
    """A request at a time. `is_free`: its last answer is whole, and another request may follow."""

    def __init__(self, origin: Origin) -> None:
        self.origin, self.idle_since = origin, 0.0
        self._grammar = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES)
        self._transport: asyncio.Transport
        self._wake: asyncio.Future[None] | None = None
        self._lost: Exception | None = None
        self._open, self._full, self._heard, self._asking = True, False, False, False

    @property
    def is_free(self) -> bool:
        """Tell whether another request may be made."""
        return self._open and not self._full and self._grammar.our_state is h11.IDLE

    async def ask(self, request: h11.Request, body: bytes, patience: Patience) -> tuple[int, bytes]:
        """Send a request and return status and body of its answer; an httpx.TransportError otherwise."""
        self._asking, self._heard = True, False
        try:
            await self._send(request, body, patience.write)
            return await self._answer(patience.read)
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error)) from error
        finally:
            self._asking = False

    def close(self) -> None:
        """End it in good order; an answer that is still awaited never comes."""
        self._open = False
        self._transport.close()

    def abort(self) -> None:
        """End it at once."""
        self._open = False
        self._transport.abort()

    # --- what asyncio tells ----------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the way out."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take what came; what nobody asked for ends the connection."""
        if not self._asking:
            self.abort()
            return
        self._heard = True
        self._grammar.receive_data(data)
        self._wake_up()

    def eof_received(self) -> None:
        """Take the end of what comes; asyncio closes the rest."""
        self._ended()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take it that it is gone, in good order or not."""
        self._lost = exc
        self._ended()

    def pause_writing(self) -> None:
        """Send no more: the other end does not keep up."""
        self._full = True

    def resume_writing(self) -> None:
        """Go on sending."""
        self._full = False
        self._wake_up()

    # ---------------------------------------------------------------------------------

    def _ended(self) -> None:
        self._open = False
        if self._lost is None:
            self._grammar.receive_data(b"")
        self._wake_up()

    def _wake_up(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _news(self, seconds: float | None) -> bool:
        """Wait until something happens; False when nothing did in time."""
        self._wake = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await self._wake
        except TimeoutError:
            return False
        finally:
            self._wake = None
        return True

    async def _send(self, request: h11.Request, body: bytes, seconds: float | None) -> None:
        head = self._grammar.send(request) or b""
        self._grammar.send(h11.Data(body))
        self._grammar.send(h11.EndOfMessage())
        self._transport.write(head + body)
        # Who answers before all is sent has heard enough, and who is gone takes no more.
        while self._full and self._open and not self._heard:
            if not await self._news(seconds):
                raise httpx.WriteTimeout("the request could not be sent in time")

    async def _answer(self, seconds: float | None) -> tuple[int, bytes]:
        status, body = 0, bytearray()
        while True:
            event = await self._next(seconds)
            if isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
        self._go_on()
        return status, bytes(body)

    async def _next(self, seconds: float | None) -> Any:
        while (event := self._grammar.next_event()) is h11.NEED_DATA:
            if self._lost is not None:
                raise httpx.ReadError(str(self._lost)) from self._lost
            if not await self._news(seconds):
                raise httpx.ReadTimeout("no answer in time")
        return event

    def _go_on(self) -> None:
        """Make ready for the next request, where both ends allow one."""
        grammar = self._grammar
        if grammar.our_state is h11.DONE and grammar.their_state is h11.DONE and not grammar.trailing_data[0]:
            grammar.start_next_cycle()


async def connect(origin: Origin, tls: ssl.SSLContext | None, seconds: float | None) -> Connection:
    """Open a connection; nothing of a request has left where this raises."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            _, connection = await loop.create_connection(
                lambda: Connection(origin),
                origin.host,
                origin.port,
                ssl=tls,
                happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS,
            )
    except TimeoutError as error:
        raise httpx.ConnectTimeout("no connection in time") from error
    except OSError as error:
        raise httpx.ConnectError(str(error)) from error
    return connection
