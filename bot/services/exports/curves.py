"""The picture of a participant's temperature, drawn beside the event loop."""

import asyncio
from datetime import datetime, timedelta

from bot.domain import planning
from bot.domain.items import Item
from bot.domain.people import Action, Participant, ParticipantStatus, PersonRef
from bot.errors import NotAllowed, StaleTap
from bot.papers.curve import CurveFacts, Measured, curve
from bot.services import people
from bot.services.facts import course_of
from bot.storage import answers, staff
from bot.storage.answers import PastReport
from bot.storage.db import Tx
from bot.study import Study
from bot.texts import Phrase

# Treatment and the weeks after it; the whole year on request.
LATELY, EVER = timedelta(days=42), timedelta(days=600)


async def picture(
    study: Study, by: PersonRef, participant_id: int, *, whole: bool = False
) -> tuple[str, bytes] | None:
    """Return the code and the picture as PNG; None where no temperature was reported in that time."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        member = await staff.get(tx, by.id) if by.kind == "staff" else None
        if member is None or not member.may(Action.SEE_PARTICIPANT):
            raise NotAllowed(Action.SEE_PARTICIPANT)
        participant = await people.participant(tx, participant_id)
        if participant.status is ParticipantStatus.WITHDRAWN:
            raise StaleTap("has withdrawn: reports are not shown")
        facts = await _facts(study, tx, participant, now, now - (EVER if whole else LATELY))
    if not facts.measured:
        return None
    return participant.code, await asyncio.to_thread(curve, facts, study.texts, member.language)


async def _facts(
    study: Study, tx: Tx, participant: Participant, now: datetime, since: datetime
) -> CurveFacts:
    item = _temperature(study)
    reports = await answers.history(tx, participant.id, since)
    course = await course_of(tx, participant)
    infusions = tuple(
        (visit.starts_at, Phrase(visit.type.name))
        for visit, _ in planning.infusions(course, study.protocol)
        if since <= visit.starts_at <= now
    )
    if item is None or item.bands_by is None:
        return CurveFacts(participant.code, participant.zone, (), infusions, {}, {})
    measured = tuple(each for report in reports if (each := _measured(item, report)) is not None)
    places = {place: Phrase(name) for place, name in item.part(item.bands_by).options}
    return CurveFacts(participant.code, participant.zone, measured, infusions, places, item.bands)


def _temperature(study: Study) -> Item | None:
    return next((each for each in study.protocol.items.values() if "fever" in each.bands), None)


def _measured(item: Item, report: PastReport) -> Measured | None:
    values = item.read(report.answers.get(item.id))
    value, place = values.get(item.main_key), values.get(item.bands_by or "")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Measured(report.answered_at, float(value), str(place or "unknown"))
