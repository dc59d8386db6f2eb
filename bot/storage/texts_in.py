"""What participants write of their own accord, kept sealed until a member of staff has seen it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import inbound_texts
from bot.storage.types import Instant, fixed


@dataclass(frozen=True, slots=True)
class InboundText:
    """A participant's own words."""

    id: int
    participant_id: int
    text: str
    at: datetime
    state: Literal["new", "seen"]
    seen_at: datetime | None
    seen_by: int | None


_ADD = (
    insert(inbound_texts).on_conflict_do_nothing(index_elements=["update_id"]).returning(inbound_texts.c.id)
)
_GET = select(inbound_texts).where(inbound_texts.c.id == bindparam("id_"))
_OF_UPDATE = select(inbound_texts.c.id).where(inbound_texts.c.update_id == bindparam("update_"))
_NEW = (
    select(inbound_texts)
    .where(inbound_texts.c.state == fixed("new"))
    .order_by(inbound_texts.c.id)
    .limit(bindparam("limit_"))
)
_COUNT = select(func.count()).where(inbound_texts.c.state == fixed("new"))
_OF = (
    select(inbound_texts)
    .where(inbound_texts.c.participant_id == bindparam("participant_"))
    .where(inbound_texts.c.at >= bindparam("since_", type_=Instant))
    .order_by(inbound_texts.c.at, inbound_texts.c.id)
)
_LAST = select(func.max(inbound_texts.c.id)).where(
    inbound_texts.c.participant_id == bindparam("participant_")
)
_SEE_UP_TO = (
    update(inbound_texts)
    .where(
        inbound_texts.c.participant_id == bindparam("participant_"),
        inbound_texts.c.id <= bindparam("id_"),
        inbound_texts.c.state == fixed("new"),
    )
    .values(state="seen", seen_at=bindparam("now_", type_=Instant), seen_by=bindparam("by_"))
)


async def add(
    tx: Tx,
    participant_id: int,
    text: str,
    update_id: int,
    now: datetime,
    *,
    state: Literal["new", "seen"] = "new",
) -> int | None:
    """Keep a text and return its id; None when this update was kept before.

    `seen` from the first: one that asks nothing of the staff.
    """
    values = {
        "participant_id": participant_id,
        "text_box": tx.seal(text),
        "at": now,
        "update_id": update_id,
        "state": state,
    }
    row = (await tx.execute(_ADD, values)).first()
    return None if row is None else int(row.id)


async def get(tx: Tx, text_id: int) -> InboundText | None:
    """Return a text by id."""
    row = (await tx.execute(_GET, {"id_": text_id})).first()
    return None if row is None else _text(tx, row)


async def of_update(tx: Tx, update_id: int) -> int | None:
    """Return the id of the text that an update brought."""
    row = (await tx.execute(_OF_UPDATE, {"update_": update_id})).first()
    return None if row is None else int(row.id)


async def unseen(tx: Tx, limit: int = 50) -> list[InboundText]:
    """Return the texts that nobody has seen, the oldest first."""
    return [_text(tx, row) for row in await tx.execute(_NEW, {"limit_": limit})]


async def count_unseen(tx: Tx) -> int:
    """Return how many texts nobody has seen."""
    return int((await tx.execute(_COUNT)).scalar_one())


async def of_participant(tx: Tx, participant_id: int, since: datetime) -> list[InboundText]:
    """Return what a participant wrote since an instant, in order."""
    rows = await tx.execute(_OF, {"participant_": participant_id, "since_": since})
    return [_text(tx, row) for row in rows]


async def last_id(tx: Tx, participant_id: int) -> int:
    """Return the id of the last text of a participant, 0 where there is none."""
    return int((await tx.execute(_LAST, {"participant_": participant_id})).scalar() or 0)


async def mark_seen_up_to(tx: Tx, participant_id: int, text_id: int, staff_id: int, now: datetime) -> int:
    """Record who has dealt with a participant's texts up to one; return how many nobody had."""
    values = {"participant_": participant_id, "id_": text_id, "by_": staff_id, "now_": now}
    return (await tx.execute(_SEE_UP_TO, values)).rowcount


def _text(tx: Tx, row: Line) -> InboundText:
    words = tx.open(row.text_box)
    return InboundText(row.id, row.participant_id, words, row.at, row.state, row.seen_at, row.seen_by)
