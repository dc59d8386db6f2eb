"""A stay in hospital: nothing is asked at home until its last day is over, on which staff are asked."""

from datetime import date, datetime, timedelta

from bot.domain.calendar import local_to_utc, to_local
from bot.domain.people import Action, Participant, PersonRef, Role, StaffMember
from bot.errors import BadInput, NotAllowed
from bot.screens import care as screens
from bot.services import people
from bot.services.checkins import awaiting
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.trail import record
from bot.storage import outbox, participants, staff
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study

ENDS = "hospital_ends"
LONGEST = timedelta(days=90)


async def set_stay(study: Study, by: PersonRef, participant_id: int, until_on: date) -> Participant:
    """Set or move the last day in hospital; BadInput for a day that is past or too far off.

    What is awaited is let go of: nothing is missed in hospital.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        await allowed(tx, by)
        participant = await people.participant(tx, participant_id)
        today = to_local(now, participant.zone).date()
        if not today <= until_on <= today + LONGEST:
            raise BadInput("care.refused.until", days=LONGEST.days)
        before = await participants.inpatient_until(tx, participant_id)
        await participants.set_inpatient_until(tx, participant_id, until_on)
        await awaiting.let_go(tx, participant_id)
        # What is due at home has changed.
        await participants.set_wake(tx, participant_id, now)
        await _record(study, tx, by, participant, before, until_on, now)
        return participant


async def home_again(study: Study, by: PersonRef, participant_id: int) -> Participant:
    """End a stay today: check-ins start the next morning."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await allowed(tx, by)
        participant = await people.participant(tx, participant_id)
        today = to_local(now, participant.zone).date()
        before = await participants.inpatient_until(tx, participant_id)
        if before is None or before < today:
            raise BadInput("care.refused.not_in_hospital")
        await participants.set_inpatient_until(tx, participant_id, today)
        await participants.set_wake(tx, participant_id, now)
        await _record(study, tx, by, participant, before, today, now)
        return participant


async def allowed(tx: Tx, by: PersonRef, action: Action = Action.SET_CARE) -> StaffMember:
    """Return the member of staff as they are now; NotAllowed for somebody who may not set this."""
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(action):
        raise NotAllowed(action)
    return member


async def _record(
    study: Study,
    tx: Tx,
    by: PersonRef,
    participant: Participant,
    before: date | None,
    until_on: date,
    now: datetime,
) -> None:
    was = {"until": before.isoformat() if before else None}
    after = {"until": until_on.isoformat()}
    await record(tx, study, by, "set_hospital", now, subject=participant.ref, before=was, after=after)


async def look(study: Study, tx: Tx, participant: Participant, now: datetime) -> datetime | None:
    """Ask staff on the last day of a stay; return when to look for that, None where nothing is to come."""
    until = await participants.inpatient_until(tx, participant.id)
    if until is None:
        return None
    ask_at = local_to_utc(until, study.protocol.practice.stay_asked_at.value, participant.zone)
    if now < ask_at:
        return ask_at
    if to_local(now, participant.zone).date() <= until:
        await _ask(tx, participant, until, now)
    return None


async def _ask(tx: Tx, participant: Participant, until: date, now: datetime) -> None:
    coordinators = await staff.active_with_roles(tx, [Role.COORDINATOR])
    for member in coordinators or await staff.active_with_roles(tx, list(Role)):
        intent = Intent(
            f"{ENDS}:{participant.id}:{until.isoformat()}:{member.id}",
            ENDS,
            outbox.REPLY,
            member.ref,
            {"participant": participant.id, "until": until.isoformat()},
            subject=Subject(ENDS, participant.id),
        )
        await outbox.enqueue(tx, intent, now)


async def render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Ask whether somebody goes home; skipped once the stay was moved."""
    member = await staff.get(tx, message.to.id) if message.to else None
    if member is None or not member.may(Action.SET_CARE):
        return Skip("not on the staff any more")
    participant = await people.participant(tx, int(message.params["participant"]))
    until = await participants.inpatient_until(tx, participant.id)
    if until is None or until.isoformat() != message.params["until"]:
        return Skip("the stay was moved")
    return Outgoing(screens.stay_ends(participant.id, participant.code, until), member.language)


KIND = Kind(render)
