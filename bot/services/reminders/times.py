"""When a participant wants to be reminded: within what the protocol offers, and never of safety."""

from datetime import time

from bot.domain.people import Participant, ParticipantStatus
from bot.errors import StaleTap
from bot.screens.reminders import RuleView
from bot.services import people
from bot.services.trail import record
from bot.storage import participants, reminder_times
from bot.storage.db import Tx
from bot.study import Study


async def rules(study: Study, participant: Participant) -> tuple[RuleView, ...]:
    """Return the reminders that may be moved, in the order in which they come, each with its time."""
    async with study.db.begin() as tx:
        return await _rules(study, tx, participant)


async def _rules(study: Study, tx: Tx, participant: Participant) -> tuple[RuleView, ...]:
    own = await reminder_times.get(tx, participant.id)
    movable = [rule for rule in study.protocol.reminders.values() if rule.choices]
    return tuple(
        RuleView(rule.id, rule.days_before, rule.at_for(own.get(rule.id)), rule.choices)
        for rule in sorted(movable, key=lambda rule: -rule.days_before)
    )


async def choose(study: Study, participant: Participant, rule_id: str, at: time) -> tuple[RuleView, ...]:
    """Move a reminder of every visit to come; StaleTap for a time that the protocol does not offer.

    What was sent is not sent again.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        rule = study.protocol.reminders.get(rule_id)
        if rule is None or at not in rule.choices or known.status is not ParticipantStatus.ACTIVE:
            raise StaleTap("not a time that is offered")
        own = await reminder_times.get(tx, known.id)
        before = rule.at_for(own.get(rule_id))
        if before != at:
            await reminder_times.put(tx, known.id, {**own, rule_id: at}, now)
            await participants.set_wake(tx, known.id, now)
            changes = [{"rule": rule_id, "at": each.strftime("%H:%M")} for each in (before, at)]
            await record(
                tx,
                study,
                known.ref,
                "reminder_time",
                now,
                subject=known.ref,
                before=changes[0],
                after=changes[1],
            )
        return await _rules(study, tx, known)
