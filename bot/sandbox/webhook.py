"""Webhook delivery: each update is posted in its order, one at a time, until it is taken."""

import asyncio
import contextlib
from typing import Any

import httpx

from bot.clock import Clock
from bot.sandbox.accounts import Json
from bot.sandbox.store import Store
from bot.sandbox.updates import Updates

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_POST_SECONDS = 30.0


class Webhook:
    """Where updates are posted to, if anywhere, and the task that posts them."""

    def __init__(self, clock: Clock, store: Store, updates: Updates) -> None:
        self._clock, self._store, self._updates = clock, store, updates
        self.state: Json = dict(store.rows("webhook")).get("state", {})
        self._task: asyncio.Task[None] | None = None
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        updates.on_put = self._put

    @property
    def url(self) -> str:
        """Return where updates go, empty where they are polled."""
        return str(self.state.get("url", ""))

    def set(self, state: Json) -> None:
        """Post to another place from now on; an empty state ends it."""
        self.state = state
        self._store.put("webhook", "state", state)
        if self._task:
            self._task.cancel()
            self._task = None
        self.start()

    def start(self) -> None:
        """Post what waits; needs a running loop."""
        if self.url and self._task is None:
            self._put()
            self._task = asyncio.get_running_loop().create_task(self._deliver())

    def info(self) -> Json:
        """Return a WebhookInfo."""
        told = ("ip_address", "last_error_date", "last_error_message", "max_connections", "allowed_updates")
        return {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": self._updates.pending(),
            **{key: self.state[key] for key in told if self.state.get(key)},
        }

    async def settle(self) -> None:
        """Wait until everything was taken, or the receiver refused and the next try is due later."""
        if self.url and self._updates.pending():
            await self._idle.wait()

    async def stop(self) -> None:
        """End the task; what was not taken stays."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def _put(self) -> None:
        self._idle.clear()
        self._work.set()

    async def _deliver(self) -> None:
        pause = _FIRST_PAUSE
        async with httpx.AsyncClient(timeout=_POST_SECONDS, trust_env=False) as client:
            while True:
                waiting = self._updates.head(1)
                if not waiting:
                    await self._rest()
                elif await self._post(client, waiting[0]):
                    self._updates.confirm(waiting[0]["update_id"] + 1)
                    self._store.commit()
                    pause = _FIRST_PAUSE
                else:
                    self._idle.set()
                    await self._clock.sleep(pause)
                    self._idle.clear()
                    pause = min(pause * 2, _LONGEST_PAUSE)

    async def _rest(self) -> None:
        self._work.clear()
        self._idle.set()
        await self._work.wait()

    async def _post(self, client: httpx.AsyncClient, update: Json) -> bool:
        secret = self.state.get("secret_token")
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            answer = await client.post(self.url, json=update, headers=headers)
        except httpx.HTTPError as error:
            self._failed(f"Connection failed: {type(error).__name__}")
            return False
        if answer.is_success:
            return True
        self._failed(f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}")
        return False

    def _failed(self, reason: str) -> None:
        noted: dict[str, Any] = {
            "last_error_message": reason,
            "last_error_date": int(self._clock.now().timestamp()),
        }
        self.state |= noted
        self._store.put("webhook", "state", self.state)
