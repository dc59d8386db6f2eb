"""The phone list of the staff: who takes part without the chat, called, and what they decided."""

from datetime import datetime

from bot.domain import calendar, planning
from bot.domain.contact import to_be_called
from bot.domain.people import ENDED, Action, Participant, PersonRef
from bot.errors import NotAllowed, StaleTap
from bot.screens.phone_list import Line
from bot.services import people
from bot.services.facts import course_of
from bot.services.participation import leaving
from bot.services.trail import record
from bot.storage import participants, phone_list, staff
from bot.storage.db import Tx
from bot.storage.phone_list import ByPhone
from bot.study import Study


async def listed(study: Study, by: PersonRef) -> tuple[Line, ...]:
    """Return everybody who is telephoned, the longest first, each with the next visit."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        return await _lines(study, tx, now)


async def due(study: Study, tx: Tx, now: datetime) -> tuple[str, ...]:
    """Return the codes of those on the list who are to be called now."""
    lines = await _lines(study, tx, now)
    before = study.protocol.practice.call_before.value
    return tuple(each.code for each in lines if to_be_called(each.called_at, each.visit_at, before, now))


async def _lines(study: Study, tx: Tx, now: datetime) -> tuple[Line, ...]:
    everyone = {each.id: each for each in await participants.all_(tx)}
    live = [each for each in await phone_list.all_live(tx) if _is_in(everyone, each)]
    return tuple([await _line(study, tx, everyone[each.participant_id], each, now) for each in live])


def _is_in(everyone: dict[int, Participant], each: ByPhone) -> bool:
    known = everyone.get(each.participant_id)
    return known is not None and known.status not in ENDED


async def _line(study: Study, tx: Tx, known: Participant, each: ByPhone, now: datetime) -> Line:
    today = calendar.to_local(now, known.zone).date()
    plan = planning.plan(await course_of(tx, known), study.protocol)
    coming = next(
        (visit for visit in plan if visit.takes_place and visit.is_ahead and visit.on >= today), None
    )
    name, at = (None, None) if coming is None else (coming.type.name, coming.starts_at)
    return Line(known.id, known.code, each.reason, each.since_at, each.called_at, name, at, known.zone)


async def called(study: Study, by: PersonRef, participant_id: int) -> bool:
    """Record a call; False where nobody is to be called any more."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        if not await phone_list.mark_called(tx, participant_id, by.id, now):
            return False
        about = PersonRef("participant", participant_id)
        await record(tx, study, by, "called", now, subject=about)
        return True


async def code_of(study: Study, by: PersonRef, participant_id: int) -> str:
    """Return the code of somebody on the list; StaleTap for anybody else."""
    async with study.db.begin() as tx:
        await _may(tx, by)
        return (await _on_the_list(tx, participant_id)).code


async def left_study(study: Study, by: PersonRef, participant_id: int) -> bool:
    """Record that somebody on the list has left the study; False where that was known."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        return await leaving.withdraw(study, by, await _on_the_list(tx, participant_id), now, tx)


async def stays(study: Study, by: PersonRef, participant_id: int) -> None:
    """Record that somebody who wished to leave takes part after all, by telephone."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await _may(tx, by)
        known = await _on_the_list(tx, participant_id)
        await phone_list.put(tx, known.id, "stopped", now)
        await record(tx, study, by, "stays_in_study", now, subject=known.ref)


async def _on_the_list(tx: Tx, participant_id: int) -> Participant:
    if await phone_list.get(tx, participant_id) is None:
        raise StaleTap("not on the list")
    return await people.participant(tx, participant_id)


async def _may(tx: Tx, by: PersonRef) -> None:
    member = await staff.get(tx, by.id) if by.kind == "staff" else None
    if member is None or not member.may(Action.ENROL):
        raise NotAllowed(Action.ENROL)
