"""Broadcasts: what a coordinator says to many, from draft to done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import insert, select, update

from bot.storage.db import Line, Tx
from bot.storage.tables import broadcasts
from bot.storage.types import fixed

BroadcastState = Literal["draft", "sending", "done", "stopped"]


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast; `audience` says whom it is for, `version` rises with every change."""

    id: int
    by_staff_id: int
    text_zh: str | None
    text_en: str | None
    audience: Mapping[str, Any]
    state: BroadcastState
    created_at: datetime
    confirmed_at: datetime | None
    finished_at: datetime | None
    progress_message_id: int | None
    version: int


async def add(
    tx: Tx,
    *,
    by_staff_id: int,
    text_zh: str | None,
    text_en: str | None,
    audience: Mapping[str, Any],
    now: datetime,
) -> Broadcast:
    """Keep a draft."""
    values = {
        "by_staff_id": by_staff_id,
        "text_zh_box": _sealed(tx, text_zh),
        "text_en_box": _sealed(tx, text_en),
        "audience": dict(audience),
        "state": "draft",
        "created_at": now,
        "version": 1,
    }
    row = (await tx.execute(insert(broadcasts).returning(*broadcasts.c), values)).one()
    return _broadcast(tx, row)


async def get(tx: Tx, broadcast_id: int) -> Broadcast | None:
    """Return a broadcast by id."""
    row = (await tx.execute(select(broadcasts).where(broadcasts.c.id == broadcast_id))).first()
    return None if row is None else _broadcast(tx, row)


async def latest(tx: Tx, limit: int = 20) -> list[Broadcast]:
    """Return the newest broadcasts, the newest first."""
    rows = await tx.execute(select(broadcasts).order_by(broadcasts.c.id.desc()).limit(limit))
    return [_broadcast(tx, row) for row in rows]


async def sending(tx: Tx) -> list[Broadcast]:
    """Return those that are going out, the oldest first."""
    rows = await tx.execute(
        select(broadcasts).where(broadcasts.c.state == fixed("sending")).order_by(broadcasts.c.id)
    )
    return [_broadcast(tx, row) for row in rows]


async def edit(
    tx: Tx, broadcast_id: int, *, text_zh: str | None, text_en: str | None, audience: Mapping[str, Any]
) -> Broadcast | None:
    """Change a draft; None when it is a draft no more."""
    boxes = {"text_zh_box": _sealed(tx, text_zh), "text_en_box": _sealed(tx, text_en)}
    return await _changed(tx, broadcast_id, ("draft",), **boxes, audience=dict(audience))


async def confirm(tx: Tx, broadcast_id: int, now: datetime) -> Broadcast | None:
    """Send it off; None when that was done before, or it was stopped: a second press sends nothing twice."""
    return await _changed(tx, broadcast_id, ("draft",), state="sending", confirmed_at=now)


async def finish(tx: Tx, broadcast_id: int, now: datetime) -> Broadcast | None:
    """Record that nothing of it waits any more; None when it was not going out."""
    return await _changed(tx, broadcast_id, ("sending",), state="done", finished_at=now)


async def stop(tx: Tx, broadcast_id: int, now: datetime) -> Broadcast | None:
    """Stop it; what waits in the outbox is cancelled by its subject. None when it was over."""
    return await _changed(tx, broadcast_id, ("draft", "sending"), state="stopped", finished_at=now)


async def set_progress_message(tx: Tx, broadcast_id: int, message_id: int) -> None:
    """Remember the message that shows the progress; the version stays."""
    statement = update(broadcasts).where(broadcasts.c.id == broadcast_id)
    await tx.execute(statement.values(progress_message_id=message_id))


async def _changed(
    tx: Tx, broadcast_id: int, while_in: tuple[BroadcastState, ...], **values: Any
) -> Broadcast | None:
    statement = (
        update(broadcasts)
        .where(broadcasts.c.id == broadcast_id, broadcasts.c.state.in_(while_in))
        .values(**values, version=broadcasts.c.version + 1)
        .returning(*broadcasts.c)
    )
    row = (await tx.execute(statement)).first()
    return None if row is None else _broadcast(tx, row)


def _sealed(tx: Tx, text: str | None) -> bytes | None:
    return None if text is None else tx.seal(text)


def _broadcast(tx: Tx, row: Line) -> Broadcast:
    return Broadcast(
        id=row.id,
        by_staff_id=row.by_staff_id,
        text_zh=None if row.text_zh_box is None else tx.open(row.text_zh_box),
        text_en=None if row.text_en_box is None else tx.open(row.text_en_box),
        audience=row.audience,
        state=row.state,
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
        finished_at=row.finished_at,
        progress_message_id=row.progress_message_id,
        version=row.version,
    )
