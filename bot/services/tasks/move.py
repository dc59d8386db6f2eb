"""Moving a visit to another day and time, step by step, with what goes along shown first."""

from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time

from bot.domain import calendar, planning, proposals
from bot.domain.effects import effects
from bot.domain.people import Action, StaffMember
from bot.domain.planning import Course, PlannedVisit, VisitFacts
from bot.domain.proposals import Proposal
from bot.domain.spelled import read_date, read_time
from bot.domain.workdays import Workdays
from bot.errors import BadInput
from bot.screens import move as screens
from bot.screens.wizard import Question
from bot.services import people
from bot.services.steps import Data, Finished, Step, Taken, Task, no_words
from bot.services.tasks import whom
from bot.services.visits import visits
from bot.services.visits.changes import checked_words
from bot.services.visits.days import days_for, workdays_of
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key


@dataclass(frozen=True, slots=True)
class Facts(whom.Facts):
    """Who was chosen and their plan, with the working days of the site."""

    workdays: Workdays = field(default_factory=Workdays)

    def proposed(self) -> dict[str, Proposal]:
        """Return what is proposed for visits on days off, by visit."""
        return {each.visit.id: each for each in proposals.proposals(self.plan, self.workdays, self.today)}


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Load what the first step has loaded, and the working days."""
    known = await whom.load(study, tx, data, now)
    values = {each.name: getattr(known, each.name) for each in fields(known)}
    return Facts(**values, workdays=workdays_of(study, now))


def offered(facts: Facts) -> list[PlannedVisit]:
    """Return the visits that are ahead, those whose day passed without a record, and held infusions."""
    return [visit for visit in facts.plan if visit.is_ahead or visit.status == "held"]


def _ask_visit(facts: Facts, data: Data) -> Question:
    return screens.move_visit(facts.participant.code, offered(facts), data.get("visit"), facts.proposed())


def _pick_visit(facts: Facts, data: Data, word: str) -> Taken:
    if word not in {visit.id for visit in offered(facts)}:
        raise BadInput("visits.refused.over")
    return Taken({"participant": data["participant"], "visit": word})


def _ask_day(facts: Facts, data: Data) -> Question:
    visit = facts.visit(data["visit"])
    days = days_for(visit, facts.workdays, facts.today)
    proposed = facts.proposed().get(visit.id)
    years = sorted({each.on.year for each in days if not each.is_announced})
    chosen = date.fromisoformat(data["to"]) if data.get("to") else None
    return screens.move_day(visit, days, chosen, proposed.to_on if proposed else None, years)


def _pick_day(facts: Facts, data: Data, word: str) -> Taken:
    if word == screens.AS_BEFORE:
        return _to(facts, data, None)
    return _read_day(facts, data, word)


def _read_day(facts: Facts, data: Data, text: str) -> Taken:
    return _to(facts, data, read_date(text, facts.today))


def _to(facts: Facts, data: Data, on: date | None) -> Taken:
    visit = facts.visit(data["visit"])
    if (on or visit.planned_on) < facts.today:
        raise BadInput("visits.refused.past")
    kept = {name: data[name] for name in ("participant", "visit", "reason") if name in data}
    return Taken({**kept, "to": on.isoformat() if on else None})


def _ask_time(facts: Facts, data: Data) -> Question:
    chosen = time.fromisoformat(data["at"]) if data.get("at") else None
    return screens.move_time(facts.visit(data["visit"]), chosen)


def _pick_time(facts: Facts, data: Data, word: str) -> Taken:
    if word == screens.AS_NOW:
        return _at(facts, data, facts.visit(data["visit"]).at)
    if word not in {f"{each:%H%M}" for each in screens.TIMES}:
        raise BadInput("wizard.no_time")
    return _at(facts, data, time(int(word[:2]), int(word[2:])))


def _read_time(facts: Facts, data: Data, text: str) -> Taken:
    return _at(facts, data, read_time(text))


def _at(facts: Facts, data: Data, at: time) -> Taken:
    visit = facts.visit(data["visit"])
    on = date.fromisoformat(data["to"]) if data["to"] else visit.planned_on
    if (on, at) == (visit.on, visit.at) and visit.status == "planned":
        raise BadInput("move.refused_same")
    if calendar.local_to_utc(on, at, facts.zone) < facts.now:
        raise BadInput("visits.refused.past_time")
    return Taken({**data, "at": at.isoformat()})


def _moves_time(data: Data) -> bool:
    # Back to the plan is back to its time, too.
    return data.get("to", "") is not None


def _ask_reason(facts: Facts, data: Data) -> Question:
    return screens.move_reason(data.get("reason"), outside=not _after(facts, data).in_window)


def _pick_reason(facts: Facts, data: Data, word: str) -> Taken:
    if word not in screens.REASONS:
        raise BadInput("wizard.use_buttons")
    return Taken({**data, "reason": word})


def _read_reason(facts: Facts, data: Data, text: str) -> Taken:
    return Taken({**data, "reason": checked_words(text, "visits.refused.reason")})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    before = facts.visit(data["visit"])
    if facts.course is None:
        raise BadInput("task.refused.nobody")
    found = effects(facts.course, course_after(facts, data), facts.protocol, before.id, facts.now)
    after = _after(facts, data)
    return screens.move_summary(facts.participant.code, before, after, found, data["reason"], facts.zone)


def _after(facts: Facts, data: Data) -> PlannedVisit:
    course = course_after(facts, data)
    return next(each for each in planning.plan(course, facts.protocol) if each.id == data["visit"])


def course_after(facts: Facts, data: Data) -> Course:
    """Return the course as it would be; Day 1 takes every day with it."""
    if facts.course is None:
        raise BadInput("task.refused.nobody")
    visit = facts.visit(data["visit"])
    to_on, to_time = _chosen(data)
    changed = replace(visit.facts, moved_to_on=to_on, moved_to_time=to_time, status="planned")
    others: tuple[VisitFacts, ...] = tuple(
        each for each in facts.course.visits if each.visit_type != visit.id
    )
    day1_on = to_on if to_on and visit.type.day == 1 else facts.course.day1_on
    return replace(facts.course, day1_on=day1_on, visits=(*others, changed))


def _chosen(data: Data) -> tuple[date | None, time | None]:
    to_on = date.fromisoformat(data["to"]) if data["to"] else None
    return to_on, time.fromisoformat(data["at"]) if to_on and data.get("at") else None


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Move the visit; moving it there once more changes nothing for the participant."""
    data = draft.data
    async with study.db.begin() as tx:
        participant = await people.participant(tx, data["participant"])
    view = await visits.move(study, member.ref, participant, data["visit"], *_chosen(data), data["reason"])
    return Finished(screens.moved(participant.code, view.name, view.at, participant.zone))


TASK: Task[Facts] = Task(
    "move",
    key("task.move"),
    Action.MOVE_VISIT,
    (
        Step("participant", whom.ask, whom.pick, whom.read),
        Step("visit", _ask_visit, _pick_visit, no_words),
        Step("day", _ask_day, _pick_day, _read_day),
        Step("time", _ask_time, _pick_time, _read_time, applies=_moves_time),
        Step("reason", _ask_reason, _pick_reason, _read_reason),
        Step("confirm", _ask_confirm),
    ),
    load,
    finish,
)
