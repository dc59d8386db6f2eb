"""Keeps the page to this machine and to itself: no other site may read it or ask it anything."""

from urllib.parse import urlsplit

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

HEADER = "x-suifang"
_HOSTS = {"127.0.0.1", "localhost", "::1"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Refuses what does not come from this machine and, where it changes something, from this page.

    The Host header is checked because a name that an attacker owns may be made
    to lead to 127.0.0.1; the custom header because another site cannot send it
    without being asked first, and that answer it never gets.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what may pass, with headers that keep the page closed in itself."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reason = refusal(scope)
        app = self._app if reason is None else JSONResponse({"error": reason}, status_code=403)
        await app(scope, receive, _closed(send))


def refusal(scope: Scope) -> str | None:
    """Return why this request may not pass, or None."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("host", "")
    if not _is_here(f"//{host}") or not _from_here(scope):
        return "this page is for this machine only"
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return "another site asks"
    if scope["method"] in ("GET", "HEAD"):
        return None
    is_json = headers.get("content-type", "").partition(";")[0].strip() == "application/json"
    return None if is_json and HEADER in headers else "only the page itself may ask this"


def _is_here(address: str) -> bool:
    try:
        return urlsplit(address).hostname in _HOSTS
    except ValueError:
        return False


def _from_here(scope: Scope) -> bool:
    client = scope.get("client")
    return client is None or client[0] in _HOSTS


def _closed(send: Send) -> Send:
    async def send_closed(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            present = list(message.get("headers", []))  # type: ignore[call-overload]
            extra = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
            message = {**message, "headers": [*present, *extra]}
        await send(message)

    return send_closed  # type: ignore[return-value]
