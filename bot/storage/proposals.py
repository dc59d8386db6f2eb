"""Other days that participants ask for, until a member of staff has decided."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import proposals
from bot.storage.types import Instant, fixed

State = Literal["open", "accepted", "declined", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A participant asks to come on `to_on` instead of `from_on`, both local dates."""

    id: int
    participant_id: int
    visit_type: str
    from_on: date
    to_on: date
    state: State
    decided_at: datetime | None
    decided_by: int | None


_OPEN = proposals.c.state == fixed("open")
_OF_VISIT = (proposals.c.participant_id == bindparam("participant_")) & (
    proposals.c.visit_type == bindparam("visit_")
)
_GET = select(proposals).where(proposals.c.id == bindparam("id_"))
_WAITING = select(proposals).where(_OPEN, _OF_VISIT)
_ADD = insert(proposals).returning(proposals.c.id)
_DECIDED = {
    "state": bindparam("state_"),
    "decided_at": bindparam("now_", type_=Instant),
    "decided_by": bindparam("by_"),
}
_SETTLE = update(proposals).where(_OPEN, proposals.c.id == bindparam("id_")).values(_DECIDED)
_SETTLE_OPEN = update(proposals).where(_OPEN, _OF_VISIT).values(_DECIDED)


async def add(tx: Tx, participant_id: int, visit_type: str, from_on: date, to_on: date, now: datetime) -> int:
    """Keep what is asked for, in place of what was asked before; return its id."""
    await settle_open(tx, participant_id, visit_type, "withdrawn", now)
    values = {
        "participant_id": participant_id,
        "visit_type": visit_type,
        "from_on": from_on,
        "to_on": to_on,
        "state": "open",
        "created_at": now,
    }
    return int((await tx.execute(_ADD, values)).one().id)


async def get(tx: Tx, proposal_id: int) -> Proposal | None:
    """Return a proposal by id."""
    row = (await tx.execute(_GET, {"id_": proposal_id})).first()
    return None if row is None else _proposal(row)


async def waiting(tx: Tx, participant_id: int, visit_type: str) -> Proposal | None:
    """Return what a participant asks for about a visit, if nobody has decided yet."""
    row = (await tx.execute(_WAITING, {"participant_": participant_id, "visit_": visit_type})).first()
    return None if row is None else _proposal(row)


async def settle(tx: Tx, proposal_id: int, state: State, now: datetime, by: int | None = None) -> bool:
    """Say what came of a proposal; False when that was decided before."""
    values = {"id_": proposal_id, "state_": state, "now_": now, "by_": by}
    return (await tx.execute(_SETTLE, values)).rowcount == 1


async def settle_open(tx: Tx, participant_id: int, visit_type: str, state: State, now: datetime) -> bool:
    """Say what came of whatever waits about a visit; False where nothing does."""
    values = {"participant_": participant_id, "visit_": visit_type, "state_": state, "now_": now, "by_": None}
    return (await tx.execute(_SETTLE_OPEN, values)).rowcount > 0


def _proposal(row: Line) -> Proposal:
    return Proposal(
        row.id,
        row.participant_id,
        row.visit_type,
        row.from_on,
        row.to_on,
        row.state,
        row.decided_at,
        row.decided_by,
    )
