"""When a participant wants to be reminded, where that is not as the protocol has it."""

from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Tx
from bot.storage.tables import reminder_times

_GET = select(reminder_times).where(reminder_times.c.participant_id == bindparam("participant_"))
_NEW = insert(reminder_times)
_PUT = _NEW.on_conflict_do_update(
    index_elements=["participant_id"],
    set_={name: _NEW.excluded[name] for name in ("times", "changed_at")},
)


async def get(tx: Tx, participant_id: int) -> dict[str, time]:
    """Return the reminders that were moved, each with its time on the wall."""
    row = (await tx.execute(_GET, {"participant_": participant_id})).first()
    return {} if row is None else {rule: time.fromisoformat(at) for rule, at in row.times.items()}


async def put(tx: Tx, participant_id: int, times: Mapping[str, time], now: datetime) -> None:
    """Keep the reminders that were moved, all of them."""
    written = {rule: at.strftime("%H:%M") for rule, at in times.items()}
    await tx.execute(_PUT, {"participant_id": participant_id, "times": written, "changed_at": now})
