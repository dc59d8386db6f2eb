"""Recording when an infusion really began and ended, step by step."""

from datetime import datetime, timedelta

from bot.domain.people import Action, StaffMember
from bot.domain.planning import PlannedVisit
from bot.domain.spelled import read_moment
from bot.errors import BadInput
from bot.screens import infusion as screens
from bot.screens.wizard import Question
from bot.services import infusions, people, task_people
from bot.services.steps import Data, Finished, Step, Taken, Task, no_words
from bot.services.task_people import Facts, load
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key


def offered(facts: Facts) -> list[PlannedVisit]:
    """Return the infusions that may be recorded, up to the next one ahead; an old record is corrected."""
    infusions = [visit for visit in facts.plan if visit.type.product is not None and visit.takes_place]
    begun = [visit for visit in infusions if visit.on <= facts.today]
    return begun + [visit for visit in infusions if visit.on > facts.today][:1]


def _ask_visit(facts: Facts, data: Data) -> Question:
    return screens.visit(facts.participant.code, offered(facts), data.get("visit"), facts.zone)


def _pick_visit(facts: Facts, data: Data, word: str) -> Taken:
    if word not in {visit.id for visit in offered(facts)}:
        raise BadInput("visits.refused.no_infusion")
    return Taken({"participant": data["participant"], "visit": word})


def _ask_end(facts: Facts, data: Data) -> Question:
    return screens.end(facts.visit(data["visit"]), _instant(data, "ended"), facts.zone)


def _pick_end(facts: Facts, data: Data, word: str) -> Taken:
    if not word.isdigit() or int(word) not in screens.MINUTES_AGO:
        raise BadInput("wizard.no_time")
    return Taken({**data, "ended": _minute(facts.now - timedelta(minutes=int(word))).isoformat()})


def _read_end(facts: Facts, data: Data, text: str) -> Taken:
    ended_at = read_moment(text, facts.now, facts.zone)
    if ended_at > facts.now:
        raise BadInput("visits.refused.future")
    return Taken({**data, "ended": ended_at.isoformat()})


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


def _ask_confirm(facts: Facts, data: Data) -> Question:
    started_at, ended_at = (datetime.fromisoformat(data[name]) for name in ("started", "ended"))
    visit = facts.visit(data["visit"])
    return screens.summary(facts.participant.code, visit, started_at, ended_at, facts.zone)


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def _instant(data: Data, name: str) -> datetime | None:
    return datetime.fromisoformat(data[name]) if name in data else None


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Record the infusion; recording the same once more changes nothing."""
    data = draft.data
    async with study.db.begin() as tx:
        participant = await people.participant(tx, data["participant"])
    started_at, ended_at = (datetime.fromisoformat(data[name]) for name in ("started", "ended"))
    visit = await infusions.record(study, member.ref, participant, data["visit"], started_at, ended_at)
    return Finished(screens.recorded(participant.code, visit.name, ended_at, participant.zone))


TASK: Task[Facts] = Task(
    "infusion",
    key("task.infusion"),
    Action.RECORD_INFUSION,
    (
        Step("participant", task_people.ask, task_people.pick, task_people.read),
        Step("visit", _ask_visit, _pick_visit, no_words),
        Step("end", _ask_end, _pick_end, _read_end),
        Step("start", _ask_start, _pick_start, _read_start),
        Step("confirm", _ask_confirm),
    ),
    load,
    finish,
)
