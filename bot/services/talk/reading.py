"""That a human has read a participant's words: recorded, and shown to their author."""

from datetime import datetime

from bot.domain.people import Participant, PersonRef
from bot.services.talk import receipts
from bot.services.trail import record
from bot.storage import receipts as stored
from bot.storage.db import Tx
from bot.study import Study


async def mark_read(
    study: Study, tx: Tx, by: PersonRef, author: Participant, up_to: int, now: datetime
) -> None:
    """Record who has read a participant's texts up to one, within a transaction; nothing where all were."""
    read = await stored.read(tx, author.id, up_to, by.id, now)
    if read:
        await receipts.changed(tx, author.ref, read, "read", now)
        await record(tx, study, by, "read_texts", now, subject=author.ref, after={"texts": read})
