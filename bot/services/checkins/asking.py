"""What words bring up is asked as a structured question; who does not answer is called by a human."""

import logging
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.freetext import read
from bot.domain.people import Participant, ParticipantStatus
from bot.services import people
from bot.services.checkins.hearing import BY_CAREGIVER, act_on, hear
from bot.storage import answers, asked, checkins, texts_in
from bot.storage.asked import AskedText
from bot.storage.db import Tx
from bot.study import Study

log = logging.getLogger(__name__)

BATCH = 100
_INSTANT = timedelta(microseconds=1)
_FREE_TEXT = "text"


# A measurement and its units. Whatever stands beside it may matter, and is kept as well.
_VALUE_ONLY = re.compile(
    r"[\s\d.,,。、/::;~+\-°º℃℉%%]*"
    r"((度|点|點|半|高压|低压|脉搏|血压|血氧|体温|腋下|口腔|毫米汞柱|次|分|公斤|千克|斤|华氏|摄氏|[零〇一二两兩三四五六七八九十百]"
    r"|mmhg|bpm|kg|spo2|bp|hr|[cf]|celsius|fahrenheit)[\s\d.,,。、/::;~+\-°º℃℉%%]*)*",
    re.IGNORECASE,
)


def is_only_a_value(text: str) -> bool:
    """Tell whether a text holds a measurement and nothing else that somebody should read."""
    return _VALUE_ONLY.fullmatch(text.strip()) is not None


def can_be_asked(study: Study, participant: Participant, items: Iterable[str]) -> tuple[str, ...]:
    """Return those of the items that a report of the participant's own accord would ask."""
    if participant.status is not ParticipantStatus.ACTIVE:
        return ()
    form = study.protocol.forms[study.protocol.report_form]
    return tuple(item for item in items if item in form.items)


async def not_asked_yet(
    study: Study, tx: Tx, participant: Participant, items: Iterable[str]
) -> tuple[str, ...]:
    """Leave out what the open form has asked already, where the text is its own answer in free words.

    Any other text says something new, and is asked about whatever was answered before it.
    """
    checkin = await checkins.current_for(tx, participant.id)
    if checkin is None or checkin.current_item is None or not _is_free_text(study, checkin.current_item):
        return tuple(items)
    known = {*await answers.current(tx, checkin.id), checkin.current_item.partition(".")[0]}
    return tuple(item for item in items if item not in known)


def _is_free_text(study: Study, token: str) -> bool:
    """Tell whether a step of a form is answered in one's own words."""
    name, _, key = token.rstrip("!~").partition(".")
    item = study.protocol.items.get(name)
    return item is not None and any(part.key == key and part.kind == _FREE_TEXT for part in item.parts)


async def ask(
    study: Study, tx: Tx, participant: Participant, text_id: int, items: tuple[str, ...], now: datetime
) -> None:
    """Let an answer to these items be waited for, in the transaction that keeps the text."""
    within = study.protocol.practice.asked_again.value
    await asked.add(tx, text_id, participant.id, items, now, now + within)


async def doubt(
    study: Study, tx: Tx, participant: Participant, item: str, raw: str, update_id: int, now: datetime
) -> None:
    """Keep a value that was hardly possible and is asked once more, in the transaction that asks.

    Where no other one comes in time, it is taken as it is: a form that is left
    must not lose what may be true. Nothing for a number that was meant for
    another question, and for whole sentences: what they say is heard by itself.
    """
    other = read(raw, study.protocol).answers.keys() - {item}
    if other or not is_only_a_value(raw) or participant.status is not ParticipantStatus.ACTIVE:
        return
    named = next((each.words[0] for each in study.protocol.words.readings.values() if each.item == item), "")
    said = f"{named} {raw}".strip()
    kept = await texts_in.add(tx, participant.id, said, _doubted(update_id), now, state="seen")
    if kept is not None:
        await ask(study, tx, participant, kept, (item,), now)


async def is_doubted(tx: Tx, update_id: int) -> bool:
    """Tell whether an update was taken as a value that is asked once more."""
    return await texts_in.of_update(tx, _doubted(update_id)) is not None


def _doubted(update_id: int) -> int:
    """Name the value of an update apart from its words: both may be kept."""
    return -update_id


async def tick(study: Study) -> int:
    """Look at every text whose time to be answered is over; return how many were looked at.

    Each has a transaction of its own. One that fails is logged and left where it is, for the next tick.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        due = await asked.due(tx, now, BATCH)
    looked = 0
    for each in due:
        try:
            await _look(study, each, now)
            looked += 1
        except Exception:
            log.exception("the answer to text %d could not be looked for", each.text_id)
    return looked


async def _look(study: Study, each: AskedText, now: datetime) -> None:
    async with study.db.begin() as tx:
        if await _is_answered(tx, each, now):
            await asked.settle(tx, each.text_id, "answered")
        elif await asked.settle(tx, each.text_id, "alerted"):
            await _alert(study, tx, each, now)


async def _is_answered(tx: Tx, each: AskedText, now: datetime) -> bool:
    given = await answers.last_asked(tx, each.participant_id, each.items, each.since, now + _INSTANT)
    return given.keys() >= set(each.items)


async def _alert(study: Study, tx: Tx, each: AskedText, now: datetime) -> None:
    text = await texts_in.get(tx, each.text_id)
    if text is None:
        raise LookupError(f"text {each.text_id} is asked about and is not kept")
    participant = await people.participant(tx, each.participant_id)
    hearing = await hear(study, tx, participant, text.text, now, settled=True)
    caregiver = text.text.startswith(BY_CAREGIVER)
    await act_on(study, tx, participant, each.text_id, hearing, now, asked_at=each.since, caregiver=caregiver)
