"""Where a broadcast stands: its view, its end, and the message that shows the progress."""

from datetime import datetime

from bot.domain.audience import Audience
from bot.domain.people import PersonRef
from bot.errors import StaleTap
from bot.screens.audience import described
from bot.screens.broadcast import BroadcastView, Why
from bot.storage import broadcasts, links, outbox, participants, staff
from bot.storage.broadcasts import Broadcast
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study
from bot.texts import Verbatim

LETTER, FILE, PROGRESS = "broadcast", "broadcast_file", "broadcast_progress"
# Why a letter was skipped that goes on when the broadcast does.
PAUSED = "the broadcast is paused"
_WAITING = ("queued", "sending")


async def queue_progress(tx: Tx, broadcast_id: int, to: PersonRef, at: datetime, now: datetime) -> None:
    """Let the progress message be edited at an instant."""
    await _queue(tx, f"broadcast_progress:{broadcast_id}:{at.isoformat()}", broadcast_id, to, at, now)


async def _queue(tx: Tx, key: str, broadcast_id: int, to: PersonRef, at: datetime, now: datetime) -> None:
    intent = Intent(
        key,
        PROGRESS,
        outbox.REPLY,
        to,
        {"broadcast": broadcast_id},
        not_before=at,
        subject=Subject(PROGRESS, broadcast_id),
    )
    await outbox.enqueue(tx, intent, now)


async def get(tx: Tx, broadcast_id: int) -> Broadcast:
    """Return a broadcast that must be there; StaleTap otherwise."""
    found = await broadcasts.get(tx, broadcast_id)
    if found is None:
        raise StaleTap(f"no broadcast {broadcast_id}")
    return found


async def _waiting(tx: Tx, broadcast_id: int) -> int:
    waiting = 0
    for kind in (LETTER, FILE):
        counts = await outbox.subject_counts(tx, Subject(kind, broadcast_id))
        waiting += counts.get("queued", 0) + counts.get("sending", 0)
    return waiting


async def settled(tx: Tx, broadcast: Broadcast, now: datetime) -> Broadcast:
    """Finish a broadcast of which nothing waits any more, and show its end."""
    if broadcast.state != "sending" or await _waiting(tx, broadcast.id):
        return broadcast
    finished = await broadcasts.finish(tx, broadcast.id, now)
    if finished is not None:
        await show_change(tx, finished, now)
    return finished or broadcast


async def show_change(tx: Tx, broadcast: Broadcast, now: datetime) -> None:
    """Let the progress message show the new state now, in place of what it would have shown later."""
    await outbox.cancel_subject(tx, Subject(PROGRESS, broadcast.id), "it has changed", now)
    author = PersonRef("staff", broadcast.by_staff_id)
    # A key of its own: the change may be found by the progress message of this very instant.
    key = f"broadcast_progress:{broadcast.id}:v{broadcast.version}"
    await _queue(tx, key, broadcast.id, author, now, now)


async def view(study: Study, tx: Tx, broadcast: Broadcast) -> BroadcastView:
    """Return a broadcast as its screens show it, with who did not get it."""
    letters = await outbox.of_subject(tx, Subject(LETTER, broadcast.id))
    files = await outbox.of_subject(tx, Subject(FILE, broadcast.id))
    codes = {each.id: each.code for each in await participants.all_(tx)}
    missed: dict[Why, list[str]] = {
        "not_joined": list(broadcast.audience.get("not_joined", ())),
        "not_agreed": list(broadcast.audience.get("not_agreed", ())),
    }
    for each in letters:
        why = await _why(tx, broadcast, each)
        if why is not None:
            missed.setdefault(why, []).append(_code(codes, each))
    for each in files:
        if each.state in ("failed", "uncertain", "expired"):
            missed.setdefault("file_missing", []).append(_code(codes, each))
    return BroadcastView(
        id=broadcast.id,
        version=broadcast.version,
        state=broadcast.state,
        text=Verbatim(broadcast.text_zh or "", broadcast.text_en or ""),
        audience=described(Audience.from_json(broadcast.audience), study.protocol),
        total=len(letters),
        sent=[_code(codes, each) for each in letters if each.state == "sent"],
        waiting=[_code(codes, each) for each in letters if _waits(broadcast, each)],
        missed=missed,
        at=broadcast.confirmed_at or broadcast.created_at,
        zone=study.site.zone,
        author=await _name(tx, broadcast.by_staff_id) or "?",
        file=broadcast.file.kind if broadcast.file else None,
        send_at=broadcast.send_at,
        approver=await _name(tx, broadcast.approved_by),
        approved_at=broadcast.approved_at,
    )


def _code(codes: dict[int, str], letter: Message) -> str:
    return codes.get(letter.to.id, "?") if letter.to else "?"


async def _name(tx: Tx, staff_id: int | None) -> str | None:
    member = None if staff_id is None else await staff.get(tx, staff_id)
    return member.name if member else None


def _waits(broadcast: Broadcast, letter: Message) -> bool:
    held = broadcast.state == "paused" and letter.state == "skipped" and letter.last_error == PAUSED
    return letter.state in _WAITING or held


async def _why(tx: Tx, broadcast: Broadcast, letter: Message) -> Why | None:
    """Return why somebody did not get their letter; None where they did, or still may."""
    if _waits(broadcast, letter):
        return None
    if letter.state == "failed" and letter.to is not None:
        link = await links.get(tx, letter.to)
        if link is None:
            return "no_chat"
        return "blocked" if link.unreachable_at is not None else "refused"
    by_state: dict[str, Why] = {"uncertain": "uncertain", "expired": "expired", "skipped": "stopped"}
    return by_state.get(letter.state)
