"""Enrolling a participant in the chat, step by step."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from bot.domain import calendar
from bot.domain.people import LANGUAGES, Action, Language, Participant, ParticipantStatus, StaffMember
from bot.domain.protocol import Protocol
from bot.domain.spelled import read_date
from bot.domain.telephone import normal_phone
from bot.errors import BadInput
from bot.screens import enrol as screens
from bot.screens.wizard import Question
from bot.services.participation import enrolment
from bot.services.participation.enrolment import EnrolRequest
from bot.services.steps import Data, Finished, Step, Taken, Task, no_words
from bot.storage import participants
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import Phrase, key

# A stay in hospital always has an end date, which no tick can give: nobody is to believe that it is set.
NEEDS_AN_END = frozenset({"INPATIENT"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the questions follow from."""

    protocol: Protocol
    today: date
    codes: frozenset[str]
    waiting: int


async def load(study: Study, tx: Tx, data: Data, now: datetime) -> Facts:
    """Load the codes in use."""
    everyone = await participants.all_(tx)
    waiting = sum(each.status is ParticipantStatus.ENROLLED for each in everyone)
    today = calendar.to_local(now, study.site.zone).date()
    return Facts(study.protocol, today, frozenset(each.code for each in everyone), waiting)


def next_code(codes: frozenset[str]) -> str | None:
    """Return the code after the highest in use, else the lowest that is free; None when all are used."""
    highest = max((int(each) for each in codes), default=0)
    order = [*range(highest + 1, 1000), *range(1, highest)]
    return next((f"{n:03}" for n in order if f"{n:03}" not in codes), None)


def _date(data: Data, name: str) -> date | None:
    return date.fromisoformat(data[name]) if name in data else None


def _ask_code(facts: Facts, data: Data) -> Question:
    return screens.code(next_code(facts.codes), data.get("code"), facts.waiting)


def _take_code(facts: Facts, data: Data, text: str) -> Taken:
    typed = unicodedata.normalize("NFKC", text).strip()
    code = typed.zfill(3) if typed.isascii() and typed.isdigit() else typed
    enrolment.check_code(code)
    if code in facts.codes:
        raise BadInput("enrol.refused.code_taken", code=code)
    return Taken({**data, "code": code})


def _ask_arm(facts: Facts, data: Data) -> Question:
    return screens.arm({each.id: each.name for each in facts.protocol.arms.values()}, data.get("arm"))


def _take_arm(facts: Facts, data: Data, word: str) -> Taken:
    if word not in facts.protocol.arms:
        raise BadInput("enrol.refused.arm", arm=word)
    kept = {name: value for name, value in data.items() if name != "dose" or data.get("arm") == word}
    return Taken({**kept, "arm": word})


def _ask_dose(facts: Facts, data: Data) -> Question:
    arm = facts.protocol.arms[data["arm"]]
    chosen = next((n for n, dose in enumerate(arm.doses) if dose == data.get("dose")), None)
    return screens.dose([arm.in_words(dose) for dose in arm.doses], chosen)


def _take_dose(facts: Facts, data: Data, word: str) -> Taken:
    doses = facts.protocol.arms[data["arm"]].doses
    if not word.isdigit() or int(word) >= len(doses):
        raise BadInput("enrol.refused.dose", dose=word)
    return Taken({**data, "dose": doses[int(word)]})


def _ask_day1(facts: Facts, data: Data) -> Question:
    return screens.day1(facts.today, _date(data, "day1"))


def _read_day1(facts: Facts, data: Data, text: str) -> Taken:
    return Taken({**data, "day1": read_date(text, facts.today).isoformat()})


def _ask_icf(facts: Facts, data: Data) -> Question:
    return screens.icf(facts.today, _date(data, "icf"))


def _read_icf(facts: Facts, data: Data, text: str) -> Taken:
    on = read_date(text, facts.today, ahead=False)
    enrolment.check_icf(on, facts.today)
    day1_on = _date(data, "day1")
    if day1_on is not None:
        enrolment.check_day1(day1_on, on)
    return Taken({**data, "icf": on.isoformat()})


def _ask_language(facts: Facts, data: Data) -> Question:
    return screens.language(data.get("language"))


def _take_language(facts: Facts, data: Data, word: str) -> Taken:
    if word not in LANGUAGES:
        raise BadInput("enrol.refused.language")
    return Taken({**data, "language": word})


def _offered_flags(facts: Facts) -> list[str]:
    return [each for each in facts.protocol.flags if each not in NEEDS_AN_END]


def _ask_flags(facts: Facts, data: Data) -> Question:
    return screens.flags(_offered_flags(facts), data.get("flags", ()))


def _take_flag(facts: Facts, data: Data, word: str) -> Taken:
    chosen = set(data.get("flags", ()))
    if word == screens.NO_FLAG:
        return Taken({**data, "flags": sorted(chosen)})
    if word not in _offered_flags(facts):
        raise BadInput("enrol.refused.flag", flag=word)
    return Taken({**data, "flags": sorted(chosen ^ {word})}, stay=True)


def _ask_phone(facts: Facts, data: Data) -> Question:
    return screens.phone(data.get("phone"))


def _take_phone(facts: Facts, data: Data, word: str) -> Taken:
    if word != screens.NO_PHONE:
        raise BadInput("wizard.type_it")
    return Taken({name: value for name, value in data.items() if name != "phone"})


def _read_phone(facts: Facts, data: Data, text: str) -> Taken:
    return Taken({**data, "phone": normal_phone(text)})


def _ask_confirm(facts: Facts, data: Data) -> Question:
    request = request_of(data)
    arm = facts.protocol.arms[request.arm]
    return screens.summary(
        request.code,
        Phrase(arm.name),
        arm.in_words(request.dose),
        request.day1_on,
        request.icf_on,
        request.language,
        sorted(request.flags),
        request.phone,
    )


def request_of(data: Data) -> EnrolRequest:
    """Return what was chosen as a request."""
    language: Language = data["language"]
    return EnrolRequest(
        code=data["code"],
        arm=data["arm"],
        dose=float(data["dose"]),
        day1_on=date.fromisoformat(data["day1"]),
        icf_on=date.fromisoformat(data["icf"]),
        language=language,
        flags=frozenset(data.get("flags", ())),
        phone=data.get("phone"),
    )


async def finish(study: Study, member: StaffMember, draft: Draft) -> Finished:
    """Enrol; a participant whom this very draft has enrolled before a crash is taken as done."""
    request = request_of(draft.data)
    try:
        added = await enrolment.enrol(study, member.ref, request)
    except BadInput:
        known = await _enrolled_by(study, request, draft)
        if known is None:
            raise
        added = known
    return Finished(screens.enrolled(added.code), invite=added.ref)


async def _enrolled_by(study: Study, request: EnrolRequest, draft: Draft) -> Participant | None:
    async with study.db.begin() as tx:
        known = await participants.by_code(tx, request.code)
    if known is None or known.enrolled_at is None or known.enrolled_at < draft.updated_at:
        return None
    same = (known.arm, known.dose, known.day1_on, known.icf_on, known.flags) == (
        request.arm,
        request.dose,
        request.day1_on,
        request.icf_on,
        request.flags,
    )
    return known if same else None


TASK: Task[Facts] = Task(
    "enrol",
    key("task.enrol"),
    Action.ENROL,
    (
        Step("code", _ask_code, _take_code, _take_code),
        Step("arm", _ask_arm, _take_arm, no_words),
        Step("dose", _ask_dose, _take_dose, no_words),
        Step("day1", _ask_day1, _read_day1, _read_day1),
        Step("icf", _ask_icf, _read_icf, _read_icf),
        Step("language", _ask_language, _take_language, no_words),
        Step("flags", _ask_flags, _take_flag, no_words),
        Step("phone", _ask_phone, _take_phone, _read_phone, private=True),
        Step("confirm", _ask_confirm),
    ),
    load,
    finish,
)
