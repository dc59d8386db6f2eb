"""What really happened at an infusion, step by step: given, held, delayed, corrected or undone."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.domain import calendar
from bot.domain.effects import Effects, effects
from bot.domain.people import Action, Participant, StaffMember
from bot.domain.planning import Course, PlannedVisit, VisitFacts
from bot.domain.spelled import read_date, read_moment
from bot.errors import BadInput
from bot.screens import infusion as screens
from bot.screens.infusion import Deed
from bot.screens.wizard import Question
from bot.services import people
from bot.services.steps import Data, Finished, Step, Taken, Task, no_words
from bot.services.tasks import whom
from bot.services.tasks.whom import Facts, load
from bot.services.visits import infusions, visits
from bot.services.visits.changes import checked_words
from bot.services.visits.infusions import Given
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key


async def _load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    facts = await load(study, tx, data, now)
    if facts.chosen is None or "visit" not in data:
        return facts
    return replace(facts, day1_undone=await infusions.day1_undone(tx, facts.chosen, data["visit"]))


def offered(facts: Facts) -> list[PlannedVisit]:
    """Return the infusions that may be recorded, up to the next one ahead; an old record is corrected."""
    known = [visit for visit in facts.plan if visit.type.product is not None]
    begun = [visit for visit in known if visit.on <= facts.today or visit.status == "held"]
    return begun + [visit for visit in known if visit not in begun][:1]


def _ask_visit(facts: Facts, data: Data) -> Question:
    return screens.visit(facts.participant.code, offered(facts), data.get("visit"), facts.zone)


def _pick_visit(facts: Facts, data: Data, word: str) -> Taken:
    if word not in {visit.id for visit in offered(facts)}:
        raise BadInput("visits.refused.no_infusion")
    return Taken({"participant": data["participant"], "visit": word})


def _ask_end(facts: Facts, data: Data) -> Question:
    return screens.end(facts.visit(data["visit"]), _instant(data, "ended"), facts.zone)


def _pick_end(facts: Facts, data: Data, word: str) -> Taken:
    visit = facts.visit(data["visit"])
    base = {"participant": data["participant"], "visit": visit.id}
    if word in screens.deeds(visit):
        return Taken({**base, "deed": word})
    if not word.isdigit() or int(word) not in screens.MINUTES_AGO:
        raise BadInput("wizard.no_time")
    return _ended(facts, base, _minute(facts.now - timedelta(minutes=int(word))))


def _read_end(facts: Facts, data: Data, text: str) -> Taken:
    base = {"participant": data["participant"], "visit": data["visit"]}
    return _ended(facts, base, read_moment(text, facts.now, facts.zone))


def _ended(facts: Facts, base: Data, ended_at: datetime) -> Taken:
    if ended_at > facts.now:
        raise BadInput("visits.refused.future")
    visit = facts.visit(base["visit"])
    data = {**base, "deed": "given", "ended": ended_at.isoformat()}
    on = calendar.to_local(ended_at, facts.zone).date()
    if visit.facts.ended_at is not None:
        data["why"] = "correction"
    elif not visit.on <= on <= visit.on + timedelta(days=1):
        data["why"] = "other_day"
    return Taken(data)


def _is_given(data: Data) -> bool:
    return data.get("deed") == "given"


def _ask_start(facts: Facts, data: Data) -> Question:
    visit, ended_at = facts.visit(data["visit"]), datetime.fromisoformat(data["ended"])
    return screens.start(visit, ended_at, _instant(data, "started"), facts.zone)


def _pick_start(facts: Facts, data: Data, word: str) -> Taken:
    ended_at = datetime.fromisoformat(data["ended"])
    if word == screens.AS_PLANNED:
        return _started(data, facts.visit(data["visit"]).starts_at)
    if not word.isdigit() or int(word) not in screens.HOURS_BEFORE:
        raise BadInput("wizard.no_time")
    return _started(data, ended_at - timedelta(hours=int(word)))


def _read_start(facts: Facts, data: Data, text: str) -> Taken:
    # A time alone is of the day on which the infusion ended.
    return _started(data, read_moment(text, datetime.fromisoformat(data["ended"]), facts.zone))


def _started(data: Data, started_at: datetime) -> Taken:
    ended_at = datetime.fromisoformat(data["ended"])
    if not started_at < ended_at <= started_at + infusions.LONGEST_INFUSION:
        raise BadInput("visits.refused.times")
    return Taken({**data, "started": started_at.isoformat()})


def _ask_given(facts: Facts, data: Data) -> Question:
    return screens.given(data.get("given"))


def _pick_given(facts: Facts, data: Data, word: str) -> Taken:
    if word not in screens.GIVEN:
        raise BadInput("wizard.use_buttons")
    return Taken({**data, "given": word})


def _needs_note(data: Data) -> bool:
    return _is_given(data) and data.get("given", screens.PLAIN) != screens.PLAIN


def _ask_note(facts: Facts, data: Data) -> Question:
    return screens.note()


def _pick_note(facts: Facts, data: Data, word: str) -> Taken:
    return Taken({**data, "note": ""})


def _read_note(facts: Facts, data: Data, text: str) -> Taken:
    return Taken({**data, "note": checked_words(text, "wizard.type_it")})


def _is_delayed(data: Data) -> bool:
    return data.get("deed") == "delay"


def _ask_day(facts: Facts, data: Data) -> Question:
    return screens.delay_to(facts.visit(data["visit"]), facts.today)


def _read_day(facts: Facts, data: Data, text: str) -> Taken:
    on = read_date(text, facts.today)
    if on < facts.today:
        raise BadInput("visits.refused.past")
    if on == facts.visit(data["visit"]).on and facts.visit(data["visit"]).status != "held":
        raise BadInput("move.refused_same")
    return Taken({**data, "to": on.isoformat()})


def _needs_reason(data: Data) -> bool:
    return "why" in data or data.get("deed") in ("hold", "delay", "undo")


def _ask_reason(facts: Facts, data: Data) -> Question:
    return screens.reason(data.get("why") or data["deed"])


def _pick_reason(facts: Facts, data: Data, word: str) -> Taken:
    if word not in screens.HOLD_REASONS:
        raise BadInput("wizard.use_buttons")
    return Taken({**data, "reason": word})


def _read_reason(facts: Facts, data: Data, text: str) -> Taken:
    return Taken({**data, "reason": checked_words(text, "visits.refused.reason")})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    visit = facts.visit(data["visit"])
    return screens.summary(facts.participant.code, visit, deed_of(data), _effects(facts, data), facts.zone)


def deed_of(data: Data) -> Deed:
    """Return what was chosen so far, as the summary shows it."""
    given = screens.GIVEN.get(data.get("given", screens.PLAIN))
    to_on = date.fromisoformat(data["to"]) if "to" in data else None
    return Deed(
        data["deed"],
        _instant(data, "started"),
        _instant(data, "ended"),
        given,
        data.get("note", ""),
        to_on,
        data.get("reason", ""),
    )


def _effects(facts: Facts, data: Data) -> Effects:
    if facts.course is None:
        raise BadInput("task.refused.nobody")
    after = course_after(facts.course, facts.visit(data["visit"]), deed_of(data), facts.day1_undone)
    return effects(facts.course, after, facts.protocol, data["visit"], facts.now)


def course_after(course: Course, visit: PlannedVisit, deed: Deed, day1_undone: date | None = None) -> Course:
    """Return the course as it would be; Day 1 takes every day with it, there and back."""
    old, day1_on = visit.facts, course.day1_on
    changed = VisitFacts(old.visit_type, old.moved_to_on, old.moved_to_time, old.attendance)
    if deed.what == "given" and deed.started_at is not None:
        changed = replace(changed, started_at=deed.started_at, ended_at=deed.ended_at, status="done")
        day1_on = calendar.to_local(deed.started_at, course.zone).date()
    elif deed.what == "hold":
        changed = replace(changed, status="held")
    elif deed.what == "delay" and deed.to_on is not None:
        changed = replace(changed, moved_to_on=deed.to_on)
        day1_on = deed.to_on
    elif deed.what == "undo":
        day1_on = day1_undone or day1_on
    others = tuple(each for each in course.visits if each.visit_type != visit.id)
    return replace(
        course, day1_on=day1_on if visit.type.day == 1 else course.day1_on, visits=(*others, changed)
    )


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def _instant(data: Data, name: str) -> datetime | None:
    return datetime.fromisoformat(data[name]) if name in data else None


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Do what was chosen; doing the same once more changes nothing."""
    data = draft.data
    async with study.db.begin() as tx:
        participant = await people.participant(tx, data["participant"])
    deed = deed_of(data)
    await _do(study, member, participant, data["visit"], deed)
    return Finished(
        screens.recorded(participant.code, study.protocol.visits[data["visit"]].name, deed, participant.zone)
    )


async def _do(study: Study, member: StaffMember, participant: Participant, visit: str, deed: Deed) -> None:
    who = (study, member.ref, participant, visit)
    if deed.what == "hold":
        await infusions.hold(*who, deed.reason)
    elif deed.what == "undo":
        await infusions.undo(*who, deed.reason)
    elif deed.what == "delay":
        await visits.move(*who, deed.to_on, None, deed.reason)
    elif deed.started_at is not None and deed.ended_at is not None and deed.given is not None:
        given = Given(deed.given.dose, deed.given.reaction, deed.note)
        await infusions.record(*who, deed.started_at, deed.ended_at, given, deed.reason)


TASK: Task[Facts] = Task(
    "infusion",
    key("task.infusion"),
    Action.RECORD_INFUSION,
    (
        Step("participant", whom.ask, whom.pick, whom.read),
        Step("visit", _ask_visit, _pick_visit, no_words),
        Step("end", _ask_end, _pick_end, _read_end),
        Step("start", _ask_start, _pick_start, _read_start, applies=_is_given),
        Step("given", _ask_given, _pick_given, no_words, applies=_is_given),
        Step("note", _ask_note, _pick_note, _read_note, applies=_needs_note),
        Step("day", _ask_day, _read_day, _read_day, applies=_is_delayed),
        Step("reason", _ask_reason, _pick_reason, _read_reason, applies=_needs_reason),
        Step("confirm", _ask_confirm),
    ),
    _load,
    finish,
)
