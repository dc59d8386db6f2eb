"""Telegram answers once and then fails: the program works on, and says how it is reached when it can."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from tests.scenarios.machine import machine

START = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)


async def test_a_start_at_which_telegram_fails_between_two_answers_is_none_that_fails(tmp_path: Path) -> None:
    async with machine(tmp_path, START) as site, site.running() as app:
        site.world.faults.add(kind="500", method="deleteWebhook", times=3)
        stop = asyncio.Event()
        running = asyncio.ensure_future(app.run(stop))
        async with asyncio.timeout(20):
            while not any(call.method == "deleteWebhook" and call.ok for call in site.world.calls):
                assert not running.done()
                await asyncio.sleep(0)
        stop.set()
        await running
