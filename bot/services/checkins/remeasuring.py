"""What must be measured once more: kept with the finding, asked when its minutes are over."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.findings import Assessment
from bot.domain.rules import Remeasure
from bot.services import people
from bot.services.checkins.forms import Sheet
from bot.storage import outbox, second_readings
from bot.storage.db import Tx
from bot.storage.outbox import Intent
from bot.storage.second_readings import SecondReading
from bot.storage.types import Subject
from bot.study import Study

MEASURE_AGAIN = "measure_again"
_REPEAT = "repeat"


def subject_of(reading_id: int) -> Subject:
    """Return what outbox rows call a second reading."""
    return Subject("second_reading", reading_id)


async def watch(study: Study, tx: Tx, sheet: Sheet, verdict: Assessment, now: datetime) -> None:
    """Wait for what this report must measure again, and no more for what was corrected; asked once each."""
    wanted = _wanted(study, verdict)
    waiting = {each.item: each for each in await second_readings.waiting_for(tx, sheet.participant.id)}
    for each in waiting.values():
        if each.checkin_id == sheet.checkin.id:
            await _follow(tx, sheet, each, wanted, now)
    for item, remeasure in wanted.items():
        if item not in waiting and item in sheet.answers:
            await _begin(tx, sheet, item, remeasure, now)


def _wanted(study: Study, verdict: Assessment) -> Mapping[str, Remeasure]:
    """Return what is to be measured again, with the shortest of its rules' times."""
    wanted: dict[str, Remeasure] = {}
    for finding in verdict.findings:
        rule = study.protocol.rules.get(finding.rule)
        if rule is None or rule.remeasure is None:
            continue
        for item in finding.remeasure:
            known = wanted.get(item, rule.remeasure)
            wanted[item] = min(known, rule.remeasure, key=lambda each: each.after_minutes)
    return wanted


async def _follow(
    tx: Tx, sheet: Sheet, each: SecondReading, wanted: Mapping[str, Remeasure], now: datetime
) -> None:
    answer = sheet.answers.get(each.item)
    if answer is None or each.item not in wanted:
        is_there = answer is not None and isinstance(answer.value, Mapping) and _REPEAT in answer.value
        await second_readings.settle(tx, each.id, "answered" if is_there else "moot")
        await outbox.cancel_subject(tx, subject_of(each.id), "not needed any more", now)
    elif answer.id != each.answer_id:
        await second_readings.follow(tx, each.id, answer.id)


async def _begin(tx: Tx, sheet: Sheet, item: str, remeasure: Remeasure, now: datetime) -> None:
    answer = sheet.answers[item]
    if await second_readings.came_from(tx, answer.id):
        return
    reading = await second_readings.add(
        tx,
        participant_id=sheet.participant.id,
        checkin_id=sheet.checkin.id,
        item=item,
        answer_id=answer.id,
        ask_at=answer.answered_at + timedelta(minutes=remeasure.after_minutes),
        answer_by=answer.answered_at + timedelta(minutes=remeasure.within_minutes),
    )
    if reading is None:
        return
    intent = Intent(
        f"{MEASURE_AGAIN}:{reading.id}",
        MEASURE_AGAIN,
        outbox.URGENT,
        sheet.participant.ref,
        {"reading": reading.id},
        not_before=reading.ask_at,
        expires_at=reading.answer_by,
        subject=subject_of(reading.id),
    )
    copies = await people.copies(tx, intent, sheet.participant.id)
    await outbox.enqueue_many(tx, [intent, *copies], now)
