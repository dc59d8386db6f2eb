"""Withdrawal: all contact ends at once, records stay, staff are told, and the telephone takes over."""

from datetime import datetime

from bot.domain.consent import Standing
from bot.domain.people import Participant, ParticipantStatus, PersonRef
from bot.errors import StaleTap
from bot.screens import leaving as screens
from bot.screens.leaving import Receipt, What
from bot.services import people
from bot.services.alerts.chain import record as record_on_alert
from bot.services.alerts.copies import refresh_copies
from bot.services.alerts.view import BY_PHONE_NOW
from bot.services.notices import Note, tell_coordinators
from bot.services.outgoing import Kind, Method, Outgoing, Skip
from bot.services.participation.ending import end_chat
from bot.services.trail import record
from bot.storage import alerts, consents, links, outbox, participants, phone_list
from bot.storage.db import Tx
from bot.storage.links import Link
from bot.storage.outbox import Intent, Message
from bot.study import Study

RECEIPT = "leaving_receipt"
_NOTES: dict[What, Note] = {"bot": "stopped", "study": "leaving"}


async def leave(study: Study, participant: Participant, what: What, message_id: int | None = None) -> None:
    """End all contact with a participant by the chat, in one transaction; StaleTap where it has ended.

    Leaving the study is a wish: the site calls, and staff record the withdrawal
    itself. The receipt takes the place of the message that asked.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        if known.status not in (ParticipantStatus.JOINED, ParticipantStatus.ACTIVE):
            raise StaleTap("not in this chat any more")
        await _take_back(tx, known, now)
        await participants.mark_unconsented(tx, known.id, linked=False)
        await participants.set_wake(tx, known.id, now)
        link = await links.get(tx, known.ref)
        await end_chat(tx, known, f"left: {what}", now)
        await _queue_receipt(tx, known, link, what, message_id, now)
        await phone_list.put(tx, known.id, "stopped" if what == "bot" else "leaving", now)
        action = "stop_bot" if what == "bot" else "wish_to_leave"
        await record(
            tx, study, known.ref, action, now, subject=known.ref, before={"status": known.status.value}
        )
        await tell_coordinators(tx, _NOTES[what], f"{known.id}:{now.isoformat()}", now, about=known)
        await _tell_alerts(study, tx, known, now)


async def _queue_receipt(
    tx: Tx, known: Participant, link: Link | None, what: Receipt, message_id: int | None, now: datetime
) -> None:
    """Queue the receipt to the chat that has just ended: neither a crash nor a bad line loses it."""
    if link is None:
        return
    params = {"what": what, "link": link.id, "message": message_id, "at": now.isoformat()}
    intent = Intent(f"{RECEIPT}:{link.id}:{what}", RECEIPT, outbox.REPLY, known.ref, params)
    await outbox.enqueue(tx, intent, now)


async def _render_receipt(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    link = None if message.to is None else await links.former(tx, message.to, message.params["link"])
    if link is None or message.to is None:
        return Skip("no chat")
    known = await people.participant(tx, message.to.id)
    at, asked = datetime.fromisoformat(message.params["at"]), message.params["message"]
    screen = screens.receipt(message.params["what"], known.code, at, known.zone, study.site)
    method: Method = "send" if asked is None else "edit"
    return Outgoing(screen, known.language, method, asked, "send", chat_id=link.chat_id)


KINDS = {RECEIPT: Kind(_render_receipt)}


async def _take_back(tx: Tx, known: Participant, now: datetime) -> None:
    made = Standing.of(await consents.of_person(tx, known.ref))
    for kind, latest in made.latest.items():
        if latest.decision == "given":
            await consents.add(
                tx, known.ref, kind, "withdrawn", now, version=latest.version, language=known.language
            )


async def _tell_alerts(study: Study, tx: Tx, known: Participant, now: datetime) -> None:
    """What is open stays with staff; every copy of its page says that contact is by telephone now."""
    for alert in await alerts.open_for(tx, known.id):
        await record_on_alert(study, tx, alert.id, BY_PHONE_NOW, now, by=known.ref)
        await refresh_copies(tx, alert.id, now)


def wishes(what: str) -> What:
    """Read what a button said; StaleTap for anything else."""
    if what not in ("bot", "study"):
        raise StaleTap("neither the bot nor the study")
    return "bot" if what == "bot" else "study"


async def withdraw(
    study: Study, by: PersonRef, known: Participant, now: datetime, tx: Tx, reason: str | None = None
) -> bool:
    """Record that somebody has left the study, as staff heard it from them; False where they had.

    Who still had the chat gets a receipt as its last words.
    """
    if not await participants.set_status(tx, known.id, ParticipantStatus.WITHDRAWN, now):
        return False
    await _take_back(tx, known, now)
    link = await links.get(tx, known.ref)
    await end_chat(tx, known, "withdrawn", now)
    await _queue_receipt(tx, known, link, "told", None, now)
    await _tell_alerts(study, tx, known, now)
    await participants.set_wake(tx, known.id, now)
    await phone_list.take_off(tx, known.id, now)
    before, after = {"status": known.status.value}, {"status": ParticipantStatus.WITHDRAWN.value}
    await record(tx, study, by, "withdraw", now, subject=known.ref, before=before, after=after, reason=reason)
    return True
