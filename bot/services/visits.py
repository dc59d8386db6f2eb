"""A participant's visits: what is planned, whether they will come, and what staff enter about them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from bot.domain import calendar, planning
from bot.domain.people import Action, Participant, ParticipantStatus, PersonRef, StaffMember
from bot.domain.planning import PlannedVisit
from bot.errors import BadInput, NotAllowed
from bot.screens.visits import VisitView
from bot.services import people
from bot.services.facts import course_of, planned_visit, visit_view
from bot.services.notices import tell_coordinators
from bot.services.offering import other_days
from bot.services.trail import Actor, record
from bot.storage import outbox, participants, proposals, staff, visits
from bot.storage.db import Tx
from bot.storage.types import Subject
from bot.study import Study

REMINDER = "reminder"
LONGEST_INFUSION = timedelta(hours=24)


async def upcoming(study: Study, participant: Participant) -> tuple[VisitView, ...]:
    """Return the visits from today on, the next one first."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        return await upcoming_in(study, tx, participant, now)


async def upcoming_in(study: Study, tx: Tx, participant: Participant, now: datetime) -> tuple[VisitView, ...]:
    """Return the visits from today on, within a transaction."""
    course = await course_of(tx, participant)
    today = calendar.to_local(now, participant.zone).date()
    plan = planning.plan(course, study.protocol)
    return tuple(visit_view(each, participant.zone) for each in plan if each.is_ahead and each.on >= today)


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of "I will come" or "I cannot come".

    `moved`: the button was of an old date, `visit` is as it is now. `over`:
    nothing is expected any more, and there is no visit to show.
    """

    outcome: Literal["noted", "same", "moved", "over"]
    visit: VisitView | None


async def say_coming(
    study: Study, participant: Participant, visit_type: str, on: date, attendance: Literal["coming", "cannot"]
) -> Answered:
    """Record whether a participant will come; "cannot" reaches the coordinators at once.

    `on` is the date that the pressed button was about. Pressing the other
    button changes the answer, pressing the same one changes nothing.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        visit = planned_visit(study, await course_of(tx, known), visit_type)
        view = visit_view(visit, known.zone)
        if not is_expected(visit, known, now):
            return Answered("over", None)
        if visit.on != on:
            return Answered("moved", view)
        if visit.facts.attendance == attendance:
            return Answered("same", view)
        await _record_attendance(study, tx, known, visit, attendance, now)
        changed = planned_visit(study, await course_of(tx, known), visit_type)
        return Answered("noted", visit_view(changed, known.zone))


def is_expected(visit: PlannedVisit, participant: Participant, now: datetime) -> bool:
    """Tell whether somebody is still expected to come to a visit."""
    today = calendar.to_local(now, participant.zone).date()
    return participant.status is ParticipantStatus.ACTIVE and visit.is_ahead and visit.on >= today


async def _record_attendance(
    study: Study,
    tx: Tx,
    participant: Participant,
    visit: PlannedVisit,
    attendance: Literal["coming", "cannot"],
    now: datetime,
) -> None:
    before = visit.facts.attendance
    await visits.set_attendance(tx, participant.id, visit.id, attendance, now)
    # Who cannot come is not reminded, and who can after all is again.
    await participants.set_wake(tx, participant.id, now)
    change = {"visit": visit.id, "attendance": attendance}
    ref = participant.ref
    await record(
        tx,
        study,
        ref,
        "attendance",
        now,
        subject=ref,
        before={"visit": visit.id, "attendance": before},
        after=change,
    )
    note: Literal["cannot_come", "cannot_come_offered", "coming_after_all"] | None = None
    if attendance == "cannot":
        note = "cannot_come_offered" if other_days(study, visit, participant, now) else "cannot_come"
    else:
        await proposals.settle_open(tx, participant.id, visit.id, "withdrawn", now)
    if attendance == "coming" and before == "cannot":
        note = "coming_after_all"
    if note is not None:
        occurrence = f"{participant.id}:{visit.id}:{now.isoformat()}"
        at = visit.starts_at.isoformat()
        await tell_coordinators(tx, note, occurrence, now, about=participant, visit=visit.id, at=at)


async def move(
    study: Study,
    actor: Actor,
    participant: Participant,
    visit_type: str,
    to_on: date | None,
    to_time: time | None,
    reason: str,
) -> VisitView:
    """Move a visit to another local day and time, or back to the plan with None; its reminders go along.

    Moving Day 1 moves every day that is counted from it. A date outside the
    window is allowed, since the staff decide. BadInput for a visit that took
    place or a day in the past.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        return await move_in(study, tx, actor, participant, visit_type, to_on, to_time, reason, now)


async def move_in(
    study: Study,
    tx: Tx,
    actor: Actor,
    participant: Participant,
    visit_type: str,
    to_on: date | None,
    to_time: time | None,
    reason: str,
    now: datetime,
) -> VisitView:
    """Move a visit as `move` does, in the caller's transaction."""
    await _must_be(tx, actor, Action.MOVE_VISIT)
    _check_move(study, participant, visit_type, to_on, now)
    before = await visits.get(tx, participant.id, visit_type)
    if before.status != "planned" or before.started_at is not None:
        raise BadInput("visits.refused.over")
    await visits.move(tx, participant.id, visit_type, to_on, to_time)
    # Whatever day was asked for, another one was given.
    await proposals.settle_open(tx, participant.id, visit_type, "withdrawn", now)
    if to_on is not None:
        participant = await _set_day1(study, tx, participant, visit_type, to_on)
    await _reset(study, tx, participant, visit_type, "the visit was moved", now)
    await record(
        tx,
        study,
        actor,
        "move_visit",
        now,
        subject=participant.ref,
        before={"visit": visit_type, "on": _iso(before.moved_to_on), "time": _iso(before.moved_to_time)},
        after={"visit": visit_type, "on": _iso(to_on), "time": _iso(to_time)},
        reason=reason,
    )
    visit = planned_visit(study, await course_of(tx, participant), visit_type)
    return visit_view(visit, participant.zone)


def _check_move(
    study: Study, participant: Participant, visit_type: str, to_on: date | None, now: datetime
) -> None:
    if visit_type not in study.protocol.visits:
        raise BadInput("visits.refused.unknown")
    if to_on is not None and to_on < calendar.to_local(now, participant.zone).date():
        raise BadInput("visits.refused.past")


async def record_infusion(
    study: Study,
    actor: Actor,
    participant: Participant,
    visit_type: str,
    started_at: datetime,
    ended_at: datetime,
) -> VisitView:
    """Record when an infusion really began and ended: every safety clock counts from that end."""
    now = study.clock.now()
    _check_infusion(study, visit_type, started_at, ended_at, now)
    async with study.db.begin() as tx:
        await _must_be(tx, actor, Action.RECORD_INFUSION)
        before = await visits.get(tx, participant.id, visit_type)
        await visits.record_started(tx, participant.id, visit_type, started_at)
        await visits.record_ended(tx, participant.id, visit_type, ended_at)
        given_on = calendar.to_local(started_at, participant.zone).date()
        participant = await _set_day1(study, tx, participant, visit_type, given_on)
        await _reset(study, tx, participant, visit_type, "the infusion took place", now)
        await record(
            tx,
            study,
            actor,
            "record_infusion",
            now,
            subject=participant.ref,
            before={"visit": visit_type, "started": _iso(before.started_at), "ended": _iso(before.ended_at)},
            after={"visit": visit_type, "started": _iso(started_at), "ended": _iso(ended_at)},
        )
        visit = planned_visit(study, await course_of(tx, participant), visit_type)
        return visit_view(visit, participant.zone)


def _check_infusion(
    study: Study, visit_type: str, started_at: datetime, ended_at: datetime, now: datetime
) -> None:
    visit = study.protocol.visits.get(visit_type)
    if visit is None or visit.kind != "infusion":
        raise BadInput("visits.refused.no_infusion")
    if not started_at < ended_at <= started_at + LONGEST_INFUSION:
        raise BadInput("visits.refused.times")
    if ended_at > now:
        raise BadInput("visits.refused.future")


async def _reset(
    study: Study, tx: Tx, participant: Participant, visit_type: str, reason: str, now: datetime
) -> None:
    """Look at the participant again at once, and take back what waits about the old date."""
    await participants.set_wake(tx, participant.id, now)
    is_first = study.protocol.visits[visit_type].day == 1
    for moved in study.protocol.visits if is_first else (visit_type,):
        await outbox.cancel_subject(tx, reminder_subject(participant.id, moved), reason, now, REMINDER)


async def _set_day1(study: Study, tx: Tx, participant: Participant, visit_type: str, on: date) -> Participant:
    """Count from the day on which rituximab is really given: Day 1 is that day, whatever was planned."""
    if study.protocol.visits[visit_type].day != 1 or participant.day1_on == on:
        return participant
    await participants.set_day1(tx, participant.id, on)
    return await people.participant(tx, participant.id)


def reminder_subject(participant_id: int, visit_type: str) -> Subject:
    """Return what a reminder is about: one visit of one participant."""
    return Subject(f"visit:{visit_type}", participant_id)


async def _must_be(tx: Tx, actor: Actor, action: Action) -> None:
    """Raise NotAllowed where a member of staff may not do this, as their role is now."""
    if not isinstance(actor, PersonRef):
        return
    member: StaffMember | None = await staff.get(tx, actor.id) if actor.kind == "staff" else None
    if member is None or not member.may(action):
        raise NotAllowed(action)


def _iso(value: date | time | datetime | None) -> str | None:
    return None if value is None else value.isoformat()
