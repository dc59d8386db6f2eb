"""What came in: kept before Telegram is told to forget it, and handled from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import inbox
from bot.storage.types import Instant, fixed

TRIES = 3


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update as Telegram gave it: raw JSON text, and the chat whose lane it belongs to, if any."""

    update_id: int
    raw: str
    chat_id: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept update; `id` is its place in the order of arrival, `chat_key` names its lane."""

    id: int
    update_id: int
    received_at: datetime
    chat_key: str | None
    raw: str
    tries: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: how many new updates, since when, and how many were set aside in all."""

    new: int
    oldest_at: datetime | None
    quarantined: int


_NOW = bindparam("now_", type_=Instant)
_MINE = inbox.c.update_id == bindparam("update_id_")
_KEEP = (
    insert(inbox)
    .on_conflict_do_nothing(index_elements=["update_id"])
    .returning(inbox.c.id, inbox.c.update_id)
)
_TAKE = (
    select(
        inbox.c.id, inbox.c.update_id, inbox.c.received_at, inbox.c.chat_key, inbox.c.raw_box, inbox.c.tries
    )
    .where(inbox.c.state == fixed("new"), inbox.c.id > bindparam("after_"))
    .order_by(inbox.c.id)
    .limit(bindparam("limit_"))
)
_DONE = (
    update(inbox).where(_MINE, inbox.c.state == fixed("new")).values(state="done", done_at=_NOW, error=None)
)
_FAIL = (
    update(inbox)
    .where(_MINE, inbox.c.state == fixed("new"))
    .values(
        tries=inbox.c.tries + 1,
        error=bindparam("error_"),
        state=case((inbox.c.tries + 1 >= bindparam("last_"), "quarantined"), else_="new"),
        done_at=case((inbox.c.tries + 1 >= bindparam("last_"), _NOW), else_=None),
    )
    .returning(inbox.c.state)
)
_WAITING = select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.state == fixed("new"))
_SET_ASIDE = select(func.count()).where(inbox.c.state == fixed("quarantined"))


async def keep(tx: Tx, arrivals: Sequence[Arrival], now: datetime) -> list[Kept]:
    """Keep what is not kept yet; return what was new, in order. Commit before the offset moves."""
    if not arrivals:
        return []
    rows = [_values(tx, arrival, now) for arrival in arrivals]
    ids = {row.update_id: row.id for row in await tx.execute(_KEEP, rows)}
    kept = [
        Kept(ids.pop(arrival.update_id), arrival.update_id, now, row["chat_key"], arrival.raw, 0)
        for row, arrival in zip(rows, arrivals, strict=True)
        if arrival.update_id in ids
    ]
    return sorted(kept, key=lambda each: each.id)


def _values(tx: Tx, arrival: Arrival, now: datetime) -> dict[str, Any]:
    return {
        "update_id": arrival.update_id,
        "received_at": now,
        "chat_key": None if arrival.chat_id is None else tx.chat_key(arrival.chat_id),
        "raw_box": tx.seal(arrival.raw),
        "state": "new",
        "tries": 0,
    }


async def take_new(tx: Tx, limit: int, *, after: int = 0) -> list[Kept]:
    """Return new updates in the order of arrival, from behind the one whose `id` is `after`.

    They stay new until `done` or `fail`: who takes them remembers what is in hand.
    """
    return [_kept(tx, row) for row in await tx.execute(_TAKE, {"after_": after, "limit_": limit})]


def _kept(tx: Tx, row: Line) -> Kept:
    update_row, update_id, received_at, chat_key, raw_box, tries = row
    return Kept(update_row, update_id, received_at, chat_key, tx.open(raw_box), tries)


async def done(tx: Tx, update_id: int, now: datetime) -> bool:
    """Record that an update was handled; False when it was settled before."""
    return (await tx.execute(_DONE, {"update_id_": update_id, "now_": now})).rowcount == 1


async def fail(
    tx: Tx, update_id: int, error: str, now: datetime, *, final: bool = False
) -> Literal["new", "quarantined"] | None:
    """Record a failed try: the third one, or a final one, sets the update aside. None: settled before.

    `error` names the kind of error and holds no content.
    """
    last = 1 if final else TRIES
    values = {"update_id_": update_id, "error_": error, "now_": now, "last_": last}
    row = (await tx.execute(_FAIL, values)).first()
    return None if row is None else row.state


async def backlog(tx: Tx) -> Backlog:
    """Return what waits and what was set aside."""
    new, oldest_at = (await tx.execute(_WAITING)).one()
    quarantined = (await tx.execute(_SET_ASIDE)).scalar_one()
    return Backlog(new, oldest_at, quarantined)


async def forget_done(tx: Tx, before: datetime) -> int:
    """Delete what was handled before that instant; what was set aside stays."""
    statement = delete(inbox).where(inbox.c.state == fixed("done"), inbox.c.done_at < before)
    return (await tx.execute(statement)).rowcount
