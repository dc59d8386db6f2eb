"""The whole trial with the population: every phone rings, and whoever has it does as they would."""

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from functools import partial
from random import Random

from bot.domain.people import Role
from bot.sandbox.accounts import Event
from bot.sandbox.crew import joins
from bot.sandbox.population.course import Course
from bot.sandbox.population.habits import looks_at
from bot.sandbox.population.letters import complaint, picture, small_talk
from bot.sandbox.population.lives import Life
from bot.sandbox.population.resident import Resident
from bot.sandbox.population.site import Worker
from bot.sandbox.population.ward import Ward
from bot.sandbox.rehearsal import Rehearsal, rehearsal
from bot.sandbox.simulation import (
    ENROLLED_DAYS_BEFORE,
    FIRST_DAY1,
    INFUSION_TAKES,
    SIGNED_DAYS_BEFORE,
    WORKDAY_BEGINS,
    Progress,
    Script,
)
from bot.services.participation import caring
from bot.storage import participants

CARERS_CONSENT = "care_sensitive"
REPORTS_AFTER_HOURS = (0.3, 6.0)


@contextlib.asynccontextmanager
async def played(script: Script, progress: Progress) -> AsyncIterator["PopulationPlay"]:
    """Play the script with the population, and hand over the play, the bot still standing."""
    begins_on = FIRST_DAY1 - timedelta(days=SIGNED_DAYS_BEFORE)
    async with rehearsal(datetime.combine(begins_on, WORKDAY_BEGINS, UTC), seed=script.seed) as stage:
        play = PopulationPlay(stage, script, progress)
        await play.through()
        yield play


class PopulationPlay(Course):
    """One run: what befalls the participants, what they do unasked, and whose phone rings."""

    def __init__(self, stage: Rehearsal, script: Script, progress: Progress) -> None:
        super().__init__(stage, script, progress)
        self._ward = Ward(self)
        self._carers: dict[int, Resident] = {}

    async def through(self) -> None:
        """Play everything, from the staff's joining to the end of the last follow-up."""
        await self.begin()
        await self.run()

    async def begin(self) -> None:
        """Let the staff join, and foresee what befalls everybody."""
        employed = (
            await self.staff_joins("Coordinator", Role.COORDINATOR),
            await self.staff_joins("Investigator", Role.SUB_INVESTIGATOR, on_call=True),
            await self.staff_joins("Principal investigator", Role.PI),
        )
        self._ward.employ(
            Worker(person, Random(f"{self.script.seed}:staff:{n}")) for n, person in enumerate(employed)
        )
        for number in range(self.script.participants):
            self._foresee(number)

    def _foresee(self, number: int) -> None:
        """Put onto the heap what somebody will do, or what will happen to them, whatever the bot does."""
        enrols_on = self.script.day1_on(number) - timedelta(days=ENROLLED_DAYS_BEFORE)
        self.later(self.at(enrols_on, WORKDAY_BEGINS), partial(self._takes_part, number))
        for visit, on in self.infusions(number):
            began_at = self.at(on, WORKDAY_BEGINS)
            self.later(began_at + INFUSION_TAKES, partial(self.infusion, number, visit, began_at))
        life, rng = self.lives[number], Random(f"{self.script.seed}:{number}:days")
        for each in life.conditions:
            if each.gravity != "minor" and rng.random() < life.habits.reports:
                at = each.felt_at + timedelta(hours=rng.uniform(*REPORTS_AFTER_HOURS))
                self.later(at, partial(self._reports, number, each.kind))
        for n in range((self.ends_of(number) - self.at(self.script.day1_on(number), time(0))).days):
            if rng.random() < life.habits.writes:
                at = self.at(self.script.day1_on(number) + timedelta(days=n), time(rng.randint(8, 21)))
                self.later(at, partial(self._writes, number))
        if life.blocks_at is not None:
            self.later(life.blocks_at, partial(self._blocks, number))

    # --- participants ----------------------------------------------------------------------

    async def _takes_part(self, number: int) -> None:
        life = self.lives[number]
        person = await self.enrols(number, life.flags)
        resident = Resident(person, life, Random(f"{self.script.seed}:{number}:phone"))
        self.residents[person.id] = resident
        if life.character == "cared_for":
            await self._brings_a_carer(number, life)
        self._rings(person.id)

    async def _brings_a_carer(self, number: int, life: Life) -> None:
        study = self.stage.study
        async with study.db.begin() as tx:
            participant = await participants.by_code(tx, life.code)
        assert participant is not None
        invitation = await caring.invite(study, participant, "spouse")
        assert invitation is not None
        person = self.stage.world.add_person(f"Spouse of {life.code}")
        for step in joins(person, invitation.code, self.script.language(number), CARERS_CONSENT):
            step()
            await self.stage.settle()
        self._carers[person.id] = Resident(person, life, Random(f"{self.script.seed}:{number}:carer"))

    async def _reports(self, number: int, kind: str) -> None:
        """Let somebody who feels ill say so unasked, in their own words or by "Report now"."""
        resident, now = self.resident(number), self.now
        life = resident.life
        if life.is_in_hospital(now) or not any(
            each.kind == kind and each.is_felt(now) for each in life.conditions
        ):
            return
        if resident.person.account.blocked or "confused" in life.body(now).signs:
            return
        if life.character == "writer":
            resident.person.say(complaint(kind, self.script.language(number)))
        else:
            resident.person.command("report")
        await self.stage.settle()
        await self.session(resident)

    async def _writes(self, number: int) -> None:
        resident = self.resident(number)
        if resident.person.account.blocked or resident.life.is_in_hospital(self.now):
            return
        if resident.rng.random() < 0.25:
            resident.person.send_photo(picture())
        else:
            resident.person.say(small_talk(self.script.language(number), resident.rng))

    async def _blocks(self, number: int) -> None:
        self.resident(number).person.block()

    # --- phones ring -----------------------------------------------------------------------

    def _heard(self, event: Event) -> None:
        if event.kind != "message" or event.chat_id is None:
            return
        person = self.stage.world.person(event.chat_id)
        if not person.message(event.data["message_id"]).from_bot:
            return
        self._rings(event.chat_id)

    def _rings(self, chat_id: int) -> None:
        if chat_id in self.looking or self._ward.rings(chat_id):
            return
        resident = self.residents.get(chat_id) or self._carers.get(chat_id)
        if resident is None or resident.person.account.blocked:
            return
        ill = resident.life.truth(self.now) == "urgent"
        at = looks_at(resident.life.habits, self.now, self.local(self.now), resident.rng, ill=ill)
        if at is not None:
            self.looking.add(chat_id)
            self.later(at, partial(self.session, resident))
