"""What services know of the second channel: what it carries, and who is told when it fails."""

from datetime import datetime

from bot.screens.alerts import title
from bot.services.alerts.chain import tell
from bot.services.alerts.view import alert_of, view_of
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import alerts
from bot.storage.db import Tx
from bot.storage.outbox import Message
from bot.study import Study
from bot.texts import Screen


async def render_second(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write what the second channel carries: tier and code, no more, in both languages."""
    alert = await alert_of(tx, int(message.params["alert"]))
    if alert.state in ("contacted", "closed"):
        return Skip(f"the alert is {alert.state}")
    view = await view_of(study, tx, alert)
    return Outgoing(Screen((title(view),), protect=True), "both")


async def tell_of_failure(study: Study, message: Message) -> None:
    """Tell the coordinators in the chat that the second channel does not take a page; once a round."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _failed(study, tx, message, "not taken", now)


async def _failed(study: Study, tx: Tx, message: Message, reason: str, now: datetime) -> None:
    if "alert" not in message.params:
        return  # about the program itself: the watcher says so again while it lasts
    # A line about the program itself has no alert; the watcher tells of that on its own.
    alert = await alerts.get(tx, int(message.params.get("alert", 0)))
    if alert is not None and alert.state not in ("contacted", "closed"):
        # Without a channel at all, once is enough: it will not come by itself.
        occurrence = "none" if reason == "no second channel" else str(message.id)
        note = "no_second" if reason == "no second channel" else "second_failed"
        await tell(tx, alert, note, occurrence, now)


SECOND_PAGE = Kind(render_second, after_failed=_failed)
