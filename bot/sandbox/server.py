"""The local Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`, for GET and POST."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from urllib.parse import unquote

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox import plainserver
from bot.sandbox.accounts import Call, Json
from bot.sandbox.calls import carry_out, log, method_called
from bot.sandbox.core import Core
from bot.sandbox.exchange import Exchange
from bot.sandbox.faults import Fault
from bot.sandbox.refusals import Refusal, not_found, too_many, unauthorized

_PATH = re.compile(r"/bot([^/]*)/(\w+)/?")
_FILE = re.compile(r"/file/bot([^/]*)/(.+)")
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


class BotApi:
    """The ASGI application; mount it anywhere, the paths are Telegram's own."""

    def __init__(self, core: Core) -> None:
        self.core = core

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        exchange = Exchange(scope, receive, send)
        try:
            await self._serve(exchange, path)
        except Refusal as refusal:
            await exchange.refuse(refusal)

    async def _serve(self, exchange: Exchange, path: str) -> None:
        called = _PATH.fullmatch(path)
        if called:
            self._check_token(called[1])
            await self._call(exchange, method_called(called[2]))
            return
        wanted = _FILE.fullmatch(path)
        if wanted is None:
            raise not_found()
        self._check_token(wanted[1])
        content = self.core.files.by_path(unquote(wanted[2]))
        if content is None:
            raise not_found()
        await exchange.answer(200, content, b"application/octet-stream")

    def _check_token(self, token: str) -> None:
        token = unquote(token)
        if not _TOKEN.fullmatch(token):
            raise not_found()
        if token != self.core.bot.token:
            raise unauthorized()

    async def _call(self, exchange: Exchange, method: str) -> None:
        given = await exchange.parameters()
        fault = self.core.faults.strike(method, given)
        if fault and not await self._suffer(exchange, fault, method, given):
            return
        result = await exchange.unless_left(carry_out(self.core, method, given))
        if fault and fault.kind == "reset_after":
            await exchange.reset()
            return
        if not exchange.left:
            await exchange.answer_json(200, {"ok": True, "result": result})

    async def _suffer(self, exchange: Exchange, fault: Fault, method: str, given: Json) -> bool:
        """Let a fault strike, and return whether the call is carried out all the same."""
        if fault.kind == "reset_after":
            return True
        if fault.kind == "delay":
            await self.core.clock.sleep(fault.seconds)
            return True
        log(self.core, Call(method, given, False, 0, f"fault: {fault.kind}"))
        if fault.kind == "hang":
            await exchange.wait_until_left()
        elif fault.kind == "reset_before":
            await exchange.reset()
        elif fault.kind == "502":
            await exchange.answer(502, _GATEWAY, b"text/html")
        elif fault.kind == "500":
            raise Refusal(500, "Internal Server Error")
        else:
            raise too_many(fault.retry_after)
        return False


@contextlib.asynccontextmanager
async def serve(core: Core, *, port: int = 0) -> AsyncIterator[str]:
    """Serve the Bot API on loopback inside the running loop; gives the base URL, with no slash at its end."""
    async with plainserver.listening(BotApi(core), port=port) as url:
        core.webhook.start()
        try:
            yield url
        finally:
            await core.webhook.stop()


@contextlib.asynccontextmanager
async def listening(app: ASGIApp, *, port: int = 0) -> AsyncIterator[str]:
    """Serve any application on loopback inside the running loop, quick to start and stop; gives its URL."""
    listener = _listener(port)
    # What is named here is not looked for, which saves most of the time that a start takes.
    config = uvicorn.Config(app, http="h11", ws="none", loop="none", lifespan="off", log_config=None)
    config.access_log = config.server_header = config.proxy_headers = False
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup([listener])
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        await _stop(server)


def _listener(port: int) -> socket.socket:
    # asyncio turns Nagle's delay off only for sockets that say TCP by name; with it each answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(512)
    return listener


async def _stop(server: uvicorn.Server) -> None:
    # uvicorn's own shutdown waits in steps of 100 ms and for open polls; a test has hundreds of servers.
    for listening in server.servers:
        listening.close()
    tasks = list(server.server_state.tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for connection in list(server.server_state.connections):
        connection.shutdown()
    await asyncio.sleep(0)
