"""Broadcasts: what a coordinator says to many, from draft to done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import bindparam, func, insert, select, update

from bot.domain.attachment import Attachment
from bot.storage.db import Line, Tx
from bot.storage.tables import broadcasts
from bot.storage.types import Instant, fixed

BroadcastState = Literal["draft", "awaiting", "scheduled", "sending", "paused", "done", "stopped"]


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast; `audience` says whom it is for, `version` rises with every change."""

    id: int
    by_staff_id: int
    text_zh: str | None
    text_en: str | None
    file: Attachment | None
    audience: Mapping[str, Any]
    state: BroadcastState
    created_at: datetime
    send_at: datetime | None
    approved_by: int | None
    approved_at: datetime | None
    confirmed_at: datetime | None
    finished_at: datetime | None
    progress_message_id: int | None
    version: int


_SCHEDULED = broadcasts.c.state == fixed("scheduled")
_NEXT = select(func.min(broadcasts.c.send_at)).where(_SCHEDULED)
_DUE = (
    select(broadcasts)
    .where(_SCHEDULED, broadcasts.c.send_at <= bindparam("now_", type_=Instant))
    .order_by(broadcasts.c.send_at, broadcasts.c.id)
)


async def add(
    tx: Tx,
    *,
    by_staff_id: int,
    text_zh: str | None,
    text_en: str | None,
    audience: Mapping[str, Any],
    now: datetime,
    file: Attachment | None = None,
    send_at: datetime | None = None,
) -> Broadcast:
    """Keep a draft."""
    values = {
        "by_staff_id": by_staff_id,
        "text_zh_box": _sealed(tx, text_zh),
        "text_en_box": _sealed(tx, text_en),
        "file_box": None if file is None else tx.vault.seal_json(file.as_json()),
        "audience": dict(audience),
        "state": "draft",
        "created_at": now,
        "send_at": send_at,
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


async def due(tx: Tx, now: datetime) -> list[Broadcast]:
    """Return those whose time has come, the oldest first."""
    return [_broadcast(tx, row) for row in await tx.execute(_DUE, {"now_": now})]


async def next_send_at(tx: Tx) -> datetime | None:
    """Return when the next one goes out by itself; it may have passed."""
    return cast("datetime | None", (await tx.execute(_NEXT)).scalar())


async def await_approval(tx: Tx, broadcast_id: int) -> Broadcast | None:
    """Let a second person look at it first; None when it is a draft no more."""
    return await _changed(tx, broadcast_id, ("draft",), state="awaiting")


async def approve(tx: Tx, broadcast_id: int, staff_id: int, now: datetime) -> Broadcast | None:
    """Record the second person's approval; the state stays. None where none is awaited."""
    return await _changed(tx, broadcast_id, ("awaiting",), approved_by=staff_id, approved_at=now)


async def schedule(tx: Tx, broadcast_id: int, send_at: datetime) -> Broadcast | None:
    """Let it wait for its time, or for another one; None when it has begun, or is over."""
    while_in: tuple[BroadcastState, ...] = ("draft", "awaiting", "scheduled")
    return await _changed(tx, broadcast_id, while_in, state="scheduled", send_at=send_at)


async def confirm(
    tx: Tx, broadcast_id: int, now: datetime, audience: Mapping[str, Any] | None = None
) -> Broadcast | None:
    """Send it off; None when that was done before, or it was stopped: a second press sends nothing twice.

    `audience` as it came out now, with who was left out.
    """
    found = {} if audience is None else {"audience": dict(audience)}
    while_in: tuple[BroadcastState, ...] = ("draft", "awaiting", "scheduled")
    return await _changed(tx, broadcast_id, while_in, state="sending", confirmed_at=now, **found)


async def pause(tx: Tx, broadcast_id: int) -> Broadcast | None:
    """Hold it back for a while; None when it is not going out."""
    return await _changed(tx, broadcast_id, ("sending",), state="paused")


async def resume(tx: Tx, broadcast_id: int) -> Broadcast | None:
    """Let it go on; None when it is not paused."""
    return await _changed(tx, broadcast_id, ("paused",), state="sending")


async def finish(tx: Tx, broadcast_id: int, now: datetime) -> Broadcast | None:
    """Record that nothing of it waits any more; None when it was not going out."""
    return await _changed(tx, broadcast_id, ("sending",), state="done", finished_at=now)


async def stop(tx: Tx, broadcast_id: int, now: datetime) -> Broadcast | None:
    """Stop it; what waits in the outbox is cancelled by its subject. None when it was over."""
    while_in: tuple[BroadcastState, ...] = ("draft", "awaiting", "scheduled", "sending", "paused")
    return await _changed(tx, broadcast_id, while_in, state="stopped", finished_at=now)


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
        file=None if row.file_box is None else Attachment.from_json(tx.vault.open_json(row.file_box)),
        audience=row.audience,
        state=row.state,
        created_at=row.created_at,
        send_at=row.send_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        confirmed_at=row.confirmed_at,
        finished_at=row.finished_at,
        progress_message_id=row.progress_message_id,
        version=row.version,
    )
