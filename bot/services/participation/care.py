"""What staff set for a participant: flags and baselines, each change on the trail."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from bot.domain.calendar import to_local
from bot.domain.people import ENDED, Action, Participant, PersonRef
from bot.domain.tightening import check_baseline, check_plausible
from bot.errors import BadInput
from bot.screens.care import CareView
from bot.services import people
from bot.services.participation.hospital import allowed
from bot.services.trail import record
from bot.storage import participants
from bot.study import Study

# A stay in hospital always has an end, and a task of its own.
NEEDS_AN_END = "INPATIENT"


async def view(study: Study, by: PersonRef, participant_id: int) -> CareView:
    """Return what is set for a participant, for a member of staff who may set it."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await allowed(tx, by)
        known = await people.participant(tx, participant_id)
        until = await participants.inpatient_until(tx, known.id)
        return view_of(known, _if_ahead(until, to_local(now, known.zone).date()))


def _if_ahead(until: date | None, today: date) -> date | None:
    return until if until is not None and until >= today else None


def view_of(known: Participant, until: date | None) -> CareView:
    """Return what is set for a participant as screens show it."""
    flags = tuple(sorted(known.flags - {NEEDS_AN_END}))
    return CareView(known.id, known.code, flags, baselines_of(known), until, known.status in ENDED)


def baselines_of(known: Participant) -> dict[str, float]:
    """Return the baselines that are numbers."""
    return {name: float(value) for name, value in known.baseline.items() if isinstance(value, int | float)}


async def set_flags(study: Study, by: PersonRef, participant_id: int, flags: Iterable[str]) -> Participant:
    """Set the flags of a participant, all of them but the stay in hospital."""
    now, wanted = study.clock.now(), frozenset(flags) - {NEEDS_AN_END}
    unknown = sorted(wanted - set(study.protocol.flags))
    if unknown:
        raise BadInput("enrol.refused.flag", flag=unknown[0])
    async with study.db.begin() as tx:
        await allowed(tx, by)
        known = await people.participant(tx, participant_id)
        kept = known.flags & {NEEDS_AN_END}
        if wanted | kept != known.flags:
            await participants.set_flags(tx, known.id, wanted | kept)
            # Reminders and questions follow from flags, too.
            await participants.set_wake(tx, known.id, now)
            before, after = {"flags": sorted(known.flags)}, {"flags": sorted(wanted | kept)}
            await record(tx, study, by, "set_flags", now, subject=known.ref, before=before, after=after)
        return await people.participant(tx, participant_id)


async def set_baseline(
    study: Study, by: PersonRef, participant_id: int, name: str, value: float
) -> Participant:
    """Set one baseline; BadInput for one that would alert later: loosening needs the PI's signature."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await allowed(tx, by)
        known = await people.participant(tx, participant_id)
        before = baselines_of(known).get(name)
        check_baseline(name, value, before, study.protocol)
        if value != before:
            changed: dict[str, Any] = {**known.baseline, name: value}
            await participants.set_baseline(tx, known.id, changed)
            was, after = {name: before}, {name: value}
            await record(tx, study, by, "set_baseline", now, subject=known.ref, before=was, after=after)
        return await people.participant(tx, participant_id)


async def correct_baseline(
    study: Study, by: PersonRef, participant_id: int, name: str, value: float, reason: str
) -> Participant:
    """Correct a baseline that was entered wrong, in either direction: the PI's own act, with its reason."""
    now = study.clock.now()
    check_plausible(name, value, study.protocol)
    async with study.db.begin() as tx:
        await allowed(tx, by, Action.LOOSEN_BASELINE)
        known = await people.participant(tx, participant_id)
        before = baselines_of(known).get(name)
        if value != before:
            await participants.set_baseline(tx, known.id, {**known.baseline, name: value})
            was, after = {name: before}, {name: value}
            await record(
                tx,
                study,
                by,
                "correct_baseline",
                now,
                subject=known.ref,
                before=was,
                after=after,
                reason=reason,
            )
        return await people.participant(tx, participant_id)
