"""Flags, baselines and stays in hospital, each a small task begun from the participant's card."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.calendar import to_local
from bot.domain.people import ENDED, Action, Participant, StaffMember
from bot.domain.protocol import Protocol
from bot.domain.spelled import read_date
from bot.domain.tightening import check_baseline, path
from bot.domain.units import number
from bot.errors import BadInput
from bot.screens import care as screens
from bot.screens.care import CareView
from bot.screens.wizard import Question
from bot.services import people
from bot.services.participation import care, hospital
from bot.services.steps import Data, Finished, Step, Taken, Task, no_words
from bot.storage import participants
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import key

DONE = "done"


@dataclass(frozen=True, slots=True)
class Facts:
    """The participant that the task is about, and what is set for them."""

    protocol: Protocol
    participant: Participant
    until: date | None
    today: date

    @property
    def view(self) -> CareView:
        """What is set, as screens show it."""
        return care.view_of(self.participant, self.until)


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Load the participant; BadInput for somebody who has left."""
    known = await people.participant(tx, int(data["about"]))
    if known.status in ENDED:
        raise BadInput("task.refused.nobody")
    until = await participants.inpatient_until(tx, known.id)
    today = to_local(now, known.zone).date()
    return Facts(study.protocol, known, until if until and until >= today else None, today)


# --- flags ----------------------------------------------------------------------------------


def _chosen(facts: Facts, data: Data) -> set[str]:
    return set(data.get("flags", facts.view.flags))


def _ask_flags(facts: Facts, data: Data) -> Question:
    known = [each for each in facts.protocol.flags if each != care.NEEDS_AN_END]
    return screens.ask_flags(facts.participant.code, known, _chosen(facts, data), DONE)


def _pick_flag(facts: Facts, data: Data, word: str) -> Taken:
    chosen = _chosen(facts, data)
    if word == DONE:
        return Taken({**data, "flags": sorted(chosen)})
    if word not in facts.protocol.flags or word == care.NEEDS_AN_END:
        raise BadInput("wizard.use_buttons")
    return Taken({**data, "flags": sorted(chosen ^ {word})}, stay=True)


def _confirm_flags(facts: Facts, data: Data) -> Question:
    return screens.confirm_flags(facts.view, sorted(_chosen(facts, data)), facts.protocol)


async def _finish_flags(study: Study, member: StaffMember, draft: Draft) -> Finished:
    flags = draft.data.get("flags", ())
    changed = await care.set_flags(study, member.ref, int(draft.data["about"]), flags)
    return Finished(screens.flags_set(changed.code, sorted(flags)))


# --- baselines ------------------------------------------------------------------------------


def _ask_which(facts: Facts, data: Data) -> Question:
    return screens.ask_baseline(facts.view, facts.protocol.baselines, data.get("name"))


def _pick_which(facts: Facts, data: Data, word: str) -> Taken:
    if word not in facts.protocol.baselines:
        raise BadInput("wizard.use_buttons")
    return Taken({"about": data["about"], "name": word})


def _ask_value(facts: Facts, data: Data) -> Question:
    return screens.ask_value(facts.view, data["name"], facts.protocol)


def _read_value(facts: Facts, data: Data, text: str) -> Taken:
    item_id, stored = path(data["name"], facts.protocol)
    value = number(text, facts.protocol.items[item_id].part(stored).digits)
    check_baseline(data["name"], value, facts.view.baselines.get(data["name"]), facts.protocol)
    return Taken({**data, "value": value})


def _confirm_value(facts: Facts, data: Data) -> Question:
    return screens.confirm_baseline(facts.view, data["name"], data["value"], facts.protocol)


async def _finish_baseline(study: Study, member: StaffMember, draft: Draft) -> Finished:
    data = draft.data
    changed = await care.set_baseline(study, member.ref, int(data["about"]), data["name"], data["value"])
    return Finished(screens.baseline_set(changed.code, data["name"], data["value"]))


# --- hospital -------------------------------------------------------------------------------


def _ask_until(facts: Facts, data: Data) -> Question:
    first = facts.today
    return screens.ask_until(facts.view, [first + timedelta(days=n) for n in screens.STAYS])


def _pick_until(facts: Facts, data: Data, word: str) -> Taken:
    return _read_until(facts, data, word)


def _read_until(facts: Facts, data: Data, text: str) -> Taken:
    until = read_date(text, facts.today)
    if not facts.today <= until <= facts.today + hospital.LONGEST:
        raise BadInput("care.refused.until", days=hospital.LONGEST.days)
    return Taken({**data, "until": until.isoformat()})


def _confirm_until(facts: Facts, data: Data) -> Question:
    return screens.confirm_until(facts.view, date.fromisoformat(data["until"]))


async def _finish_stay(study: Study, member: StaffMember, draft: Draft) -> Finished:
    until = date.fromisoformat(draft.data["until"])
    known = await hospital.set_stay(study, member.ref, int(draft.data["about"]), until)
    return Finished(screens.stay_set(known.code, until))


FLAGS: Task[Facts] = Task(
    "flags",
    key("task.flags"),
    Action.SET_CARE,
    (Step("flags", _ask_flags, _pick_flag, no_words), Step("confirm", _confirm_flags)),
    load,
    _finish_flags,
)
BASELINE: Task[Facts] = Task(
    "baseline",
    key("task.baseline"),
    Action.SET_CARE,
    (
        Step("which", _ask_which, _pick_which, no_words),
        Step("value", _ask_value, read=_read_value),
        Step("confirm", _confirm_value),
    ),
    load,
    _finish_baseline,
)
HOSPITAL: Task[Facts] = Task(
    "hospital",
    key("task.hospital"),
    Action.SET_CARE,
    (Step("until", _ask_until, _pick_until, _read_until), Step("confirm", _confirm_until)),
    load,
    _finish_stay,
)
