"""Broadcasts: confirmed, approved, timed, sent, paused, stopped; one outbox row for each recipient."""

from datetime import datetime

from bot.domain.attachment import Attachment
from bot.domain.audience import Audience
from bot.domain.people import Action, PersonRef, Role, StaffMember
from bot.domain.unsaid import names_arm_or_dose
from bot.errors import BadInput, NotAllowed, StaleTap
from bot.screens.broadcast import BroadcastView
from bot.services.broadcasts import letters, state
from bot.services.broadcasts.audience import crowd
from bot.services.broadcasts.state import FILE, LETTER, PAUSED
from bot.services.notices import Note, tell_member
from bot.services.steps import Data
from bot.services.trail import SYSTEM, Actor, record
from bot.storage import broadcasts, drafts, outbox, staff
from bot.storage.broadcasts import Broadcast
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.storage.types import Subject
from bot.study import Study

_LISTED = 10


async def confirm(study: Study, member: StaffMember, draft: Draft) -> Broadcast:
    """Send a draft off: at once, at its time, or to whoever has to approve it first.

    The draft is used up and every recipient has their row, in one transaction.
    StaleTap where the draft was used up before: a second press sends nothing twice.
    """
    now = study.clock.now()
    data = draft.data
    async with study.db.begin() as tx:
        held = await drafts.get(tx, draft.person)
        if held is None or (held.task, held.version) != (draft.task, draft.version):
            raise StaleTap("sent before")
        kept = await _keep(study, tx, member, data, draft.message_id, now)
        await drafts.drop(tx, draft.person)
        if study.site.broadcast_approval:
            return await _await_approval(study, tx, kept, member, now)
        return await _let_go(study, tx, kept, member.ref, now)


async def _keep(
    study: Study, tx: Tx, member: StaffMember, data: Data, message_id: int | None, now: datetime
) -> Broadcast:
    for text in (data["zh"], data["en"]):
        if names_arm_or_dose(text, study.protocol):
            raise BadInput("broadcast.refused_arm")
    audience = Audience.from_json(data["audience"])
    send_at = datetime.fromisoformat(data["send_at"]) if data.get("send_at") else None
    if send_at is not None and send_at <= now:
        raise BadInput("broadcast.refused_past")
    found = await crowd(study, tx, audience, now)
    if not found.reached and send_at is None:
        raise BadInput("broadcast.refused_nobody")
    kept = await broadcasts.add(
        tx,
        by_staff_id=member.id,
        text_zh=data["zh"],
        text_en=data["en"],
        audience=audience.as_json(),
        now=now,
        file=Attachment.from_json(data.get("file")),
        send_at=send_at,
    )
    after = {"broadcast": kept.id, "audience": audience.as_json(), "recipients": len(found.reached)}
    timed = {"send_at": send_at.isoformat()} if send_at else {}
    await record(tx, study, member.ref, "confirm_broadcast", now, after=after | timed)
    if message_id is not None:
        await broadcasts.set_progress_message(tx, kept.id, message_id)
    return kept


async def _await_approval(
    study: Study, tx: Tx, kept: Broadcast, member: StaffMember, now: datetime
) -> Broadcast:
    others = [
        each.ref
        for each in await staff.active_with_roles(tx, list(Role))
        if each.may(Action.APPROVE_BROADCAST) and each.id != member.id
    ]
    if not others:
        raise BadInput("broadcast.refused_no_approver")
    await broadcasts.await_approval(tx, kept.id)
    await letters.ask_approval(tx, kept.id, others, now)
    return await state.get(tx, kept.id)


async def _let_go(study: Study, tx: Tx, kept: Broadcast, by: Actor, now: datetime) -> Broadcast:
    """Let it wait for its time where that is ahead; else send it."""
    if kept.send_at is not None and kept.send_at > now:
        await broadcasts.schedule(tx, kept.id, kept.send_at)
        return await state.get(tx, kept.id)
    return await _start(study, tx, kept, by, now)


async def _start(study: Study, tx: Tx, kept: Broadcast, by: Actor, now: datetime) -> Broadcast:
    found = await crowd(study, tx, Audience.from_json(kept.audience), now)
    started = await broadcasts.confirm(tx, kept.id, now, {**kept.audience, **found.why_left_out()})
    if started is None:
        return await state.get(tx, kept.id)
    await letters.queue(study, tx, started, found.reached, now)
    after = {"broadcast": kept.id, "recipients": [each.code for each in found.reached]}
    await record(tx, study, by, "start_broadcast", now, after=after)
    author = PersonRef("staff", started.by_staff_id)
    await state.queue_progress(tx, started.id, author, now + letters.SHORTEST_PAUSE, now)
    return await state.settled(tx, started, now)


async def start_due(study: Study) -> int:
    """Send those whose time has come; return how many that were."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        due = await broadcasts.due(tx, now)
        for each in due:
            await _start(study, tx, each, SYSTEM, now)
    return len(due)


async def decide(
    study: Study, by: PersonRef, broadcast_id: int, version: int, *, approved: bool
) -> tuple[BroadcastView, bool]:
    """Approve or refuse as a second person; False when that was decided before, or it has changed.

    NotAllowed for the author.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await _may(tx, by, Action.APPROVE_BROADCAST)
        found = await state.get(tx, broadcast_id)
        if found.by_staff_id == by.id:
            raise NotAllowed(Action.APPROVE_BROADCAST)
        if found.state != "awaiting" or found.version != version:
            return await state.view(study, tx, found), False
        what = "approve_broadcast" if approved else "refuse_broadcast"
        await record(tx, study, by, what, now, after={"broadcast": broadcast_id})
        note: Note = "broadcast_approved" if approved else "broadcast_refused"
        await _tell_author(tx, found, note, member, now)
        if approved:
            passed = await broadcasts.approve(tx, broadcast_id, by.id, now)
            assert passed is not None
            await _let_go(study, tx, passed, by, now)
        else:
            await broadcasts.stop(tx, broadcast_id, now)
        decided = await state.get(tx, broadcast_id)
        await letters.show_decision(tx, decided, now)
        await state.show_change(tx, decided, now)
        return await state.view(study, tx, decided), True


async def retime(study: Study, by: PersonRef, broadcast_id: int, send_at: datetime | None) -> BroadcastView:
    """Give a broadcast that waits another time, or send it now (None); StaleTap where it waits no more."""
    now = study.clock.now()
    if send_at is not None and send_at <= now:
        raise BadInput("broadcast.refused_past")
    async with study.db.begin() as tx:
        await _may(tx, by, Action.BROADCAST)
        found = await state.get(tx, broadcast_id)
        if found.state != "scheduled":
            raise StaleTap("it waits no more")
        after = {"broadcast": broadcast_id, "send_at": send_at.isoformat() if send_at else None}
        before = {"send_at": found.send_at.isoformat() if found.send_at else None}
        await record(tx, study, by, "retime_broadcast", now, before=before, after=after)
        if send_at is None:
            changed = await _start(study, tx, found, by, now)
        else:
            await broadcasts.schedule(tx, broadcast_id, send_at)
            changed = await state.get(tx, broadcast_id)
        return await state.view(study, tx, changed)


async def pause(study: Study, by: PersonRef, broadcast_id: int) -> tuple[BroadcastView, bool]:
    """Hold back what has not gone out; False when it is not going out."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by, Action.BROADCAST)
        await state.settled(tx, await state.get(tx, broadcast_id), now)
        paused = await broadcasts.pause(tx, broadcast_id)
        if paused is not None:
            await _cancel(tx, broadcast_id, PAUSED, now)
            await record(tx, study, by, "pause_broadcast", now, after={"broadcast": broadcast_id})
            await state.show_change(tx, paused, now)
        return await state.view(study, tx, await state.get(tx, broadcast_id)), paused is not None


async def resume(study: Study, by: PersonRef, broadcast_id: int) -> tuple[BroadcastView, bool]:
    """Let a paused one go on, to those who have no copy yet; False when it is not paused."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by, Action.BROADCAST)
        resumed = await broadcasts.resume(tx, broadcast_id)
        if resumed is not None:
            for kind in (FILE, LETTER):
                until = now + letters.EXPIRES_AFTER
                await outbox.requeue_subject(tx, Subject(kind, broadcast_id), PAUSED, now, until)
            await record(tx, study, by, "resume_broadcast", now, after={"broadcast": broadcast_id})
            author = PersonRef("staff", resumed.by_staff_id)
            await state.queue_progress(tx, broadcast_id, author, now + letters.SHORTEST_PAUSE, now)
            await state.settled(tx, resumed, now)
        return await state.view(study, tx, await state.get(tx, broadcast_id)), resumed is not None


async def stop(study: Study, by: PersonRef, broadcast_id: int) -> tuple[BroadcastView, bool]:
    """Stop a broadcast: what has not gone out does not go; False when it was over before."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await _may(tx, by, Action.BROADCAST)
        stopped = await broadcasts.stop(tx, broadcast_id, now)
        if stopped is not None:
            await _tell_author(tx, stopped, "broadcast_stopped", member, now)
            await _cancel(tx, broadcast_id, "the broadcast was stopped", now)
            await record(tx, study, by, "stop_broadcast", now, after={"broadcast": broadcast_id})
            await letters.show_decision(tx, stopped, now)
            await state.show_change(tx, stopped, now)
        return await state.view(study, tx, await state.get(tx, broadcast_id)), stopped is not None


async def _cancel(tx: Tx, broadcast_id: int, reason: str, now: datetime) -> None:
    for kind in (FILE, LETTER):
        await outbox.cancel_subject(tx, Subject(kind, broadcast_id), reason, now)


async def show(study: Study, by: PersonRef, broadcast_id: int) -> BroadcastView:
    """Return a broadcast as it is now."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by, Action.BROADCAST)
        return await state.view(study, tx, await state.settled(tx, await state.get(tx, broadcast_id), now))


async def shown_in(study: Study, by: PersonRef, broadcast_id: int, message_id: int) -> int | None:
    """Let its author follow it in this message from now on; return the one that showed it before."""
    async with study.db.begin() as tx:
        found = await state.get(tx, broadcast_id)
        before = found.progress_message_id
        if found.by_staff_id != by.id or before == message_id:
            return None
        await broadcasts.set_progress_message(tx, broadcast_id, message_id)
        return before


async def latest(study: Study, by: PersonRef) -> list[BroadcastView]:
    """Return the last broadcasts, the newest first."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by, Action.BROADCAST)
        found = await broadcasts.latest(tx, _LISTED)
        return [await state.view(study, tx, await state.settled(tx, each, now)) for each in found]


async def view_of(study: Study, broadcast_id: int) -> BroadcastView:
    """Return a broadcast as it is now, for whoever has just confirmed it."""
    async with study.db.begin() as tx:
        return await state.view(study, tx, await state.get(tx, broadcast_id))


async def _tell_author(tx: Tx, broadcast: Broadcast, note: Note, by: StaffMember, now: datetime) -> None:
    """Tell whoever wrote it what a colleague did: the progress may be far above, and makes no sound."""
    author = await staff.get(tx, broadcast.by_staff_id)
    if author is not None and author.id != by.id:
        await tell_member(tx, author, note, str(broadcast.id), now, about=by, broadcast=broadcast.id)


async def _may(tx: Tx, by: PersonRef, action: Action) -> StaffMember:
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(action):
        raise NotAllowed(action)
    return member
