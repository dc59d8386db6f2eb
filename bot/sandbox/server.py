"""The local Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`, for GET and POST."""

import asyncio
import contextlib
import json
import re
import socket
import struct
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, unquote

import uvicorn
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox.accounts import Call, Json
from bot.sandbox.api_schema import Upload
from bot.sandbox.calls import carry_out, log, method_called
from bot.sandbox.core import Core
from bot.sandbox.faults import Fault
from bot.sandbox.refusals import Refusal, bad_request, not_found, too_many, unauthorized

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
        exchange = _Exchange(scope, receive, send)
        try:
            await self._serve(exchange, path)
        except Refusal as refusal:
            await exchange.refuse(refusal)

    async def _serve(self, exchange: "_Exchange", path: str) -> None:
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

    async def _call(self, exchange: "_Exchange", method: str) -> None:
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

    async def _suffer(self, exchange: "_Exchange", fault: Fault, method: str, given: Json) -> bool:
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


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self.left = False
        """Whether the caller went away before it was answered."""

    async def parameters(self) -> Json:
        """Return all parameters, of the query and of the body, which goes before it; raw."""
        query = dict(parse_qsl(self._scope["query_string"].decode(), keep_blank_values=True))
        if self._scope["method"] != "POST":
            return query
        kind = next((value for key, value in self._scope["headers"] if key == b"content-type"), b"").decode()
        if kind.startswith("multipart/form-data"):
            return query | await self._multipart()
        body = await self._body()
        if kind.startswith("application/json"):
            return query | _json_object(body)
        return query | dict(parse_qsl(body.decode(), keep_blank_values=True))

    async def _body(self) -> bytes:
        parts, more = [], True
        while more:
            message = await self._receive()
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        return b"".join(parts)

    async def _multipart(self) -> Json:
        form = await Request(self._scope, self._receive).form()
        given: Json = {}
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                mime_type = value.content_type or "application/octet-stream"
                given[name] = Upload(value.filename or "file", mime_type, await value.read())
            else:
                given[name] = value
        await form.close()
        return given

    async def unless_left(self, work: Any) -> Any:
        """Return what the work gives; a caller that goes away ends it."""
        task = asyncio.ensure_future(work)
        await asyncio.sleep(0)
        if task.done():
            return task.result()
        gone = asyncio.ensure_future(self.wait_until_left())
        try:
            await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                return None
            return task.result()
        finally:
            task.cancel()
            gone.cancel()

    async def wait_until_left(self) -> None:
        """Wait until the caller breaks the connection."""
        message: Message = {"type": ""}
        while message["type"] != "http.disconnect":
            message = await self._receive()
        self.left = True

    async def reset(self) -> None:
        """Break the TCP connection as a network does: with a reset, not a farewell."""
        # The servers' own object behind `receive` is the only way from an ASGI application to its socket.
        transport = self._receive.__self__.transport  # type: ignore[attr-defined]
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
        await self.wait_until_left()

    async def refuse(self, refusal: Refusal) -> None:
        """Answer with a refusal."""
        retry = (refusal.parameters or {}).get("retry_after")
        headers = [(b"retry-after", str(retry).encode())] if retry else []
        await self.answer_json(refusal.code, refusal.answer(), headers)

    async def answer_json(self, status: int, answer: Json, headers: Any = ()) -> None:
        """Answer with JSON."""
        body = json.dumps(answer, ensure_ascii=False).encode()
        await self.answer(status, body, b"application/json", headers)

    async def answer(self, status: int, body: bytes, kind: bytes, headers: Any = ()) -> None:
        """Answer with these bytes."""
        length = (b"content-length", str(len(body)).encode())
        start = {"status": status, "headers": [(b"content-type", kind), length, *headers]}
        await self._send({"type": "http.response.start", **start})
        await self._send({"type": "http.response.body", "body": body})


def _json_object(body: bytes) -> Json:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise bad_request("can't parse request body: Object expected")
    # null means that the parameter is not given.
    return {name: value for name, value in found.items() if value is not None}


@contextlib.asynccontextmanager
async def serve(core: Core, *, port: int = 0) -> AsyncIterator[str]:
    """Serve the Bot API on loopback inside the running loop; gives the base URL, with no slash at its end."""
    async with listening(BotApi(core), port=port) as url:
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
    config.access_log = config.server_header = False
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
