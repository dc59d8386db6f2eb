"""The rota, its hours beside it, and the swaps that people ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.duty import Hours
from bot.storage.db import Line, Tx
from bot.storage.tables import duty_hours, duty_swaps, rota
from bot.storage.types import Day, Instant, fixed

SwapState = Literal["asked", "accepted", "declined", "void"]


@dataclass(frozen=True, slots=True)
class Swap:
    """Somebody asked a colleague to take one of their duty days."""

    id: int
    duty_on: date
    from_staff_id: int
    to_staff_id: int
    state: SwapState


_BETWEEN = (
    select(rota)
    .where(rota.c.duty_on >= bindparam("first_", type_=Day), rota.c.duty_on <= bindparam("last_", type_=Day))
    .order_by(rota.c.duty_on)
)
_LAST = select(func.max(rota.c.duty_on))
_NEW = upsert(rota)
_SET = _NEW.on_conflict_do_update(index_elements=["duty_on"], set_={"staff_id": _NEW.excluded.staff_id})
_CLEAR = delete(rota).where(rota.c.duty_on == bindparam("day_", type_=Day))
_HOURS = (
    select(duty_hours)
    .where(duty_hours.c.ends_at > bindparam("since_", type_=Instant))
    .order_by(duty_hours.c.starts_at, duty_hours.c.id)
)
_END_HOURS = (
    update(duty_hours)
    .where(
        duty_hours.c.staff_id == bindparam("staff_"),
        duty_hours.c.kind == bindparam("kind_"),
        duty_hours.c.starts_at < bindparam("now_", type_=Instant),
        duty_hours.c.ends_at > bindparam("now_", type_=Instant),
    )
    .values(ends_at=bindparam("now_", type_=Instant))
)
_SWAP = select(duty_swaps).where(duty_swaps.c.id == bindparam("id_"))
_SETTLE = (
    update(duty_swaps)
    .where(duty_swaps.c.id == bindparam("id_"), duty_swaps.c.state == fixed("asked"))
    .values(state=bindparam("state_"), answered_at=bindparam("now_", type_=Instant))
)


async def days(tx: Tx, first: date, last: date) -> dict[date, int]:
    """Return who has each duty day between two dates, both included; a day without anybody is not in it."""
    rows = await tx.execute(_BETWEEN, {"first_": first, "last_": last})
    return {row.duty_on: row.staff_id for row in rows}


async def last_day(tx: Tx) -> date | None:
    """Return the last day that the rota fills; None where there has never been one."""
    found: date | None = (await tx.execute(_LAST)).scalar()
    return found


async def set_days(tx: Tx, days: Mapping[date, int]) -> None:
    """Give each of these days to somebody, in place of whoever had it."""
    for on, staff_id in days.items():
        await tx.execute(_SET, {"duty_on": on, "staff_id": staff_id})


async def clear_day(tx: Tx, on: date) -> None:
    """Leave a day without anybody."""
    await tx.execute(_CLEAR, {"day_": on})


async def hours(tx: Tx, since: datetime) -> list[Hours]:
    """Return the hours beside the rota that have not ended by `since`."""
    rows = await tx.execute(_HOURS, {"since_": since})
    return [Hours(row.staff_id, row.kind, row.starts_at, row.ends_at) for row in rows]


async def add_hours(tx: Tx, hours: Hours) -> None:
    """Put somebody on call, or take them off, for some hours."""
    values = {
        "staff_id": hours.staff_id,
        "kind": hours.kind,
        "starts_at": hours.starts_at,
        "ends_at": hours.ends_at,
    }
    await tx.execute(insert(duty_hours), values)


async def end_hours(tx: Tx, staff_id: int, kind: Literal["on", "off"], now: datetime) -> bool:
    """Let hours that run now end now; False where there are none."""
    values = {"staff_": staff_id, "kind_": kind, "now_": now}
    return (await tx.execute(_END_HOURS, values)).rowcount > 0


async def ask_swap(tx: Tx, on: date, from_id: int, to_id: int, now: datetime) -> Swap | None:
    """Keep that somebody asks a colleague to take a day; None where the colleague was asked already."""
    statement = upsert(duty_swaps).on_conflict_do_nothing(
        index_elements=["duty_on", "to_staff_id"], index_where=duty_swaps.c.state == fixed("asked")
    )
    values = {
        "duty_on": on,
        "from_staff_id": from_id,
        "to_staff_id": to_id,
        "state": "asked",
        "asked_at": now,
    }
    row = (await tx.execute(statement.returning(*duty_swaps.c), values)).first()
    return None if row is None else _swap(row)


async def swap(tx: Tx, swap_id: int) -> Swap | None:
    """Return a swap by id."""
    row = (await tx.execute(_SWAP, {"id_": swap_id})).first()
    return None if row is None else _swap(row)


async def settle_swap(tx: Tx, swap_id: int, state: SwapState, now: datetime) -> bool:
    """Record the answer to a swap; False where it was answered before."""
    return (await tx.execute(_SETTLE, {"id_": swap_id, "state_": state, "now_": now})).rowcount == 1


def _swap(row: Line) -> Swap:
    return Swap(row.id, row.duty_on, row.from_staff_id, row.to_staff_id, row.state)
