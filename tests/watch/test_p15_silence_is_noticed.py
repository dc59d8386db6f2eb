"""P15: whatever silences the bot, somebody hears of it within 5 minutes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.sandbox.server import listening
from bot.watch.heartbeat import Heartbeat
from bot.watch.watcher import LOOK_SECONDS, PING_SECONDS
from tests.watch.conftest import Watch

MOST_SECONDS = 300


async def cut_off(watch: Watch) -> None:
    watch.beating = False


async def token_refused(watch: Watch) -> None:
    watch.poll_trouble = "unauthorized"


async def second_program(watch: Watch) -> None:
    watch.rival = (watch.clock.now() - timedelta(seconds=31), watch.clock.now())


async def disk_full(watch: Watch) -> None:
    async with watch.study.db.begin() as tx:
        await tx.execute(text("PRAGMA query_only = ON"))


async def pings_until(watch: Watch, heard: list[str], wanted: Callable[[], bool]) -> float:
    """Look and ping in the program's own rhythm; return the seconds until it is noticed."""
    passed = 0.0
    while not wanted():
        assert passed <= MOST_SECONDS, heard
        await watch.looks(after=LOOK_SECONDS)
        passed += LOOK_SECONDS
        if passed % PING_SECONDS == 0:
            await watch.watcher.ping()
    return passed


@pytest.mark.parametrize("fault", [cut_off, token_refused, second_program, disk_full])
async def test_p15_a_fault_is_told_outside_and_over_the_second_channel(watch, fault):
    """It fails when the watcher skips the look that the fault is found by."""
    heard: list[str] = []

    async def hear(request: Request) -> PlainTextResponse:
        heard.append(request.url.path)
        return PlainTextResponse("OK")

    async with listening(Starlette(routes=[Route("/{rest:path}", hear, methods=["POST"])])) as url:
        heartbeat = Heartbeat(f"{url}/beat")
        watch.start(heartbeat=heartbeat)
        await watch.looks()
        await watch.watcher.ping()
        assert heard == ["/beat"]
        await fault(watch)
        outside = await pings_until(watch, heard, lambda: "/beat/fail" in heard)
        if fault is disk_full:  # nothing can be queued: straight to the second channel
            await pings_until(watch, heard, lambda: bool(watch.said))
        else:
            assert await watch.queued("ops_second")
        await heartbeat.close()
    assert outside <= MOST_SECONDS
