"""Who takes part without the chat, and is telephoned instead."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import phone_list
from bot.storage.types import Instant

Reason = Literal["refused", "stopped", "leaving"]


@dataclass(frozen=True, slots=True)
class ByPhone:
    """Somebody who is telephoned: why, since when, and when last."""

    participant_id: int
    reason: Reason
    since_at: datetime
    called_at: datetime | None


_LIVE = phone_list.c.ended_at.is_(None)
_MINE = phone_list.c.participant_id == bindparam("id_")
_ALL = select(phone_list).where(_LIVE).order_by(phone_list.c.since_at, phone_list.c.id)
_ONE = select(phone_list).where(_LIVE, _MINE)
_ADD = insert(phone_list).on_conflict_do_nothing(
    index_elements=["participant_id"], index_where=phone_list.c.ended_at.is_(None)
)
_END = update(phone_list).where(_LIVE, _MINE).values(ended_at=bindparam("now_", type_=Instant))
_REASON = update(phone_list).where(_LIVE, _MINE).values(reason=bindparam("reason_"))
_CALLED = (
    update(phone_list)
    .where(_LIVE, _MINE)
    .values(called_at=bindparam("now_", type_=Instant), called_by=bindparam("by_"))
)


async def put(tx: Tx, participant_id: int, reason: Reason, now: datetime) -> None:
    """Put somebody on the list; who is on it already is there for the newer reason."""
    await tx.execute(_ADD, {"participant_id": participant_id, "reason": reason, "since_at": now})
    await tx.execute(_REASON, {"id_": participant_id, "reason_": reason})


async def take_off(tx: Tx, participant_id: int, now: datetime) -> bool:
    """Take somebody off the list; False when they are not on it."""
    return (await tx.execute(_END, {"id_": participant_id, "now_": now})).rowcount == 1


async def mark_called(tx: Tx, participant_id: int, staff_id: int, now: datetime) -> bool:
    """Record a call; False when they are not on the list."""
    values = {"id_": participant_id, "by_": staff_id, "now_": now}
    return (await tx.execute(_CALLED, values)).rowcount == 1


async def get(tx: Tx, participant_id: int) -> ByPhone | None:
    """Return why somebody is telephoned; None when they are not."""
    row = (await tx.execute(_ONE, {"id_": participant_id})).first()
    return None if row is None else _by_phone(row)


async def all_live(tx: Tx) -> list[ByPhone]:
    """Return everybody who is telephoned, the longest first."""
    return [_by_phone(row) for row in await tx.execute(_ALL)]


def _by_phone(row: Line) -> ByPhone:
    return ByPhone(row.participant_id, row.reason, row.since_at, row.called_at)
