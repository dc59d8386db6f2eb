"""The story that a fresh sandbox holds: an invented site, two of its staff and three participants."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from bot.app import App
from bot.domain.calendar import local_to_utc, to_local
from bot.domain.people import Language, Participant, Role
from bot.sandbox.crew import joins
from bot.sandbox.person import Person
from bot.sandbox.stage import Stage
from bot.services.participation import enrolment
from bot.services.participation.enrolment import EnrolRequest
from bot.services.trail import SYSTEM
from bot.services.visits import infusions
from bot.storage import participants, staff

READS: dict[str, Language] = {"zh": "zh_CN", "en": "en", "both": "both"}
DEVICE = {"zh": "zh-hans", "en": "en", "both": "zh-hans"}


@dataclass(frozen=True, slots=True)
class Part:
    """One part in the story: whose phone it is, and what they read."""

    name: str
    reads: Literal["zh", "en", "both"]


@dataclass(frozen=True, slots=True)
class TakesPart(Part):
    """A participant of the story; `day` is their study day when it begins."""

    code: str
    arm: str
    dose: float
    day: int
    joined: bool = True


COORDINATOR = Part("林小禾", "zh")
INVESTIGATOR = Part("Dr Song", "en")
NEWCOMER = TakesPart("Kevin 何", "both", "003", "NK010", 2.5e9, day=-4, joined=False)
CAST = (
    TakesPart("陈阿姨", "zh", "001", "NK010", 2.5e9, day=5),
    TakesPart("Grace", "en", "002", "NK042", 6e8, day=-1),
    NEWCOMER,
)


async def tell(app: App, stage: Stage) -> None:
    """Bring a fresh sandbox to the beginning of the story, through the bot's own doors."""
    await _staff_joins(app, stage, COORDINATOR, Role.COORDINATOR, on_call=False)
    await _staff_joins(app, stage, INVESTIGATOR, Role.SUB_INVESTIGATOR, on_call=True)
    for part in CAST:
        await _takes_part(app, stage, part)


async def invite_newcomer(app: App, role: str, reads: str, name: str) -> tuple[str, str]:
    """Enrol or add one more person; return their join link and, for a participant, their code."""
    if role == "participant":
        return await _enrol_newcomer(app, reads)
    language: Literal["zh_CN", "en"] = "en" if reads == "en" else "zh_CN"
    _, invitation = await enrolment.invite_staff(app.study, SYSTEM, name, Role(role), language)
    return invitation.link, ""


async def _enrol_newcomer(app: App, reads: str) -> tuple[str, str]:
    async with app.study.db.begin() as tx:
        taken = {int(one.code) for one in await participants.all_(tx)}
    code = f"{next(n for n in range(1, 1000) if n not in taken):03d}"
    arm = next(iter(app.study.protocol.arms.values()))
    day1_on = _today(app) + timedelta(days=1)
    request = EnrolRequest(code, arm.id, arm.doses[0], day1_on, _today(app), READS[reads])
    enrolled = await enrolment.enrol(app.study, SYSTEM, request)
    return (await enrolment.invite(app.study, SYSTEM, enrolled)).link, code


async def _staff_joins(app: App, stage: Stage, part: Part, role: Role, *, on_call: bool) -> None:
    language: Literal["zh_CN", "en"] = "en" if part.reads == "en" else "zh_CN"
    member, invitation = await enrolment.invite_staff(app.study, SYSTEM, part.name, role, language)
    person = stage.add_phone(part.name, role.value, part.reads, language_code=DEVICE[part.reads])
    await _act(app, lambda: person.start(invitation.code))
    if on_call:
        async with app.study.db.begin() as tx:
            await staff.set_on_call(tx, member.id, True)


async def _takes_part(app: App, stage: Stage, part: TakesPart) -> None:
    day1_on = _day1_on(_today(app), part.day)
    icf_on = min(day1_on, _today(app)) - timedelta(days=11)
    language = READS[part.reads]
    request = EnrolRequest(part.code, part.arm, part.dose, day1_on, icf_on, language)
    enrolled = await enrolment.enrol(app.study, SYSTEM, request)
    invitation = await enrolment.invite(app.study, SYSTEM, enrolled)
    await _record_past_infusions(app, enrolled)
    person = stage.add_phone(
        part.name,
        "participant",
        part.reads,
        code=part.code,
        invitation="" if part.joined else invitation.link,
        language_code=DEVICE[part.reads],
    )
    if part.joined:
        await _join(app, person, invitation.code, language)


async def _join(app: App, person: Person, code: str, language: Language) -> None:
    for step in joins(person, code, language):
        await _act(app, step)


async def _record_past_infusions(app: App, participant: Participant) -> None:
    """Record what took place before the story begins: 09:30 to 12:00, as a coordinator would have."""
    for visit in app.study.protocol.visits.values():
        if visit.kind != "infusion" or visit.day is None:
            continue
        on = participant.day1_on + timedelta(days=visit.day - 1)
        started_at, ended_at = _local(app, on, time(9, 30)), _local(app, on, time(12))
        if ended_at < app.study.clock.now():
            await infusions.record(app.study, SYSTEM, participant, visit.id, started_at, ended_at)


async def _act(app: App, what: Callable[[], object]) -> None:
    what()
    await app.settle()


def _day1_on(today: date, study_day: int) -> date:
    # There is no Day 0: Day -1 is the day before Day 1.
    return today - timedelta(days=study_day - 1 if study_day > 0 else study_day)


def _today(app: App) -> date:
    return to_local(app.study.clock.now(), app.study.site.zone).date()


def _local(app: App, on: date, at: time) -> datetime:
    return local_to_utc(on, at, app.study.site.zone)
