"""Where a broadcast stands: its view, its end, and the message that shows the progress."""

from datetime import datetime

from bot.domain.people import PersonRef
from bot.errors import StaleTap
from bot.screens.broadcast import Audience, BroadcastView, Why
from bot.storage import broadcasts, links, outbox, participants
from bot.storage.broadcasts import Broadcast
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study
from bot.texts import Verbatim

LETTER, PROGRESS = "broadcast", "broadcast_progress"


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
    counts = await outbox.subject_counts(tx, Subject(LETTER, broadcast_id))
    return counts.get("queued", 0) + counts.get("sending", 0)


async def settled(tx: Tx, broadcast: Broadcast, now: datetime) -> Broadcast:
    """Finish a broadcast of which nothing waits any more, and show its end."""
    if broadcast.state != "sending" or await _waiting(tx, broadcast.id):
        return broadcast
    finished = await broadcasts.finish(tx, broadcast.id, now)
    if finished is not None:
        await show_end(tx, finished, now)
    return finished or broadcast


async def show_end(tx: Tx, broadcast: Broadcast, now: datetime) -> None:
    """Let the progress message show the end now, in place of what it would have shown later."""
    await outbox.cancel_subject(tx, Subject(PROGRESS, broadcast.id), "it is over", now)
    author = PersonRef("staff", broadcast.by_staff_id)
    # A key of its own: the end may be found by the progress message of this very instant.
    await _queue(tx, f"broadcast_progress:{broadcast.id}:end", broadcast.id, author, now, now)


async def view(study: Study, tx: Tx, broadcast: Broadcast) -> BroadcastView:
    """Return a broadcast as its screens show it, with who did not get it."""
    letters = await outbox.of_subject(tx, Subject(LETTER, broadcast.id))
    missed: dict[Why, list[str]] = {
        "not_joined": list(broadcast.audience.get("not_joined", ())),
        "not_agreed": list(broadcast.audience.get("not_agreed", ())),
    }
    for each in letters:
        why = await _why(tx, each)
        if why is not None and each.to is not None:
            known = await participants.get(tx, each.to.id)
            missed.setdefault(why, []).append(known.code if known else "?")
    audience: Audience = broadcast.audience["who"]
    return BroadcastView(
        id=broadcast.id,
        state=broadcast.state,
        text=Verbatim(broadcast.text_zh or "", broadcast.text_en or ""),
        audience=audience,
        total=len(letters),
        sent=sum(each.state == "sent" for each in letters),
        waiting=sum(each.state in ("queued", "sending") for each in letters),
        missed=missed,
        at=broadcast.confirmed_at or broadcast.created_at,
        zone=study.site.zone,
    )


async def _why(tx: Tx, letter: Message) -> Why | None:
    """Return why somebody did not get their letter; None where they did, or still may."""
    if letter.state == "failed" and letter.to is not None:
        link = await links.get(tx, letter.to)
        if link is None:
            return "no_chat"
        return "blocked" if link.unreachable_at is not None else "refused"
    by_state: dict[str, Why] = {"uncertain": "uncertain", "expired": "expired", "skipped": "stopped"}
    return by_state.get(letter.state)
