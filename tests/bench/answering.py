"""The live program in a process of its own, with people who have joined and may report."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection

from bot.__main__ import spare_the_collector
from bot.app import Wire
from tests.bench.bots import live
from tests.bench.house import folder, join, living, open_durable

PEOPLE = 20


def main(connection: Connection, url: str, token: str) -> None:
    """Be the live program's process."""
    spare_the_collector()
    asyncio.run(live(connection, _joined(Wire(token, url))))


@asynccontextmanager
async def _joined(wire: Wire) -> AsyncIterator[None]:
    async with folder() as path:
        study = await open_durable(path)
        for number in range(PEOPLE):
            await join(study, number, number)
        async with living(study, wire):
            yield
        await study.db.close()
