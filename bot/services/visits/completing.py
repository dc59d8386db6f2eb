"""The end of somebody's study: said by a coordinator after the last visit, and never before."""

from datetime import datetime

from bot.domain import calendar, planning
from bot.domain.people import ENDED, Action, Participant, ParticipantStatus, PersonRef
from bot.domain.planning import Course
from bot.domain.protocol import Protocol
from bot.domain.timetable import Notice, timetable
from bot.errors import BadInput
from bot.screens import completing as screens
from bot.screens.common import call_numbers
from bot.services import people
from bot.services.facts import course_of
from bot.services.notices import tell_coordinators
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.visits.changes import audited, must_be
from bot.storage import alerts, outbox, participants
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.study import Study

# Whoever was asked every week must hear that nobody asks any more.
FAREWELL = "farewell"


def check(course: Course, protocol: Protocol, zone: str, now: datetime) -> None:
    """Raise BadInput as long as the last visit of the plan is neither recorded nor out of its window."""
    last = [each for each in planning.plan(course, protocol) if each.type.kind == "follow_up"][-1]
    today = calendar.to_local(now, zone).date()
    if last.status == "planned" and today <= last.window.to_on:
        raise BadInput("complete.refused.last_visit")


def still_to_come(course: Course, protocol: Protocol, now: datetime) -> tuple[Notice, ...]:
    """Return the monthly reminders that would not go out any more."""
    return tuple(each for each in timetable(course, protocol).notices if each.due_at > now)


async def complete(study: Study, by: PersonRef, participant: Participant) -> bool:
    """End somebody's study: nothing is asked, reminded or judged any more; False where that was done before.

    BadInput before the last visit is settled, and while an alert is open:
    nothing closes itself.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        await must_be(tx, by, Action.ENROL)
        known = await people.participant(tx, participant.id)
        if known.status in ENDED:
            return False
        check(await course_of(tx, known), study.protocol, known.zone, now)
        if await alerts.open_for(tx, known.id):
            raise BadInput("complete.refused.alert")
        await participants.set_status(tx, known.id, ParticipantStatus.COMPLETED, now)
        await participants.set_wake(tx, known.id, now)
        old, new = {"status": known.status.value}, {"status": ParticipantStatus.COMPLETED.value}
        await audited(tx, study, by, "complete_study", known, old, new, "", now)
        intent = Intent(f"{FAREWELL}:{known.id}", FAREWELL, outbox.REPLY, known.ref, {})
        await outbox.enqueue(tx, intent, now)
        return True


async def _render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    known = None if message.to is None else await participants.get(tx, message.to.id)
    if known is None or known.status is not ParticipantStatus.COMPLETED:
        return Skip("the study is not over")
    return Outgoing(screens.farewell(call_numbers(study.site)), known.language)


KIND = Kind(_render)


async def tell_when_over(tx: Tx, participant: Participant, now: datetime) -> None:
    """Tell the coordinators, once, that nothing is to come any more and the study can be completed."""
    await tell_coordinators(tx, "study_over", str(participant.id), now, about=participant)
