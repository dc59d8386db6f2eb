"""A measurement in somebody's own words that must be measured again: kept as a report of its own."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.domain.findings import Assessment
from bot.domain.people import Participant, ParticipantStatus
from bot.services.checkins import remeasuring
from bot.services.checkins.forms import load_sheet
from bot.storage import answers, checkins, second_readings
from bot.storage.db import Tx
from bot.study import Study

_INSTANT = timedelta(microseconds=1)


async def measure_again(
    study: Study,
    tx: Tx,
    participant: Participant,
    text_id: int,
    readings: Mapping[str, Any],
    verdict: Assessment,
    by: Literal["self", "caregiver"],
    said_at: datetime,
    now: datetime,
) -> int | None:
    """Wait for a second reading of what was written, as of what is answered on a form; once for a text.

    Its minutes count from the words. Returns the report that holds it. Nothing
    where a form has the reading already, or a second one is waited for: nobody
    is asked twice.
    """
    wanted = {item for finding in verdict.findings for item in finding.remeasure if item in readings}
    items = wanted - await _known(tx, participant.id, wanted, said_at, now)
    if not items or participant.status is not ParticipantStatus.ACTIVE:
        return None
    opened = await checkins.open_(
        tx,
        participant_id=participant.id,
        key=f"words:{text_id}",
        form=study.protocol.report_form,
        due_at=said_at,
        now=now,
        protocol_version=study.protocol.version,
    )
    # It is no form to go on with: what it holds has been judged, and the one that is open stays so.
    closed = opened and await checkins.advance(tx, opened, state="superseded")
    if closed is None:
        return None
    for item in sorted(items):
        await answers.add(
            tx, checkin_id=closed.id, item=item, value=readings[item], now=said_at, answered_by=by
        )
    sheet = await load_sheet(study, tx, participant, closed, now)
    await remeasuring.watch(study, tx, sheet, verdict, now)
    return closed.id


async def _known(tx: Tx, participant_id: int, items: set[str], said_at: datetime, now: datetime) -> set[str]:
    """Return which of the items a form has measured since, or are measured again already."""
    waiting = {each.item for each in await second_readings.waiting_for(tx, participant_id)}
    given = await answers.last_asked(tx, participant_id, items, said_at, now + _INSTANT) if items else {}
    return waiting | given.keys()
