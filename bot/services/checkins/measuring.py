"""Second readings: asked by the bot, taken as one typed number, and missing when their time is over."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain import checkin as flow
from bot.domain.checkin import SKIP, Accepted, AskAgain, Question, Refused
from bot.domain.people import Participant, ParticipantStatus, PersonRef
from bot.domain.telling import second_words
from bot.domain.triage import Assessment
from bot.domain.words import Words
from bot.errors import StaleTap
from bot.screens import measuring as screens
from bot.services import people
from bot.services.alerts.easing import ease_after
from bot.services.checkins.forms import Sheet, load_sheet
from bot.services.checkins.judging import judge
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.trail import SYSTEM, Actor, record
from bot.storage import alerts, answers, checkins, second_readings
from bot.storage.db import Tx
from bot.storage.outbox import Message
from bot.storage.second_readings import SecondReading
from bot.study import Study

log = logging.getLogger(__name__)

BATCH = 100
_NOBODY = "nobody"
_SELF, _CAREGIVER = "self", "caregiver"


@dataclass(frozen=True, slots=True)
class Measured:
    """What became of what was typed or tapped for a second reading; `note` says why it was not taken."""

    outcome: Literal["taken", "not_taken", "over"]
    reading: SecondReading
    value: Words | None = None
    question: Question | None = None
    note: Words | None = None
    is_red: bool = False


async def tick(study: Study) -> int:
    """Look at every second reading whose time is over: one that never came confirms the first.

    Each has a transaction of its own. One that fails is logged and left where it is, for the next tick.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        due = await second_readings.due(tx, now, BATCH)
    looked = 0
    for each in due:
        try:
            async with study.db.begin() as tx:
                await _never_came(study, tx, each, now)
            looked += 1
        except Exception:
            log.exception("the second reading %d could not be looked at", each.id)
    return looked


async def _never_came(study: Study, tx: Tx, reading: SecondReading, now: datetime) -> None:
    """Judge the first reading without its second one; nothing where it does not matter any more."""
    if not await _matters(tx, reading):
        await second_readings.settle(tx, reading.id, "moot")
    elif await second_readings.settle(tx, reading.id, "missing"):
        sheet = await _sheet(study, tx, reading, now)
        await _keep(study, tx, reading, sheet, SYSTEM, flow.repeat_missed(reading.item, sheet.given), now)


async def _matters(tx: Tx, reading: SecondReading) -> bool:
    """Tell whether somebody is still followed, and their alert not closed by a physician meanwhile."""
    participant = await people.participant(tx, reading.participant_id)
    if participant.status is not ParticipantStatus.ACTIVE:
        return False
    return bool(await alerts.open_for(tx, reading.participant_id))


async def _sheet(study: Study, tx: Tx, reading: SecondReading, now: datetime) -> Sheet:
    checkin = await checkins.get(tx, reading.checkin_id)
    if checkin is None:
        raise StaleTap(f"no check-in {reading.checkin_id}")
    participant = await people.participant(tx, reading.participant_id)
    return await load_sheet(study, tx, participant, checkin, now)


async def _keep(
    study: Study,
    tx: Tx,
    reading: SecondReading,
    sheet: Sheet,
    by: Actor,
    value: object,
    now: datetime,
    update_id: int | None = None,
) -> Assessment:
    """Write the second reading into its answer and judge the report again, whatever became of its form."""
    kept = await answers.add(
        tx,
        checkin_id=reading.checkin_id,
        item=reading.item,
        value=value,
        now=now,
        answered_by=_who(by),
        update_id=update_id,
    )
    sheet = sheet.answered(kept)
    verdict = await judge(study, tx, sheet, now, finished=sheet.checkin.state != "open")
    if sheet.checkin.state == "done":
        await checkins.advance(tx, sheet.checkin, tier=verdict.tier)
    elif sheet.checkin.state != "open":
        # What is over changes only together with its version.
        await checkins.advance(tx, sheet.checkin)
    after = {"item": reading.item, "tier": verdict.tier, "came": by is not SYSTEM}
    await record(tx, study, by, "measure_again", now, subject=sheet.participant.ref, after=after)
    await ease_after(study, tx, reading.participant_id, reading.answer_id, now)
    return verdict


def _who(by: Actor) -> str:
    if by is SYSTEM:
        return _NOBODY
    return _CAREGIVER if isinstance(by, PersonRef) and by.kind == "caregiver" else _SELF


async def meet(study: Study, tx: Tx, sheet: Sheet, now: datetime) -> None:
    """Take what another report has measured meanwhile as the second reading, once its minutes are over."""
    for reading in await second_readings.waiting_for(tx, sheet.participant.id):
        answer = sheet.answers.get(reading.item)
        if answer is None or reading.checkin_id == sheet.checkin.id or answer.answered_at < reading.ask_at:
            continue
        if not isinstance(answer.value, Mapping) or not _is_whole(study, reading.item, answer.value):
            continue
        first = await _sheet(study, tx, reading, now)
        second = {key: each for key, each in answer.value.items() if key != "repeat"}
        value = {**first.given[reading.item], "repeat": second}
        await second_readings.settle(tx, reading.id, "answered", second_id=answer.id)
        await _keep(study, tx, reading, first, sheet.participant.ref, value, now)


def _is_whole(study: Study, item: str, value: Mapping[str, object]) -> bool:
    """Tell whether nothing is missing that decides what a measurement means, as its place does."""
    return all(not part.decides or part.key in value for part in study.protocol.items[item].parts)


async def comes_first(study: Study, participant: Participant) -> bool:
    """Tell whether a typed number answers a second reading before the open form: the newer one asks."""
    async with study.db.begin() as tx:
        asked = await _asked(tx, participant)
        if asked is None or asked.asked_at is None:
            return False
        checkin = await checkins.current_for(tx, participant.id)
        if checkin is None:
            return True
        given = await answers.current(tx, checkin.id)
        latest = max((each.answered_at for each in given.values()), default=checkin.opened_at)
        return latest <= asked.asked_at


async def _asked(tx: Tx, participant: Participant) -> SecondReading | None:
    """Return the second reading that was asked last and is waited for."""
    waiting = await second_readings.waiting_for(tx, participant.id)
    asked = [each for each in waiting if each.asked_at is not None]
    return max(asked, key=lambda each: (each.asked_at, each.id), default=None)


async def typed(study: Study, participant: Participant, text: str, update_id: int) -> Measured | None:
    """Take typed text as the second reading; None where none is asked, or it is no such measurement."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        if await answers.given_by_update(tx, participant.id, update_id):
            return None
        waiting = await second_readings.waiting_for(tx, participant.id)
        asked = [each for each in reversed(waiting) if each.asked_at is not None]
        for reading in asked:
            measured = await _take(study, tx, reading, text, participant.actor, now, update_id)
            if measured is not None:
                return measured
        return None


async def cannot(study: Study, participant: Participant, reading_id: int) -> Measured:
    """Note that it cannot be measured again, which confirms the first; StaleTap for somebody else's."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        reading = await second_readings.get(tx, reading_id)
        if reading is None or reading.participant_id != participant.id:
            raise StaleTap("not a second reading of this participant")
        if reading.state != "waiting":
            return Measured("over", reading)
        taken = await _take(study, tx, reading, SKIP, participant.actor, now, None)
        return taken or Measured("over", reading)


async def _take(
    study: Study,
    tx: Tx,
    reading: SecondReading,
    raw: str,
    by: PersonRef,
    now: datetime,
    update_id: int | None,
) -> Measured | None:
    """Take one second reading; None where it cannot be read as one."""
    sheet = await _sheet(study, tx, reading, now)
    question = _question(study, reading)
    if raw == SKIP:
        missed = flow.repeat_missed(reading.item, sheet.given)
        return await _taken(study, tx, reading, sheet, by, missed, now)
    given = flow.accept_answer(question, raw, sheet.given)
    if isinstance(given, Accepted):
        return await _taken(study, tx, reading, sheet, by, given.value, now, update_id)
    if isinstance(given, AskAgain):
        await second_readings.set_again(tx, reading.id)
        return Measured("not_taken", reading, question=question, note=_note(given))
    return None


async def _taken(
    study: Study,
    tx: Tx,
    reading: SecondReading,
    sheet: Sheet,
    by: PersonRef,
    value: object,
    now: datetime,
    update_id: int | None = None,
) -> Measured:
    await second_readings.settle(tx, reading.id, "answered")
    verdict = await _keep(study, tx, reading, sheet, by, value, now, update_id)
    return Measured("taken", reading, _words(study, reading, value), is_red=verdict.tier == "red")


def _question(study: Study, reading: SecondReading) -> Question:
    question = flow.repeat_question(study.protocol.items[reading.item])
    return Question(question.item, question.part, 1, 1, again=reading.again, repeat=True)


def _note(why: AskAgain | Refused) -> Words:
    values = {
        name: value if isinstance(value, int | float) else str(value) for name, value in why.values.items()
    }
    return Words(why.key, {**values})


def _words(study: Study, reading: SecondReading, value: object) -> Words | None:
    """Return the second reading in words; None where it could not be measured."""
    return second_words(study.protocol.items[reading.item], value) if isinstance(value, Mapping) else None


async def render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Ask for the second reading; skipped when it came, was corrected, or its alert was closed."""
    reading = await second_readings.get(tx, int(message.params["reading"]))
    if reading is None or reading.state != "waiting":
        return Skip("not waited for any more")
    if not await _matters(tx, reading):
        return Skip("its alert was closed")
    if message.to is None:
        return Skip("nobody to ask")
    participant = await people.reader(tx, message.to)
    screen = screens.ask(reading.id, _question(study, reading), study.site)
    return Outgoing(screen, participant.language)


def _is_copy(message: Message) -> bool:
    """Tell whether it is the caregiver's: the clock of the question runs from the participant's own."""
    return message.to is not None and message.to.kind == "caregiver"


async def sent(study: Study, tx: Tx, message: Message, message_id: int | None, now: datetime) -> None:
    """Remember when it was asked: a number that is typed from now on answers it."""
    if not _is_copy(message):
        await second_readings.set_asked(tx, int(message.params["reading"]), message_id, now)


async def undeliverable(study: Study, tx: Tx, message: Message, reason: str, now: datetime) -> None:
    """Let a question that cannot reach anybody count as unanswered at once."""
    reading = await second_readings.get(tx, int(message.params["reading"]))
    if reading is not None and reading.state == "waiting" and not _is_copy(message):
        await _never_came(study, tx, reading, now)


KIND = Kind(render, after_sent=sent, after_failed=undeliverable)
