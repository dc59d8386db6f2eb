"""What the team answers, and the answers that it keeps for the next time; the words sealed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import replies, saved_answers
from bot.storage.types import Instant


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; typed in one language, both hold the same words."""

    id: int
    participant_id: int
    text_id: int
    staff_id: int
    zh: str
    en: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Saved:
    """An answer that is kept, in both languages."""

    id: int
    zh: str
    en: str


_ADD = (
    insert(replies)
    .on_conflict_do_nothing(index_elements=["participant_id", "after_id"])
    .returning(replies.c.id)
)
_GET = select(replies).where(replies.c.id == bindparam("id_"))
_OF = (
    select(replies)
    .where(replies.c.participant_id == bindparam("participant_"))
    .where(replies.c.at >= bindparam("since_", type_=Instant))
    .order_by(replies.c.id)
)
_LAST = select(func.max(replies.c.id)).where(replies.c.participant_id == bindparam("participant_"))
_SAVE = insert(saved_answers).returning(saved_answers.c.id)
_SAVED = select(saved_answers).where(saved_answers.c.removed_at.is_(None)).order_by(saved_answers.c.id)
_REMOVE = (
    update(saved_answers)
    .where(saved_answers.c.id == bindparam("id_"), saved_answers.c.removed_at.is_(None))
    .values(removed_at=bindparam("now_", type_=Instant))
)


async def add(
    tx: Tx,
    participant_id: int,
    text_id: int,
    after_id: int,
    staff_id: int,
    words: tuple[str, str],
    now: datetime,
) -> int | None:
    """Keep an answer (Chinese, English) and return its id; None where another one came first."""
    values = {
        "participant_id": participant_id,
        "text_id": text_id,
        "after_id": after_id,
        "staff_id": staff_id,
        "zh_box": tx.seal(words[0]),
        "en_box": tx.seal(words[1]),
        "at": now,
    }
    row = (await tx.execute(_ADD, values)).first()
    return None if row is None else int(row.id)


async def get(tx: Tx, reply_id: int) -> Reply | None:
    """Return an answer by id."""
    row = (await tx.execute(_GET, {"id_": reply_id})).first()
    return None if row is None else _reply(tx, row)


async def of_participant(tx: Tx, participant_id: int, since: datetime) -> list[Reply]:
    """Return the answers to a participant since an instant, in order."""
    rows = await tx.execute(_OF, {"participant_": participant_id, "since_": since})
    return [_reply(tx, row) for row in rows]


async def last_id(tx: Tx, participant_id: int) -> int:
    """Return the id of the last answer to a participant, 0 where there is none."""
    return int((await tx.execute(_LAST, {"participant_": participant_id})).scalar() or 0)


async def save(tx: Tx, zh: str, en: str, staff_id: int, now: datetime) -> int:
    """Keep an answer for the next time; return its id."""
    values = {"zh_box": tx.seal(zh), "en_box": tx.seal(en), "by_staff_id": staff_id, "created_at": now}
    return int((await tx.execute(_SAVE, values)).one().id)


async def saved(tx: Tx) -> list[Saved]:
    """Return the answers that are kept, the oldest first."""
    return [Saved(row.id, tx.open(row.zh_box), tx.open(row.en_box)) for row in await tx.execute(_SAVED)]


async def remove(tx: Tx, saved_id: int, now: datetime) -> bool:
    """Keep an answer no longer; False where that was so before."""
    return (await tx.execute(_REMOVE, {"id_": saved_id, "now_": now})).rowcount == 1


def _reply(tx: Tx, row: Line) -> Reply:
    return Reply(
        row.id,
        row.participant_id,
        row.text_id,
        row.staff_id,
        tx.open(row.zh_box),
        tx.open(row.en_box),
        row.at,
    )
