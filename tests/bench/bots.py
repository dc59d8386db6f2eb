"""A bot in a process of its own, as it would be started: what another imports and keeps is not its burden."""

import asyncio
import multiprocessing
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from multiprocessing.connection import Connection

# Nothing of ours is imported here: the echo bot's process reads this module too.


class Bot:
    """A bot in another process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def used(self) -> float:
        """Return the processor seconds that it has used so far."""
        self._connection.send("used")
        return await asyncio.get_running_loop().run_in_executor(None, self._connection.recv)


@asynccontextmanager
async def started(main: Callable[[Connection, str, str], None], url: str, token: str) -> AsyncIterator[Bot]:
    """Start the bot whose process runs `main`, before the Bot API of `url`."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=main, args=(there, url, token), daemon=True)
    process.start()
    loop = asyncio.get_running_loop()
    try:
        await loop.run_in_executor(None, here.recv)
        yield Bot(here)
    finally:
        here.send(None)
        await loop.run_in_executor(None, process.join)


async def live(connection: Connection, bot: AbstractAsyncContextManager[None]) -> None:
    """Let a bot run in this process until it is told to end, and say what it has used when asked."""
    loop = asyncio.get_running_loop()
    async with bot:
        connection.send("started")
        while await loop.run_in_executor(None, connection.recv):
            connection.send(processor_seconds())


def processor_seconds() -> float:
    """Return the processor time of this process, its threads included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
