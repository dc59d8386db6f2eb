"""The tick: whoever's hint has passed is looked at, and what is due is queued."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.domain import agenda
from bot.domain.agenda import DueCheckin, DueNotice, DueReminder
from bot.domain.people import Participant
from bot.errors import StaleTap
from bot.screens import visits as screens
from bot.services import people
from bot.services.checkins.checkins import open_scheduled
from bot.services.facts import facts_of, planned_visit, visit_view
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.participation import hospital
from bot.services.reminders import monthly
from bot.services.trail import SYSTEM, record
from bot.services.visits import completing
from bot.services.visits.changes import REMINDER, reminder_subject
from bot.storage import outbox, participants, visits
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.study import Study

log = logging.getLogger(__name__)

BATCH = 100
_LATE = timedelta(minutes=15)
_AFTER_CHECKIN = timedelta(minutes=15)


async def tick(study: Study) -> int:
    """Look at every participant whose hint has passed; return how many were looked at.

    Each look is one transaction: what it queues and when to look again are
    saved together, or neither is. One that fails is logged, tried again at the
    next tick, and holds up nobody else.
    """
    now = study.clock.now()
    looked, failed = 0, set[int]()
    while due := [each for each in await _due(study, now) if each.id not in failed]:
        for each in due:
            try:
                await _look(study, each.id, now)
                looked += 1
            except Exception:
                failed.add(each.id)
                log.exception("the look at participant %d failed", each.id)
    return looked


async def _due(study: Study, now: datetime) -> list[Participant]:
    async with study.db.begin() as tx:
        return await participants.due(tx, now, BATCH)


async def _look(study: Study, participant_id: int, now: datetime) -> None:
    async with study.db.begin() as tx:
        participant = await people.participant(tx, participant_id)
        facts = await facts_of(tx, participant, now)
        found = agenda.due(facts, study.protocol, now)
        for item in found.items:
            if isinstance(item, DueReminder):
                await _queue(tx, participant, item, _its_turn(item, found.items, now), now)
            elif isinstance(item, DueNotice):
                await monthly.queue(tx, participant, item, now)
            else:
                await _open(study, tx, participant, item, now)
        await _note_dropped(study, tx, participant, found.dropped, now)
        hints = (found.look_again_at, await hospital.look(study, tx, participant, now))
        await participants.set_wake(tx, participant_id, min((at for at in hints if at), default=None))
        if facts.followed and found.look_again_at is None:
            await completing.tell_when_over(tx, participant, now)


async def _open(study: Study, tx: Tx, participant: Participant, item: DueCheckin, now: datetime) -> None:
    await open_scheduled(study, tx, participant, item, now)


def _its_turn(
    item: DueReminder, due: Sequence[DueReminder | DueCheckin | DueNotice], now: datetime
) -> datetime:
    """Return when a reminder goes out: after an outage a check-in goes first, and the reminder follows.

    Nobody's phone rings twice at once when the program comes back; a reminder
    that would be stale by then does not wait.
    """
    late = now - item.due_at > _LATE
    if not late or not any(isinstance(each, DueCheckin) for each in due):
        return now
    return max(now, min(now + _AFTER_CHECKIN, item.expires_at - _AFTER_CHECKIN))


async def _queue(
    tx: Tx, participant: Participant, item: DueReminder, not_before: datetime, now: datetime
) -> None:
    intent = Intent(
        item.key,
        REMINDER,
        outbox.REMINDER,
        participant.ref,
        {"visit": item.visit, "rule": item.rule, "on": item.on.isoformat()},
        not_before=not_before,
        expires_at=item.expires_at,
        subject=reminder_subject(participant.id, item.visit),
    )
    await outbox.enqueue_many(tx, [intent, *await people.copies(tx, intent, participant.id)], now)


async def _note_dropped(
    study: Study, tx: Tx, participant: Participant, dropped: tuple[str, ...], now: datetime
) -> None:
    """Keep what was not worth sending any more: the coordinator's digest is made from these rows."""
    if dropped:
        after = {"keys": list(dropped)}
        await record(tx, study, SYSTEM, "dropped_stale", now, subject=participant.ref, after=after)


async def render_reminder(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write a reminder as the visit is now; skipped when it moved, is over, or will not take place.

    One that perhaps arrived says so, and is skipped where somebody has answered it.
    """
    if message.to is None:
        return Skip("nobody to remind")
    participant = await people.reader(tx, message.to)
    facts = await facts_of(tx, participant, now)
    if not agenda.is_still_true(facts, study.protocol, message.params.get("key", message.key), now):
        return Skip("no longer true")
    try:
        visit = planned_visit(study, facts.course, message.params["visit"])
    except StaleTap:
        return Skip("the visit is no longer planned")
    if visit.on != date.fromisoformat(message.params["on"]):
        return Skip("the visit was moved")
    if message.repeats and await visits.was_answered(tx, participant.id, visit.id, message.created_at):
        # Its button was used: the first copy arrived, and whoever answered it needs no second one.
        return Skip("it was answered")
    rule = study.protocol.reminders[message.params["rule"]]
    view = visit_view(visit, participant.zone)
    screen = screens.reminder(view, rule.text, study.site, repeat=message.repeats > 0)
    return Outgoing(screen, participant.language)


KIND = Kind(render_reminder)
