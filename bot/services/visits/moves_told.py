"""What staff change about the days of visits is told to the participant: once, as it is when it goes out."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from bot.domain import planning
from bot.domain.people import Participant, ParticipantStatus
from bot.domain.planning import PlannedVisit
from bot.domain.timetable import quiet_until
from bot.screens import moves_told as screens
from bot.screens.moves_told import Change
from bot.services import people
from bot.services.facts import course_of, visit_view
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import outbox
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study

MOVED = "visit_moved"
# Whoever moves a visit and sees at once that it was the wrong day sends one message, not two.
SETTLES_WITHIN = timedelta(minutes=2)
HELD = "held"
_WAS = "was"

Days = Mapping[str, str]


async def days_of(study: Study, tx: Tx, participant: Participant) -> Days:
    """Return when each visit is that is ahead, and which are held; to be compared after a change."""
    if study.protocol.follow_up_anchor is None:
        return {}
    return dict(_days(planning.plan(await course_of(tx, participant), study.protocol)))


def _days(plan: Collection[PlannedVisit]) -> Iterator[tuple[str, str]]:
    for visit in plan:
        if visit.is_ahead:
            yield visit.id, visit.starts_at.isoformat()
        elif visit.status == HELD:
            yield visit.id, HELD


async def tell(
    study: Study,
    tx: Tx,
    participant: Participant,
    before: Days,
    now: datetime,
    *,
    at_once: bool = False,
    told_otherwise: Collection[str] = (),
) -> None:
    """Queue one message about what has changed since `before`, in the transaction that changed it.

    One that still waits is taken into it, and what was told then is compared
    with what is true when it goes out. `at_once` is for who is waiting for it.
    """
    known = await people.participant(tx, participant.id)
    if known.status is not ParticipantStatus.ACTIVE:
        return
    after = await days_of(study, tx, known)
    was = {visit: before.get(visit, "") for visit, at in after.items() if before.get(visit) != at}
    waiting = await outbox.queued_about(tx, _subject(known), MOVED)
    for each in waiting:
        if each.to == known.ref:
            was |= each.params[_WAS]
    was = {visit: at for visit, at in was.items() if visit not in told_otherwise}
    await outbox.cancel_subject(tx, _subject(known), "said in a newer message", now, MOVED)
    if was:
        await _queue(study, tx, known, was, after, now, at_once=at_once)


async def _queue(
    study: Study, tx: Tx, known: Participant, was: Days, after: Days, now: datetime, *, at_once: bool
) -> None:
    edition = hashlib.sha256(repr(sorted((each, was[each], after.get(each)) for each in was)).encode())
    settled_at = now + SETTLES_WITHIN
    quiet = quiet_until(study.protocol.quiet_hours, settled_at, known.zone)
    intent = Intent(
        f"{MOVED}:{known.id}:{now.isoformat()}:{edition.hexdigest()[:12]}",
        MOVED,
        outbox.REPLY,
        known.ref,
        {_WAS: was},
        not_before=now if at_once else quiet or settled_at,
        subject=_subject(known),
    )
    await outbox.enqueue_many(tx, [intent, *await people.copies(tx, intent, known.id)], now)


def _subject(known: Participant) -> Subject:
    return Subject(MOVED, known.id)


async def render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Say what is other than it was told before; skipped where all is as it was, or over by now."""
    if message.to is None:
        return Skip("nobody to tell")
    reader = await people.reader(tx, message.to)
    if reader.status is not ParticipantStatus.ACTIVE:
        return Skip("not followed any more")
    plan = {each.id: each for each in planning.plan(await course_of(tx, reader), study.protocol)}
    was: Days = message.params[_WAS]
    changed = tuple(
        change
        for visit, at in was.items()
        if visit in plan and (change := _change(plan[visit], at, reader, now)) is not None
    )
    if not changed:
        return Skip("as it was told before")
    return Outgoing(
        screens.changed(sorted(changed, key=lambda each: each.visit.at), study.site), reader.language
    )


def _change(visit: PlannedVisit, was: str, reader: Participant, now: datetime) -> Change | None:
    view = visit_view(visit, reader.zone)
    if visit.status == HELD:
        return None if was == HELD else Change("held", view)
    if not visit.is_ahead or visit.starts_at < now or visit.starts_at.isoformat() == was:
        return None
    return Change("moved" if was and was != HELD else "new", view)


KIND = Kind(render)
