"""The address that Telegram posts updates to, when there is no polling."""

import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.transport.blame import is_store_trouble

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
# An update is a few kilobytes; Telegram's largest stay far below this.
MOST_BYTES = 1_000_000

Receive = Callable[[dict[str, Any]], Awaitable[None]]


def webhook_route(path: str, secret: str, receive: Receive) -> Route:
    """Return the route: 200 once the update is kept, 403 without the secret, 503 while nothing can be kept.

    Telegram sends again what was not answered with 200.
    """
    if not secret:
        raise ValueError("a webhook needs a secret")

    async def endpoint(request: Request) -> Response:
        if not _knows(request, secret):
            return Response(status_code=403)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        raw = _parse(body)
        if raw is None:
            return Response(status_code=400)
        return Response(status_code=await _kept(receive, raw))

    return Route(path, endpoint, methods=["POST"])


def _knows(request: Request, secret: str) -> bool:
    given = request.headers.get(SECRET_HEADER, "")
    return hmac.compare_digest(given.encode(), secret.encode())


async def _body(request: Request) -> bytes | None:
    """Read the body, but no more of it than an update can have."""
    read = b""
    async for chunk in request.stream():
        read += chunk
        if len(read) > MOST_BYTES:
            return None
    return read


def _parse(body: bytes) -> dict[str, Any] | None:
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return raw if isinstance(raw, dict) and type(raw.get("update_id")) is int else None


async def _kept(receive: Receive, raw: dict[str, Any]) -> int:
    try:
        await receive(raw)
    except Exception as error:
        if not is_store_trouble(error):
            raise
        log.warning("an update cannot be kept now: %s", type(error).__name__)
        return 503
    return 200
