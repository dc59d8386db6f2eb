"""Check-ins: one row for each occurrence, and where in its questions the participant stands."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, Literal

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningUpdate

from bot.storage.db import Line, Tx
from bot.storage.tables import checkins
from bot.storage.types import Instant

CheckinState = Literal["open", "done", "missed", "superseded"]
Tier = Literal["red", "amber", "green"]


@dataclass(frozen=True, slots=True)
class Checkin:
    """A check-in; `version` rises with every change, buttons carry it; `current_item` is the step's token."""

    id: int
    participant_id: int
    key: str
    form: str
    due_at: datetime
    opened_at: datetime
    state: CheckinState
    message_id: int | None
    current_item: str | None
    tier: Tier | None
    version: int
    answered_by: str | None
    finished_at: datetime | None
    protocol_version: str


_ALL = select(checkins)
_GET = _ALL.where(checkins.c.id == bindparam("id_"))
_BY_KEY = _ALL.where(checkins.c.key == bindparam("key_"))
_OF = _ALL.where(checkins.c.participant_id == bindparam("participant_")).order_by(
    checkins.c.due_at, checkins.c.id
)
_OPEN = _OF.where(checkins.c.state == "open")
_LATEST = (
    _ALL.where(checkins.c.participant_id == bindparam("participant_")).order_by(checkins.c.id.desc()).limit(1)
)
_MISS = (
    update(checkins)
    .where(checkins.c.id == bindparam("id_"), checkins.c.state.in_(("open", "superseded")))
    .values(state="missed")
)
_REOPEN = (
    update(checkins)
    .where(checkins.c.id == bindparam("id_"), checkins.c.state == "missed")
    .values(state="open")
    .returning(*checkins.c)
)
_SINCE = _OF.where(checkins.c.due_at >= bindparam("since_", type_=Instant))
_UNANSWERED = _ALL.where(
    checkins.c.state.in_(("open", "missed")), checkins.c.due_at >= bindparam("since_", type_=Instant)
).order_by(checkins.c.due_at, checkins.c.id)
_ADD = insert(checkins).on_conflict_do_nothing(index_elements=["key"]).returning(*checkins.c)
_SET_MESSAGE = (
    update(checkins).where(checkins.c.id == bindparam("id_")).values(message_id=bindparam("message_id_"))
)


async def open_(
    tx: Tx,
    *,
    participant_id: int,
    key: str,
    form: str,
    due_at: datetime,
    now: datetime,
    protocol_version: str,
    current_item: str | None = None,
) -> Checkin | None:
    """Open a check-in; None when its key was used before."""
    values = {
        "participant_id": participant_id,
        "key": key,
        "form": form,
        "due_at": due_at,
        "opened_at": now,
        "state": "open",
        "current_item": current_item,
        "version": 1,
        "protocol_version": protocol_version,
    }
    row = (await tx.execute(_ADD, values)).first()
    return None if row is None else _checkin(row)


async def get(tx: Tx, checkin_id: int) -> Checkin | None:
    """Return a check-in by id."""
    row = (await tx.execute(_GET, {"id_": checkin_id})).first()
    return None if row is None else _checkin(row)


async def by_key(tx: Tx, key: str) -> Checkin | None:
    """Return a check-in by its key."""
    row = (await tx.execute(_BY_KEY, {"key_": key})).first()
    return None if row is None else _checkin(row)


async def current_for(tx: Tx, participant_id: int) -> Checkin | None:
    """Return the check-in that a participant may answer: the newest open one, or a missed one after all.

    A missed one as long as nothing was opened after it.
    """
    found = await all_open(tx, participant_id)
    if found:
        return found[-1]
    row = (await tx.execute(_LATEST, {"participant_": participant_id})).first()
    return None if row is None or row.state != "missed" else _checkin(row)


async def reopen(tx: Tx, checkin: Checkin) -> Checkin | None:
    """Open a missed check-in again, its buttons still valid; None when it is not missed."""
    row = (await tx.execute(_REOPEN, {"id_": checkin.id})).first()
    return None if row is None else _checkin(row)


async def all_open(tx: Tx, participant_id: int) -> list[Checkin]:
    """Return the open check-ins of a participant, in the order of their time."""
    return [_checkin(row) for row in await tx.execute(_OPEN, {"participant_": participant_id})]


async def since(tx: Tx, participant_id: int, since: datetime) -> list[Checkin]:
    """Return the participant's check-ins that were due at or after an instant, in order."""
    rows = await tx.execute(_SINCE, {"participant_": participant_id, "since_": since})
    return [_checkin(row) for row in rows]


async def unanswered(tx: Tx, since: datetime) -> list[Checkin]:
    """Return everyone's check-ins due since an instant that wait or were missed, in order."""
    return [_checkin(row) for row in await tx.execute(_UNANSWERED, {"since_": since})]


async def set_message(tx: Tx, checkin_id: int, message_id: int) -> None:
    """Remember the message to edit; the version stays, since the message carries it."""
    await tx.execute(_SET_MESSAGE, {"id_": checkin_id, "message_id_": message_id})


async def mark_missed(tx: Tx, checkin: Checkin) -> bool:
    """Say that the report has not come; its buttons stay valid. False when it has, or was missed before."""
    return (await tx.execute(_MISS, {"id_": checkin.id})).rowcount == 1


async def advance(tx: Tx, checkin: Checkin, **changed: Any) -> Checkin | None:
    """Change `current_item`, `state`, `tier`, `answered_by` or `finished_at`; None when it is not as given.

    Only one of two taps on the same step gets through: the version has moved on for the other.
    """
    unknown = changed.keys() - {"current_item", "state", "tier", "answered_by", "finished_at"}
    if unknown:
        raise TypeError(f"a check-in has no {', '.join(sorted(unknown))} to change")
    values = {"id_": checkin.id, "version_": checkin.version, **changed}
    row = (await tx.execute(_advance(frozenset(changed)), values)).first()
    return None if row is None else _checkin(row)


@cache
def _advance(changed: frozenset[str]) -> ReturningUpdate[Any]:
    # Made once for each set of columns: to put a statement together takes longer than to run it.
    return (
        update(checkins)
        .where(checkins.c.id == bindparam("id_"), checkins.c.version == bindparam("version_"))
        .values({name: bindparam(name, type_=checkins.c[name].type) for name in changed})
        .values(version=checkins.c.version + 1)
        .returning(*checkins.c)
    )


_fields = attrgetter(*Checkin.__slots__)


def _checkin(row: Line) -> Checkin:
    return Checkin(*_fields(row))
