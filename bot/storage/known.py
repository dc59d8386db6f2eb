"""Alerts that staff closed as known: until when their findings, no worse than they were, raise nothing."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select

from bot.storage.db import Tx
from bot.storage.tables import known
from bot.storage.types import Instant

_IN_FORCE = (
    select(known.c.alert_id)
    .where(
        known.c.participant_id == bindparam("participant_"), known.c.until > bindparam("now_", type_=Instant)
    )
    .order_by(known.c.id)
)


async def add(tx: Tx, participant_id: int, alert_id: int, until: datetime) -> None:
    """Keep that an alert was closed as known."""
    await tx.execute(insert(known), {"participant_id": participant_id, "alert_id": alert_id, "until": until})


async def in_force(tx: Tx, participant_id: int, now: datetime) -> list[int]:
    """Return the ids of the participant's alerts that count as known at an instant."""
    rows = await tx.execute(_IN_FORCE, {"participant_": participant_id, "now_": now})
    return [row.alert_id for row in rows]
