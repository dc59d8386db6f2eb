"""What a participant is shown about one of their messages: whether a human has read and answered it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import receipts
from bot.storage.types import BIG, Instant, fixed

Told = Literal["kept", "asked", "alerted", "photo", "unreadable", "red"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """One text and what its author was told; `message_id` is the message that says so."""

    text_id: int
    participant_id: int
    told: Told
    message_id: int | None
    state: Literal["waiting", "read", "answered"]
    read_at: datetime | None


_ADD = insert(receipts).on_conflict_do_nothing(index_elements=["text_id"])
_GET = select(receipts).where(receipts.c.text_id == bindparam("text_"))
_SHOWN = (
    update(receipts)
    .where(receipts.c.text_id == bindparam("text_"))
    .values(message_id=bindparam("message_", type_=BIG))
)
_UP_TO = (receipts.c.participant_id == bindparam("participant_")) & (receipts.c.text_id <= bindparam("text_"))
_READ = (
    update(receipts)
    .where(_UP_TO, receipts.c.state == fixed("waiting"))
    .values(state="read", read_at=bindparam("now_", type_=Instant), read_by=bindparam("by_"))
    .returning(receipts.c.text_id)
)
_ANSWERED = (
    update(receipts)
    .where(_UP_TO, receipts.c.state.in_(("waiting", "read")))
    .values(state="answered")
    .returning(receipts.c.text_id)
)


async def add(tx: Tx, text_id: int, participant_id: int, told: Told) -> None:
    """Keep what a participant is told about a text; once for each text."""
    values = {"text_id": text_id, "participant_id": participant_id, "told": told, "state": "waiting"}
    await tx.execute(_ADD, values)


async def get(tx: Tx, text_id: int) -> Receipt | None:
    """Return the receipt of a text."""
    row = (await tx.execute(_GET, {"text_": text_id})).first()
    return None if row is None else _receipt(row)


async def shown_in(tx: Tx, text_id: int, message_id: int) -> None:
    """Remember the message that shows it."""
    await tx.execute(_SHOWN, {"text_": text_id, "message_": message_id})


async def read(tx: Tx, participant_id: int, up_to: int, staff_id: int, now: datetime) -> list[int]:
    """Note that a human has read a participant's texts up to one; return those that nobody had read."""
    values = {"participant_": participant_id, "text_": up_to, "by_": staff_id, "now_": now}
    return [int(row.text_id) for row in await tx.execute(_READ, values)]


async def answered(tx: Tx, participant_id: int, up_to: int) -> list[int]:
    """Note that a participant's texts up to one are answered; return those that were not."""
    values = {"participant_": participant_id, "text_": up_to}
    return [int(row.text_id) for row in await tx.execute(_ANSWERED, values)]


def _receipt(row: Line) -> Receipt:
    return Receipt(row.text_id, row.participant_id, row.told, row.message_id, row.state, row.read_at)
