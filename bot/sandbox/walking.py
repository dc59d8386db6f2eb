"""Pushes the clock from event to event, so that nothing that is due on the way is skipped."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.errors import SuifangError
from bot.sandbox.tickingclock import TickingClock

_LOOK_AGAIN = 0.02
_PATIENCE = 60.0


class BotIsBusy(SuifangError):
    """The bot did not come to rest within a minute of real time, or left undone what is due."""


async def _nothing() -> None:
    return None


async def _no_lines() -> list[dict[str, Any]]:
    return []


async def _no_milestones() -> frozenset[str]:
    return frozenset()


async def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class BotHooks:
    """What the sandbox asks of the bot beside it, which it otherwise knows over HTTP only.

    `next_event_at`: when the bot will next act by itself, and `next_event_name`
    what that is, in words by language (`en`, `zh`). `quiet`: whether it has
    done all that is due now. `outbox_log`: dicts with id, kind, priority,
    state, person (a code or a name), due_at, sent_at, attempts, error, newest
    first; instants as ISO text. `milestones`: which of the story's steps its
    records show as done (`consented`, `checked_in`, `alert_taken`,
    `broadcast`). `invite`: a join link for a new person of a role, a language
    (`zh`, `en`, `both`) and a name, and the code of whom it makes a participant.
    """

    next_event_at: Callable[[], Awaitable[datetime | None]] = _nothing
    quiet: Callable[[], Awaitable[bool]] = _always
    outbox_log: Callable[[], Awaitable[list[dict[str, Any]]]] = _no_lines
    milestones: Callable[[], Awaitable[frozenset[str]]] = _no_milestones
    next_event_name: Callable[[], Awaitable[dict[str, str] | None]] = _nothing
    invite: Callable[[str, str, str], Awaitable[tuple[str, str]]] | None = None


@dataclass
class Walk:
    """One push under way: where from, where to, and the events passed so far."""

    start: datetime
    target: datetime
    events: list[datetime] = field(default_factory=list)


class Walker:
    """Moves a clock the way a person would live through it: each event in its order, at its instant."""

    def __init__(self, clock: TickingClock, hooks: BotHooks) -> None:
        self._clock, self._hooks = clock, hooks
        self._stopping = asyncio.Event()
        self._turn = asyncio.Lock()
        self.walk: Walk | None = None
        self.on_step: Callable[[], None] = lambda: None

    def stop(self) -> None:
        """End the walk at the event where it is."""
        if self.walk is not None:
            self._stopping.set()

    async def to(self, target: datetime) -> list[datetime]:
        """Push the clock to `target`, standing still at each event until it is done; return the events."""
        async with self._turn:
            self.walk = Walk(self._clock.now(), target)
            was_running = self._clock.running
            self._clock.pause()
            try:
                await self._go(self.walk)
                return self.walk.events
            finally:
                self.walk = None
                self._stopping.clear()
                if was_running:
                    self._clock.run(self._clock.speed)
                self.on_step()

    async def _go(self, walk: Walk) -> None:
        await self.settle()
        while self._clock.now() < walk.target and not self._stopping.is_set():
            event = await self._hooks.next_event_at()
            if event is not None and event <= walk.target:
                walk.events.append(max(event, self._clock.now()))
            self._clock.jump(walk.target if event is None else min(event, walk.target))
            self.on_step()
            await self.settle()

    async def follow(self, again: asyncio.Event) -> None:
        """Let a running clock run, but hold it at each event until it is dealt with; does not return.

        `again` says that something happened, so that the next event may have changed.
        """
        while True:
            again.clear()
            async with self._turn:
                await self._hold_at_next()
            try:
                await asyncio.wait_for(again.wait(), _LOOK_AGAIN)
            except TimeoutError:
                continue

    async def _hold_at_next(self) -> None:
        # At the speed of life the bot keeps up by itself, and a held clock would only look broken.
        if not self._clock.running or self._clock.speed <= 1:
            self._clock.hold(None)
            return
        if await self._at_rest():
            self._clock.hold(await self._hooks.next_event_at())
            return
        self._clock.hold(self._clock.now())
        # The jump goes nowhere: it tells the bot to look at the time now rather than at its next tick.
        self._clock.jump(self._clock.now())
        self.on_step()
        await self.settle()

    async def settle(self) -> None:
        """Wait until the bot has done all that is due; BotIsBusy when it takes over a minute."""
        give_up_at = self._clock.machine.monotonic() + _PATIENCE
        while not await self._at_rest():
            if self._stopping.is_set():
                return
            if self._clock.machine.monotonic() > give_up_at:
                raise BotIsBusy("the bot did not come to rest within a minute")
            await self._clock.sleep(_LOOK_AGAIN)

    async def _at_rest(self) -> bool:
        if not await self._hooks.quiet():
            return False
        event = await self._hooks.next_event_at()
        return event is None or event > self._clock.now()
