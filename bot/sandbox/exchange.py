"""One HTTP request and its answer: all ways to pass parameters, callers that leave, broken connections."""

import asyncio
import json
import socket
import struct
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from bot.sandbox.accounts import Json
from bot.sandbox.api_schema import Upload
from bot.sandbox.refusals import Refusal, bad_request


class Exchange:
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
