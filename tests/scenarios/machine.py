"""A machine on which the bot is started, stopped and started again: its files stay, as does Telegram."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bot.app import App, Wire
from bot.clock import PushedClock
from bot.domain.people import Role
from bot.sandbox.accounts import Event
from bot.sandbox.crew import joins
from bot.sandbox.person import Person
from bot.sandbox.server import serve
from bot.sandbox.setting import open_study
from bot.sandbox.world import World
from bot.services.operation import watching
from bot.services.participation import enrolment
from bot.services.participation.enrolment import EnrolRequest
from bot.services.trail import SYSTEM
from bot.study import Study

SECRET = "a pass phrase for tests"


@dataclass
class Machine:
    """A folder, a world and a clock that stands still until it is pushed."""

    folder: Path
    world: World
    clock: PushedClock
    api_url: str
    app: Any = None
    crowd: dict[str, Person] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "suifang.db"

    @property
    def database_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.database}"

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Study]:
        study = await open_study(self.database_url, SECRET, self.clock)
        try:
            yield study
        finally:
            await study.db.close()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[App]:
        """Start the bot, and take it down without a farewell."""
        wire = Wire(self.world.bot.token, self.api_url)
        async with self.opened() as study, App.connected(study, wire, Random(1)) as app:
            self.app = app
            yield app

    async def until(self, at: datetime) -> None:
        """Let the running bot live up to an instant."""
        await self.app.settle()
        # While sending is paused, what is due stays due.
        while not self.app.paused and (event := await self.app.next_event_at()) and event <= at:
            self.clock.set(event)
            await self.app.settle()
        self.clock.set(at)
        await self.app.settle()
        await watching.look(self.app.study)

    async def staff(self, name: str, role: Role = Role.COORDINATOR) -> Person:
        _, invitation = await enrolment.invite_staff(self.app.study, SYSTEM, name, role, "en")
        person = self.world.add_person(name, language_code="en")
        person.start(invitation.code)
        await self.app.settle()
        return person

    async def participant(self, code: str, day1_on: date) -> Person:
        """Somebody who has joined, reads English and has agreed."""
        signed_on = day1_on - timedelta(days=8)
        request = EnrolRequest(code, "NK010", 2.5e9, day1_on, signed_on, "en")
        enrolled = await enrolment.enrol(self.app.study, SYSTEM, request)
        invitation = await enrolment.invite(self.app.study, SYSTEM, enrolled)
        person = self.world.add_person(f"P{code}")
        for step in joins(person, invitation.code, "en"):
            step()
            await self.app.settle()
        self.crowd[code] = person
        return person


@contextlib.contextmanager
def counting(world: World) -> Any:
    """Count what rings on each phone meanwhile."""
    rung: dict[int, list[str]] = {}

    def heard(event: Event) -> None:
        if event.chat_id is None or event.kind != "message":
            return
        message = world.person(event.chat_id).message(event.data["message_id"])
        if message.from_bot:
            rung.setdefault(event.chat_id, []).append(message.text)

    world.listen(heard)
    yield rung


@contextlib.asynccontextmanager
async def machine(folder: Path, start: datetime) -> AsyncIterator[Machine]:
    """Put up a machine beside a local Bot API."""
    clock = PushedClock(start)
    world = World(clock)
    try:
        async with serve(world) as api_url:
            yield Machine(folder, world, clock, api_url)
    finally:
        await world.close()
