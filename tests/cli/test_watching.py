"""The live program from outside: it refuses to go unwatched, says how it is, and is taken over from."""

import asyncio
import json
import signal
from dataclasses import replace
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.clock import SystemClock
from bot.sandbox.gateway import Gateway
from bot.sandbox.server import listening
from tests.cli.operator import WITHIN, Operator, first_poll, free_port


async def test_a_live_start_without_anyone_watching_is_refused_unless_named(operator: Operator) -> None:
    operator.settings["WITHOUT"] = ""
    code, printed = await operator.types("run")
    assert code == 2
    assert printed.count("\n") == 1
    assert "SECOND_CHANNEL_URLS is not set, so nobody is paged when Telegram fails" in printed
    assert "--without heartbeat" in printed
    code, printed = await operator.types("run", "--without", "heartbeats")
    assert code == 2
    assert "WITHOUT" in printed


async def test_when_the_first_is_killed_the_second_takes_over(operator: Operator) -> None:
    first_polls = first_poll(operator)
    operator.settings["WITHOUT"] = "second_channel,heartbeat,signed_protocol"
    first = await operator.starts("run")
    await asyncio.wait_for(first_polls, WITHIN)
    base = f"http://127.0.0.1:{operator.settings['HTTP_PORT']}"
    async with httpx.AsyncClient(base_url=base) as client:
        assert (await client.get("/healthz")).text == "alive\n"
        ready = await client.get("/readyz")
        assert ready.status_code == 200, ready.text
        assert "suifang_ready 1.0" in (await client.get("/metrics")).text
    second_polls = first_poll(operator)
    second = await operator.starts("run")
    assert second.stdout is not None
    waiting = await asyncio.wait_for(second.stdout.readline(), WITHIN)
    assert f"pid {first.pid}" in waiting.decode()
    assert not second_polls.done()
    first.send_signal(signal.SIGKILL)
    await asyncio.wait_for(second_polls, WITHIN)
    second.send_signal(signal.SIGTERM)
    printed, _ = await asyncio.wait_for(second.communicate(), WITHIN)
    assert second.returncode == 0, printed.decode()
    assert "taken over from" in printed.decode()
    await first.communicate()
    backups = [path.name for path in (operator.folder / "data" / "backups").iterdir()]
    assert "audit-heads.txt" in backups
    assert len(backups) == 2


async def test_two_live_programs_with_a_database_each_log_that_another_one_polls(
    operator: Operator, tmp_path: Path
) -> None:
    """No lock is shared, so both poll: Telegram ends the poll of the one when the other asks."""
    operator.settings["WITHOUT"] = "second_channel,heartbeat,signed_protocol"
    polls = first_poll(operator)
    here = await operator.starts("run")
    await asyncio.wait_for(polls, WITHIN)
    polls = first_poll(operator)
    operator.settings |= {
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'elsewhere.db'}",
        "HTTP_PORT": str(free_port()),
    }
    there = await operator.starts("run")
    await asyncio.wait_for(polls, WITHIN)
    assert here.stdout is not None
    async with asyncio.timeout(20):
        while b"another program polls with this token (409)" not in (said := await here.stdout.readline()):
            assert said, "it ended and did not say so"
    for program in (here, there):
        program.send_signal(signal.SIGTERM)
        printed, _ = await asyncio.wait_for(program.communicate(), WITHIN)
        assert program.returncode == 0, printed.decode()


async def test_p15_staff_hear_at_once_over_the_second_channel_that_the_token_is_refused(
    operator: Operator,
) -> None:
    gateway = Gateway(SystemClock())
    beats: asyncio.Queue[str] = asyncio.Queue()

    async def beat(request: Request) -> PlainTextResponse:
        beats.put_nowait(request.url.path)
        return PlainTextResponse("OK")

    app = Starlette(routes=[Route("/{rest:path}", beat, methods=["POST"])])
    async with gateway.open() as address, listening(app) as url:
        operator.settings |= {
            "WITHOUT": "signed_protocol",
            "SECOND_CHANNEL_URLS": address,
            "HEARTBEAT_URL": f"{url}/beat",
            "LOG_FORMAT": "json",
        }
        told = asyncio.Event()
        gateway.on_change = told.set
        polls = first_poll(operator)
        bot = await operator.starts("run")
        await asyncio.wait_for(polls, WITHIN)
        assert await asyncio.wait_for(beats.get(), WITHIN) == "/beat"
        operator.world.bot = replace(operator.world.bot, token="4200000001:another-one-of-its-owner")
        operator.world.add_person("Wang").start()  # ends the long poll that still waits
        # At once: the watcher looks every thirty seconds, and would come too late.
        await asyncio.wait_for(told.wait(), 15)
        bot.send_signal(signal.SIGTERM)
        printed, _ = await asyncio.wait_for(bot.communicate(), WITHIN)
    assert "no longer accepts the bot's token" in gateway.texts[0]
    assert bot.returncode == 0
    assert all(json.loads(line)["message"] for line in printed.decode().splitlines())
