"""Reports that were asked and have not come: from when their clocks run, and when to look again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import awaited_reports
from bot.storage.types import Instant, fixed

State = Literal["waiting", "answered", "alerted", "dropped"]


@dataclass(frozen=True, slots=True)
class Awaited:
    """A report that is awaited; its minutes count from `clock_from`, `nudged` times it was asked again."""

    id: int
    participant_id: int
    checkin_id: int
    sent_at: datetime
    clock_from: datetime
    look_at: datetime
    nudged: int
    state: State


_T = awaited_reports
_WAITING = _T.c.state == fixed("waiting")
_ADD = insert(_T).on_conflict_do_nothing(index_elements=["checkin_id"])
_OF_CHECKIN = select(_T).where(_T.c.checkin_id == bindparam("checkin_"))
_ALL_WAITING = select(_T).where(_WAITING).order_by(_T.c.id)
_DUE = (
    select(_T)
    .where(_WAITING, _T.c.look_at <= bindparam("now_", type_=Instant))
    .order_by(_T.c.look_at, _T.c.id)
    .limit(bindparam("limit_"))
)
_NEXT = select(func.min(_T.c.look_at)).where(_WAITING)
_SETTLE_ALL = (
    update(_T)
    .where(_WAITING, _T.c.participant_id == bindparam("participant_"))
    .values(state=bindparam("state_"))
)


async def add(tx: Tx, participant_id: int, checkin_id: int, sent_at: datetime, look_at: datetime) -> None:
    """Await the report of a check-in from its sending on; once for each."""
    values = {
        "participant_id": participant_id,
        "checkin_id": checkin_id,
        "sent_at": sent_at,
        "clock_from": sent_at,
        "look_at": look_at,
        "nudged": 0,
        "state": "waiting",
    }
    await tx.execute(_ADD, values)
    tx.wake_set = True


async def of_checkin(tx: Tx, checkin_id: int) -> Awaited | None:
    """Return what is known of the report of a check-in; None where its question never went out."""
    row = (await tx.execute(_OF_CHECKIN, {"checkin_": checkin_id})).first()
    return None if row is None else _awaited(row)


async def waiting(tx: Tx) -> list[Awaited]:
    """Return every report that is awaited."""
    return [_awaited(row) for row in await tx.execute(_ALL_WAITING)]


async def due(tx: Tx, now: datetime, limit: int) -> list[Awaited]:
    """Return those at which it is time to look, the longest waiting first."""
    return [_awaited(row) for row in await tx.execute(_DUE, {"now_": now, "limit_": limit})]


async def next_due_at(tx: Tx) -> datetime | None:
    """Return the next instant at which one should be looked at; it may have passed."""
    return cast("datetime | None", (await tx.execute(_NEXT)).scalar())


async def move(tx: Tx, awaited_id: int, *, look_at: datetime, nudged: int | None = None) -> None:
    """Say when to look again, and how often the participant was nudged."""
    more = {} if nudged is None else {"nudged": nudged}
    await _change(tx, awaited_id, look_at=look_at, **more)


async def shift(tx: Tx, awaited_id: int, *, clock_from: datetime, look_at: datetime) -> None:
    """Let the clock run from later on: the bot was away meanwhile."""
    await _change(tx, awaited_id, clock_from=clock_from, look_at=look_at)


async def settle(tx: Tx, awaited_id: int, state: Literal["answered", "alerted", "dropped"]) -> bool:
    """Say how it ended; False when it had ended before."""
    return await _change(tx, awaited_id, state=state)


async def settle_all(tx: Tx, participant_id: int, state: Literal["answered", "dropped"]) -> int:
    """End the waiting for every report of a participant; return how many that were."""
    values = {"participant_": participant_id, "state_": state}
    return (await tx.execute(_SETTLE_ALL, values)).rowcount


async def _change(tx: Tx, awaited_id: int, **values: Any) -> bool:
    statement = update(_T).where(_T.c.id == awaited_id, _WAITING).values(values)
    tx.wake_set = True
    return (await tx.execute(statement)).rowcount == 1


def _awaited(row: Line) -> Awaited:
    return Awaited(**{name: getattr(row, name) for name in Awaited.__slots__})
