"""What participants write of their own accord: kept sealed, acted on, and staff are told that it waits."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.domain.people import Participant, ParticipantStatus
from bot.services import asking, people
from bot.services.hearing import Hearing, act_on, hear
from bot.services.notices import tell_coordinators
from bot.services.trail import record
from bot.storage import texts_in
from bot.storage.db import Tx
from bot.study import Study

# Whose study is over is asked nothing more; what is RED brings help all the same.
_OVER = (ParticipantStatus.WITHDRAWN, ParticipantStatus.COMPLETED)

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


Outcome = Literal["red", "asked", "alerted", "kept"]


@dataclass(frozen=True, slots=True)
class Said:
    """What became of somebody's words; `items` are those that they should now be asked."""

    outcome: Outcome
    items: tuple[str, ...] = ()


async def keep_words(study: Study, participant: Participant, text: str, update_id: int) -> Said:
    """Keep what a participant wrote, tell the coordinators, and act on what it means, in one transaction.

    The same update twice is kept, and acted on, once.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        hearing = await hear(study, tx, known, text, now)
        return await _keep(study, tx, known, text, update_id, hearing, now)


async def keep_if_alarming(study: Study, participant: Participant, text: str, update_id: int) -> Said:
    """Keep a reading that answers nothing of what was asked, where it calls for help or for a question."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        hearing = await hear(study, tx, known, text, now)
        if hearing.heard.act == "queue":
            return Said("kept")
        return await _keep(study, tx, known, text, update_id, hearing, now)


async def _keep(
    study: Study,
    tx: Tx,
    participant: Participant,
    text: str,
    update_id: int,
    hearing: Hearing,
    now: datetime,
) -> Said:
    said = await _what_to_do(study, tx, participant, hearing)
    kept = await texts_in.add(tx, participant.id, text, update_id, now)
    if kept is None:
        return said
    await tell_coordinators(tx, "words", str(kept), now, about=participant)
    if said.outcome in ("red", "alerted"):
        await act_on(study, tx, participant, kept, hearing, now)
    elif said.outcome == "asked":
        await asking.ask(tx, participant, kept, said.items, now)
    after = {"text": kept, "outcome": said.outcome}
    await record(tx, study, participant.ref, "hear_words", now, subject=participant.ref, after=after)
    return said


async def _what_to_do(study: Study, tx: Tx, participant: Participant, hearing: Hearing) -> Said:
    """Return what a text calls for; where nothing can be asked, a human asks."""
    heard = hearing.heard
    if heard.act == "red" or hearing.judged.tier == "red":
        return Said("red")
    if heard.act == "queue" or participant.status in _OVER:
        return Said("kept")
    possible = asking.can_be_asked(study, participant, heard.items)
    if not possible:
        return Said("alerted")
    items = await asking.not_asked_yet(study, tx, participant, possible)
    return Said("asked", items) if items else Said("kept")


async def note_unreadable(study: Study, participant: Participant, update_id: int) -> None:
    """Tell the coordinators that a photo, a voice message or the like came, which nobody can read here."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await tell_coordinators(tx, "unreadable", str(update_id), now, about=participant)
