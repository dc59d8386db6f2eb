"""Telegram, and its people, in a process of their own: what they cost is not the bot's."""

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from random import Random
from typing import Any

from bot.app import Wire
from bot.clock import SystemClock
from bot.sandbox.accounts import Event
from bot.sandbox.crew import Fever, Patient
from bot.sandbox.limits import Limits
from bot.sandbox.server import serve
from bot.sandbox.world import World

FIRST_PERSON = 5_000_001


@dataclass(frozen=True, slots=True)
class Plan:
    """What is served: how many people, how slow and how strict; None lifts a limit."""

    people: int
    per_second: int | None = 30
    chat_per_second: float | None = 1.0
    delay: float = 0.0
    think: float = 0.0
    """Seconds that a person takes before each tap, and over which a crowd spreads."""


class Far:
    """The other process as this one sees it; times are seconds of the machine's monotonic clock."""

    def __init__(self, connection: Connection, url: str, token: str) -> None:
        self._connection, self.url, self.token = connection, url, token

    @property
    def wire(self) -> Wire:
        """How a bot of ours reaches it."""
        return Wire(self.token, self.url)

    async def ask(self, what: str, *values: Any) -> Any:
        """Let the other process do something, and return what it answers."""
        self._connection.send((what, *values))
        return await asyncio.get_running_loop().run_in_executor(None, self._connection.recv)


@asynccontextmanager
async def far(plan: Plan) -> AsyncIterator[Far]:
    """Serve a world in another process."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_main, args=(there, plan), daemon=True)
    process.start()
    loop = asyncio.get_running_loop()
    try:
        url, token = await loop.run_in_executor(None, here.recv)
        yield Far(here, url, token)
    finally:
        here.send(None)
        await loop.run_in_executor(None, process.join)


def _main(connection: Connection, plan: Plan) -> None:
    asyncio.run(_Stage(connection, plan).run())


class _Stage:
    """The far side: the world, its people, and a log of what went over the wire when."""

    def __init__(self, connection: Connection, plan: Plan) -> None:
        self.connection, self.plan = connection, plan
        self.world = World(SystemClock(), limits=Limits(plan.per_second, plan.chat_per_second, 3, None))
        self.people = [self.world.add_person(f"P{n}", language_code="en") for n in range(plan.people)]
        for person in self.people:
            person.account.started = True
        self.calls: list[tuple[float, str, Any, bool, str]] = []
        self.updates: list[tuple[float, int, str]] = []
        self.patients: dict[int, Patient] = {}

    async def run(self) -> None:
        if self.plan.delay:
            self.world.faults.add(kind="delay", seconds=self.plan.delay, times=None)
        self.world.listen(self._heard)
        loop = asyncio.get_running_loop()
        async with serve(self.world) as url:
            self.connection.send((url, self.world.bot.token))
            while command := await loop.run_in_executor(None, self.connection.recv):
                what, *values = command
                self.connection.send(getattr(self, what)(*values))

    def _heard(self, event: Event) -> None:
        if event.kind == "call":
            call = event.data["call"]
            line = (call.method, call.params.get("chat_id"), call.ok, str(call.params.get("text", "")))
            self.calls.append((time.monotonic(), *line))
        elif event.kind == "update":
            update = event.data["update"]
            content = update.get("message") or update.get("callback_query") or {}
            person, words = content.get("from", {}).get("id", 0), content.get("text", "")
            self.updates.append((time.monotonic(), person, words))
        elif event.kind in ("message", "edited") and event.chat_id in self.patients:
            asyncio.get_running_loop().call_later(self.plan.think, self._act, event.chat_id)

    def _act(self, chat_id: int) -> None:
        self.patients[chat_id].act(self.world.clock.now())

    # --- what the near side asks for -----------------------------------------------

    def everyone_says(self, texts: list[str]) -> None:
        """Let all write these, one text of each in turn, all at once."""
        loop = asyncio.get_running_loop()
        for text in texts:
            for n, person in enumerate(self.people):
                loop.call_later(self.plan.think * n / len(self.people), person.say, text)

    def answering(self, numbers: list[int], celsius: float | None = None) -> None:
        """Let these tap what they are asked from now on; with a temperature they have that fever."""
        now = self.world.clock.now()
        fever = None if celsius is None else Fever(now - timedelta(days=1), timedelta(days=9), celsius)
        for number in numbers:
            person = self.people[number]
            self.patients[person.id] = Patient(person, Random(number), fever)

    def say(self, number: int, text: str) -> None:
        """Let one write something."""
        self.people[number].say(text)

    def refuse_one(self, seconds: int) -> None:
        """Answer the next message with a 429."""
        self.world.faults.add(kind="429", method="sendMessage", retry_after=seconds)

    def log(self) -> tuple[list[tuple[float, str, Any, bool, str]], list[tuple[float, int, str]]]:
        """Return the calls (when, method, chat, ok, text) and the updates (when, from whom, text) so far."""
        return self.calls, self.updates

    def count(self) -> tuple[int, int]:
        """Return how many calls and how many updates there were."""
        return len(self.calls), len(self.updates)
