"""Staff: who they are, and who is on call."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, insert, select, update

from bot.domain.people import Role, StaffMember
from bot.storage.db import Line, Tx
from bot.storage.tables import staff

_ALL = select(staff).order_by(staff.c.id)
_GET = select(staff).where(staff.c.id == bindparam("id_"))
_ACTIVE = _ALL.where(staff.c.status == "active")
_ON_CALL = _ACTIVE.where(staff.c.on_call == bindparam("on_call_", type_=staff.c.on_call.type))


async def add(
    tx: Tx, *, name: str, role: Role, language: Literal["zh_CN", "en"], now: datetime, on_call: bool = False
) -> StaffMember:
    """Invite a member of staff; active once they have joined."""
    values = {
        "name": name,
        "role": role.value,
        "language": language,
        "on_call": on_call,
        "status": "invited",
        "created_at": now,
    }
    return _member((await tx.execute(insert(staff).returning(*staff.c), values)).one())


async def get(tx: Tx, staff_id: int) -> StaffMember | None:
    """Return a member of staff by id, revoked ones too."""
    row = (await tx.execute(_GET, {"id_": staff_id})).first()
    return None if row is None else _member(row)


async def all_(tx: Tx) -> list[StaffMember]:
    """Return everyone, in the order of invitation, revoked ones too."""
    return [_member(row) for row in await tx.execute(_ALL)]


async def active_with_roles(tx: Tx, roles: Collection[Role]) -> list[StaffMember]:
    """Return the active ones who have one of the roles."""
    return [member for row in await tx.execute(_ACTIVE) if (member := _member(row)).role in roles]


async def on_call(tx: Tx) -> list[StaffMember]:
    """Return the active ones who are on call."""
    return [_member(row) for row in await tx.execute(_ON_CALL, {"on_call_": True})]


async def set_on_call(tx: Tx, staff_id: int, on_call: bool) -> None:
    """Put on call, or take off."""
    await _set(tx, staff_id, ("invited", "active"), on_call=on_call)


async def set_language(tx: Tx, staff_id: int, language: Literal["zh_CN", "en"]) -> None:
    """Set the language of what is sent from now on."""
    await _set(tx, staff_id, ("invited", "active"), language=language)


async def mark_active(tx: Tx, staff_id: int) -> bool:
    """Record that the invitation was used; False when it was before, or was revoked."""
    return await _set(tx, staff_id, ("invited",), status="active")


async def revoke(tx: Tx, staff_id: int, now: datetime) -> bool:
    """Take every right away, being on call included; False when that was done before."""
    return await _set(tx, staff_id, ("invited", "active"), status="revoked", on_call=False, revoked_at=now)


async def _set(tx: Tx, staff_id: int, while_in: tuple[str, ...], **values: Any) -> bool:
    statement = update(staff).where(staff.c.id == staff_id, staff.c.status.in_(while_in)).values(values)
    return (await tx.execute(statement)).rowcount == 1


def _member(row: Line) -> StaffMember:
    return StaffMember(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        language=row.language,
        status=row.status,
        on_call=row.on_call,
    )
