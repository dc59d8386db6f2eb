"""A bot that keeps a diary: it has things to do at given instants, and writes down when it did them."""

import asyncio
from datetime import datetime

from bot.sandbox.tickingclock import TickingClock
from bot.sandbox.walking import BotHooks


class DiaryBot:
    """Does what is due a moment after it is told that the clock jumped, as a real bot would."""

    def __init__(self, clock: TickingClock, due: list[datetime]) -> None:
        self.clock, self.due = clock, sorted(due)
        self.done: list[tuple[datetime, datetime]] = []
        self.follow_up: dict[datetime, datetime] = {}
        self.idle = False
        clock.on_jump(self.woken)

    def woken(self, _: datetime) -> None:
        asyncio.get_running_loop().call_soon(self.work)

    def work(self) -> None:
        while not self.idle and self.due and self.due[0] <= self.clock.now():
            event = self.due.pop(0)
            self.done.append((event, self.clock.now()))
            if event in self.follow_up:
                self.due = sorted([*self.due, self.follow_up[event]])

    @property
    def hooks(self) -> BotHooks:
        async def next_event_at() -> datetime | None:
            return self.due[0] if self.due else None

        async def quiet() -> bool:
            return True

        return BotHooks(next_event_at=next_event_at, quiet=quiet)


class HandClock:
    """A machine's clock that moves when it is told to, and when somebody sleeps."""

    def __init__(self, now: datetime) -> None:
        self.at, self.seconds = now, 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)
