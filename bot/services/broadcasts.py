"""Broadcasts: one outbox row for each recipient, a progress message that edits itself, and the result."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from bot.domain.people import Action, Participant, ParticipantStatus, PersonRef, StaffMember
from bot.errors import BadInput, NotAllowed, StaleTap
from bot.screens import broadcast as screens
from bot.screens.broadcast import BroadcastView
from bot.services import broadcast_state as state
from bot.services.broadcast_state import LETTER, PROGRESS
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.trail import record
from bot.storage import broadcasts, drafts, outbox, participants, staff
from bot.storage.broadcasts import Broadcast
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study
from bot.texts import Verbatim

EXPIRES_AFTER = timedelta(hours=24)
# Telegram does not like one message edited again and again; a long wait is looked at more rarely.
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=3), timedelta(minutes=10)
_ENDED = (ParticipantStatus.WITHDRAWN, ParticipantStatus.COMPLETED)
_LISTED = 10


def is_meant(participant: Participant, audience: str) -> bool:
    """Tell whether a participant belongs to an audience, to be reached or not."""
    return participant.status not in _ENDED and audience in ("all", participant.language)


def can_read(participant: Participant) -> bool:
    """Tell whether a participant has joined and agreed to be written to."""
    return participant.status is ParticipantStatus.ACTIVE


async def confirm(study: Study, member: StaffMember, draft: Draft) -> Broadcast:
    """Send a draft off: the draft is used up and every recipient has their row, in one transaction.

    StaleTap where the draft was used up before: a second press sends nothing twice.
    """
    now = study.clock.now()
    data = draft.data
    async with study.db.begin() as tx:
        held = await drafts.get(tx, draft.person)
        if held is None or (held.task, held.version) != (draft.task, draft.version):
            raise StaleTap("sent before")
        everyone = [each for each in await participants.all_(tx) if is_meant(each, data["audience"])]
        recipients = [each for each in everyone if can_read(each)]
        if not recipients:
            raise BadInput("broadcast.refused_nobody")
        kept = await broadcasts.add(
            tx,
            by_staff_id=member.id,
            text_zh=data["zh"],
            text_en=data["en"],
            audience={"who": data["audience"], **_left_out(everyone)},
            now=now,
        )
        await broadcasts.confirm(tx, kept.id, now)
        if draft.message_id is not None:
            await broadcasts.set_progress_message(tx, kept.id, draft.message_id)
        await _queue(tx, kept.id, recipients, now)
        await state.queue_progress(tx, kept.id, member.ref, now + SHORTEST_PAUSE, now)
        after = {"broadcast": kept.id, "audience": data["audience"], "recipients": len(recipients)}
        await record(tx, study, member.ref, "confirm_broadcast", now, after=after)
        await drafts.drop(tx, draft.person)
        return await state.get(tx, kept.id)


def _left_out(everyone: Iterable[Participant]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"not_joined": [], "not_agreed": []}
    for each in everyone:
        if each.status is ParticipantStatus.ENROLLED:
            found["not_joined"].append(each.code)
        elif each.status is ParticipantStatus.JOINED:
            found["not_agreed"].append(each.code)
    return found


async def _queue(tx: Tx, broadcast_id: int, recipients: Iterable[Participant], now: datetime) -> None:
    intents = [
        Intent(
            f"broadcast:{broadcast_id}:{each.id}",
            LETTER,
            outbox.BROADCAST,
            each.ref,
            {"broadcast": broadcast_id},
            expires_at=now + EXPIRES_AFTER,
            subject=Subject(LETTER, broadcast_id),
        )
        for each in recipients
    ]
    await outbox.enqueue_many(tx, intents, now)


async def stop(study: Study, by: PersonRef, broadcast_id: int) -> tuple[BroadcastView, bool]:
    """Stop a broadcast: what has not gone out does not go; False when it was over before."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        stopped = await broadcasts.stop(tx, broadcast_id, now)
        if stopped is not None:
            subject = Subject(LETTER, broadcast_id)
            await outbox.cancel_subject(tx, subject, "the broadcast was stopped", now)
            await record(tx, study, by, "stop_broadcast", now, after={"broadcast": broadcast_id})
            await state.show_end(tx, stopped, now)
        return await state.view(study, tx, await state.get(tx, broadcast_id)), stopped is not None


async def show(study: Study, by: PersonRef, broadcast_id: int) -> BroadcastView:
    """Return a broadcast as it is now."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        return await state.view(study, tx, await state.settled(tx, await state.get(tx, broadcast_id), now))


async def latest(study: Study, by: PersonRef) -> list[BroadcastView]:
    """Return the last broadcasts, the newest first."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        found = await broadcasts.latest(tx, _LISTED)
        return [await state.view(study, tx, await state.settled(tx, each, now)) for each in found]


async def view_of(study: Study, broadcast_id: int) -> BroadcastView:
    """Return a broadcast as it is now, for whoever has just confirmed it."""
    async with study.db.begin() as tx:
        return await state.view(study, tx, await state.get(tx, broadcast_id))


async def _may(tx: Tx, by: PersonRef) -> None:
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(Action.BROADCAST):
        raise NotAllowed(Action.BROADCAST)


async def _render_letter(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    broadcast = await broadcasts.get(tx, message.params["broadcast"])
    if broadcast is None or broadcast.state != "sending":
        return Skip("the broadcast was stopped")
    known = await participants.get(tx, message.to.id) if message.to else None
    if known is None or known.status in _ENDED:
        return Skip("has left the trial")
    return Outgoing(
        screens.letter(Verbatim(broadcast.text_zh or "", broadcast.text_en or "")), known.language
    )


async def _render_progress(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    broadcast = await broadcasts.get(tx, message.params["broadcast"])
    member = await staff.get(tx, message.to.id) if message.to else None
    if broadcast is None or member is None or member.status == "revoked":
        return Skip("nobody to show it to")
    screen = screens.progress(await state.view(study, tx, broadcast))
    shown_in = broadcast.progress_message_id
    method: Any = "send" if shown_in is None else "edit"
    return Outgoing(screen, member.language, method, edit_message_id=shown_in, if_gone="send", silent=True)


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
    PROGRESS: Kind(_render_progress, _after_progress, _progress_failed),
}
