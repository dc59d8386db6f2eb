"""Telegram answers once and then fails: the program works on, and says how it is reached when it can."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from apscheduler.executors.base import run_coroutine_job

from bot.app import ends_quietly
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


async def test_a_beat_that_the_end_of_the_program_cuts_off_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The scheduler's own way of running a job, cancelled as its shutdown does: nothing stands in the log."""
    begun = asyncio.Event()

    async def beat() -> None:
        begun.set()
        await asyncio.Event().wait()

    job = SimpleNamespace(id="beat", func=ends_quietly(beat), args=(), kwargs={}, misfire_grace_time=None)
    running = asyncio.ensure_future(run_coroutine_job(job, "default", [START], "scheduler"))
    await begun.wait()
    running.cancel()
    await running
    assert caplog.records == []
