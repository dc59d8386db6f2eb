"""The program's own HTTP server: health, readiness, metrics, and the webhook where there is one."""

import contextlib
import socket
from collections.abc import AsyncIterator, Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.errors import SettingsError
from bot.watch.metrics import Metrics, Reporting


def health_routes(reporting: Reporting, metrics: Metrics) -> list[BaseRoute]:
    """Return /healthz (alive), /readyz (all is well, else 503 with the reasons) and /metrics."""

    async def healthz(request: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def readyz(request: Request) -> Response:
        report = reporting.report()
        if report is None:
            starting = {"code": "starting", "detail": "nothing was looked at yet"}
            return JSONResponse({"ready": False, "reasons": [starting]}, status_code=503)
        return JSONResponse(report.as_json(), status_code=200 if report.well else 503)

    async def show(request: Request) -> Response:
        page, content_type = metrics.page()
        return Response(page, headers={"Content-Type": content_type})

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", show)]


@contextlib.asynccontextmanager
async def served(routes: Sequence[BaseRoute], host: str, port: int) -> AsyncIterator[None]:
    """Serve these routes for as long as the context is open; the signals stay with the program around it.

    SettingsError where the address is taken or is none of this machine.
    """
    listening = _listening(host, port)
    config = uvicorn.Config(Starlette(routes=list(routes)), log_config=None, access_log=False)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    try:
        yield
    finally:
        await server.shutdown(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"HTTP_HOST, HTTP_PORT: {host}:{port} cannot be used: {error.strerror}"
        ) from error
    return listening
