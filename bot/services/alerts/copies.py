"""Every copy of a page, on every phone, brought to what is true now; an edit never pages again."""

from datetime import datetime

from bot.services.alerts.chain import PAGE, PAGE_EDIT, about, version_of
from bot.storage import outbox
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message


async def refresh_copies(tx: Tx, alert_id: int, now: datetime) -> None:
    """Queue an edit for each copy that was sent; older edits that still wait give way to these."""
    version = await version_of(tx, alert_id)
    copies = await outbox.sent_copies(tx, about(alert_id), PAGE)
    await outbox.enqueue_many(tx, [_edit(alert_id, version, copy) for copy in copies], now)


async def refresh_copy(tx: Tx, copy: Message, message_id: int, now: datetime) -> None:
    """Queue an edit of one copy that went out while the alert changed."""
    alert_id = int(copy.params["alert"])
    await outbox.enqueue(tx, _edit(alert_id, await version_of(tx, alert_id), copy, message_id), now)


def _edit(alert_id: int, version: int, copy: Message, message_id: int | None = None) -> Intent:
    return Intent(
        f"page_edit:{alert_id}:{version}:{copy.id}",
        PAGE_EDIT,
        outbox.REPLY,
        copy.to,
        {"alert": alert_id, "version": version, "message": message_id or copy.message_id},
        subject=about(alert_id),
    )
