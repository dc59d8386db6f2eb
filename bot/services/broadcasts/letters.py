"""What goes out of a broadcast: a letter and perhaps a file to each, the progress, the plea to approve."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from bot.domain.people import ENDED, Participant, PersonRef
from bot.screens import broadcast as screens
from bot.services.broadcasts import state
from bot.services.broadcasts.state import FILE, LETTER, PAUSED, PROGRESS
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import broadcasts, outbox, participants, staff
from bot.storage.broadcasts import Broadcast
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study
from bot.texts import Language, Screen, Verbatim

APPROVAL = "broadcast_approval"
EXPIRES_AFTER = timedelta(hours=24)
# Telegram does not like one message edited again and again; a long wait is looked at more rarely.
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=3), timedelta(minutes=10)
# What Telegram lets stand below a picture or a document, in UTF-16 units.
CAPTION_UNITS = 1024


async def queue(study: Study, tx: Tx, broadcast: Broadcast, to: Iterable[Participant], now: datetime) -> None:
    """Queue everyone's copy: the file with the text below it, or before it where the text is long."""
    intents: list[Intent] = []
    for each in to:
        apart = broadcast.file is not None and not _fits(study, broadcast, each.language)
        if apart:
            intents.append(_intent(FILE, broadcast.id, each, now))
        intents.append(_intent(LETTER, broadcast.id, each, now, apart=apart))
    await outbox.enqueue_many(tx, intents, now)


def _intent(kind: str, broadcast_id: int, to: Participant, now: datetime, *, apart: bool = False) -> Intent:
    return Intent(
        f"{kind}:{broadcast_id}:{to.id}",
        kind,
        outbox.BROADCAST,
        to.ref,
        {"broadcast": broadcast_id, **({"apart": True} if apart else {})},
        expires_at=now + EXPIRES_AFTER,
        subject=Subject(kind, broadcast_id),
    )


def _fits(study: Study, broadcast: Broadcast, language: Language) -> bool:
    shown = unescape(study.texts.render(_letter(broadcast), language).text)
    return len(shown.encode("utf-16-le")) // 2 <= CAPTION_UNITS


def _letter(broadcast: Broadcast) -> Screen:
    return screens.letter(Verbatim(broadcast.text_zh or "", broadcast.text_en or ""))


async def _reader(tx: Tx, message: Message) -> tuple[Broadcast, Participant] | Skip:
    broadcast = await broadcasts.get(tx, message.params["broadcast"])
    if broadcast is not None and broadcast.state == "paused":
        return Skip(PAUSED)
    if broadcast is None or broadcast.state != "sending":
        return Skip("the broadcast was stopped")
    known = await participants.get(tx, message.to.id) if message.to else None
    if known is None or known.status in ENDED:
        return Skip("has left the trial")
    return broadcast, known


async def _render_letter(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    found = await _reader(tx, message)
    if isinstance(found, Skip):
        return found
    broadcast, known = found
    if broadcast.file is None or message.params.get("apart"):
        return Outgoing(_letter(broadcast), known.language)
    return Outgoing(_letter(broadcast), known.language, broadcast.file.kind, file_id=broadcast.file.file_id)


async def _render_file(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    found = await _reader(tx, message)
    if isinstance(found, Skip):
        return found
    broadcast, known = found
    if broadcast.file is None:
        return Skip("there is no file")
    return Outgoing(screens.above(), known.language, broadcast.file.kind, file_id=broadcast.file.file_id)


async def _render_progress(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    broadcast = await broadcasts.get(tx, message.params["broadcast"])
    member = await staff.get(tx, message.to.id) if message.to else None
    if broadcast is None or member is None or member.status == "revoked":
        return Skip("nobody to show it to")
    screen = screens.progress(await state.view(study, tx, broadcast))
    shown_in = broadcast.progress_message_id
    method: Any = "send" if shown_in is None else "edit"
    return Outgoing(screen, member.language, method, edit_message_id=shown_in, if_gone="send", silent=True)


async def _render_approval(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    broadcast = await broadcasts.get(tx, message.params["broadcast"])
    member = await staff.get(tx, message.to.id) if message.to else None
    if broadcast is None or member is None or member.status == "revoked":
        return Skip("nobody to show it to")
    shown_in = message.params.get("edit")
    if shown_in is None and broadcast.state != "awaiting":
        return Skip("decided meanwhile")
    screen = screens.approval(await state.view(study, tx, broadcast))
    return Outgoing(screen, member.language, "edit" if shown_in else "send", edit_message_id=shown_in)


async def ask_approval(tx: Tx, broadcast_id: int, approvers: Iterable[PersonRef], now: datetime) -> None:
    """Ask everyone who may approve."""
    for each in approvers:
        key = f"{APPROVAL}:{broadcast_id}:{each.id}"
        subject = Subject(APPROVAL, broadcast_id)
        params = {"broadcast": broadcast_id}
        await outbox.enqueue(tx, Intent(key, APPROVAL, outbox.REPLY, each, params, subject=subject), now)


async def show_decision(tx: Tx, broadcast: Broadcast, now: datetime) -> None:
    """Let every plea to approve show what was decided."""
    subject = Subject(APPROVAL, broadcast.id)
    await outbox.cancel_subject(tx, subject, "decided meanwhile", now)
    shown = {each.message_id: each.to for each in await outbox.sent_copies(tx, subject)}
    for message_id, to in shown.items():
        key = f"{APPROVAL}:{broadcast.id}:v{broadcast.version}:{to}:{message_id}"
        params = {"broadcast": broadcast.id, "edit": message_id}
        await outbox.enqueue(tx, Intent(key, APPROVAL, outbox.REPLY, to, params, subject=subject), now)


async def _after_letter(
    study: Study, tx: Tx, message: Message, message_id: int | None, now: datetime
) -> None:
    await state.settled(tx, await state.get(tx, message.params["broadcast"]), now)


async def _after_refusal(study: Study, tx: Tx, message: Message, reason: str, now: datetime) -> None:
    await state.settled(tx, await state.get(tx, message.params["broadcast"]), now)


async def _after_progress(
    study: Study, tx: Tx, message: Message, message_id: int | None, now: datetime
) -> None:
    broadcast = await state.get(tx, message.params["broadcast"])
    if message_id is not None and message_id != broadcast.progress_message_id:
        await broadcasts.set_progress_message(tx, broadcast.id, message_id)
    await _go_on(tx, broadcast, now)


async def _progress_failed(study: Study, tx: Tx, message: Message, reason: str, now: datetime) -> None:
    await _go_on(tx, await state.get(tx, message.params["broadcast"]), now)


async def _go_on(tx: Tx, broadcast: Broadcast, now: datetime) -> None:
    """Look again after a while, as long as something waits: what expires tells nobody by itself."""
    broadcast = await state.settled(tx, broadcast, now)
    if broadcast.state != "sending":
        return
    since = now - (broadcast.confirmed_at or now)
    pause = min(max(since / 4, SHORTEST_PAUSE), LONGEST_PAUSE)
    await state.queue_progress(tx, broadcast.id, PersonRef("staff", broadcast.by_staff_id), now + pause, now)


KINDS = {
    LETTER: Kind(_render_letter, _after_letter, _after_refusal),
    FILE: Kind(_render_file, _after_letter, _after_refusal),
    PROGRESS: Kind(_render_progress, _after_progress, _progress_failed),
    APPROVAL: Kind(_render_approval),
}
