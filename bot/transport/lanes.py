"""Order within a chat, chats side by side, and only a few at once."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


class Lanes(Generic[T]):
    """Runs `handle` on each thing: things of one lane in order, at most `in_flight` at once over all.

    `handle` must not raise; what it raises all the same is logged, and its lane goes on.
    """

    def __init__(self, handle: Callable[[T], Awaitable[None]], in_flight: int) -> None:
        self._handle = handle
        self._seats = asyncio.Semaphore(in_flight)
        self._waiting: dict[Hashable, deque[T]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    def __len__(self) -> int:
        """How many things wait or are in hand."""
        return sum(len(lane) for lane in self._waiting.values())

    def waiting(self, lane: Hashable) -> int:
        """How many things wait or are in hand in one lane."""
        return len(self._waiting.get(lane, ()))

    def put(self, lane: Hashable, thing: T) -> None:
        """Put a thing at the end of its lane."""
        if lane in self._waiting:
            self._waiting[lane].append(thing)
            return
        self._waiting[lane] = deque([thing])
        task = asyncio.create_task(self._run(lane), name=f"lane {lane}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Wait until every lane is empty."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def stop(self, within: float) -> None:
        """Finish what is in hand, leave the rest; what takes longer than `within` seconds is cancelled."""
        self._stopping = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, lane: Hashable) -> None:
        things = self._waiting[lane]
        try:
            while things and not self._stopping:
                async with self._seats:
                    if not self._stopping:
                        await self._one(things[0])
                things.popleft()
        finally:
            # No await stands between the last look and this: a thing put now opens a new lane.
            del self._waiting[lane]

    async def _one(self, thing: T) -> None:
        try:
            await self._handle(thing)
        except Exception:
            log.exception("a lane's work failed outside its own care")
