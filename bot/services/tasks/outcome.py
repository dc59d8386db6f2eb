"""Recording what became of a visit, and adding one beyond the plan, step by step."""

from datetime import date, datetime, timedelta
from typing import cast

from bot.domain import calendar
from bot.domain.people import Action, StaffMember
from bot.domain.planning import PlannedVisit
from bot.domain.spelled import read_date, read_moment, read_time
from bot.errors import BadInput
from bot.screens import outcomes as screens
from bot.screens.move import REASONS, reason_words
from bot.screens.move import TIMES as TIMES_OF_DAY
from bot.screens.outcomes import NEW
from bot.screens.wizard import Choice, Question, in_rows
from bot.services import people
from bot.services.steps import Data, Finished, Step, Taken, Task, no_words
from bot.services.tasks import whom
from bot.services.tasks.whom import Facts, load
from bot.services.visits import outcomes
from bot.services.visits.changes import checked_words, visit_type_of
from bot.services.visits.outcomes import Outcome
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import Phrase, key, say

# How far ahead a visit is offered: nobody records what is further away.
SOON = timedelta(days=21)
MOST = 14


def offered(facts: Facts) -> list[PlannedVisit]:
    """Return the visits without infusion up to three weeks ahead, the latest ones."""
    known = [each for each in facts.plan if each.type.kind != "infusion" and each.on <= facts.today + SOON]
    return known[-MOST:]


def _ask_visit(facts: Facts, data: Data) -> Question:
    adds = facts.protocol.visit("U1") is not None
    return screens.visit(facts.participant.code, offered(facts), data.get("visit"), adds=adds)


def _pick_visit(facts: Facts, data: Data, word: str) -> Taken:
    if word == NEW:
        return Taken({"participant": data["participant"], "visit": NEW, "deed": NEW})
    if word not in {visit.id for visit in offered(facts)}:
        raise BadInput("visits.refused.unknown")
    return Taken({"participant": data["participant"], "visit": word})


def _is_known(data: Data) -> bool:
    return data.get("visit") != NEW


def _ask_what(facts: Facts, data: Data) -> Question:
    return screens.what(facts.visit(data["visit"]), facts.now)


def _pick_what(facts: Facts, data: Data, word: str) -> Taken:
    visit = facts.visit(data["visit"])
    if word not in screens.deeds(visit, facts.now):
        raise BadInput("wizard.use_buttons")
    base = {"participant": data["participant"], "visit": visit.id, "deed": word}
    if word == "as_planned":
        return _at(facts, base, visit.starts_at)
    return Taken({**base, "why": "yes"} if word != "done" else base)


def _asks_when(data: Data) -> bool:
    return data.get("deed") in ("done", "elsewhere")


def _ask_when(facts: Facts, data: Data) -> Question:
    chosen = datetime.fromisoformat(data["at"]) if "at" in data else None
    return screens.when(chosen, facts.zone)


def _read_when(facts: Facts, data: Data, text: str) -> Taken:
    return _at(facts, data, read_moment(text, facts.now, facts.zone))


def _at(facts: Facts, data: Data, at: datetime) -> Taken:
    visit, outcome = facts.visit(data["visit"]), outcome_of(data["deed"])
    outcomes.check(visit, outcome, at, facts.now)
    chosen = {name: value for name, value in data.items() if name not in ("why", "outside")}
    if outcomes.needs_reason(visit, outcome, facts.zone, at):
        chosen["why"] = "yes"
    if not visit.window.holds(calendar.to_local(at, facts.zone).date()):
        chosen["outside"] = "yes"
    return Taken({**chosen, "at": at.isoformat()})


def outcome_of(deed: str) -> Outcome:
    """Return the outcome that a button stands for."""
    return "done" if deed == "as_planned" else cast("Outcome", deed)


def _ask_where(facts: Facts, data: Data) -> Question:
    return screens.where()


def _read_where(facts: Facts, data: Data, text: str) -> Taken:
    return Taken({**data, "where": checked_words(text, "visits.refused.where")})


def _ask_day(facts: Facts, data: Data) -> Question:
    return screens.day(facts.today)


def _read_day(facts: Facts, data: Data, text: str) -> Taken:
    return Taken({**data, "on": read_date(text, facts.today).isoformat()})


def _ask_time(facts: Facts, data: Data) -> Question:
    choices = [Choice(say("move.time", at=f"{each:%H:%M}"), f"{each:%H%M}") for each in TIMES_OF_DAY]
    return Question((say("move.ask_time"), say("move.or_type_time")), in_rows(choices, 4))


def _pick_time(facts: Facts, data: Data, word: str) -> Taken:
    if word not in {f"{each:%H%M}" for each in TIMES_OF_DAY}:
        raise BadInput("wizard.no_time")
    return _read_time(facts, data, f"{word[:2]}:{word[2:]}")


def _read_time(facts: Facts, data: Data, text: str) -> Taken:
    on = date.fromisoformat(data["on"])
    return Taken({**data, "at": calendar.local_to_utc(on, read_time(text), facts.zone).isoformat()})


def _is_new(data: Data) -> bool:
    return data.get("visit") == NEW


def _needs_reason(data: Data) -> bool:
    return "why" in data or _is_new(data)


def _ask_reason(facts: Facts, data: Data) -> Question:
    return screens.reason(data["deed"])


def _pick_reason(facts: Facts, data: Data, word: str) -> Taken:
    if word not in REASONS:
        raise BadInput("wizard.use_buttons")
    return Taken({**data, "reason": word})


def _read_reason(facts: Facts, data: Data, text: str) -> Taken:
    return Taken({**data, "reason": checked_words(text, "visits.refused.reason")})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    known = visit_name(facts, data["visit"])
    at = datetime.fromisoformat(data["at"]) if "at" in data else None
    reason = reason_words(data["reason"]) if data.get("reason") else None
    return screens.summary(
        facts.participant.code,
        known,
        data["deed"],
        at,
        facts.zone,
        data.get("where", ""),
        reason,
        outside="outside" in data,
    )


def visit_name(facts: Facts, visit_type: str) -> Phrase:
    """Return the name of a visit, that of one to be added too."""
    known = facts.protocol.visit("U1" if visit_type == NEW else visit_type)
    if known is None:
        raise BadInput("visits.refused.unknown")
    return Phrase(known.name)


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Record it; recording the same once more changes nothing."""
    data = draft.data
    async with study.db.begin() as tx:
        participant = await people.participant(tx, data["participant"])
    who, reason = (study, member.ref, participant), data.get("reason", "")
    at = datetime.fromisoformat(data["at"]) if "at" in data else None
    if data["visit"] == NEW and at is not None:
        local = calendar.to_local(at, participant.zone)
        view = await outcomes.add_unscheduled(*who, local.date(), local.time(), reason)
    elif data["deed"] == "undo":
        view = await outcomes.reopen(*who, data["visit"], reason)
    else:
        outcome, where = outcome_of(data["deed"]), data.get("where", "")
        view = await outcomes.settle(*who, data["visit"], outcome, at=at, where=where, reason=reason)
    name = visit_type_of(study, view.visit_type).name
    return Finished(screens.recorded(participant.code, name, view.at, participant.zone))


TASK: Task[Facts] = Task(
    "outcome",
    key("task.outcome"),
    Action.MOVE_VISIT,
    (
        Step("participant", whom.ask, whom.pick, whom.read),
        Step("visit", _ask_visit, _pick_visit, no_words),
        Step("what", _ask_what, _pick_what, no_words, applies=_is_known),
        Step("when", _ask_when, read=_read_when, applies=_asks_when),
        Step("where", _ask_where, read=_read_where, applies=lambda data: data.get("deed") == "elsewhere"),
        Step("day", _ask_day, _read_day, _read_day, applies=_is_new),
        Step("time", _ask_time, _pick_time, _read_time, applies=_is_new),
        Step("reason", _ask_reason, _pick_reason, _read_reason, applies=_needs_reason),
        Step("confirm", _ask_confirm),
    ),
    load,
    finish,
)
