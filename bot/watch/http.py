"""The program's own HTTP server: the webhook, where there is one."""

import contextlib
from collections.abc import AsyncIterator, Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute


@contextlib.asynccontextmanager
async def served(routes: Sequence[BaseRoute], host: str, port: int) -> AsyncIterator[None]:
    """Serve these routes for as long as the context is open; the signals stay with the program around it."""
    config = uvicorn.Config(Starlette(routes=list(routes)), host=host, port=port, log_config=None)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield
    finally:
        await server.shutdown()
