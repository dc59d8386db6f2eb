"""The sending side of the outbox: claim, settle, and what to do after a crash.

A claim is committed before the call to Telegram, and settled after it. What is
`sending` when the program starts was in hand when it died.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Integer, Text, and_, bindparam, case, insert, literal, or_, select, union_all, update

from bot.storage.db import Tx
from bot.storage.outbox import BROADCAST, URGENT, Channel, Message, message
from bot.storage.tables import attempts, outbox
from bot.storage.types import Instant, fixed

Result = Literal["sent", "failed", "retry", "perhaps", "skipped", "crashed"]
PRIORITIES = range(URGENT, BROADCAST + 1)

_NOW = bindparam("now_", type_=Instant)
_LIMIT: Any = bindparam("limit_", type_=Integer)


def _due(priority: int) -> Any:
    """Select what is due at one priority: the front of the index, so the cost is the number taken."""
    found = (
        select(outbox.c.id, outbox.c.priority, outbox.c.not_before)
        .where(outbox.c.state == fixed("queued"), outbox.c.priority == priority, outbox.c.not_before <= _NOW)
        .where(or_(outbox.c.expires_at.is_(None), outbox.c.expires_at > _NOW))
        .where(bindparam("up_to", type_=Integer) >= priority)
        .where(or_(bindparam("any_", type_=Integer) == 1, outbox.c.channel == bindparam("channel_")))
        .order_by(outbox.c.not_before, outbox.c.id)
        .limit(_LIMIT)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    return select(found.c.id, found.c.priority, found.c.not_before)


_ALL_DUE = union_all(*(_due(priority) for priority in PRIORITIES)).subquery()
_FIRST_DUE = (
    select(_ALL_DUE.c.id).order_by(_ALL_DUE.c.priority, _ALL_DUE.c.not_before, _ALL_DUE.c.id).limit(_LIMIT)
)
_CLAIM = (
    update(outbox)
    .where(outbox.c.id.in_(_FIRST_DUE))
    .values(state="sending", attempts=outbox.c.attempts + 1, lease_until=bindparam("lease_", type_=Instant))
    .returning(*outbox.c)
)
_EXPIRE = (
    update(outbox)
    .where(outbox.c.state == fixed("queued"), outbox.c.expires_at <= _NOW)
    .values(state="expired", settled_at=_NOW, lease_until=None)
)
# Only the claim in hand may settle: a worker that was thought dead must not overwrite another's result.
_IN_HAND = and_(
    outbox.c.id == bindparam("id_"),
    outbox.c.state == fixed("sending"),
    outbox.c.attempts == bindparam("attempt_"),
)
_SETTLE = (
    update(outbox)
    .where(_IN_HAND)
    .values(
        state=bindparam("state_", type_=Text),
        settled_at=_NOW,
        lease_until=None,
        last_error=bindparam("error_", type_=Text),
    )
)
_SENT = _SETTLE.values(
    sent_at=_NOW,
    method=bindparam("method_"),
    message_id=bindparam("message_id_"),
    text_box=bindparam("text_box_"),
)
_AGAIN = (
    update(outbox)
    .where(_IN_HAND)
    .values(
        state="queued",
        lease_until=None,
        not_before=bindparam("not_before_", type_=Instant),
        last_error=bindparam("error_", type_=Text),
        repeats=outbox.c.repeats + bindparam("repeat_", type_=Integer),
    )
)
# Telegram has no idempotency key: an alert goes again, a reminder or a reply once more, a broadcast never.
_ONCE_MORE = or_(outbox.c.priority == URGENT, and_(outbox.c.priority < BROADCAST, outbox.c.repeats == 0))
_LOST = and_(
    outbox.c.state == fixed("sending"),
    or_(outbox.c.lease_until <= _NOW, bindparam("all_", type_=Integer) == 1),
)
_NOTE_LOST = insert(attempts).from_select(
    ["outbox_id", "n", "at", "result"],
    select(outbox.c.id, outbox.c.attempts, _NOW, literal("crashed")).where(_LOST),
)
_RELEASE = (
    update(outbox)
    .where(_LOST)
    .values(
        state=case((_ONCE_MORE, "queued"), else_="uncertain"),
        repeats=case((_ONCE_MORE, outbox.c.repeats + 1), else_=outbox.c.repeats),
        settled_at=case((_ONCE_MORE, None), else_=_NOW),
        lease_until=None,
        last_error="crashed",
    )
    .returning(outbox.c.state)
)


@dataclass(frozen=True, slots=True)
class Released:
    """What became of the messages that were in hand at a crash."""

    queued: int
    uncertain: int


_NOTE = insert(attempts)


async def claim(
    tx: Tx,
    now: datetime,
    limit: int,
    lease: timedelta,
    *,
    up_to: int = BROADCAST,
    channel: Channel | None = None,
) -> list[Message]:
    """Take up to `limit` due messages for sending, the most urgent first, then the longest due.

    `up_to` leaves the priorities below it where they are, `channel` what goes by
    another one. Commit before you send.
    """
    values = {"now_": now, "limit_": limit, "lease_": now + lease, "up_to": up_to}
    values |= {"any_": int(channel is None), "channel_": channel or ""}
    claimed = [message(tx, row) for row in await tx.execute(_CLAIM, values)]
    return sorted(claimed, key=lambda each: (each.priority, each.not_before, each.id))


async def expire_due(tx: Tx, now: datetime) -> int:
    """Set aside what went stale while queued; return how many that were."""
    return (await tx.execute(_EXPIRE, {"now_": now})).rowcount


async def settle_sent(
    tx: Tx, sent: Message, now: datetime, *, method: str, message_id: int | None, text: str
) -> bool:
    """Record that a claimed message went out, with the words as sent; False when the claim was lost."""
    more = {"method_": method, "message_id_": message_id, "text_box_": tx.seal(text)}
    return await _settle(tx, sent, now, "sent", None, statement=_SENT, **more)


async def settle_failed(tx: Tx, failed: Message, now: datetime, error: str) -> bool:
    """Record that a claimed message can never go out; False when the claim was lost."""
    return await _settle(tx, failed, now, "failed", error)


async def settle_skipped(tx: Tx, skipped: Message, now: datetime, reason: str) -> bool:
    """Record that a claimed message was no longer true; False when the claim was lost."""
    return await _settle(tx, skipped, now, "skipped", reason)


async def settle_expired(tx: Tx, stale: Message, now: datetime) -> bool:
    """Record that a claimed message went stale before its call; False when the claim was lost."""
    return await _settle(tx, stale, now, "expired", "stale")


async def settle_uncertain(tx: Tx, lost: Message, now: datetime, error: str) -> bool:
    """Record that a message perhaps went out, and shall not go again; False when the claim was lost."""
    return await _settle(tx, lost, now, "uncertain", error)


async def retry(tx: Tx, message: Message, now: datetime, not_before: datetime, error: str) -> bool:
    """Queue again what certainly did not go out; False when the claim was lost."""
    return await _again(tx, message, now, not_before, error, repeat=0)


async def perhaps_sent(
    tx: Tx, message: Message, now: datetime, not_before: datetime, error: str
) -> Literal["queued", "uncertain", "lost"]:
    """Decide on a message whose answer was lost: an alert again, a reminder once more, a broadcast never."""
    if message.priority == URGENT or (message.priority < BROADCAST and message.repeats == 0):
        done = await _again(tx, message, now, not_before, error, repeat=1)
        return "queued" if done else "lost"
    return "uncertain" if await settle_uncertain(tx, message, now, error) else "lost"


async def release(tx: Tx, now: datetime, *, everything: bool = False) -> Released:
    """Take back what was being sent by a worker that died: leases that ended, or all of them at a start."""
    values = {"now_": now, "all_": int(everything)}
    await tx.execute(_NOTE_LOST, values)
    states = [row.state for row in await tx.execute(_RELEASE, values)]
    released = Released(states.count("queued"), states.count("uncertain"))
    tx.outbox_written |= released.queued > 0
    return released


async def _settle(
    tx: Tx,
    message: Message,
    now: datetime,
    state: str,
    error: str | None,
    *,
    statement: Any = _SETTLE,
    **more: Any,
) -> bool:
    values = {"id_": message.id, "attempt_": message.attempts, "now_": now, "state_": state, "error_": error}
    if (await tx.execute(statement, {**values, **more})).rowcount == 0:
        return False
    await _note(tx, message, now, _RESULT[state], error)
    return True


_RESULT: dict[str, Result] = {
    "sent": "sent",
    "failed": "failed",
    "skipped": "skipped",
    "expired": "skipped",
    "uncertain": "perhaps",
}


async def _again(
    tx: Tx, message: Message, now: datetime, not_before: datetime, error: str, *, repeat: int
) -> bool:
    values = {"id_": message.id, "attempt_": message.attempts, "not_before_": not_before, "error_": error}
    if (await tx.execute(_AGAIN, {**values, "repeat_": repeat})).rowcount == 0:
        return False
    await _note(tx, message, now, "perhaps" if repeat else "retry", error)
    # A sleeper that waits for the next due message must learn of this one.
    tx.outbox_written = True
    return True


async def _note(tx: Tx, message: Message, now: datetime, result: Result, detail: str | None) -> None:
    values = {"outbox_id": message.id, "n": message.attempts, "at": now, "result": result, "detail": detail}
    await tx.execute(_NOTE, values)
