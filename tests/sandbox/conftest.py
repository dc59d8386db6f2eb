"""A world with a still clock, served on loopback, and the two ways to call it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.clock import PushedClock
from bot.sandbox.person import Person
from bot.sandbox.server import serve
from bot.sandbox.world import World

Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def clock() -> PushedClock:
    return PushedClock(datetime(2026, 12, 1, 0, 0, tzinfo=UTC))


@pytest.fixture
async def world(clock: PushedClock) -> AsyncIterator[World]:
    world = World(clock, strict_answers=True)
    yield world
    await world.close()


@pytest.fixture
def wang(world: World) -> Person:
    """Somebody who has pressed Start, so that the bot may write."""
    person = world.add_person("王", phone="+8613900000000")
    person.start()
    world.updates.forget_all()
    return person


@pytest.fixture
async def base_url(world: World) -> AsyncIterator[str]:
    async with serve(world) as url:
        yield url


@pytest.fixture
async def bot(world: World, base_url: str) -> AsyncIterator[ExtBot[None]]:
    # Without certificates, whose loading takes longer than most tests.
    requests = [HTTPXRequest(httpx_kwargs={"verify": False, "trust_env": False}) for _ in range(2)]
    async with ExtBot(
        world.bot.token,
        base_url=f"{base_url}/bot",
        base_file_url=f"{base_url}/file/bot",
        request=requests[0],
        get_updates_request=requests[1],
    ) as client:
        yield client


@pytest.fixture
async def ask(world: World, base_url: str) -> AsyncIterator[Ask]:
    """Call a method with JSON and return the whole answer, refusals too."""
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:

        async def call(method: str, **params: Any) -> dict[str, Any]:
            answer = await client.post(f"{base_url}/bot{world.bot.token}/{method}", json=params)
            body: dict[str, Any] = answer.json()
            assert body["ok"] == (answer.status_code == 200)
            assert body["ok"] or body["error_code"] == answer.status_code
            return body

        yield call
