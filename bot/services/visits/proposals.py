"""Another day for a visit: offered, asked for by the participant, decided by the staff, and told."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.domain import calendar
from bot.domain.people import Action, Participant, PersonRef, StaffMember
from bot.domain.planning import PlannedVisit
from bot.errors import NotAllowed, StaleTap
from bot.screens import proposals as screens
from bot.screens.proposals import ProposalView
from bot.screens.visits import VisitView
from bot.services import notices, people
from bot.services.facts import course_of, planned_visit, visit_view
from bot.services.notices import tell_coordinators
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.services.trail import record
from bot.services.visits import visits
from bot.services.visits.changes import visit_type_of
from bot.services.visits.days import workdays_of
from bot.services.visits.offering import other_days
from bot.storage import outbox, proposals, staff
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.proposals import Proposal
from bot.storage.types import Subject
from bot.study import Study

ASKED, ANSWERED = "proposal", "proposal_answer"
REASON = "the participant cannot come and asked for this day"


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a day that was tapped; `visit` is as it is now, None when it is over."""

    outcome: Literal["asked", "same", "gone", "moved", "over"]
    visit: VisitView | None
    days: tuple[date, ...] = ()
    wanted: date | None = None


async def offers(study: Study, participant: Participant, visit_type: str) -> tuple[date, ...]:
    """Return the days that a participant may be offered instead; none where the site has to call."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        visit = planned_visit(study, await course_of(tx, participant), visit_type)
        return other_days(study, visit, participant, now)


async def propose(study: Study, participant: Participant, visit_type: str, on: date, to_on: date) -> Asked:
    """Ask the coordinators for another day; the last day that was asked for counts."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        visit = planned_visit(study, await course_of(tx, known), visit_type)
        view = visit_view(visit, known.zone)
        if not visits.is_expected(visit, known, now):
            return Asked("over", None)
        if visit.on != on:
            return Asked("moved", view)
        days = other_days(study, visit, known, now)
        if to_on not in days:
            return Asked("gone", view, days)
        held = await proposals.waiting(tx, known.id, visit.id)
        if held is not None and held.to_on == to_on:
            return Asked("same", view, days, to_on)
        by = participant.actor
        await _ask(study, tx, by, known, visit, to_on, now)
        return Asked("asked", view, days, to_on)


async def _ask(
    study: Study,
    tx: Tx,
    by: PersonRef,
    known: Participant,
    visit: PlannedVisit,
    to_on: date,
    now: datetime,
) -> None:
    proposal_id = await proposals.add(tx, known.id, visit.id, visit.on, to_on, now)
    after = {"visit": visit.id, "from": visit.on.isoformat(), "to": to_on.isoformat()}
    await record(tx, study, by, "propose_day", now, subject=known.ref, after=after)
    for member in await notices.coordinators(tx):
        key = f"{ASKED}:{proposal_id}:{member.id}"
        subject = Subject(ASKED, proposal_id)
        intent = Intent(key, ASKED, outbox.REPLY, member.ref, {"id": proposal_id}, subject=subject)
        await outbox.enqueue(tx, intent, now)


async def none_fits(study: Study, participant: Participant, visit_type: str, on: date) -> Asked:
    """Tell the coordinators that no offered day fits, so that they call."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        visit = planned_visit(study, await course_of(tx, known), visit_type)
        if not visits.is_expected(visit, known, now):
            return Asked("over", None)
        view = visit_view(visit, known.zone)
        if visit.on != on:
            return Asked("moved", view)
        await proposals.settle_open(tx, known.id, visit.id, "withdrawn", now)
        occurrence = f"{known.id}:{visit.id}:{on.isoformat()}"
        at = visit.starts_at.isoformat()
        await tell_coordinators(tx, "no_day_fits", occurrence, now, about=known, visit=visit.id, at=at)
        return Asked("asked", view)


@dataclass(frozen=True, slots=True)
class Decided:
    """A proposal as it is after a press; `first` is False where it was decided before."""

    view: ProposalView
    first: bool


async def accept(study: Study, by: PersonRef, proposal_id: int) -> Decided:
    """Move the visit to the day that was asked for, and tell the participant; once."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member, held, known = await _held(tx, by, proposal_id)
        if held.state != "open":
            return Decided(await _view(study, tx, held, now), first=False)
        visit = planned_visit(study, await course_of(tx, known), held.visit_type)
        today = calendar.to_local(now, known.zone).date()
        if visit.on != held.from_on or held.to_on < today or not visit.is_ahead:
            await proposals.settle(tx, held.id, "withdrawn", now)
            return Decided(await _view_of(study, tx, held.id, now), first=False)
        await proposals.settle(tx, held.id, "accepted", now, member.id)
        kept = visit.facts.moved_to_time
        await visits.move_in(study, tx, by, known, visit.id, held.to_on, kept, REASON, now, told=True)
        await _tell(tx, known, held, now)
        return Decided(await _view_of(study, tx, held.id, now), first=True)


async def will_call(study: Study, by: PersonRef, proposal_id: int) -> Decided:
    """Say that the day is not possible and that the site calls; once."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member, held, known = await _held(tx, by, proposal_id)
        first = await proposals.settle(tx, held.id, "declined", now, member.id)
        if first:
            after = {"visit": held.visit_type, "to": held.to_on.isoformat()}
            await record(tx, study, by, "decline_day", now, subject=known.ref, after=after)
            await _tell(tx, known, held, now)
        return Decided(await _view_of(study, tx, held.id, now), first=first)


async def code_of(study: Study, by: PersonRef, proposal_id: int) -> str:
    """Return whose proposal it is, for somebody who wants to choose another day."""
    async with study.db.begin() as tx:
        return (await _held(tx, by, proposal_id))[2].code


async def _held(tx: Tx, by: PersonRef, proposal_id: int) -> tuple[StaffMember, Proposal, Participant]:
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(Action.MOVE_VISIT):
        raise NotAllowed(Action.MOVE_VISIT)
    held = await proposals.get(tx, proposal_id)
    if held is None:
        raise StaleTap(f"no proposal {proposal_id}")
    return member, held, await people.participant(tx, held.participant_id)


async def _tell(tx: Tx, known: Participant, held: Proposal, now: datetime) -> None:
    key = f"{ANSWERED}:{held.id}"
    subject = Subject(ASKED, held.id)
    await outbox.enqueue(
        tx, Intent(key, ANSWERED, outbox.REPLY, known.ref, {"id": held.id}, subject=subject), now
    )


async def _view_of(study: Study, tx: Tx, proposal_id: int, now: datetime) -> ProposalView:
    held = await proposals.get(tx, proposal_id)
    if held is None:
        raise StaleTap(f"no proposal {proposal_id}")
    return await _view(study, tx, held, now)


async def _view(study: Study, tx: Tx, held: Proposal, now: datetime) -> ProposalView:
    known = await people.participant(tx, held.participant_id)
    decider = await staff.get(tx, held.decided_by) if held.decided_by is not None else None
    return ProposalView(
        held.id,
        known.code,
        visit_type_of(study, held.visit_type).name,
        held.from_on,
        held.to_on,
        held.state,
        None if decider is None else decider.name,
        working=workdays_of(study, now).is_working(held.to_on),
    )


async def _render_asked(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    member = await staff.get(tx, message.to.id) if message.to else None
    if member is None or not member.may(Action.MOVE_VISIT):
        return Skip("may not move visits")
    view = await _view_of(study, tx, message.params["id"], now)
    if view.state != "open":
        return Skip("decided before")
    return Outgoing(screens.asked(view), member.language)


async def _render_answer(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    held = await proposals.get(tx, message.params["id"])
    if message.to is None or held is None:
        return Skip("nobody to tell")
    known = await people.participant(tx, message.to.id)
    visit = planned_visit(study, await course_of(tx, known), held.visit_type)
    if not visits.is_expected(visit, known, now):
        return Skip("the visit is over")
    view = visit_view(visit, known.zone)
    if held.state == "accepted" and visit.on == held.to_on:
        return Outgoing(screens.accepted(view, study.site), known.language)
    if held.state == "declined":
        return Outgoing(screens.declined(view, study.site), known.language)
    return Skip("the visit was moved again")


KINDS = {ASKED: Kind(_render_asked), ANSWERED: Kind(_render_answer)}
