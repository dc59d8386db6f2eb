"""What was asked because of a participant's words, and waits for an answer until its time is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import asked_texts
from bot.storage.types import Instant, fixed


@dataclass(frozen=True, slots=True)
class AskedText:
    """The items that a text brought up; an answer to them counts from `since` on."""

    text_id: int
    participant_id: int
    items: tuple[str, ...]
    since: datetime
    answer_by: datetime


_WAITING = asked_texts.c.state == fixed("waiting")
_ADD = insert(asked_texts).on_conflict_do_nothing(index_elements=["text_id"])
_GET = select(asked_texts).where(asked_texts.c.text_id == bindparam("text_"))
_DUE = (
    select(asked_texts)
    .where(_WAITING, asked_texts.c.answer_by <= bindparam("now_", type_=Instant))
    .order_by(asked_texts.c.answer_by, asked_texts.c.id)
    .limit(bindparam("limit_"))
)
_SETTLE = (
    update(asked_texts)
    .where(_WAITING, asked_texts.c.text_id == bindparam("text_"))
    .values(state=bindparam("state_"))
)
_NEXT = select(func.min(asked_texts.c.answer_by)).where(_WAITING)


async def add(
    tx: Tx, text_id: int, participant_id: int, items: Sequence[str], since: datetime, answer_by: datetime
) -> None:
    """Keep what is asked because of a text; once for each text."""
    values = {
        "text_id": text_id,
        "participant_id": participant_id,
        "items": list(items),
        "since": since,
        "answer_by": answer_by,
        "state": "waiting",
    }
    await tx.execute(_ADD, values)


async def get(tx: Tx, text_id: int) -> AskedText | None:
    """Return what was asked because of a text."""
    row = (await tx.execute(_GET, {"text_": text_id})).first()
    return None if row is None else _asked(row)


async def due(tx: Tx, now: datetime, limit: int) -> list[AskedText]:
    """Return what still waits although its time is over, the oldest first."""
    return [_asked(row) for row in await tx.execute(_DUE, {"now_": now, "limit_": limit})]


async def settle(tx: Tx, text_id: int, state: Literal["answered", "alerted"]) -> bool:
    """Say how it ended; False when it had ended before."""
    return (await tx.execute(_SETTLE, {"text_": text_id, "state_": state})).rowcount == 1


async def next_due_at(tx: Tx) -> datetime | None:
    """Return the first instant at which the time of one is over; it may have passed."""
    return cast("datetime | None", (await tx.execute(_NEXT)).scalar())


def _asked(row: Line) -> AskedText:
    return AskedText(row.text_id, row.participant_id, tuple(row.items), row.since, row.answer_by)
