"""Which calendar file a participant was given for a visit, so that the next one replaces it."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Tx
from bot.storage.tables import calendar_files

_GET = select(calendar_files).where(
    calendar_files.c.participant_id == bindparam("participant_"),
    calendar_files.c.visit_type == bindparam("visit_"),
)
_NEW = insert(calendar_files)
_PUT = _NEW.on_conflict_do_update(
    index_elements=["participant_id", "visit_type"],
    set_={name: _NEW.excluded[name] for name in ("starts_at", "sequence", "given_at")},
)


async def give(tx: Tx, participant_id: int, visit_type: str, starts_at: datetime, now: datetime) -> int:
    """Return the number of the file that says this: one more whenever the visit is at another time."""
    row = (await tx.execute(_GET, {"participant_": participant_id, "visit_": visit_type})).first()
    sequence = 0 if row is None else row.sequence + (row.starts_at != starts_at)
    values = {
        "participant_id": participant_id,
        "visit_type": visit_type,
        "starts_at": starts_at,
        "sequence": sequence,
        "given_at": now,
    }
    await tx.execute(_PUT, values)
    return int(sequence)
