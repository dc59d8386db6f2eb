"""Caregivers: invited by a participant, for as long as both wish."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from bot.domain.people import Caregiver, Language, Relation
from bot.storage.db import Line, Tx
from bot.storage.tables import caregivers

_GET = select(caregivers).where(caregivers.c.id == bindparam("id_"))
_LIVE_OF = (
    select(caregivers)
    .where(caregivers.c.participant_id == bindparam("participant_"), caregivers.c.status != "ended")
    .order_by(caregivers.c.id)
)


async def add(
    tx: Tx, participant_id: int, relation: Relation, language: Language, now: datetime
) -> Caregiver:
    """Keep a caregiver who is invited."""
    values = {
        "participant_id": participant_id,
        "relation": relation,
        "language": language,
        "status": "invited",
        "invited_at": now,
    }
    return _caregiver((await tx.execute(insert(caregivers).returning(*caregivers.c), values)).one())


async def get(tx: Tx, caregiver_id: int) -> Caregiver | None:
    """Return a caregiver by id, also one who has ended."""
    row = (await tx.execute(_GET, {"id_": caregiver_id})).first()
    return None if row is None else _caregiver(row)


async def live_of(tx: Tx, participant_id: int) -> list[Caregiver]:
    """Return the caregivers of a participant who have not ended, in the order of their invitation."""
    return [_caregiver(row) for row in await tx.execute(_LIVE_OF, {"participant_": participant_id})]


async def ever_of(tx: Tx, participant_id: int) -> list[Caregiver]:
    """Return every caregiver that a participant has had, those who have ended included."""
    statement = (
        select(caregivers).where(caregivers.c.participant_id == participant_id).order_by(caregivers.c.id)
    )
    return [_caregiver(row) for row in await tx.execute(statement)]


async def set_language(tx: Tx, caregiver_id: int, language: Language) -> None:
    """Set what a caregiver reads."""
    await _move(tx, caregiver_id, ("invited", "joined", "active"), language=language)


async def mark_joined(tx: Tx, caregiver_id: int, now: datetime) -> bool:
    """Record that a chat was linked for the first time."""
    return await _move(tx, caregiver_id, ("invited",), status="joined", joined_at=now)


async def mark_active(tx: Tx, caregiver_id: int) -> bool:
    """Record that both consents are given; False where they were before."""
    return await _move(tx, caregiver_id, ("joined",), status="active")


async def end(tx: Tx, caregiver_id: int, now: datetime) -> bool:
    """End it; False where that was done before."""
    return await _move(tx, caregiver_id, ("invited", "joined", "active"), status="ended", ended_at=now)


async def _move(tx: Tx, caregiver_id: int, before: tuple[str, ...], **values: Any) -> bool:
    statement = (
        update(caregivers)
        .where(caregivers.c.id == caregiver_id, caregivers.c.status.in_(before))
        .values(values)
    )
    return (await tx.execute(statement)).rowcount == 1


def _caregiver(row: Line) -> Caregiver:
    return Caregiver(
        row.id, row.participant_id, row.relation, row.language, row.status, row.invited_at, row.joined_at
    )
