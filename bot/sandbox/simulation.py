"""The whole trial without a page: people scripted, the same bot, the same local Bot API, a pushed clock."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random

from bot.domain.calendar import day_on, local_to_utc, month_on
from bot.domain.people import Language, Role
from bot.sandbox.accounts import Event
from bot.sandbox.crew import Caretaker, Fever, Patient, joins
from bot.sandbox.person import Person
from bot.sandbox.rehearsal import Rehearsal, rehearsal
from bot.sandbox.tally import Tally, tally
from bot.services.participation import enrolment
from bot.services.participation.enrolment import EnrolRequest
from bot.services.trail import SYSTEM
from bot.services.visits import infusions
from bot.storage import participants, staff

FIRST_DAY1 = date(2026, 12, 1)
DAYS_BETWEEN_PARTICIPANTS = 7
# More people than this join within the same weeks: what a crowd costs is seen where they are there at once.
ONE_A_WEEK_UP_TO = 18
# Everyone joins before the first reminder, which goes out three days before Day 1.
ENROLLED_DAYS_BEFORE, SIGNED_DAYS_BEFORE = 4, 10
WORKDAY_BEGINS = time(9)
INFUSION_TAKES = timedelta(hours=2)
ONE_IN_SO_MANY_HAS_A_FEVER = 4
BETWEEN_TAPS = timedelta(seconds=4)
LANGUAGES: tuple[Language, ...] = ("zh_CN", "en", "both")

Deed = tuple[datetime, Callable[[], Awaitable[None]]]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be played: how many people, for how many months after their Day 1, with which chances."""

    participants: int = 18
    months: int = 12
    seed: int = 1

    def day1_on(self, number: int) -> date:
        """Return the rituximab day of the participant with that number, counted from 0."""
        return FIRST_DAY1 + timedelta(days=joined_after_days(number, self.participants))

    def language(self, number: int) -> Language:
        """Return what the participant with that number reads."""
        return LANGUAGES[number % len(LANGUAGES)]


async def simulate(script: Script, progress: Progress) -> Tally:
    """Play the script and count what happened; `progress` is told each month as it begins."""
    begins_on = FIRST_DAY1 - timedelta(days=SIGNED_DAYS_BEFORE)
    async with rehearsal(datetime.combine(begins_on, WORKDAY_BEGINS, UTC), seed=script.seed) as stage:
        await Play(stage, script, progress).through()
        return await tally(stage.study)


class Play:
    """One run: the people, and whose phone has something new."""

    def __init__(self, stage: Rehearsal, script: Script, progress: Progress) -> None:
        self.stage, self.script, self.progress = stage, script, progress
        self.rng = Random(script.seed)
        self.crew: dict[int, Patient | Caretaker] = {}
        self.rung: set[int] = set()
        self.month = ""
        stage.world.listen(self._heard)

    async def through(self) -> None:
        """Play everything, from the first invitation to the end of the last follow-up."""
        await self.staff_joins("Coordinator", Role.COORDINATOR)
        await self.staff_joins("Investigator", Role.SUB_INVESTIGATOR, on_call=True)
        await self.staff_joins("Principal investigator", Role.PI)
        for at, do in sorted(self._deeds(), key=lambda deed: deed[0]):
            await self.stage.until(at, self._react)
            await do()
            await self._react()

    # --- what people do by themselves ----------------------------------------------

    def _deeds(self) -> Iterator[Deed]:
        last = self.script.participants - 1
        for number in range(self.script.participants):
            enrols_on = self.script.day1_on(number) - timedelta(days=ENROLLED_DAYS_BEFORE)
            yield self.at(enrols_on, WORKDAY_BEGINS), partial(self._enrols, number)
            for visit, on in self.infusions(number):
                began_at = self.at(on, WORKDAY_BEGINS)
                yield began_at + INFUSION_TAKES, partial(self.infusion, number, visit, began_at)
        ends_on = month_on(self.script.day1_on(last), self.script.months)
        yield self.at(ends_on, time(23, 59)), self._nothing

    async def _enrols(self, number: int) -> None:
        person = await self.enrols(number)
        day1_on = self.script.day1_on(number)
        self.crew[person.id] = Patient(person, Random(f"{self.script.seed}:{number}"), self._fever(day1_on))

    async def enrols(self, number: int, flags: frozenset[str] = frozenset()) -> Person:
        """Enrol the participant with that number, let them join, and return them."""
        day1_on, language = self.script.day1_on(number), self.script.language(number)
        arm = list(self.stage.study.protocol.arms.values())[number % 2]
        icf_on = day1_on - timedelta(days=SIGNED_DAYS_BEFORE)
        request = EnrolRequest(code_of(number), arm.id, arm.doses[0], day1_on, icf_on, language, flags=flags)
        enrolled = await enrolment.enrol(self.stage.study, SYSTEM, request)
        invitation = await enrolment.invite(self.stage.study, SYSTEM, enrolled)
        person = self.stage.world.add_person(f"Participant {request.code}")
        for act in joins(person, invitation.code, language):
            act()
            await self.stage.settle()
        return person

    def _fever(self, day1_on: date) -> Fever | None:
        if self.rng.randrange(ONE_IN_SO_MANY_HAS_A_FEVER):
            return None
        since = self.at(day_on(day1_on, self.rng.randint(4, 21)), time(self.rng.randint(0, 23)))
        return Fever(since, timedelta(hours=self.rng.randint(8, 36)), round(self.rng.uniform(38.0, 39.4), 1))

    async def staff_joins(self, name: str, role: Role, *, on_call: bool = False) -> Person:
        """Let a member of staff join, and return them."""
        study = self.stage.study
        member, invitation = await enrolment.invite_staff(study, SYSTEM, name, role, "en")
        person = self.stage.world.add_person(name, language_code="en")
        person.start(invitation.code)
        async with study.db.begin() as tx:
            await staff.set_on_call(tx, member.id, on_call)
        await self.stage.settle()
        self.crew[person.id] = Caretaker(person)
        return person

    def infusions(self, number: int) -> Iterator[tuple[str, date]]:
        """Yield the infusions of a participant, each with its planned day."""
        for visit in self.stage.study.protocol.visits.values():
            if visit.kind == "infusion" and visit.day is not None:
                yield visit.id, day_on(self.script.day1_on(number), visit.day)

    async def infusion(self, number: int, visit: str, began_at: datetime) -> None:
        """Record an infusion that ends now, as the site does."""
        study = self.stage.study
        async with study.db.begin() as tx:
            participant = await participants.by_code(tx, code_of(number))
        assert participant is not None
        await infusions.record(study, SYSTEM, participant, visit, began_at, self.stage.clock.now())

    async def _nothing(self) -> None:
        return None

    # --- what people do when their phone rings ----------------------------------------

    def _heard(self, event: Event) -> None:
        if event.kind in ("message", "edited") and event.chat_id in self.crew:
            self.rung.add(event.chat_id)

    async def _react(self) -> None:
        """Let everyone whose phone rang act, tap by tap, until all have put it down again."""
        self.tell_month()
        while self.rung:
            now = self.stage.clock.now()
            ringing, self.rung = sorted(self.rung), set()
            acted = [self.crew[each].act(now) for each in ringing]
            if any(acted):
                self.stage.clock.set(now + BETWEEN_TAPS)
                await self.stage.settle()

    def tell_month(self) -> None:
        """Tell the progress once a month."""
        month = f"{self.stage.clock.now():%Y-%m}"
        if month != self.month:
            self.month = month
            self.progress(month)

    def at(self, on: date, at: time) -> datetime:
        """Return the instant of a time on the site's wall."""
        return local_to_utc(on, at, self.stage.study.site.zone)


def joined_after_days(number: int, participants: int) -> int:
    """Return on which day a participant joins: one a week, and a crowd in the weeks that eighteen take."""
    return DAYS_BETWEEN_PARTICIPANTS * number * ONE_A_WEEK_UP_TO // max(participants, ONE_A_WEEK_UP_TO)


def code_of(number: int) -> str:
    """Return the code of the participant with that number, counted from 0."""
    return f"{number + 1:03d}"
