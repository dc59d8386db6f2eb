"""The only place that reads the time, so that a year can be played in seconds and every test is exact."""

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the program knows of time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start, never running backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that many monotonic seconds."""
        ...


class SystemClock:
    """The clock of the machine: what `suifang run` uses."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        await asyncio.sleep(seconds)


class PushedClock:
    """A clock that stands still until it is pushed: for tests and simulations.

    With `jump` a sleeper does not wait: the clock moves to where it would have
    woken. Without it, sleepers wait until `push` has passed their instant, and
    wake in the order of their instants.
    """

    def __init__(self, start: datetime, *, jump: bool = True) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an aware instant")
        self._now = start.astimezone(UTC)
        self._start = self._now
        self._jump = jump
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        """Return the instant to which the clock was pushed last, aware, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds by which the clock was pushed."""
        return (self._now - self._start).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Jump over the wait, or wait for a push that passes it."""
        wake_at = self._now + timedelta(seconds=max(0.0, seconds))
        if self._jump:
            self._now = max(self._now, wake_at)
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (wake_at, next(self._order), woken))
        await woken

    def set(self, instant: datetime) -> None:
        """Move to `instant`; a clock never runs backwards, so an earlier one is ignored."""
        self._now = max(self._now, instant.astimezone(UTC))

    async def push(self, by: timedelta) -> None:
        """Move forward, waking each sleeper at its own instant, in order."""
        target = self._now + by
        await _let_others_run()
        while self._sleepers and self._sleepers[0][0] <= target:
            wake_at, _, woken = heapq.heappop(self._sleepers)
            self.set(wake_at)
            if not woken.cancelled():
                woken.set_result(None)
            await _let_others_run()
        self.set(target)


async def _let_others_run() -> None:
    # A woken task may need a few turns of the loop before it sleeps again.
    for _ in range(20):
        await asyncio.sleep(0)
