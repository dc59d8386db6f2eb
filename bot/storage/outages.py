"""What an outage did to the messages: dropped, late, still waiting; asked once after each outage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from bot.storage.db import Tx
from bot.storage.outbox import REMINDER
from bot.storage.tables import audit, outbox
from bot.storage.types import Instant, fixed

_UP = bindparam("up_", type_=Instant)
_TO_PARTICIPANTS = and_(outbox.c.person_kind == fixed("participant"), outbox.c.priority >= REMINDER)
_TOUCHED = (
    select(outbox.c.person_id, outbox.c.state)
    .where(_TO_PARTICIPANTS)
    # Queued by the first looks after the outage, or before it.
    .where(outbox.c.created_at <= bindparam("caught_up_", type_=Instant))
    .where(or_(outbox.c.settled_at >= _UP, outbox.c.state.in_(("queued", "sending"))))
    .where(outbox.c.not_before <= bindparam("now_", type_=Instant))
)
_DROPPED = select(audit.c.subject_id, audit.c.after).where(
    audit.c.action == fixed("dropped_stale"), audit.c.at >= _UP
)


@dataclass(frozen=True, slots=True)
class Toll:
    """Ids of participants, one for each message: what was never sent, what came late, what still waits."""

    dropped: tuple[int, ...]
    late: tuple[int, ...]
    waiting: tuple[int, ...]


async def toll(tx: Tx, up_at: datetime, caught_up_at: datetime, now: datetime) -> Toll:
    """Return what became of the messages that fell due while the program was down.

    `up_at` is when it came back, `caught_up_at` when its first looks were over.
    """
    values = {"up_": up_at, "caught_up_": caught_up_at, "now_": now}
    touched = [(row.person_id, row.state) for row in await tx.execute(_TOUCHED, values)]
    return Toll(
        dropped=(*_in(touched, "expired"), *await _never_queued(tx, up_at)),
        late=_in(touched, "sent", "uncertain"),
        waiting=_in(touched, "queued", "sending"),
    )


def _in(touched: Sequence[tuple[int, str]], *states: str) -> tuple[int, ...]:
    return tuple(person for person, state in touched if state in states)


async def _never_queued(tx: Tx, up_at: datetime) -> list[int]:
    found: list[int] = []
    for row in await tx.execute(_DROPPED, {"up_": up_at}):
        keys: Any = (row.after or {}).get("keys", ())
        found += [row.subject_id] * len(keys)
    return found
