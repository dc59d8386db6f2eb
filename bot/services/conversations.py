"""The queue of what participants wrote of their own accord, and the answers to it."""

import base64
from datetime import datetime

from bot.domain.people import Action, PersonRef
from bot.errors import NotAllowed
from bot.screens import talk as screens
from bot.screens.common import call_numbers
from bot.screens.talk import TextView
from bot.services import people
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.trail import record
from bot.storage import outbox, staff, texts_in
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.texts_in import InboundText
from bot.storage.types import Subject
from bot.study import Study

REPLY = "staff_reply"


async def look(study: Study, by: PersonRef, text_id: int = 0) -> TextView | None:
    """Return a text that waits, or the first of all where that one does not; None when none waits."""
    async with study.db.begin() as tx:
        await _may(tx, by)
        return await _look(study, tx, text_id)


async def mark_seen(study: Study, by: PersonRef, text_id: int) -> tuple[TextView | None, bool]:
    """Put a text aside as read; return the next one, and False when somebody had done it before."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        done = await settle(study, tx, by, text_id, now)
        return await _look(study, tx, text_id), done


async def settle(study: Study, tx: Tx, by: PersonRef, text_id: int, now: datetime) -> bool:
    """Record who has dealt with a text, within a transaction; False when somebody had before."""
    text = await texts_in.get(tx, text_id)
    if text is None or not await texts_in.mark_seen(tx, text_id, by.id, now):
        return False
    about = PersonRef("participant", text.participant_id)
    await record(tx, study, by, "see_text", now, subject=about, after={"text": text_id})
    return True


async def queue_reply(tx: Tx, to: PersonRef, text_id: int, words: str, now: datetime) -> bool:
    """Queue an answer, one for each text; the words stay sealed until they go out."""
    intent = Intent(
        f"reply:{text_id}",
        REPLY,
        outbox.REPLY,
        to,
        # There is no fact to load it from afresh: these words exist nowhere else.
        {"text": text_id, "box": base64.b64encode(tx.seal(words)).decode("ascii")},
        subject=Subject("text", text_id),
    )
    return await outbox.enqueue(tx, intent, now)


async def _look(study: Study, tx: Tx, text_id: int) -> TextView | None:
    waiting = await texts_in.unseen(tx)
    if not waiting:
        return None
    place = next((n for n, each in enumerate(waiting) if each.id >= text_id), 0)
    return await _view(study, tx, waiting, place, await texts_in.count_unseen(tx))


async def _view(study: Study, tx: Tx, waiting: list[InboundText], place: int, count: int) -> TextView:
    text, after = waiting[place], waiting[(place + 1) % len(waiting)]
    author = await people.participant(tx, text.participant_id)
    return TextView(text.id, author.code, text.text, text.at, study.site.zone, place + 1, count, after.id)


async def _may(tx: Tx, by: PersonRef) -> None:
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(Action.ANSWER_MESSAGES):
        raise NotAllowed(Action.ANSWER_MESSAGES)


async def _render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    if message.to is None:
        return Skip("nobody to answer")
    reader = await people.participant(tx, message.to.id)
    words = tx.open(base64.b64decode(message.params["box"]))
    return Outgoing(screens.letter(words, call_numbers(study.site)), reader.language)


KINDS = {REPLY: Kind(_render)}
