"""Proposals of working days: told to the coordinators, and confirmed by them with one tap."""

from datetime import date, datetime, timedelta

from bot.domain import calendar, planning, proposals
from bot.domain.people import ENDED, Action, Participant, PersonRef, Role, StaffMember
from bot.domain.planning import PlannedVisit
from bot.errors import StaleTap
from bot.screens.days_off import DaysOff, proposed
from bot.services import people
from bot.services.facts import course_of
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.visits.changes import audited, must_be, reset
from bot.services.visits.days import workdays_of
from bot.services.visits.moves_told import days_of, tell
from bot.storage import outbox, staff, visits
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study

DAYS_OFF = "days_off"
# The join link is handed over first: the list would come between the coordinator and its picture.
AFTER = timedelta(minutes=2)


async def view_of(study: Study, tx: Tx, participant: Participant, now: datetime) -> DaysOff:
    """Return what is proposed for a participant as it is now."""
    workdays = workdays_of(study, now)
    today = calendar.to_local(now, participant.zone).date()
    plan = planning.plan(await course_of(tx, participant), study.protocol)
    return DaysOff(
        participant.id,
        participant.code,
        proposals.proposals(plan, workdays, today),
        proposals.moved_outside(plan, today),
        proposals.unannounced_years(plan, workdays, today),
    )


async def look(study: Study, by: PersonRef, participant_id: int) -> DaysOff:
    """Return what is proposed, for a coordinator who looks."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await must_be(tx, by, Action.MOVE_VISIT)
        return await view_of(study, tx, await people.participant(tx, participant_id), now)


async def tell_days_off(study: Study, tx: Tx, participant: Participant, now: datetime) -> None:
    """Queue the list to the coordinators, where there is anything to decide; once for each Day 1."""
    if study.protocol.follow_up_anchor is None:
        # Enrolled on the machine before the PI has chosen: nothing may be planned yet.
        return
    view = await view_of(study, tx, participant, now)
    if not view.proposals and not view.outside:
        return
    for member in await _readers(tx):
        intent = Intent(
            f"{DAYS_OFF}:{participant.id}:{participant.day1_on.isoformat()}:{now.isoformat()}:{member.id}",
            DAYS_OFF,
            outbox.REPLY,
            member.ref,
            {"participant": participant.id},
            not_before=now + AFTER,
            subject=Subject(DAYS_OFF, participant.id),
        )
        await outbox.enqueue(tx, intent, now)


async def _readers(tx: Tx) -> list[StaffMember]:
    return await staff.active_with_roles(tx, [Role.COORDINATOR])


async def render_days_off(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write the list as it is now; skipped when all of it was decided meanwhile."""
    member = await staff.get(tx, message.to.id) if message.to else None
    if member is None or not member.may(Action.MOVE_VISIT):
        return Skip("not a coordinator any more")
    participant = await people.participant(tx, message.params["participant"])
    view = await view_of(study, tx, participant, now)
    if not view.proposals and not view.outside:
        return Skip("nothing is left to decide")
    return Outgoing(proposed(view), member.language)


async def confirm(
    study: Study, by: PersonRef, participant_id: int, visit_type: str, from_on: date, to_on: date
) -> DaysOff:
    """Move a visit to the day that was proposed, or keep its day (`to_on` is `from_on`).

    StaleTap where the proposal is another one by now, or was decided.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        await must_be(tx, by, Action.MOVE_VISIT)
        participant = await people.participant(tx, participant_id)
        view = await view_of(study, tx, participant, now)
        found = next((each for each in view.proposals if each.visit.id == visit_type), None)
        if found is None or found.visit.on != from_on or to_on not in (from_on, found.to_on):
            raise StaleTap("the proposal is another one by now")
        days = await days_of(study, tx, participant)
        await _decide(study, tx, by, participant, found.visit, to_on, now)
        await tell(study, tx, participant, days, now)
        return await view_of(study, tx, participant, now)


async def confirm_all(study: Study, by: PersonRef, participant_id: int) -> tuple[DaysOff, int]:
    """Move every visit to the day proposed for it; return how many that were."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await must_be(tx, by, Action.MOVE_VISIT)
        participant = await people.participant(tx, participant_id)
        open_ = [each for each in (await view_of(study, tx, participant, now)).proposals if each.to_on]
        days = await days_of(study, tx, participant)
        for each in open_:
            if each.to_on is not None:
                await _decide(study, tx, by, participant, each.visit, each.to_on, now)
        await tell(study, tx, participant, days, now)
        return await view_of(study, tx, participant, now), len(open_)


async def _decide(
    study: Study,
    tx: Tx,
    by: PersonRef,
    participant: Participant,
    visit: PlannedVisit,
    to_on: date,
    now: datetime,
) -> None:
    """Give the visit its day, one that staff have chosen from now on."""
    if participant.status in ENDED:
        raise StaleTap("has left the trial")
    await visits.move(tx, participant.id, visit.id, to_on, visit.facts.moved_to_time)
    await reset(study, tx, participant, visit.id, "the visit was moved to a working day", now)
    before = {"visit": visit.id, "on": visit.on.isoformat()}
    after = {"visit": visit.id, "on": to_on.isoformat()}
    await audited(tx, study, by, "confirm_day", participant, before, after, "day off", now)


KIND = Kind(render_days_off)
