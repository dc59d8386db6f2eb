"""Second readings: a measurement that is asked once more, and by when it must come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import second_readings
from bot.storage.types import Instant, fixed

State = Literal["waiting", "answered", "missing", "moot"]


@dataclass(frozen=True, slots=True)
class SecondReading:
    """A second reading of `item`; `answer_id` is the first one, `asked_at` when the question went out.

    `again`: an implausible value was just given for it. `second_id`: the answer
    of another report that came in its place.
    """

    id: int
    participant_id: int
    checkin_id: int
    item: str
    answer_id: int
    ask_at: datetime
    answer_by: datetime
    asked_at: datetime | None
    message_id: int | None
    again: bool
    second_id: int | None
    state: State


_T = second_readings
_WAITING = _T.c.state == fixed("waiting")
_ID = _T.c.id == bindparam("id_")
_ADD = (
    insert(_T)
    .on_conflict_do_nothing(index_elements=["participant_id", "item"], index_where=_WAITING)
    .returning(*_T.c)
)
_GET = select(_T).where(_ID)
_WAITING_FOR = select(_T).where(_WAITING, _T.c.participant_id == bindparam("participant_")).order_by(_T.c.id)
_OF_CHECKIN = select(_T).where(_T.c.checkin_id == bindparam("checkin_")).order_by(_T.c.id)
_CAME_FROM = select(func.count()).select_from(_T).where(_T.c.second_id == bindparam("answer_"))
_DUE = (
    select(_T)
    .where(_WAITING, _T.c.answer_by <= bindparam("now_", type_=Instant))
    .order_by(_T.c.answer_by, _T.c.id)
    .limit(bindparam("limit_"))
)
_NEXT = select(func.min(_T.c.answer_by)).where(_WAITING)


async def add(
    tx: Tx,
    *,
    participant_id: int,
    checkin_id: int,
    item: str,
    answer_id: int,
    ask_at: datetime,
    answer_by: datetime,
) -> SecondReading | None:
    """Wait for a second reading; None where one of this item is waited for already."""
    values = {
        "participant_id": participant_id,
        "checkin_id": checkin_id,
        "item": item,
        "answer_id": answer_id,
        "ask_at": ask_at,
        "answer_by": answer_by,
        "again": False,
        "state": "waiting",
    }
    row = (await tx.execute(_ADD, values)).first()
    tx.wake_set = True
    return None if row is None else _reading(row)


async def get(tx: Tx, reading_id: int) -> SecondReading | None:
    """Return one by its id."""
    row = (await tx.execute(_GET, {"id_": reading_id})).first()
    return None if row is None else _reading(row)


async def waiting_for(tx: Tx, participant_id: int) -> list[SecondReading]:
    """Return what a participant still has to measure again, the oldest first."""
    rows = await tx.execute(_WAITING_FOR, {"participant_": participant_id})
    return [_reading(row) for row in rows]


async def of_checkin(tx: Tx, checkin_id: int) -> list[SecondReading]:
    """Return every second reading of a check-in, whatever became of it."""
    return [_reading(row) for row in await tx.execute(_OF_CHECKIN, {"checkin_": checkin_id})]


async def came_from(tx: Tx, answer_id: int) -> bool:
    """Tell whether this answer was taken as the second reading of an earlier report."""
    return int((await tx.execute(_CAME_FROM, {"answer_": answer_id})).scalar_one()) > 0


async def due(tx: Tx, now: datetime, limit: int) -> list[SecondReading]:
    """Return what has not come although its time is over, the oldest first."""
    return [_reading(row) for row in await tx.execute(_DUE, {"now_": now, "limit_": limit})]


async def next_due_at(tx: Tx) -> datetime | None:
    """Return the first instant at which the time of one is over; it may have passed."""
    return cast("datetime | None", (await tx.execute(_NEXT)).scalar())


async def set_asked(tx: Tx, reading_id: int, message_id: int | None, now: datetime) -> None:
    """Record that the question went out."""
    await _change(tx, reading_id, asked_at=now, message_id=message_id)


async def set_again(tx: Tx, reading_id: int) -> None:
    """Record that an implausible value was given: the next one is taken as it is."""
    await _change(tx, reading_id, again=True)


async def follow(tx: Tx, reading_id: int, answer_id: int) -> None:
    """Say which answer holds the first reading now; its times stay."""
    await _change(tx, reading_id, answer_id=answer_id)


async def settle(
    tx: Tx,
    reading_id: int,
    state: Literal["answered", "missing", "moot"],
    *,
    second_id: int | None = None,
) -> bool:
    """Say how it ended; False when it had ended before."""
    return await _change(tx, reading_id, state=state, second_id=second_id)


async def _change(tx: Tx, reading_id: int, **values: Any) -> bool:
    statement = update(_T).where(_ID, _WAITING).values(values)
    return (await tx.execute(statement, {"id_": reading_id})).rowcount == 1


def _reading(row: Line) -> SecondReading:
    return SecondReading(**{name: getattr(row, name) for name in SecondReading.__slots__})
