"""Whether a human has read what a participant wrote: said below their message, and kept true by edits."""

from datetime import datetime

from bot.domain.people import PersonRef
from bot.screens import receipts as screens
from bot.services import people
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import asked, outbox, receipts
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.receipts import Receipt
from bot.storage.types import Subject
from bot.study import Study
from bot.texts import Screen

RECEIPT = "receipt"


async def acknowledgement(study: Study, text_id: int) -> Screen | None:
    """Return what to tell the author of a text; None where they were told, or the emergency text speaks."""
    async with study.db.begin() as tx:
        receipt = await receipts.get(tx, text_id)
        if receipt is None or receipt.message_id is not None:
            return None
        return await _screen(study, tx, text_id)


async def acknowledged(study: Study, text_id: int, message_id: int) -> None:
    """Remember the message that tells the author how their text stands."""
    async with study.db.begin() as tx:
        await receipts.shown_in(tx, text_id, message_id)


async def changed(tx: Tx, author: PersonRef, text_ids: list[int], state: str, now: datetime) -> None:
    """Have the messages edited that tell an author how their texts stand.

    Of several texts of danger that were read together the last one is told of.
    """
    known = {each: await receipts.get(tx, each) for each in text_ids}
    red = [each for each, receipt in known.items() if receipt is not None and receipt.told == "red"]
    text_ids = [each for each in text_ids if each not in red[:-1]]
    intents = [
        Intent(
            f"{RECEIPT}:{text_id}:{state}",
            RECEIPT,
            outbox.REPLY,
            author,
            {"text": text_id},
            subject=Subject("text", text_id),
        )
        for text_id in text_ids
    ]
    await outbox.enqueue_many(tx, intents, now)


async def _screen(study: Study, tx: Tx, text_id: int) -> Screen | None:
    receipt = await receipts.get(tx, text_id)
    if receipt is None or receipt.told == "red":
        return None
    held = await asked.get(tx, text_id)
    items = [study.protocol.items[each] for each in held.items] if held else []
    names = [item.name_key for item in items if not item.private]
    read_at = receipt.read_at if receipt.state != "waiting" else None
    status = screens.status(receipt.state, read_at, study.site.zone)
    return screens.acknowledgement(receipt.told, names, study.site, status)


async def _render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    receipt = await receipts.get(tx, message.params["text"])
    if message.to is not None and receipt is not None and receipt.told == "red":
        return await _alarming(study, tx, message.to, receipt)
    if message.to is None or receipt is None or receipt.message_id is None:
        return Skip("no message shows it")
    screen = await _screen(study, tx, receipt.text_id)
    if screen is None:
        return Skip("the emergency text speaks")
    reader = await people.participant(tx, message.to.id)
    return Outgoing(screen, reader.language, method="edit", edit_message_id=receipt.message_id)


async def _alarming(study: Study, tx: Tx, author: PersonRef, receipt: Receipt) -> Outgoing | Skip:
    """Say in a message of its own that words of danger were read: the emergency text stays as it is."""
    if receipt.state != "read" or receipt.read_at is None:
        return Skip("the answer speaks")
    reader = await people.participant(tx, author.id)
    return Outgoing(screens.alarming_read(receipt.read_at, study.site), reader.language)


KINDS = {RECEIPT: Kind(_render)}
