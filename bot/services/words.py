"""What participants write of their own accord: kept sealed, and staff are told that it waits."""

import re

from bot.domain.people import Participant
from bot.services.notices import tell_coordinators
from bot.storage import texts_in
from bot.study import Study

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


async def keep_words(study: Study, participant: Participant, text: str, update_id: int) -> None:
    """Keep what a participant wrote and tell the coordinators; the same update twice is kept once."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        kept = await texts_in.add(tx, participant.id, text, update_id, now)
        if kept is not None:
            await tell_coordinators(tx, "words", str(kept), now, about=participant)


async def note_unreadable(study: Study, participant: Participant, update_id: int) -> None:
    """Tell the coordinators that a photo, a voice message or the like came, which nobody can read here."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await tell_coordinators(tx, "unreadable", str(update_id), now, about=participant)
