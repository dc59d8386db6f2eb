"""The bot and its world stepped by hand, in one process: for scenario tests and for the simulation.

The bot is the unmodified one and talks HTTP to the local Bot API; only its
loops stand still, and time is pushed.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from bot.app import App, Wire
from bot.channels.second import SecondChannel
from bot.clock import PushedClock
from bot.domain.protocol import Protocol
from bot.sandbox.gateway import Gateway
from bot.sandbox.plainclient import PlainRequest
from bot.sandbox.server import serve
from bot.sandbox.setting import open_study
from bot.sandbox.world import World
from bot.study import Study
from bot.texts import Texts

IN_MEMORY = "sqlite+aiosqlite://"
_SECRET = "a rehearsal keeps no secret"


@dataclass(slots=True)
class Rehearsal:
    """A bot, its world and a clock that stands still until it is pushed."""

    app: App
    world: World
    clock: PushedClock
    gateway: Gateway
    """What stands at the other end of the second channel, where there is one."""

    @property
    def study(self) -> Study:
        """The study that the bot works for."""
        return self.app.study

    async def settle(self) -> None:
        """Let the bot do all that is due at this instant."""
        await self.app.settle()

    async def until(self, target: datetime, at_each: Callable[[], Awaitable[None]] | None = None) -> None:
        """Push the clock to `target` through every event of the bot; `at_each` runs after each of them."""
        await self.settle()
        while (event := await self.app.next_event_at()) is not None and event <= target:
            self.clock.set(event)
            await self.settle()
            if at_each is not None:
                await at_each()
        self.clock.set(target)
        await self.settle()


@contextlib.asynccontextmanager
async def rehearsal(
    start: datetime,
    *,
    database_url: str = IN_MEMORY,
    protocol: Protocol | None = None,
    texts: Texts | None = None,
    strict: bool = False,
    seed: int = 1,
    second: bool = False,
) -> AsyncIterator[Rehearsal]:
    """Set up a bot for the shipped protocol (or another, with its words) at `start`; take it down at the end.

    `strict` checks every answer and update of the local Bot API against the schema.
    With `second` the bot has a second channel, which ends at the gateway.
    """
    clock = PushedClock(start)
    world = World(clock, strict_answers=strict)
    study = await open_study(database_url, _SECRET, clock)
    study = replace(study, protocol=protocol or study.protocol, texts=texts or study.texts)
    gateway = Gateway(clock)
    try:
        async with serve(world) as api_url, contextlib.AsyncExitStack() as opened:
            channel = SecondChannel(await opened.enter_async_context(gateway.open())) if second else None
            wire = Wire(world.bot.token, api_url, requests=PlainRequest)
            app = await opened.enter_async_context(App.connected(study, wire, Random(seed), channel))
            yield Rehearsal(app, world, clock, gateway)
    finally:
        await world.close()
        await study.db.close()
