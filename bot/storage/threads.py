"""Which participants wait for an answer, since when, and whose task that is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import inbound_texts, threads
from bot.storage.types import Instant, fixed


@dataclass(frozen=True, slots=True)
class Thread:
    """The talk with one participant; `overdue_at` counts while it waits."""

    id: int
    participant_id: int
    state: Literal["waiting", "answered"]
    since: datetime
    overdue_at: datetime
    wake_at: datetime
    assigned_to: int | None


_WAITING = threads.c.state == fixed("waiting")
_OF = threads.c.participant_id == bindparam("participant_")
_GET = select(threads).where(_OF)
_NEW = insert(threads)
# A text in a thread that waits already changes nothing: the oldest one counts.
_WAIT = _NEW.on_conflict_do_update(
    index_elements=["participant_id"],
    set_={name: _NEW.excluded[name] for name in ("state", "since", "overdue_at", "wake_at")},
    where=threads.c.state == fixed("answered"),
)
_OLDEST = select(func.min(inbound_texts.c.at)).where(
    inbound_texts.c.participant_id == bindparam("participant_"), inbound_texts.c.state == fixed("new")
)
_ANSWERED = update(threads).where(_OF).values(state="answered")
_SET_SINCE = (
    update(threads)
    .where(_OF)
    .values(
        since=bindparam("since_", type_=Instant),
        overdue_at=bindparam("overdue_", type_=Instant),
        wake_at=bindparam("overdue_", type_=Instant),
    )
)
_ASSIGN = update(threads).where(_OF).values(assigned_to=bindparam("to_"))
_LISTED = select(threads).where(_WAITING).order_by(threads.c.since, threads.c.id)
_DONE = (
    select(threads)
    .where(threads.c.state == fixed("answered"))
    .order_by(threads.c.since.desc(), threads.c.id.desc())
    .limit(bindparam("limit_"))
)
_DUE = (
    select(threads)
    .where(_WAITING, threads.c.wake_at <= bindparam("now_", type_=Instant))
    .order_by(threads.c.wake_at, threads.c.id)
    .limit(bindparam("limit_"))
)
_SET_WAKE = (
    update(threads).where(threads.c.id == bindparam("id_")).values(wake_at=bindparam("wake_", type_=Instant))
)
_NEXT = select(func.min(threads.c.wake_at)).where(_WAITING)


async def get(tx: Tx, participant_id: int) -> Thread | None:
    """Return the talk with a participant; None where they have written nothing."""
    row = (await tx.execute(_GET, {"participant_": participant_id})).first()
    return None if row is None else _thread(row)


async def wait(tx: Tx, participant_id: int, since: datetime, overdue_at: datetime) -> None:
    """Let a thread wait for an answer, unless it does already."""
    values = {
        "participant_id": participant_id,
        "state": "waiting",
        "since": since,
        "overdue_at": overdue_at,
        "wake_at": overdue_at,
    }
    await tx.execute(_WAIT, values)
    tx.wake_set = True


async def oldest_waiting(tx: Tx, participant_id: int) -> datetime | None:
    """Return when the oldest text came that nobody has dealt with; None where there is none."""
    return cast("datetime | None", (await tx.execute(_OLDEST, {"participant_": participant_id})).scalar())


async def answered(tx: Tx, participant_id: int) -> None:
    """Note that nothing waits any more."""
    await tx.execute(_ANSWERED, {"participant_": participant_id})


async def since(tx: Tx, participant_id: int, at: datetime, overdue_at: datetime) -> None:
    """Let a later text be the oldest that waits."""
    await tx.execute(_SET_SINCE, {"participant_": participant_id, "since_": at, "overdue_": overdue_at})


async def assign(tx: Tx, participant_id: int, staff_id: int | None) -> None:
    """Make a thread somebody's task, or nobody's."""
    await tx.execute(_ASSIGN, {"participant_": participant_id, "to_": staff_id})


async def waiting(tx: Tx) -> list[Thread]:
    """Return the threads that wait, the longest waiting first."""
    return [_thread(row) for row in await tx.execute(_LISTED)]


async def done(tx: Tx, limit: int) -> list[Thread]:
    """Return the threads in which nothing waits, the latest first."""
    return [_thread(row) for row in await tx.execute(_DONE, {"limit_": limit})]


async def due(tx: Tx, now: datetime, limit: int) -> list[Thread]:
    """Return the waiting threads of which staff are to be reminded now."""
    return [_thread(row) for row in await tx.execute(_DUE, {"now_": now, "limit_": limit})]


async def set_wake(tx: Tx, thread_id: int, at: datetime) -> None:
    """Set when staff are reminded next."""
    await tx.execute(_SET_WAKE, {"id_": thread_id, "wake_": at})


async def next_wake(tx: Tx) -> datetime | None:
    """Return when staff are reminded next of any thread; it may have passed."""
    return cast("datetime | None", (await tx.execute(_NEXT)).scalar())


def _thread(row: Line) -> Thread:
    return Thread(
        row.id, row.participant_id, row.state, row.since, row.overdue_at, row.wake_at, row.assigned_to
    )
