"""Facts about a participant's visits; the plan itself is computed from the protocol."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from bot.domain.planning import Attendance, VisitFacts, VisitStatus
from bot.storage.db import Line, Tx
from bot.storage.tables import visits

_ALL = select(visits).where(visits.c.participant_id == bindparam("id_")).order_by(visits.c.id)
_ONE = _ALL.where(visits.c.visit_type == bindparam("type_"))


async def get_all(tx: Tx, participant_id: int) -> tuple[VisitFacts, ...]:
    """Return what is known of the participant's visits; none for those of which nothing is."""
    seen: tuple[VisitFacts, ...] | None = tx.seen(("visits", participant_id))
    if seen is not None:
        return seen
    found = tuple(_facts(row) for row in await tx.execute(_ALL, {"id_": participant_id}))
    tx.see(("visits", participant_id), found)
    return found


async def get(tx: Tx, participant_id: int, visit_type: str) -> VisitFacts:
    """Return what is known of one visit; plain facts when nothing is."""
    row = (await tx.execute(_ONE, {"id_": participant_id, "type_": visit_type})).first()
    return VisitFacts(visit_type) if row is None else _facts(row)


async def set_attendance(
    tx: Tx, participant_id: int, visit_type: str, attendance: Attendance, now: datetime
) -> None:
    """Record what the participant says about coming."""
    await _set(tx, participant_id, visit_type, attendance=attendance, attendance_at=now)


async def was_answered(tx: Tx, participant_id: int, visit_type: str, since: datetime) -> bool:
    """Tell whether the participant has said since an instant whether they come."""
    row = (await tx.execute(_ONE, {"id_": participant_id, "type_": visit_type})).first()
    return row is not None and row.attendance_at is not None and row.attendance_at >= since


async def move(tx: Tx, participant_id: int, visit_type: str, on: date | None, at: time | None = None) -> None:
    """Move a visit to another day (local), or back to the plan with None; attendance is asked anew."""
    changed = {"moved_to_on": on, "moved_to_time": at, "attendance": "unknown", "attendance_at": None}
    await _set(tx, participant_id, visit_type, **changed)


async def record_started(tx: Tx, participant_id: int, visit_type: str, at: datetime) -> None:
    """Record when the infusion, or the visit, really began."""
    await _set(tx, participant_id, visit_type, started_at=at)


async def record_ended(tx: Tx, participant_id: int, visit_type: str, at: datetime) -> None:
    """Record when it really ended, which makes it done."""
    await _set(tx, participant_id, visit_type, ended_at=at, status="done")


async def set_status(tx: Tx, participant_id: int, visit_type: str, status: VisitStatus) -> None:
    """Record what became of a visit."""
    await _set(tx, participant_id, visit_type, status=status)


async def settle(tx: Tx, participant_id: int, facts: VisitFacts, note: Mapping[str, str]) -> None:
    """Record what became of a visit as a whole: status, times, what was given, what staff say."""
    await _set(
        tx,
        participant_id,
        facts.visit_type,
        status=facts.status,
        started_at=facts.started_at,
        ended_at=facts.ended_at,
        dose_given=facts.dose_given,
        reaction=facts.reaction,
        note_box=tx.vault.seal_json(dict(note)) if note else None,
    )


async def note(tx: Tx, participant_id: int, visit_type: str) -> dict[str, str]:
    """Return what staff say about a visit, by what it is about: reason, where, note."""
    row = (await tx.execute(_ONE, {"id_": participant_id, "type_": visit_type})).first()
    return {} if row is None or row.note_box is None else _opened(tx, row)


async def notes(tx: Tx, participant_id: int) -> dict[str, dict[str, str]]:
    """Return what staff say about each visit of a participant."""
    rows = await tx.execute(_ALL, {"id_": participant_id})
    return {row.visit_type: _opened(tx, row) for row in rows if row.note_box is not None}


async def set_note(tx: Tx, participant_id: int, visit_type: str, note: Mapping[str, str]) -> None:
    """Keep what staff say about a visit, in place of what they said before."""
    await _set(tx, participant_id, visit_type, note_box=tx.vault.seal_json(dict(note)) if note else None)


def _opened(tx: Tx, row: Line) -> dict[str, str]:
    found: dict[str, str] = tx.vault.open_json(row.note_box)
    return found


async def _set(tx: Tx, participant_id: int, visit_type: str, **changed: Any) -> None:
    new = {"participant_id": participant_id, "visit_type": visit_type}
    statement = insert(visits).values({**new, "attendance": "unknown", "status": "planned", **changed})
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["participant_id", "visit_type"],
            set_={name: statement.excluded[name] for name in changed},
        )
    )


def _facts(row: Line) -> VisitFacts:
    return VisitFacts(
        visit_type=row.visit_type,
        moved_to_on=row.moved_to_on,
        moved_to_time=row.moved_to_time,
        attendance=row.attendance,
        started_at=row.started_at,
        ended_at=row.ended_at,
        status=row.status,
        dose_given=row.dose_given,
        reaction=row.reaction,
    )
