"""What one participant's agenda and clocks follow from, loaded afresh each time."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.domain import planning, triage
from bot.domain.agenda import Asked, Facts
from bot.domain.calendar import to_local
from bot.domain.conditions import MOST_HOURS_BACK
from bot.domain.people import Participant
from bot.domain.planning import Course, PlannedVisit
from bot.errors import StaleTap
from bot.screens.visits import VisitView
from bot.storage import checkins, participants, reminder_times, visits
from bot.storage.answers import PastReport
from bot.storage.checkins import Checkin
from bot.storage.db import Tx
from bot.study import Study

# Older check-ins change nothing about what is due: none is worth asking for so long.
ASKED_WITHIN = timedelta(days=3)
# No rule looks back further: a protocol with one that does is refused.
HISTORY = timedelta(hours=MOST_HOURS_BACK)


async def course_of(tx: Tx, participant: Participant) -> Course:
    """Return what a participant's plan follows from."""
    known = await visits.get_all(tx, participant.id)
    return Course(participant.day1_on, participant.zone, known, participant.flags)


async def course_with_reminders(tx: Tx, participant: Participant) -> Course:
    """Return what a participant's plan and the times of their reminders follow from."""
    return replace(await course_of(tx, participant), reminder_at=await _reminder_at(tx, participant))


async def _reminder_at(tx: Tx, participant: Participant) -> tuple[tuple[str, time], ...]:
    return tuple(sorted((await reminder_times.get(tx, participant.id)).items()))


async def facts_of(tx: Tx, participant: Participant, now: datetime) -> Facts:
    """Return what the agenda follows from.

    Reminders that were queued before are left out: their keys make that queuing
    them again changes nothing. So are reports of one's own accord: they may
    stand half-way, and take no scheduled question away.
    """
    recent = await checkins.since(tx, participant.id, now - ASKED_WITHIN)
    asked = tuple(Asked(each.key, each.form, each.due_at) for each in recent if is_scheduled(each))
    known = await visits.get_all(tx, participant.id)
    until = await participants.inpatient_until(tx, participant.id)
    own = await _reminder_at(tx, participant)
    return Facts.of(participant, known, asked=asked, inpatient_until=until, reminder_at=own)


async def in_hospital(tx: Tx, participant: Participant, now: datetime) -> bool:
    """Tell whether today, where they live, is one of their days in hospital."""
    until = await participants.inpatient_until(tx, participant.id)
    return until is not None and to_local(now, participant.zone).date() <= until


def is_scheduled(checkin: Checkin) -> bool:
    """Tell whether a check-in was asked by the protocol, rather than opened by the participant."""
    return checkin.key.startswith("checkin:")


def context_of(
    study: Study,
    participant: Participant,
    course: Course,
    past: Iterable[PastReport],
    form: str,
    now: datetime,
) -> triage.Context:
    """Return what the answers of a form are judged against; `past` holds the other reports."""
    since = now - HISTORY
    history = [
        triage.Report((now - each.answered_at).total_seconds() / 3600, each.answers)
        for each in past
        if each.due_at >= since
    ]
    baseline = {name: float(value) for name, value in participant.baseline.items() if _is_number(value)}
    return triage.Context(
        clocks_of(study, course, now), participant.flags, baseline, tuple(history), checkin=form
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def clocks_of(study: Study, course: Course, now: datetime) -> triage.Clocks:
    """Return the study day and the hours since the last infusion of each product."""
    known = planning.clocks(course, study.protocol, now)
    return triage.Clocks(known.study_day, known.hours_since)


def visit_view(visit: PlannedVisit, zone: str) -> VisitView:
    """Return a visit as a screen shows it."""
    return VisitView(
        visit_type=visit.id,
        name=visit.type.name,
        prepare=visit.type.prepare,
        bring=visit.type.bring,
        on=visit.on,
        at=visit.starts_at,
        zone=zone,
        fasting=visit.type.fasting,
        urine_24h=visit.type.urine_24h,
        attendance=visit.facts.attendance,
        extras=tuple(dict.fromkeys(each.participant for each in visit.extras if each.participant)),
        became="done" if visit.status == "planned" and visit.facts.started_at else visit.status,
        window=(visit.window.from_on, visit.window.to_on) if visit.type.kind == "follow_up" else None,
    )


def planned_visit(study: Study, course: Course, visit_type: str) -> PlannedVisit:
    """Return one visit of the plan; StaleTap where the plan has none of that type."""
    for visit in planning.plan(course, study.protocol):
        if visit.id == visit_type:
            return visit
    raise StaleTap(f"no visit {visit_type} in the plan")
