"""The first step of tasks about one participant: who; and what is known of them."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.domain import calendar, planning
from bot.domain.people import ENDED, Participant
from bot.domain.planning import Course, PlannedVisit
from bot.domain.protocol import Protocol
from bot.errors import BadInput
from bot.screens.wizard import Choice, Question, in_rows
from bot.services.facts import course_with_reminders
from bot.services.steps import Data, Taken
from bot.storage import participants
from bot.storage.db import Tx
from bot.study import Study
from bot.texts import say

MOST_BUTTONS = 60


@dataclass(frozen=True, slots=True)
class Facts:
    """Who is in the trial, and the one who was chosen, with their plan."""

    protocol: Protocol
    now: datetime
    people: tuple[Participant, ...]
    chosen: Participant | None = None
    course: Course | None = None
    # Which day Day 1 would be again, where the record of an infusion is undone.
    day1_undone: date | None = None

    @property
    def plan(self) -> tuple[PlannedVisit, ...]:
        """The visits of the chosen participant."""
        return planning.plan(self.course, self.protocol) if self.course else ()

    @property
    def zone(self) -> str:
        """The zone of the chosen participant; their code must be chosen."""
        return self.participant.zone

    @property
    def today(self) -> date:
        """The date where the chosen participant lives."""
        return calendar.to_local(self.now, self.zone).date()

    @property
    def participant(self) -> Participant:
        """The chosen participant; BadInput where nobody is, or who has left."""
        if self.chosen is None:
            raise BadInput("task.refused.nobody")
        return self.chosen

    def visit(self, visit_type: str) -> PlannedVisit:
        """Return a visit of the chosen participant; BadInput where there is none."""
        for visit in self.plan:
            if visit.id == visit_type:
                return visit
        raise BadInput("visits.refused.unknown")


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Load everyone who has not left, and the plan of the chosen one."""
    people = tuple(each for each in await participants.all_(tx) if each.status not in ENDED)
    chosen = next((each for each in people if each.id == data.get("participant")), None)
    course = await course_with_reminders(tx, chosen) if chosen else None
    return Facts(study.protocol, now, people, chosen, course)


def ask(facts: Facts, data: Data) -> Question:
    """Ask for the participant, by button or by typed code."""
    if not facts.people:
        return Question((say("task.nobody"),))
    chosen = data.get("participant")
    choices = [
        Choice(say("enrol.code", code=each.code), str(each.id), chosen=each.id == chosen)
        for each in facts.people[:MOST_BUTTONS]
    ]
    return Question((say("task.ask_participant"),), in_rows(choices, 4))


def pick(facts: Facts, data: Data, word: str) -> Taken:
    """Take the participant of a button."""
    found = next((each for each in facts.people if str(each.id) == word), None)
    if found is None:
        raise BadInput("task.refused.nobody")
    return _of(found)


def read(facts: Facts, data: Data, text: str) -> Taken:
    """Take a typed code."""
    found = next((each for each in facts.people if each.code == text.strip().zfill(3)), None)
    if found is None:
        raise BadInput("task.refused.code", code=text.strip()[:20])
    return _of(found)


def _of(participant: Participant) -> Taken:
    # What was chosen for somebody else is not theirs.
    return Taken({"participant": participant.id})
