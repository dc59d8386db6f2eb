"""The end of somebody's chat: nothing that waits is sent, nothing open is asked, and nobody is linked."""

from datetime import datetime

from bot.domain.people import Participant, PersonRef
from bot.services.checkins.awaiting import let_go
from bot.storage import caregivers, checkins, codes, links, outbox
from bot.storage.db import Tx


async def end_chat(tx: Tx, known: Participant, reason: str, now: datetime) -> None:
    """End a participant's chat at once, in the caller's transaction; their records stay as they are."""
    await outbox.cancel_to(tx, known.ref, reason, now)
    for each in await checkins.all_open(tx, known.id):
        await checkins.advance(tx, each, state="superseded")
    for caregiver in await caregivers.live_of(tx, known.id):
        await end_caregiver(tx, caregiver.ref, now)
    await let_go(tx, known.id)
    await codes.revoke_for(tx, known.ref, now)
    await links.end(tx, known.ref, now)


async def end_caregiver(tx: Tx, ref: PersonRef, now: datetime) -> bool:
    """End a caregiver's part and chat at once; False where that was done before."""
    if not await caregivers.end(tx, ref.id, now):
        return False
    await outbox.cancel_to(tx, ref, "caregiver ended", now)
    await codes.revoke_for(tx, ref, now)
    await links.end(tx, ref, now)
    return True
