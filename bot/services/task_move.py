"""Moving a visit to another day, step by step, with the reminders that go along."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.domain import planning
from bot.domain.people import Action, StaffMember
from bot.domain.planning import Course, PlannedVisit, VisitFacts
from bot.domain.spelled import read_date
from bot.domain.timetable import Reminder, timetable
from bot.errors import BadInput
from bot.screens import infusion as screens
from bot.screens.wizard import Question
from bot.services import people, task_people, visits
from bot.services.steps import Data, Finished, Step, Taken, Task, no_words
from bot.services.task_people import Facts, load
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key

MOST_DAYS = 35
REASON_LENGTH = 200


def offered(facts: Facts) -> list[PlannedVisit]:
    """Return the visits that are still ahead, those that were missed and not settled too."""
    return [visit for visit in facts.plan if visit.is_ahead]


def _ask_visit(facts: Facts, data: Data) -> Question:
    return screens.move_visit(facts.participant.code, offered(facts), data.get("visit"))


def _pick_visit(facts: Facts, data: Data, word: str) -> Taken:
    if word not in {visit.id for visit in offered(facts)}:
        raise BadInput("visits.refused.over")
    return Taken({"participant": data["participant"], "visit": word})


def _days(facts: Facts, visit: PlannedVisit) -> list[date]:
    """Return the days of the window that are not past; around Day 1, which has none, the next two weeks."""
    first = max(visit.window.from_on, facts.today)
    last = visit.window.to_on
    if last <= first:
        last = max(last, facts.today) + timedelta(days=13)
    return [first + timedelta(days=n) for n in range(min((last - first).days + 1, MOST_DAYS))]


def _ask_day(facts: Facts, data: Data) -> Question:
    visit = facts.visit(data["visit"])
    return screens.move_day(
        visit, _days(facts, visit), date.fromisoformat(data["to"]) if data.get("to") else None
    )


def _pick_day(facts: Facts, data: Data, word: str) -> Taken:
    if word == screens.AS_BEFORE:
        return _to(facts, data, None)
    return _read_day(facts, data, word)


def _read_day(facts: Facts, data: Data, text: str) -> Taken:
    return _to(facts, data, read_date(text, facts.today))


def _to(facts: Facts, data: Data, on: date | None) -> Taken:
    visit = facts.visit(data["visit"])
    target = on or visit.planned_on
    if target < facts.today:
        raise BadInput("visits.refused.past")
    if target == visit.on:
        raise BadInput("move.refused_same")
    return Taken({**data, "to": on.isoformat() if on else None})


def _ask_reason(facts: Facts, data: Data) -> Question:
    return screens.move_reason(data.get("reason"))


def _pick_reason(facts: Facts, data: Data, word: str) -> Taken:
    if word not in screens.REASONS:
        raise BadInput("wizard.use_buttons")
    return Taken({**data, "reason": word})


def _read_reason(facts: Facts, data: Data, text: str) -> Taken:
    if len(text) > REASON_LENGTH:
        raise BadInput("wizard.too_long", most=REASON_LENGTH)
    return Taken({**data, "reason": text.strip()})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    before = facts.visit(data["visit"])
    course = course_after(facts, data)
    after = next(each for each in planning.plan(course, facts.protocol) if each.id == before.id)
    pairs = moving(facts, course, before.id)
    return screens.move_summary(facts.participant.code, before, after, pairs, data["reason"], facts.zone)


def course_after(facts: Facts, data: Data) -> Course:
    """Return the course as it would be; Day 1 takes every day with it."""
    if facts.course is None:
        raise BadInput("task.refused.nobody")
    visit = facts.visit(data["visit"])
    to_on = date.fromisoformat(data["to"]) if data["to"] else None
    to_time = visit.facts.moved_to_time if to_on else None
    changed = replace(visit.facts, moved_to_on=to_on, moved_to_time=to_time)
    others: tuple[VisitFacts, ...] = tuple(
        each for each in facts.course.visits if each.visit_type != visit.id
    )
    day1_on = to_on if to_on and visit.type.day == 1 else facts.course.day1_on
    return replace(facts.course, day1_on=day1_on, visits=(*others, changed))


def moving(facts: Facts, after: Course, visit: str) -> list[tuple[datetime | None, datetime | None]]:
    """Return when each reminder of a visit that is still to come was due, and when it will be."""
    if facts.course is None:
        return []
    old, new = (_reminders(facts, course, visit) for course in (facts.course, after))
    pairs = [(old.get(rule), new.get(rule)) for rule in facts.protocol.reminders]
    return [pair for pair in pairs if pair != (None, None)]


def _reminders(facts: Facts, course: Course, visit: str) -> dict[str, datetime]:
    ahead: list[Reminder] = [
        each
        for each in timetable(course, facts.protocol).reminders
        if each.visit == visit and each.due_at > facts.now
    ]
    return {each.rule: each.due_at for each in ahead}


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Move the visit; moving it there once more changes nothing for the participant."""
    data = draft.data
    async with study.db.begin() as tx:
        participant = await people.participant(tx, data["participant"])
        facts = await load(study, tx, data, study.clock.now())
    kept = facts.visit(data["visit"]).facts.moved_to_time
    to_on = date.fromisoformat(data["to"]) if data["to"] else None
    view = await visits.move(
        study, member.ref, participant, data["visit"], to_on, kept if to_on else None, data["reason"]
    )
    return Finished(screens.moved(participant.code, view.name, view.at, participant.zone))


TASK: Task[Facts] = Task(
    "move",
    key("task.move"),
    Action.MOVE_VISIT,
    (
        Step("participant", task_people.ask, task_people.pick, task_people.read),
        Step("visit", _ask_visit, _pick_visit, no_words),
        Step("day", _ask_day, _pick_day, _read_day),
        Step("reason", _ask_reason, _pick_reason, _read_reason),
        Step("confirm", _ask_confirm),
    ),
    load,
    finish,
)
