"""The sandbox's second channel: an Apprise address on loopback whose messages lie on the page."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.clock import Clock
from bot.sandbox.server import listening
from bot.sandbox.store import Store


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """What a gateway would send to a phone: the text, and the instant as ISO."""

    at: str
    text: str


class Gateway:
    """Takes what Apprise's `json://` posts; `broken` answers 500 instead, as a gateway that is down."""

    def __init__(self, clock: Clock, store: Store | None = None) -> None:
        self._clock, self._store = clock, store or Store(None)
        self.taken = [ShortMessage(**row) for _, row in self._store.rows("sms")]
        self.broken = False
        self.tries = 0
        self.on_change: Callable[[], None] = lambda: None

    @property
    def texts(self) -> list[str]:
        """Return what was taken, the oldest first."""
        return [each.text for each in self.taken]

    async def _take(self, request: Request) -> Response:
        self.tries += 1
        body = await request.json()
        if self.broken:
            return JSONResponse({"error": "down"}, status_code=500)
        now: datetime = self._clock.now()
        taken = ShortMessage(now.isoformat(), str(body["message"]))
        self.taken.append(taken)
        self._store.put("sms", len(self.taken), asdict(taken))
        self._store.commit()
        self.on_change()
        return JSONResponse({"ok": True})

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Serve it while the block runs; gives the address as SECOND_CHANNEL_URLS wants it."""
        app = Starlette(routes=[Route("/sms", self._take, methods=["POST"])])
        async with listening(app) as url:
            yield url.replace("http://", "json://") + "/sms"
