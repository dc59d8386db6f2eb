"""Telegram answers once and then fails: the program works on, and says how it is reached when it can."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from apscheduler.executors.base import run_coroutine_job

from bot.app import App, Wire, ends_quietly
from bot.channels.second import SecondChannel
from bot.domain.people import Role
from bot.sandbox.gateway import Gateway
from bot.sandbox.plainclient import PlainRequest
from tests.scenarios.machine import machine
from tests.scenarios.test_cut_off_for_hours import no_network
from tests.scenarios.test_second_channel import SMS

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


async def test_p03_started_while_telegram_is_away_it_pages_over_the_second_channel_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alert is open, the program dies, and when it starts again no connection comes about."""
    async with machine(tmp_path, START) as site:
        async with site.running():
            await site.staff("Zhao", Role.SUB_INVESTIGATOR)
            ill = await site.participant("001", date(2026, 12, 9))
            ill.say("I can't breathe")
            await site.app.settle()
        opened_at, gateway = site.clock.now(), Gateway(site.clock)
        site.clock.set(opened_at + timedelta(minutes=14.3))
        wire = Wire(site.world.bot.token, site.api_url, requests=PlainRequest)
        async with gateway.open() as address, site.opened() as study:
            connected = App.connected(study, wire, Random(1), SecondChannel(address))
            with no_network(monkeypatch):
                starting = asyncio.ensure_future(connected.__aenter__())
                async with asyncio.timeout(20):
                    while site.clock.now() < opened_at + timedelta(minutes=15.3):
                        assert not starting.done()
                        await asyncio.sleep(0.001)
            assert isinstance(await starting, App)
            await connected.__aexit__(None, None, None)
        rang = [(datetime.fromisoformat(each.at) - opened_at).total_seconds() / 60 for each in gateway.taken]
        assert [round(each) for each in rang] == [14, 15]
        assert set(gateway.texts) == {SMS}
