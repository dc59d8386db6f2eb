"""Messages held back after a restore: moved to the end of time, and let go or dropped by a person's word."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import update

from bot.storage.db import Tx
from bot.storage.tables import outbox
from bot.storage.types import fixed

HELD = datetime(9999, 12, 31, tzinfo=UTC)
_QUEUED = update(outbox).where(outbox.c.state == fixed("queued"))


async def hold(tx: Tx) -> int:
    """Hold back all that waits; return how many. What is queued later goes its way."""
    return (await tx.execute(_QUEUED.values(not_before=HELD))).rowcount


async def let_go(tx: Tx, now: datetime) -> int:
    """Let all that is held go out, or go stale; return how many."""
    count = (await tx.execute(_QUEUED.where(outbox.c.not_before == HELD).values(not_before=now))).rowcount
    tx.outbox_written |= count > 0
    return count


async def drop(tx: Tx, kinds: Sequence[str], reason: str, now: datetime) -> int:
    """Skip all that waits of these kinds, and all that is held but check-ins; return how many.

    A check-in is asked again: its answers went with the file.
    """
    held = (outbox.c.not_before == HELD) & (outbox.c.kind != fixed("checkin"))
    held |= outbox.c.kind.in_(kinds)
    statement = _QUEUED.where(held).values(state="skipped", last_error=reason, settled_at=now)
    return (await tx.execute(statement)).rowcount
