"""What really happened at an infusion: given, held or delayed; every safety clock counts from its end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.domain import calendar, planning
from bot.domain.people import Action, Participant
from bot.domain.planning import DoseGiven, VisitFacts
from bot.errors import BadInput
from bot.screens.visits import VisitView
from bot.services import people
from bot.services.facts import course_of, planned_visit, visit_view
from bot.services.trail import Actor
from bot.services.visits.changes import as_recorded, audited, checked_words, must_be, reset, set_day1
from bot.services.visits.days_off import tell_days_off
from bot.services.visits.moves_told import days_of, tell
from bot.storage import participants, visits
from bot.storage.db import Tx
from bot.study import Study

LONGEST_INFUSION = timedelta(hours=24)
# Kept beside the record of Day 1, to count from there again when the record is undone.
_DAY1_BEFORE = "day1_before"


@dataclass(frozen=True, slots=True)
class Given:
    """What staff say about an infusion beside its times; `note` is in their own words."""

    dose: DoseGiven = "full"
    reaction: bool | None = None
    note: str = ""


async def record(
    study: Study,
    actor: Actor,
    participant: Participant,
    visit_type: str,
    started_at: datetime,
    ended_at: datetime,
    given: Given | None = None,
    reason: str = "",
) -> VisitView:
    """Record when an infusion really began and ended: every safety clock counts from that end.

    Recording the same again changes nothing; another record corrects the first,
    and needs a reason. BadInput for times that cannot be.
    """
    now = study.clock.now()
    given = given or Given()
    check_times(study, visit_type, started_at, ended_at, now)
    async with study.db.begin() as tx:
        await must_be(tx, actor, Action.RECORD_INFUSION)
        participant = await people.participant(tx, participant.id)
        before = await visits.get(tx, participant.id, visit_type)
        after = VisitFacts(
            visit_type, before.moved_to_on, before.moved_to_time, before.attendance, started_at, ended_at
        )
        after = replace(after, status="done", dose_given=given.dose, reaction=given.reaction)
        note = await visits.note(tx, participant.id, visit_type)
        new_note = _note(note, given, participant, before, reason)
        if (after, new_note) != (before, note):
            _check_correction(before, after, reason)
            await _check_others(study, tx, participant, after)
            participant = await _write(
                study, tx, actor, participant, before, after, note, new_note, reason, now
            )
        visit = planned_visit(study, await course_of(tx, participant), visit_type)
        return visit_view(visit, participant.zone)


async def _write(
    study: Study,
    tx: Tx,
    actor: Actor,
    participant: Participant,
    before: VisitFacts,
    after: VisitFacts,
    old_note: Mapping[str, str],
    note: Mapping[str, str],
    reason: str,
    now: datetime,
) -> Participant:
    planned_day1, days = participant.day1_on, await days_of(study, tx, participant)
    await visits.settle(tx, participant.id, after, note)
    if after.started_at is not None:
        given_on = calendar.to_local(after.started_at, participant.zone).date()
        participant = await set_day1(study, tx, participant, after.visit_type, given_on)
    await reset(study, tx, participant, after.visit_type, "the infusion took place", now)
    told = as_recorded(before, old_note), as_recorded(after, note)
    await audited(tx, study, actor, "record_infusion", participant, *told, reason, now)
    await tell(study, tx, participant, days, now)
    if participant.day1_on != planned_day1:
        await tell_days_off(study, tx, participant, now)
    return participant


def _note(
    old: Mapping[str, str], given: Given, participant: Participant, before: VisitFacts, reason: str
) -> dict[str, str]:
    note = {name: value for name, value in old.items() if name in (_DAY1_BEFORE, "deviation")}
    if before.ended_at is None:
        note.setdefault(_DAY1_BEFORE, participant.day1_on.isoformat())
    if given.note.strip():
        note["note"] = given.note.strip()
    if reason.strip():
        note["reason"] = reason.strip()
    elif "reason" in old:
        note["reason"] = old["reason"]
    return note


def check_times(
    study: Study, visit_type: str, started_at: datetime, ended_at: datetime, now: datetime
) -> None:
    """Raise BadInput where an infusion cannot have been like that."""
    visit = study.protocol.visits.get(visit_type)
    if visit is None or visit.kind != "infusion":
        raise BadInput("visits.refused.no_infusion")
    if ended_at > now:
        raise BadInput("visits.refused.future")
    if not started_at < ended_at <= started_at + LONGEST_INFUSION:
        raise BadInput("visits.refused.times")


def _check_correction(before: VisitFacts, after: VisitFacts, reason: str) -> None:
    if before.ended_at is not None and not reason.strip():
        raise BadInput("visits.refused.correction_reason")


async def _check_others(study: Study, tx: Tx, participant: Participant, after: VisitFacts) -> None:
    """Refuse times in which another infusion is recorded: one of the two is the wrong one."""
    for visit in planning.plan(await course_of(tx, participant), study.protocol):
        start, end = visit.facts.started_at, visit.facts.ended_at
        if visit.id == after.visit_type or start is None or end is None:
            continue
        if after.started_at and after.ended_at and start < after.ended_at and after.started_at < end:
            raise BadInput("visits.refused.overlap")


async def hold(
    study: Study, actor: Actor, participant: Participant, visit_type: str, reason: str
) -> VisitView:
    """Record that an infusion was not given, and why: nothing is asked or reminded because of it any more.

    It can be given a day again by moving it, or recorded after all.
    """
    now = study.clock.now()
    reason = checked_words(reason, "visits.refused.reason")
    async with study.db.begin() as tx:
        await must_be(tx, actor, Action.RECORD_INFUSION)
        before = await _infusion(study, tx, participant, visit_type)
        note = await visits.note(tx, participant.id, visit_type)
        if before.status != "planned" and (before.status, note.get("reason")) != ("held", reason):
            raise BadInput("visits.refused.settled")
        held = {**note, "reason": reason}
        after, days = replace(before, status="held"), await days_of(study, tx, participant)
        await visits.settle(tx, participant.id, after, held)
        await reset(study, tx, participant, visit_type, "the infusion is held", now)
        told = as_recorded(before, note), as_recorded(after, held)
        await audited(tx, study, actor, "hold_infusion", participant, *told, reason, now)
        await tell(study, tx, participant, days, now)
        return visit_view(
            planned_visit(study, await course_of(tx, participant), visit_type), participant.zone
        )


async def undo(
    study: Study, actor: Actor, participant: Participant, visit_type: str, reason: str
) -> VisitView:
    """Take back what was recorded about an infusion, with a reason; the audit trail keeps what it was.

    The clocks count from the plan again, and Day 1 is again the day it was before.
    """
    now = study.clock.now()
    reason = checked_words(reason, "visits.refused.reason")
    async with study.db.begin() as tx:
        await must_be(tx, actor, Action.RECORD_INFUSION)
        participant = await people.participant(tx, participant.id)
        before = await _infusion(study, tx, participant, visit_type)
        if before.status not in ("done", "held"):
            raise BadInput("visits.refused.nothing_to_undo")
        days = await days_of(study, tx, participant)
        note = await visits.note(tx, participant.id, visit_type)
        after = VisitFacts(visit_type, before.moved_to_on, before.moved_to_time, before.attendance)
        kept = {name: value for name, value in note.items() if name == "deviation"}
        await visits.settle(tx, participant.id, after, kept)
        undone = await _day1_again(study, tx, participant, visit_type, note)
        await reset(study, tx, undone, visit_type, "the record of the infusion was undone", now)
        told = as_recorded(before, note), as_recorded(after, kept)
        await audited(tx, study, actor, "undo_infusion", undone, *told, reason, now)
        # Whoever was recorded by mistake was told nothing of it.
        unsaid = (visit_type,) if before.status == "done" else ()
        await tell(study, tx, undone, days, now, told_otherwise=unsaid)
        return visit_view(planned_visit(study, await course_of(tx, undone), visit_type), undone.zone)


async def day1_undone(tx: Tx, participant: Participant, visit_type: str) -> date:
    """Return which day Day 1 is again once the record of an infusion is undone."""
    return _day1_before(participant, await visits.note(tx, participant.id, visit_type))


def _day1_before(participant: Participant, note: Mapping[str, str]) -> date:
    return date.fromisoformat(note.get(_DAY1_BEFORE, participant.day1_on.isoformat()))


async def _day1_again(
    study: Study, tx: Tx, participant: Participant, visit_type: str, note: Mapping[str, str]
) -> Participant:
    before = _day1_before(participant, note)
    if study.protocol.visits[visit_type].day != 1 or before == participant.day1_on:
        return participant
    await participants.set_day1(tx, participant.id, before)
    return await people.participant(tx, participant.id)


async def _infusion(study: Study, tx: Tx, participant: Participant, visit_type: str) -> VisitFacts:
    visit = study.protocol.visits.get(visit_type)
    if visit is None or visit.kind != "infusion":
        raise BadInput("visits.refused.no_infusion")
    return await visits.get(tx, participant.id, visit_type)
