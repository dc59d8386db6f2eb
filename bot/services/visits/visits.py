"""A participant's visits: what is planned, whether they will come, and what staff enter about them."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Literal

from bot.domain import calendar, planning
from bot.domain.people import Action, Participant, ParticipantStatus
from bot.domain.planning import PlannedVisit, VisitFacts
from bot.errors import BadInput
from bot.screens.visits import VisitView
from bot.services import people
from bot.services.facts import course_of, planned_visit, visit_view
from bot.services.notices import tell_coordinators
from bot.services.trail import Actor, record
from bot.services.visits.changes import (
    audited,
    iso,
    must_be,
    reset,
    set_day1,
    visit_type_of,
)
from bot.services.visits.days_off import tell_days_off
from bot.services.visits.moves_told import days_of, tell
from bot.services.visits.offering import other_days
from bot.storage import participants, proposals, visits
from bot.storage.db import Tx
from bot.study import Study


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
    button changes the answer, pressing the same one only says when it was last said.
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
            # Said once more: a reminder of it that perhaps arrived has arrived.
            await visits.set_attendance(tx, known.id, visit.id, attendance, now)
            return Answered("same", view)
        known = replace(known, spoken_for_by=participant.spoken_for_by)
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
    await record(
        tx,
        study,
        participant.actor,
        "attendance",
        now,
        subject=participant.ref,
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
    window is a protocol deviation: staff may decide so, with a reason. BadInput
    for a visit that took place, a day in the past, or a deviation without a reason.
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
    *,
    told: bool = False,
) -> VisitView:
    """Move a visit as `move` does, in the caller's transaction.

    The participant is told; with `told` the caller does that for this visit.
    """
    await must_be(tx, actor, Action.MOVE_VISIT)
    participant = await people.participant(tx, participant.id)
    _check_move(study, participant, visit_type, to_on, to_time, now)
    before, days = await visits.get(tx, participant.id, visit_type), await days_of(study, tx, participant)
    if not _may_move(before):
        raise BadInput("visits.refused.over")
    await visits.move(tx, participant.id, visit_type, to_on, to_time)
    # An infusion that was held, and now has a day again, is planned again.
    await visits.set_status(tx, participant.id, visit_type, "planned")
    # Whatever day was asked for, another one was given.
    asked = await proposals.settle_open(tx, participant.id, visit_type, "withdrawn", now)
    moved = await set_day1(study, tx, participant, visit_type, to_on) if to_on else participant
    await reset(study, tx, moved, visit_type, "the visit was moved", now)
    at_once = bool(asked) or before.attendance == "cannot"
    otherwise = (visit_type,) if told else ()
    await tell(study, tx, moved, days, now, at_once=at_once, told_otherwise=otherwise)
    visit = planned_visit(study, await course_of(tx, moved), visit_type)
    await _keep_deviation(tx, moved, visit, reason)
    old = {"visit": visit_type, "on": iso(before.moved_to_on), "time": iso(before.moved_to_time)}
    new = {"visit": visit_type, "on": iso(to_on), "time": iso(to_time), **_deviating(visit)}
    await audited(tx, study, actor, "move_visit", moved, old, new, reason, now)
    if moved.day1_on != participant.day1_on:
        await tell_days_off(study, tx, moved, now)
    return visit_view(visit, moved.zone)


def _check_move(
    study: Study,
    participant: Participant,
    visit_type: str,
    to_on: date | None,
    to_time: time | None,
    now: datetime,
) -> None:
    known = visit_type_of(study, visit_type)
    if to_on is None:
        return
    if calendar.local_to_utc(to_on, to_time or known.at, participant.zone) < now:
        today = calendar.to_local(now, participant.zone).date()
        if to_on < today:
            raise BadInput("visits.refused.past")
        raise BadInput("visits.refused.past_time")


def _may_move(facts: VisitFacts) -> bool:
    return facts.status in ("planned", "held") and facts.started_at is None


def _deviating(visit: PlannedVisit) -> dict[str, bool]:
    return {} if visit.in_window else {"protocol_deviation": True}


async def _keep_deviation(tx: Tx, participant: Participant, visit: PlannedVisit, reason: str) -> None:
    """Keep why a visit is outside its window beside it; what was kept for an earlier day goes."""
    note = await visits.note(tx, participant.id, visit.id)
    note.pop("deviation", None)
    if not visit.in_window:
        if not reason.strip():
            raise BadInput("visits.refused.deviation_reason")
        note["deviation"] = reason.strip()
    await visits.set_note(tx, participant.id, visit.id, note)
