"""The whole bot before the local Bot API: people tap and type, the bot answers over HTTP."""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.app import App, Wire
from bot.clock import PushedClock
from bot.domain.people import Language, Participant, Role
from bot.sandbox.crew import joins
from bot.sandbox.person import Person
from bot.sandbox.plainclient import PlainRequest
from bot.sandbox.server import serve
from bot.sandbox.setting import open_study
from bot.sandbox.shown import Shown
from bot.sandbox.world import World
from bot.services.participation import enrolment
from bot.services.participation.enrolment import EnrolRequest
from bot.services.participation.invitations import Invitation
from bot.services.people import who
from bot.services.trail import SYSTEM
from bot.services.visits import visits
from bot.services.visits.days import proposals_for
from bot.storage import participants

READS: dict[str, Language] = {"中文": "zh_CN", "English": "en", "中文 + English": "both"}
START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)


@dataclass
class Stage:
    """The bot and its people; `act` lets the bot finish before anybody looks."""

    app: App
    world: World
    clock: PushedClock

    async def act(self, deed: Any = None) -> None:
        """Let the bot deal with what was just done."""
        await self.app.settle()

    async def enrol(self, **changed: Any) -> Invitation:
        usual: dict[str, Any] = {
            "code": "001",
            "arm": "NK010",
            "dose": 2.5e9,
            "day1_on": date(2026, 12, 4),
            "icf_on": date(2026, 11, 20),
        }
        enrolled = await enrolment.enrol(self.app.study, SYSTEM, EnrolRequest(**(usual | changed)))
        await self._decide_on_days_off(enrolled)
        return await enrolment.invite(self.app.study, SYSTEM, enrolled)

    async def _decide_on_days_off(self, enrolled: Participant) -> None:
        """Move what falls on a day off, so that no list of proposals comes between the messages of a test."""
        study = self.app.study
        async with study.db.begin() as tx:
            proposed = await proposals_for(study, tx, enrolled, study.clock.now())
        for each in proposed:
            await visits.move(study, SYSTEM, enrolled, each.visit.id, each.to_on, None, "day off")

    async def invite_again(self, code: str) -> Invitation:
        async with self.app.study.db.begin() as tx:
            known = await participants.by_code(tx, code)
        assert known is not None
        return await enrolment.invite(self.app.study, SYSTEM, known)

    async def coordinator(self, name: str = "Lin", role: Role = Role.COORDINATOR) -> Person:
        _, invitation = await enrolment.invite_staff(self.app.study, SYSTEM, name, role, "en")
        person = self.world.add_person(name, language_code="en")
        await self.act(person.start(invitation.code))
        return person

    async def participant(self, language: str = "中文", name: str = "王", **changed: Any) -> Person:
        """Somebody who has joined, chosen a language, agreed, and looks at their visits."""
        invitation = await self.enrol(**changed)
        person = self.world.add_person(name)
        for step in joins(person, invitation.code, READS[language]):
            await self.act(step())
        await self.act(person.command("visits"))
        return person

    async def row(self, person: Person) -> Participant:
        found = await who(self.app.study, person.id)
        assert isinstance(found, Participant)
        return found


def labels(message: Shown) -> list[str]:
    return [button.label for row in message.buttons for button in row]


def keys(person: Person) -> list[str]:
    return [key["text"] for row in person.reply_keyboard for key in row]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    clock = PushedClock(START)
    study = await open_study("sqlite+aiosqlite://", "a pass phrase for tests", clock)
    world = World(clock, strict_answers=True)
    try:
        async with (
            serve(world) as url,
            App.connected(study, Wire(world.bot.token, url, requests=PlainRequest), random.Random(1)) as app,
        ):
            yield Stage(app, world, clock)
    finally:
        await world.close()
        await study.db.close()
