"""The copies of a form in the chats of caregivers: brought to its end once somebody has answered it."""

from datetime import datetime

from bot.screens import checkins as screens
from bot.services import people
from bot.services.checkins.forms import load_sheet
from bot.services.checkins.turns import turn_of
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import checkins, outbox
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study

COPY = "checkin_copy"


async def refresh(tx: Tx, checkin_id: int, now: datetime) -> None:
    """Queue an edit of each copy that a caregiver was sent, in the transaction that ends the form."""
    sent = await outbox.sent_copies(tx, Subject("checkin", checkin_id), "checkin", "nudge")
    edits = [
        Intent(
            f"{COPY}:{copy.id}",
            COPY,
            outbox.REPLY,
            copy.to,
            {"checkin": checkin_id, "message": copy.message_id},
            subject=Subject("checkin", checkin_id),
        )
        for copy in sent
        if copy.to is not None and copy.to.kind == "caregiver"
    ]
    await outbox.enqueue_many(tx, edits, now)


async def _render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    checkin = await checkins.get(tx, int(message.params["checkin"]))
    if message.to is None or checkin is None or checkin.state == "open":
        return Skip("open, or nobody's")
    reader = await people.reader(tx, message.to)
    turn = turn_of(study, await load_sheet(study, tx, reader, checkin, now), now)
    screen = screens.checkin(turn.view, study.site)
    return Outgoing(screen, reader.language, "edit", int(message.params["message"]))


KIND = Kind(_render)
