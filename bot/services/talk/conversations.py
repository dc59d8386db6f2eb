"""The answers of the team to participants, and those that it keeps for the next time."""

from datetime import datetime

from bot.domain.people import Participant, PersonRef
from bot.errors import StaleTap
from bot.screens import talk as screens
from bot.screens.common import call_numbers
from bot.services import people
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.talk import receipts
from bot.services.talk.threads import may_answer, settle
from bot.services.trail import record
from bot.storage import outbox, replies
from bot.storage import receipts as stored_receipts
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.replies import Saved
from bot.storage.types import Subject
from bot.study import Study
from bot.texts import Verbatim

REPLY = "staff_reply"


async def answer(
    study: Study,
    tx: Tx,
    by: PersonRef,
    author: Participant,
    text_id: int,
    after_id: int,
    words: tuple[str, str],
    now: datetime,
) -> bool:
    """Answer a participant's texts up to one, in the caller's transaction.

    False, and nothing happens, where somebody has answered since `after_id`.
    """
    reply_id = await replies.add(tx, author.id, text_id, after_id, by.id, words, now)
    if reply_id is None:
        return False
    subject = Subject("reply", reply_id)
    key = f"reply:{reply_id}"
    await outbox.enqueue(
        tx, Intent(key, REPLY, outbox.REPLY, author.ref, {"reply": reply_id}, subject=subject), now
    )
    await settle(study, tx, by, author.id, text_id, now)
    answered = await stored_receipts.answered(tx, author.id, text_id)
    await receipts.changed(tx, author.ref, answered, "answered", now)
    after = {"reply": reply_id, "text": text_id}
    await record(tx, study, by, "reply", now, subject=author.ref, after=after)
    return True


async def saved_answers(study: Study, by: PersonRef) -> list[Saved]:
    """Return the answers that are kept."""
    async with study.db.begin() as tx:
        await may_answer(tx, by)
        return await replies.saved(tx)


async def saved_answer(study: Study, by: PersonRef, saved_id: int) -> Saved:
    """Return one of them; StaleTap where it is kept no longer."""
    found = next((each for each in await saved_answers(study, by) if each.id == saved_id), None)
    if found is None:
        raise StaleTap(f"no saved answer {saved_id}")
    return found


async def forget_answer(study: Study, by: PersonRef, saved_id: int) -> bool:
    """Keep an answer no longer; False where that was so before."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await may_answer(tx, by)
        removed = await replies.remove(tx, saved_id, now)
        if removed:
            await record(tx, study, by, "forget_answer", now, before={"saved": saved_id})
        return removed


async def _render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    reply = await replies.get(tx, message.params["reply"])
    if message.to is None or reply is None:
        return Skip("nobody to answer")
    reader = await people.participant(tx, message.to.id)
    letter = screens.letter(Verbatim(reply.zh, reply.en), call_numbers(study.site))
    return Outgoing(letter, reader.language)


KINDS = {REPLY: Kind(_render)}
