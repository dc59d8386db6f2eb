"""The people of a long run: what they do, what reaches them, and what must have come of it."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from bot.domain import consent
from bot.domain.people import Participant, Role
from bot.sandbox.accounts import Event
from bot.sandbox.crew import Caretaker, Fever, Patient
from bot.sandbox.person import Person
from bot.sandbox.world import World
from bot.services.participation import consenting, enrolment, joining
from bot.services.participation.enrolment import EnrolRequest
from bot.services.trail import SYSTEM
from bot.storage import tables
from bot.study import Study
from tests.promises.announcer import Announcer
from tests.promises.reminded import Reminded

CANNOT_BREATHE = "我喘不上气了"
STAFF = (("Lin", Role.COORDINATOR), ("Zhao", Role.SUB_INVESTIGATOR), ("Chen", Role.PI))
_THUMB_SECONDS = 0.02


@dataclass
class Town:
    """Everybody in it; `fresh` have not yet done anything, and each of them raises one alarm."""

    world: World
    rng: Random
    reminded: Reminded
    fresh: list[tuple[Person, int]] = field(default_factory=list)
    writers: list[tuple[Person, int]] = field(default_factory=list)
    actors: dict[int, Patient | Caretaker | Announcer] = field(default_factory=dict)
    everybody: dict[int, int] = field(default_factory=dict)
    """Chat → participant: to all of them a broadcast goes."""
    alarmed: dict[int, str] = field(default_factory=dict)
    """Participant → how they raised their alarm."""
    said: Counter[tuple[int, str]] = field(default_factory=Counter)
    put: set[int] = field(default_factory=set)
    copies: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Messages that were carried out, by chat and text as sent."""
    announcer: Announcer = field(init=False)
    calls: Counter[str] = field(default_factory=Counter)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _n: int = 0

    def __post_init__(self) -> None:
        self.world.listen(self._heard)

    async def settle_in(self, study: Study, alarms: int, writers: int = 6, reminded: int = 0) -> None:
        """Let people have joined long ago; staff come last, so that they need not hear of each."""
        # Three digits are enough for a trial, and not for ten thousand alarms.
        enrolment.CODE_FORMAT = re.compile(r"\d{5}")
        kinds = (self.fresh, alarms), (self.writers, writers), (self.reminded.waiting, reminded)
        for kind in (kind for kind, count in kinds for _ in range(count)):
            person, participant = await self._participant(study, len(self.everybody))
            kind.append((person, participant.id))
            self.everybody[person.id] = participant.id
        # Most answer their reminder: nobody is sent a second copy of one that was answered.
        for person, _ in self.reminded.waiting[reminded // 4 :]:
            self.actors[person.id] = Patient(person, self.rng)
        for name, role in STAFF:
            _, invitation = await enrolment.invite_staff(study, SYSTEM, name, role, "en")
            person = self._newcomer(name)
            joined = await joining.redeem(study, person.id, invitation.code)
            assert isinstance(joined, joining.Joined)
            self.actors[person.id] = Caretaker(person)
            if role is Role.COORDINATOR:
                self.actors[person.id] = self.announcer = Announcer(person)
        async with study.db.begin() as tx:
            # Whoever writes broadcasts has a chat that fills as it is.
            on_call = tables.staff.c.role != Role.COORDINATOR.value
            await tx.execute(tables.staff.update().where(on_call).values(on_call=True))
            # They joined long ago: what there was to say about that was said then.
            about_it = tables.outbox.update().where(tables.outbox.c.state == "queued")
            await tx.execute(about_it.values(state="skipped", last_error="before the first death"))

    def _newcomer(self, name: str) -> Person:
        person = self.world.add_person(name)
        person.account.started = True
        person.save("started")
        return person

    async def _participant(self, study: Study, n: int) -> tuple[Person, Participant]:
        day1_on: date = study.clock.now().date() + timedelta(days=60)
        request = EnrolRequest(f"{n:05}", "NK010", 2.5e9, day1_on, study.clock.now().date(), "zh_CN")
        enrolled = await enrolment.enrol(study, SYSTEM, request)
        invitation = await enrolment.invite(study, SYSTEM, enrolled)
        person = self._newcomer(f"P{n}")
        joined = await joining.redeem(study, person.id, invitation.code)
        assert isinstance(joined, joining.Joined)
        assert isinstance(joined.person, Participant)
        known = joined.person
        for kind in consent.KINDS:
            known = (await consenting.decide(study, known, kind, consent.VERSION, agrees=True)).participant
        return person, known

    # --- what they do ---------------------------------------------------------

    def alarm(self) -> None:
        """Let somebody who was well until now be in danger: in their own words, or on the form."""
        if not self.fresh:
            return
        person, participant = self.fresh.pop()
        if len(self.alarmed) % 2 == 0:
            self.alarmed[participant] = "words"
            self.said[participant, CANNOT_BREATHE] += 1
            person.say(CANNOT_BREATHE)
            return
        self.alarmed[participant] = "form"
        ill = Fever(datetime(2000, 1, 1, tzinfo=UTC), timedelta(days=99_999), 39.6)
        self.actors[person.id] = Patient(person, self.rng, ill)
        person.command("report")

    def write(self) -> None:
        """Let somebody write something harmless."""
        person, participant = self.rng.choice(self.writers)
        self._n += 1
        self.said[participant, f"谢谢 {self._n}"] += 1
        person.say(f"谢谢 {self._n}")

    def look(self) -> None:
        """Let somebody look at their visits, of which nobody else hears."""
        person, _ = self.rng.choice(self.writers)
        person.command("visits")

    def _heard(self, event: Event) -> None:
        if event.kind == "update":
            self.put.add(event.data["update"]["update_id"])
        elif event.kind == "call":
            self._called(event.data["call"])
        elif event.kind in ("message", "edited") and event.chat_id in self.actors:
            task = asyncio.get_running_loop().create_task(self._act(self.actors[event.chat_id]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _act(self, actor: Patient | Caretaker | Announcer) -> None:
        await asyncio.sleep(_THUMB_SECONDS)
        actor.act(self.world.clock.now())

    def _called(self, call: Any) -> None:
        self.calls[call.method] += 1
        if call.ok and call.method == "sendMessage":
            self.copies[int(call.params["chat_id"]), call.params["text"]] += 1
            self.reminded.heard(call, self.world.clock.now())

    async def acted(self) -> None:
        """Wait until everybody has done what they are about to do."""
        await asyncio.gather(*self._tasks)

    @property
    def busy(self) -> bool:
        """Whether somebody is about to do something, or to be told of something."""
        acts = bool(self._tasks) or self.announcer.wanted is not None
        return acts or self.world.pending_updates() > 0 or self.reminded.is_due_later(self.world.clock.now())
