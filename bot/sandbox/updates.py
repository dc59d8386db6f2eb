"""Updates on their way to the bot, with Telegram's rules for offsets, pollers and age."""

import asyncio
import math
from collections import deque
from collections.abc import Callable

from bot.clock import Clock
from bot.sandbox.accounts import Json
from bot.sandbox.refusals import OTHER_POLLER, conflict
from bot.sandbox.store import Store

CALLBACK_SECONDS = 150
UPDATE_SECONDS = 24 * 3600
_FIRST_ID = 700_000_001
# These come only to those who ask for them by name.
_ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}


class Updates:
    """The queue: an update stays until an offset above its id confirms it, or it is too old."""

    def __init__(
        self,
        clock: Clock,
        store: Store,
        told: Callable[[str, Json], None],
        check: Callable[[Json], None] = lambda update: None,
    ) -> None:
        self._clock, self._store, self._told, self._check = clock, store, told, check
        rows = sorted(
            (row for _, row in store.rows("update")), key=lambda row: int(row["update"]["update_id"])
        )
        self._queue: deque[Json] = deque(rows)
        state = dict(store.rows("queue")).get("state", {"next_id": _FIRST_ID, "allowed": []})
        self._next_id: int = state["next_id"]
        self.allowed: list[str] = state["allowed"]
        self._look_at = min(map(_gone_at, self._queue), default=math.inf)
        self._waiter: asyncio.Future[None] | None = None
        self.on_put: Callable[[], None] = lambda: None

    def allow(self, kinds: list[str] | None) -> None:
        """Take the kinds of update that the bot wants; None keeps what it said before."""
        if kinds is not None:
            self.allowed = list(kinds)
            self._save()

    def put(self, kind: str, payload: Json) -> None:
        """Queue an update, unless the bot does not want its kind, and wake whoever waits for it."""
        if not (kind in self.allowed if self.allowed else kind not in _ON_REQUEST):
            return
        update = {"update_id": self._next_id, kind: payload}
        self._check(update)
        row = {"update": update, "at": self._now()}
        self._next_id += 1
        self._queue.append(row)
        self._look_at = min(self._look_at, _gone_at(row))
        self._store.put("update", update["update_id"], row)
        self._save()
        self._told("update", {"update": update})
        self.wake()

    def wake(self) -> None:
        """Let the waiting poller, and the webhook, look again."""
        if self._waiter and self.polled:
            self._waiter.set_result(None)
        self.on_put()

    def pending(self) -> int:
        """Return how many updates are not confirmed."""
        self._expire()
        return len(self._queue)

    def head(self, limit: int) -> list[Json]:
        """Return the oldest updates."""
        self._expire()
        return [row["update"] for row, _ in zip(self._queue, range(limit), strict=False)]

    def confirm(self, offset: int) -> None:
        """Forget all updates whose id is below `offset`."""
        gone = 0
        while self._queue and self._queue[0]["update"]["update_id"] < offset:
            self._drop(self._queue[0])
            gone += 1
        if gone:
            self._told("confirmed", {"offset": offset, "count": gone})

    def forget_all(self) -> None:
        """Forget every update: what `drop_pending_updates` asks for."""
        self.confirm(self._next_id)

    async def poll(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """Return updates at once where there are any, else wait for one for so many `seconds`.

        They are the machine's own seconds, never the world's: the
        caller's network timeouts know nothing of a pushed clock.
        """
        self.end_poll(OTHER_POLLER)
        self._settle_offset(offset)
        if not self._queue and seconds > 0:
            await self._wait(seconds)
        return self.head(limit)

    @property
    def polled(self) -> bool:
        """Tell whether a poll waits at this moment."""
        return self._waiter is not None and not self._waiter.done()

    def end_poll(self, reason: str) -> None:
        """Answer whoever waits with a 409."""
        if self._waiter and self.polled:
            self._waiter.set_exception(conflict(reason))

    async def _wait(self, seconds: float) -> None:
        waiter = self._waiter = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError:
            return
        finally:
            if self._waiter is waiter:
                self._waiter = None

    def _settle_offset(self, offset: int) -> None:
        self._expire()
        if offset > 0:
            self.confirm(offset)
        elif offset < 0 and len(self._queue) > -offset:
            self.confirm(self._queue[offset]["update"]["update_id"])

    def _expire(self) -> None:
        now = self._now()
        if now <= self._look_at:
            return
        for row in [row for row in self._queue if now > _gone_at(row)]:
            self._drop(row)
        self._look_at = min(map(_gone_at, self._queue), default=math.inf)

    def _drop(self, row: Json) -> None:
        self._queue.remove(row)
        self._store.drop("update", row["update"]["update_id"])

    def _save(self) -> None:
        self._store.put("queue", "state", {"next_id": self._next_id, "allowed": self.allowed})

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _gone_at(row: Json) -> float:
    seconds = CALLBACK_SECONDS if "callback_query" in row["update"] else UPDATE_SECONDS
    return float(row["at"] + seconds)
