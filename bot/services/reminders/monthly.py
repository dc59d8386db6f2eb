"""Monthly reminders by flag: queued by the tick, written for the flags as they are, in private words."""

from datetime import datetime

from bot.domain import agenda
from bot.domain.agenda import DueNotice, notice_key
from bot.domain.people import Participant
from bot.domain.timetable import timetable
from bot.screens import monthly as screens
from bot.services import people
from bot.services.facts import facts_of
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import outbox
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study

MONTHLY = "monthly"


async def queue(tx: Tx, participant: Participant, item: DueNotice, now: datetime) -> None:
    """Queue one; its key makes that each month is reminded of once."""
    intent = Intent(
        item.key,
        MONTHLY,
        outbox.REMINDER,
        participant.ref,
        {"rule": item.rule, "name": item.name},
        expires_at=item.expires_at,
        subject=Subject(MONTHLY, participant.id),
    )
    await outbox.enqueue(tx, intent, now)


async def render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write one as things are now; skipped for somebody who left, or whom it does not concern any more."""
    if message.to is None:
        return Skip("nobody to remind")
    participant = await people.participant(tx, message.to.id)
    facts = await facts_of(tx, participant, now)
    if not agenda.is_still_true(facts, study.protocol, message.key, now):
        return Skip("no longer true")
    rule = study.protocol.monthly[message.params["rule"]]
    texts = tuple(line.text for line in rule.lines if line.flag in participant.flags)
    notices = timetable(facts.course, study.protocol).notices
    until_on = next(
        each.until_on for each in notices if notice_key(participant.id, each.rule, each.name) == message.key
    )
    return Outgoing(screens.reminder(texts, until_on), participant.language)


KIND = Kind(render)
