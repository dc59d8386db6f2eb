"""The page's routes: its files, the stream of what happens, and what a hand does to phones and clock."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.sandbox.page.feed import Feed
from bot.sandbox.page.guard import Guard
from bot.sandbox.page.hands import clock_hand, phone_hand
from bot.sandbox.page.view import document
from bot.sandbox.person import CannotDo
from bot.sandbox.refusals import Refusal
from bot.sandbox.stage import Stage

_HERE = Path(__file__).parent
# The outbox and the next event have no bell of their own: they are asked once a second, and after each bell.
_REFRESH_SECONDS = 1.0
# What happens together is told together.
_GATHER_SECONDS = 0.1
_LARGEST_BODY = 16 * 1024 * 1024
_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}

Hand = Callable[[Request, dict[str, Any]], Awaitable[dict[str, Any]]]


class Page:
    """The page of one stage, as a Starlette application."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.feed = Feed(secrets.token_hex(4))
        self.app = Starlette(
            routes=[
                Route("/", self._index),
                Route("/words.json", self._words),
                Route("/events", self._events),
                Route("/files/{file_id}", self._file),
                Route("/api/clock", self._hand(self._clock), methods=["POST"]),
                Route("/api/phones", self._hand(self._add_phone), methods=["POST"]),
                Route("/api/phones/{user_id:int}/{action}", self._hand(self._phone), methods=["POST"]),
                Mount("/static", StaticFiles(directory=_HERE / "static")),
            ],
            middleware=[Middleware(Guard)],
        )

    async def refresh(self) -> None:
        """Tell the pages what changed since they were told last."""
        self.feed.publish(await document(self.stage))

    async def follow(self) -> None:
        """Tell the pages what changes, as it changes; does not return."""
        while True:
            self.stage.changed.clear()
            self.stage.remember()
            # Where nobody looks, nothing needs telling: a page that opens asks for the state itself.
            if self.feed.readers:
                await self.refresh()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stage.changed.wait(), _REFRESH_SECONDS)
                await asyncio.sleep(_GATHER_SECONDS)

    # --- what is read -----------------------------------------------------------

    async def _index(self, _: Request) -> Response:
        return FileResponse(_HERE / "static" / "index.html")

    async def _words(self, _: Request) -> Response:
        return FileResponse(_HERE / "words.json")

    async def _events(self, request: Request) -> Response:
        await self.refresh()
        stream = self.feed.read(request.headers.get("last-event-id"))
        return StreamingResponse(stream, media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    async def _file(self, request: Request) -> Response:
        file = self.stage.world.files.get(request.path_params["file_id"])
        if file is None:
            return JSONResponse({"error": "no such file"}, status_code=404)
        content = self.stage.world.files.content(file.file_id)
        picture = next((kind for start, kind in _PICTURES.items() if content.startswith(start)), None)
        # Anything but a picture is only ever saved: a page sent as a file must not run as ours.
        headers = {} if picture else {"content-disposition": "attachment"}
        return Response(content, media_type=picture or "application/octet-stream", headers=headers)

    # --- what is done -----------------------------------------------------------

    def _hand(self, hand: Hand) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if int(request.headers.get("content-length", "0")) > _LARGEST_BODY:
                return JSONResponse({"error": "too large"}, status_code=413)
            try:
                return JSONResponse(await hand(request, _object(await request.json())))
            except KeyError as missing:
                return JSONResponse({"error": f"not found: {missing}"}, status_code=404)
            except (ValueError, TypeError) as wrong:
                return JSONResponse({"error": str(wrong)}, status_code=400)
            except (CannotDo, Refusal) as no:
                return JSONResponse({"error": str(no)}, status_code=409)

        return answer

    async def _phone(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        person = self.stage.person(request.path_params["user_id"])
        return phone_hand(self.stage, person, request.path_params["action"], body)

    async def _add_phone(self, _: Request, body: dict[str, Any]) -> dict[str, Any]:
        name = str(body["name"]).strip()[:40]
        if not name:
            raise ValueError("a phone has an owner with a name")
        person = await self.stage.add_newcomer(name, str(body["role"]), str(body["reads"]))
        return {"id": person.id}

    async def _clock(self, _: Request, body: dict[str, Any]) -> dict[str, Any]:
        return clock_hand(self.stage, str(body["do"]), float(body.get("speed", 1)))


def _object(body: object) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise ValueError("the body is a JSON object")
    return body


@contextlib.asynccontextmanager
async def page_at(stage: Stage, port: int, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve the stage's page on loopback while the block runs, and yield its URL; port 0 takes a free one.

    OSError where the port is taken.
    """
    page = Page(stage)
    # Bound here and not by uvicorn, which ends the whole program where the port is taken.
    listening = socket.create_server((host, port))
    server = _QuietServer(uvicorn.Config(page.app, log_level="warning", timeout_graceful_shutdown=3))
    serving = asyncio.create_task(server.serve([listening]))
    stage.start()
    following = asyncio.create_task(page.follow())
    try:
        yield f"http://{host}:{listening.getsockname()[1]}/"
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        page.feed.close()
        await stage.close()
        server.should_exit = True
        await serving


class _QuietServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        # Ctrl-C belongs to the program that holds bot, world and page together.
        yield
