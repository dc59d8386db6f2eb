"""What became of a visit that is no infusion: done, late, elsewhere, missed; and visits beyond the plan."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Literal

from bot.domain import calendar, planning
from bot.domain.people import Action, Participant
from bot.domain.planning import PlannedVisit, VisitFacts
from bot.domain.schedule import is_unscheduled
from bot.errors import BadInput
from bot.screens.visits import VisitView
from bot.services import people
from bot.services.facts import course_of, visit_view
from bot.services.trail import Actor
from bot.services.visits.changes import as_recorded, audited, checked_words, must_be, reset
from bot.services.visits.moves_told import days_of, tell
from bot.storage import participants, visits
from bot.storage.db import Tx
from bot.study import Study

Outcome = Literal["done", "elsewhere", "missed", "cancelled"]
OUTCOMES: tuple[Outcome, ...] = ("done", "elsewhere", "missed", "cancelled")


async def settle(
    study: Study,
    actor: Actor,
    participant: Participant,
    visit_type: str,
    outcome: Outcome,
    *,
    at: datetime | None = None,
    where: str = "",
    reason: str = "",
) -> VisitView:
    """Record what became of a visit; `at` is when it took place, `where` it did unless at the site.

    A reason is wanted for everything but a visit that was done in its window,
    and for correcting an earlier entry, which the audit trail keeps.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        await must_be(tx, actor, Action.MOVE_VISIT)
        participant = await people.participant(tx, participant.id)
        visit = await _visit(study, tx, participant, visit_type)
        if at is None and outcome == "done":
            at = visit.starts_at
        check(visit, outcome, at, now)
        note = _said(visit, outcome, participant.zone, at, where, reason)
        after = replace(
            visit.facts, status=outcome, started_at=at if outcome in ("done", "elsewhere") else None
        )
        return await _change(study, tx, actor, participant, visit, after, note, "settle_visit", now)


def check(visit: PlannedVisit, outcome: Outcome, at: datetime | None, now: datetime) -> None:
    """Raise BadInput where a visit cannot have ended like that."""
    if visit.type.kind == "infusion":
        raise BadInput("visits.refused.is_infusion")
    if outcome == "cancelled" and not is_unscheduled(visit.id):
        raise BadInput("visits.refused.not_cancelled")
    if outcome == "missed" and visit.starts_at > now:
        raise BadInput("visits.refused.not_yet")
    if outcome in ("done", "elsewhere"):
        if at is None:
            raise BadInput("wizard.no_time")
        if at > now:
            raise BadInput("visits.refused.future_visit")


def needs_reason(visit: PlannedVisit, outcome: Outcome, zone: str, at: datetime | None) -> bool:
    """Tell whether staff have to say why."""
    if outcome != "done" or visit.facts.status != "planned":
        return True
    return at is not None and not visit.window.holds(calendar.to_local(at, zone).date())


def _said(
    visit: PlannedVisit, outcome: Outcome, zone: str, at: datetime | None, where: str, reason: str
) -> dict[str, str]:
    note: dict[str, str] = {}
    if needs_reason(visit, outcome, zone, at):
        note["reason"] = checked_words(reason, "visits.refused.reason")
    elif reason.strip():
        note["reason"] = reason.strip()
    if outcome == "elsewhere":
        note["where"] = checked_words(where, "visits.refused.where")
    if at is not None and not visit.window.holds(calendar.to_local(at, zone).date()):
        note["deviation"] = note["reason"]
    return note


async def reopen(
    study: Study, actor: Actor, participant: Participant, visit_type: str, reason: str
) -> VisitView:
    """Take back what was recorded about a visit, with a reason; it is planned again."""
    now = study.clock.now()
    reason = checked_words(reason, "visits.refused.reason")
    async with study.db.begin() as tx:
        await must_be(tx, actor, Action.MOVE_VISIT)
        participant = await people.participant(tx, participant.id)
        visit = await _visit(study, tx, participant, visit_type)
        if visit.type.kind == "infusion":
            raise BadInput("visits.refused.is_infusion")
        if visit.status == "planned":
            raise BadInput("visits.refused.nothing_to_undo")
        after = replace(visit.facts, status="planned", started_at=None, ended_at=None)
        note = {"reason": reason}
        return await _change(study, tx, actor, participant, visit, after, note, "reopen_visit", now)


async def add_unscheduled(
    study: Study, actor: Actor, participant: Participant, on: date, at: time, reason: str
) -> VisitView:
    """Add a visit beyond the plan, with its reason; one in the past is recorded as done then."""
    now = study.clock.now()
    reason = checked_words(reason, "visits.refused.reason")
    async with study.db.begin() as tx:
        await must_be(tx, actor, Action.MOVE_VISIT)
        participant = await people.participant(tx, participant.id)
        starts_at = calendar.local_to_utc(on, at, participant.zone)
        same = await _same(study, tx, participant, starts_at)
        if same is not None:
            return visit_view(same, participant.zone)
        days = await days_of(study, tx, participant)
        visit_type = await _next_id(study, tx, participant)
        facts = VisitFacts(visit_type, on, at)
        if starts_at <= now:
            facts = replace(facts, started_at=starts_at, status="done")
        await visits.move(tx, participant.id, visit_type, on, at)
        await visits.settle(tx, participant.id, facts, {"reason": reason})
        await participants.set_wake(tx, participant.id, now)
        after = as_recorded(facts, {"reason": reason})
        await audited(tx, study, actor, "add_visit", participant, {}, after, reason, now)
        await tell(study, tx, participant, days, now)
        return visit_view(await _visit(study, tx, participant, visit_type), participant.zone)


async def _same(study: Study, tx: Tx, participant: Participant, starts_at: datetime) -> PlannedVisit | None:
    """Return the added visit at that very time: adding it twice, as after a crash, adds it once."""
    for visit in planning.plan(await course_of(tx, participant), study.protocol):
        if is_unscheduled(visit.id) and visit.starts_at == starts_at and visit.status != "cancelled":
            return visit
    return None


async def _next_id(study: Study, tx: Tx, participant: Participant) -> str:
    known = await visits.get_all(tx, participant.id)
    numbers = [int(each.visit_type[1:]) for each in known if is_unscheduled(each.visit_type)]
    visit_type = f"U{max(numbers, default=0) + 1}"
    if study.protocol.visit(visit_type) is None:
        raise BadInput("visits.refused.no_unscheduled")
    return visit_type


async def _visit(study: Study, tx: Tx, participant: Participant, visit_type: str) -> PlannedVisit:
    for visit in planning.plan(await course_of(tx, participant), study.protocol):
        if visit.id == visit_type:
            return visit
    raise BadInput("visits.refused.unknown")


async def _change(
    study: Study,
    tx: Tx,
    actor: Actor,
    participant: Participant,
    visit: PlannedVisit,
    after: VisitFacts,
    note: Mapping[str, str],
    action: str,
    now: datetime,
) -> VisitView:
    old_note = await visits.note(tx, participant.id, visit.id)
    if (after, dict(note)) != (visit.facts, old_note):
        await visits.settle(tx, participant.id, after, note)
        await reset(study, tx, participant, visit.id, "staff recorded what became of it", now)
        told = as_recorded(visit.facts, old_note), as_recorded(after, note)
        await audited(tx, study, actor, action, participant, *told, note.get("reason", ""), now)
    return visit_view(await _visit(study, tx, participant, visit.id), participant.zone)
