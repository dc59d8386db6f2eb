"""What every change of a visit has in common: who may, what follows at once, and the audit row."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from bot.domain.people import Action, Participant, PersonRef, StaffMember
from bot.domain.planning import VisitFacts
from bot.domain.schedule import VisitType
from bot.errors import BadInput, NotAllowed
from bot.services import people
from bot.services.trail import Actor, record
from bot.storage import outbox, participants, staff
from bot.storage.db import Tx
from bot.storage.types import Subject
from bot.study import Study

REMINDER = "reminder"
NOTE_LENGTH = 200


def reminder_subject(participant_id: int, visit_type: str) -> Subject:
    """Return what a reminder is about: one visit of one participant."""
    return Subject(f"visit:{visit_type}", participant_id)


def visit_type_of(study: Study, visit_type: str) -> VisitType:
    """Return a visit type; BadInput where the protocol has none of that id."""
    known = study.protocol.visit(visit_type)
    if known is None:
        raise BadInput("visits.refused.unknown")
    return known


async def must_be(tx: Tx, actor: Actor, action: Action) -> None:
    """Raise NotAllowed where a member of staff may not do this, as their role is now."""
    if not isinstance(actor, PersonRef):
        return
    member: StaffMember | None = await staff.get(tx, actor.id) if actor.kind == "staff" else None
    if member is None or not member.may(action):
        raise NotAllowed(action)


async def reset(
    study: Study, tx: Tx, participant: Participant, visit_type: str, reason: str, now: datetime
) -> None:
    """Look at the participant again at once, and take back what waits about the old date."""
    await participants.set_wake(tx, participant.id, now)
    is_first = visit_type_of(study, visit_type).day == 1
    for moved in study.protocol.visits if is_first else (visit_type,):
        await outbox.cancel_subject(tx, reminder_subject(participant.id, moved), reason, now, REMINDER)


async def set_day1(study: Study, tx: Tx, participant: Participant, visit_type: str, on: date) -> Participant:
    """Count from the day on which rituximab is really given: Day 1 is that day, whatever was planned."""
    if visit_type_of(study, visit_type).day != 1 or participant.day1_on == on:
        return participant
    await participants.set_day1(tx, participant.id, on)
    return await people.participant(tx, participant.id)


async def audited(
    tx: Tx,
    study: Study,
    actor: Actor,
    action: str,
    participant: Participant,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str,
    now: datetime,
) -> None:
    """Keep what stood there before, what stands there now, and why."""
    await record(
        tx,
        study,
        actor,
        action,
        now,
        subject=participant.ref,
        before=dict(before),
        after=dict(after),
        reason=reason or None,
    )


def as_recorded(facts: VisitFacts, note: Mapping[str, str]) -> dict[str, Any]:
    """Return a visit as the audit trail keeps it."""
    kept: dict[str, Any] = {
        "visit": facts.visit_type,
        "status": facts.status,
        "on": iso(facts.moved_to_on),
        "started": iso(facts.started_at),
        "ended": iso(facts.ended_at),
        "dose_given": facts.dose_given,
        "reaction": facts.reaction,
    }
    return {**{name: value for name, value in kept.items() if value is not None}, **note}


def checked_words(text: str, missing: str) -> str:
    """Return words without blanks around them; BadInput(`missing`) where they are empty, or for too many."""
    plain = text.strip()
    if not plain:
        raise BadInput(missing)
    if len(plain) > NOTE_LENGTH:
        raise BadInput("wizard.too_long", most=NOTE_LENGTH)
    return plain


def iso(value: date | time | datetime | None) -> str | None:
    """Return a date, a time or an instant as text, instants in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return None if value is None else value.isoformat()
