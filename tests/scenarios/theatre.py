"""Scripted people before the real bot: they act, time is pushed, and every message is written down.

The bot is the unmodified one, over HTTP, against the strict local Bot API.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bot.domain.people import Language, Participant, Role
from bot.sandbox.accounts import Event
from bot.sandbox.crew import Patient, joins
from bot.sandbox.person import Person
from bot.sandbox.rehearsal import Rehearsal, rehearsal
from bot.services.participation import enrolment
from bot.services.participation.enrolment import EnrolRequest
from bot.services.trail import SYSTEM
from bot.services.visits import infusions
from bot.storage import participants, staff

ZONE = ZoneInfo("Asia/Shanghai")
BETWEEN_TAPS = timedelta(seconds=4)


@dataclass
class Theatre:
    """The stage, who is on it, and what each phone has been sent: (local time, the text as sent)."""

    stage: Rehearsal
    sent: dict[int, list[tuple[datetime, str]]] = field(default_factory=dict)
    patients: dict[int, Patient] = field(default_factory=dict)
    rung: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.stage.world.listen(self._heard)

    def now(self) -> datetime:
        """Return the time on the site's wall."""
        return self.stage.clock.now().astimezone(ZONE)

    async def until(self, on: date, at: time) -> None:
        """Push the clock through every event up to a time on the wall; the patients answer on the way."""
        await self.stage.until(datetime.combine(on, at, ZONE), self._answered)
        await self._answered()

    def answers_by_itself(self, patient: Patient) -> None:
        """Let a patient answer from now on whatever their phone asks."""
        self.patients[patient.person.id] = patient

    async def _answered(self) -> None:
        while self.rung:
            now = self.stage.clock.now()
            ringing, self.rung = sorted(self.rung), set()
            acted = [self.patients[each].act(now) for each in ringing if each in self.patients]
            if any(acted):
                self.stage.clock.set(now + BETWEEN_TAPS)
                await self.stage.settle()

    async def enrol(self, code: str, day1_on: date, language: Language) -> Participant:
        """Enrol somebody at the site, the paper signed five days ago."""
        signed_on = self.now().date() - timedelta(days=5)
        request = EnrolRequest(code, "NK010", 2.5e9, day1_on, signed_on, language)
        return await enrolment.enrol(self.stage.study, SYSTEM, request)

    async def joins(self, name: str, enrolled: Participant, language: Language) -> Person:
        """Let somebody open their link, choose a language and agree."""
        invitation = await enrolment.invite(self.stage.study, SYSTEM, enrolled)
        person = self.stage.world.add_person(name)
        for step in joins(person, invitation.code, language):
            await self.does(step())
        return person

    async def agrees(self, person: Person, language: Language) -> None:
        """Let somebody who has opened their link choose a language and agree."""
        for step in joins(person, "", language)[1:]:
            await self.does(step())

    async def does(self, deed: object) -> None:
        """Let the bot deal with what somebody has just done."""
        await self.stage.settle()

    async def staff(
        self, name: str, role: Role, language: Literal["zh_CN", "en"], *, on_call: bool = False
    ) -> Person:
        """Let a member of staff join."""
        member, invitation = await enrolment.invite_staff(self.stage.study, SYSTEM, name, role, language)
        person = self.stage.world.add_person(name, language_code="en")
        person.start(invitation.code)
        async with self.stage.study.db.begin() as tx:
            await staff.set_on_call(tx, member.id, on_call)
        await self.stage.settle()
        return person

    async def infusion(self, code: str, visit: str, began_at: datetime, ended_at: datetime) -> None:
        """Record an infusion as the coordinator does."""
        async with self.stage.study.db.begin() as tx:
            participant = await participants.by_code(tx, code)
        assert participant is not None
        await infusions.record(self.stage.study, SYSTEM, participant, visit, began_at, ended_at)

    def letters(self, person: Person) -> list[tuple[datetime, str]]:
        """Return what the bot sent to a phone, each as it was sent, the oldest first."""
        return self.sent.get(person.id, [])

    def _heard(self, event: Event) -> None:
        if event.chat_id is None or event.kind not in ("message", "edited"):
            return
        self.rung.add(event.chat_id)
        if event.kind == "edited":
            return
        message = self.stage.world.person(event.chat_id).message(event.data["message_id"])
        if message.from_bot:
            self.sent.setdefault(event.chat_id, []).append((self.now(), message.text))


@asynccontextmanager
async def theatre(on: date, at: time = time(9), **more: Any) -> AsyncIterator[Theatre]:
    """Open the theatre at a time on the site's wall; `more` is what a rehearsal may be given."""
    async with rehearsal(datetime.combine(on, at, ZONE), strict=True, **more) as stage:
        yield Theatre(stage)
