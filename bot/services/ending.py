"""The end of somebody's chat: nothing that waits is sent, nothing open is asked, and nobody is linked."""

from datetime import datetime

from bot.domain.people import Participant
from bot.storage import checkins, codes, links, outbox
from bot.storage.db import Tx


async def end_chat(tx: Tx, known: Participant, reason: str, now: datetime) -> None:
    """End a participant's chat at once, in the caller's transaction; their records stay as they are."""
    await outbox.cancel_to(tx, known.ref, reason, now)
    for each in await checkins.all_open(tx, known.id):
        await checkins.advance(tx, each, state="superseded")
    await codes.revoke_for(tx, known.ref, now)
    await links.end(tx, known.ref, now)
