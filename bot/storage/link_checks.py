"""Proofs of a chat: that messages are seen there, and that staff know whose it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import link_checks


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """What is known of one link; `account` is what Telegram calls it, until staff have confirmed."""

    link_id: int
    account: str | None
    tested_at: datetime | None
    seen_at: datetime | None
    confirmed_at: datetime | None
    confirmed_by: int | None


_GET = select(link_checks).where(link_checks.c.link_id == bindparam("id_"))
_ADD = insert(link_checks).on_conflict_do_nothing(index_elements=["link_id"])


async def add(tx: Tx, link_id: int, account: str) -> None:
    """Begin the proofs of a new link; nothing happens where they were begun."""
    await tx.execute(_ADD, {"link_id": link_id, "account_box": tx.seal(account) if account else None})


async def get(tx: Tx, link_id: int) -> LinkCheck | None:
    """Return what is known of a link."""
    row = (await tx.execute(_GET, {"id_": link_id})).first()
    return None if row is None else _check(tx, row)


async def mark_tested(tx: Tx, link_id: int, now: datetime) -> bool:
    """Record that a test message was queued; False when one was before."""
    return await _change(tx, link_id, link_checks.c.tested_at.is_(None), tested_at=now)


async def mark_seen(tx: Tx, link_id: int, now: datetime) -> bool:
    """Record that the test message was seen; False when that was known."""
    return await _change(tx, link_id, link_checks.c.seen_at.is_(None), seen_at=now)


async def confirm(tx: Tx, link_id: int, staff_id: int, now: datetime) -> bool:
    """Record who confirmed whose account it is, and forget its name; False when somebody had."""
    values = {"confirmed_at": now, "confirmed_by": staff_id, "account_box": None}
    return await _change(tx, link_id, link_checks.c.confirmed_at.is_(None), **values)


async def forget_account(tx: Tx, link_id: int) -> None:
    """Forget what Telegram calls an account."""
    await _change(tx, link_id, account_box=None)


async def _change(tx: Tx, link_id: int, *only: Any, **values: Any) -> bool:
    statement = update(link_checks).where(link_checks.c.link_id == link_id, *only).values(values)
    return (await tx.execute(statement)).rowcount == 1


def _check(tx: Tx, row: Line) -> LinkCheck:
    account = None if row.account_box is None else tx.open(row.account_box)
    return LinkCheck(row.link_id, account, row.tested_at, row.seen_at, row.confirmed_at, row.confirmed_by)
