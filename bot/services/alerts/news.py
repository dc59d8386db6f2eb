"""A text or a picture that comes while an alert is open: news for whoever has that alert in hand."""

from datetime import datetime

from bot.domain.people import Participant
from bot.services.alerts.chain import PAGE, about, page_holder, record
from bot.services.alerts.copies import refresh_copies
from bot.services.alerts.view import SAID
from bot.services.notices import Note, tell_member
from bot.storage import alerts, outbox, staff
from bot.storage.alerts import Alert
from bot.storage.db import Tx
from bot.study import Study


async def tell_holders(
    study: Study, tx: Tx, author: Participant, text_id: int, note: Note, now: datetime, *, quiet: bool
) -> None:
    """Say on every open alert of the author that they wrote, and page whoever has it in hand.

    In the transaction that keeps the text. Once the participant was reached
    nothing is paged for; the holder gets the note that the coordinators get.
    Nothing for an alert that these very words have opened. `quiet`: further
    pictures of one album are no further news.
    """
    for alert in await alerts.open_for(tx, author.id):
        if alert.opened_at == now or quiet:
            continue
        await record(study, tx, alert.id, SAID, now, by=author.ref, after={"text": text_id})
        holder = alert.contacted_by or alert.acknowledged_by
        if holder is not None:
            await _tell(tx, alert, holder, author, text_id, note, now)
        await refresh_copies(tx, alert.id, now)


async def _tell(
    tx: Tx, alert: Alert, holder: int, author: Participant, text_id: int, note: Note, now: datetime
) -> None:
    if alert.state == "contacted":
        member = await staff.get(tx, holder)
        if member is not None and member.status == "active":
            await tell_member(tx, member, note, str(text_id), now, about=author)
    elif holder not in await _paged(tx, alert, now):
        await page_holder(tx, alert, [holder], f"text:{text_id}", now)


async def paged_now(tx: Tx, author: Participant, now: datetime) -> frozenset[int]:
    """Return which of the staff an alert of the author pages since this transaction."""
    found: set[int] = set()
    for alert in await alerts.open_for(tx, author.id):
        found |= await _paged(tx, alert, now)
    return frozenset(found)


async def _paged(tx: Tx, alert: Alert, now: datetime) -> set[int]:
    waiting = await outbox.queued_about(tx, about(alert.id), PAGE)
    return {each.to.id for each in waiting if each.created_at == now and each.to is not None}
