"""Participants: who they are, where they stand, and when to look at them again."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import bindparam, func, insert, select, update

from bot.domain.people import Language, Participant, ParticipantStatus
from bot.storage.db import Line, Tx
from bot.storage.tables import participants
from bot.storage.types import Instant

_ALL = select(participants)
_GET = _ALL.where(participants.c.id == bindparam("id_"))
_BY_CODE = _ALL.where(participants.c.code == bindparam("code_"))
_IN_ORDER = _ALL.order_by(participants.c.code)
_DUE = (
    _ALL.where(participants.c.wake_at <= bindparam("now_", type_=Instant))
    .order_by(participants.c.wake_at, participants.c.id)
    .limit(bindparam("limit_"))
)
_SET_WAKE = (
    update(participants)
    .where(participants.c.id == bindparam("id_"))
    .values(wake_at=bindparam("wake_at_", type_=Instant))
)
_INPATIENT = select(participants.c.inpatient_until_on).where(participants.c.id == bindparam("id_"))
_NEXT_WAKE = select(func.min(participants.c.wake_at))
_ENDS = (ParticipantStatus.WITHDRAWN, ParticipantStatus.COMPLETED)


async def add(
    tx: Tx,
    *,
    code: str,
    arm: str,
    dose: float,
    day1_on: date,
    icf_on: date,
    language: Language,
    zone: str,
    now: datetime,
    flags: Iterable[str] = (),
    baseline: Mapping[str, Any] | None = None,
) -> Participant:
    """Enrol a participant; IntegrityError when the code is taken (ask `by_code` first)."""
    values = {
        "code": code,
        "arm": arm,
        "dose": dose,
        "day1_on": day1_on,
        "icf_on": icf_on,
        "language": language,
        "zone": zone,
        "flags": sorted(set(flags)),
        "baseline": dict(baseline or {}),
        "status": ParticipantStatus.ENROLLED.value,
        "enrolled_at": now,
    }
    return _participant((await tx.execute(insert(participants).returning(*participants.c), values)).one())


async def get(tx: Tx, participant_id: int) -> Participant | None:
    """Return a participant by id."""
    seen: Participant | None = tx.seen(("participant", participant_id))
    if seen is not None:
        return seen
    row = (await tx.execute(_GET, {"id_": participant_id})).first()
    if row is None:
        return None
    found = _participant(row)
    tx.see(("participant", participant_id), found)
    return found


async def by_code(tx: Tx, code: str) -> Participant | None:
    """Return a participant by the code of the trial."""
    row = (await tx.execute(_BY_CODE, {"code_": code})).first()
    return None if row is None else _participant(row)


async def all_(tx: Tx) -> list[Participant]:
    """Return everyone, by code."""
    return [_participant(row) for row in await tx.execute(_IN_ORDER)]


async def due(tx: Tx, now: datetime, limit: int) -> list[Participant]:
    """Return those whose wake-up hint has passed, the longest waiting first."""
    return [_participant(row) for row in await tx.execute(_DUE, {"now_": now, "limit_": limit})]


async def set_wake(tx: Tx, participant_id: int, at: datetime | None) -> None:
    """Set when to look again; None means never again of itself."""
    await tx.execute(_SET_WAKE, {"id_": participant_id, "wake_at_": at})
    tx.wake_set = True


async def next_wake(tx: Tx) -> datetime | None:
    """Return the earliest wake-up hint; it may have passed."""
    return cast("datetime | None", (await tx.execute(_NEXT_WAKE)).scalar())


async def set_language(tx: Tx, participant_id: int, language: Language) -> None:
    """Set the language of what is sent from now on."""
    await _set(tx, participant_id, language=language)


async def set_day1(tx: Tx, participant_id: int, on: date) -> None:
    """Set the anchor date, as when rituximab was given on another day than planned."""
    await _set(tx, participant_id, day1_on=on)


async def set_flags(tx: Tx, participant_id: int, flags: Iterable[str]) -> None:
    """Set the clinical flags, all of them."""
    await _set(tx, participant_id, flags=sorted(set(flags)))


async def set_baseline(tx: Tx, participant_id: int, baseline: Mapping[str, Any]) -> None:
    """Set the baseline values, all of them."""
    await _set(tx, participant_id, baseline=dict(baseline))


async def set_inpatient_until(tx: Tx, participant_id: int, on: date | None) -> None:
    """Set the last day in hospital; None when there is no stay."""
    await _set(tx, participant_id, inpatient_until_on=on)


async def inpatient_until(tx: Tx, participant_id: int) -> date | None:
    """Return the last day in hospital, if one is known."""
    return cast("date | None", (await tx.execute(_INPATIENT, {"id_": participant_id})).scalar())


async def set_status(tx: Tx, participant_id: int, status: ParticipantStatus, now: datetime) -> bool:
    """Move to a status; False when the participant is at an end, which nothing leaves."""
    values: dict[str, Any] = {"status": status.value}
    if status is ParticipantStatus.WITHDRAWN:
        values["withdrawn_at"] = now
    return await _move(tx, participant_id, (s for s in ParticipantStatus if s not in _ENDS), values)


async def mark_joined(tx: Tx, participant_id: int, now: datetime) -> bool:
    """Record that a chat was linked for the first time; False when that was known."""
    values = {"status": ParticipantStatus.JOINED.value, "joined_at": now}
    return await _move(tx, participant_id, [ParticipantStatus.ENROLLED], values)


async def mark_consented(tx: Tx, participant_id: int, now: datetime) -> bool:
    """Record the consent to the bot; False when it was given before, or the participant has not joined."""
    values = {"status": ParticipantStatus.ACTIVE.value, "consented_at": now}
    return await _move(tx, participant_id, [ParticipantStatus.JOINED], values)


async def mark_unconsented(tx: Tx, participant_id: int, *, linked: bool) -> bool:
    """Take the consent to the bot back; `linked`: the chat stays, for a change of mind. False at an end."""
    status = ParticipantStatus.JOINED if linked else ParticipantStatus.ENROLLED
    values = {"status": status.value, "consented_at": None}
    return await _move(tx, participant_id, (s for s in ParticipantStatus if s not in _ENDS), values)


async def _move(
    tx: Tx, participant_id: int, from_: Iterable[ParticipantStatus], values: dict[str, Any]
) -> bool:
    statement = (
        update(participants)
        .where(participants.c.id == participant_id)
        .where(participants.c.status.in_([status.value for status in from_]))
        .values(values)
    )
    return (await tx.execute(statement)).rowcount == 1


async def _set(tx: Tx, participant_id: int, **values: Any) -> None:
    await tx.execute(update(participants).where(participants.c.id == participant_id).values(values))


def _participant(row: Line) -> Participant:
    return Participant(
        id=row.id,
        code=row.code,
        arm=row.arm,
        # SQLite gives a whole REAL back as an integer from RETURNING.
        dose=float(row.dose),
        day1_on=row.day1_on,
        icf_on=row.icf_on,
        language=row.language,
        zone=row.zone,
        status=ParticipantStatus(row.status),
        flags=frozenset(row.flags),
        baseline=row.baseline,
        enrolled_at=row.enrolled_at,
        joined_at=row.joined_at,
        consented_at=row.consented_at,
        withdrawn_at=row.withdrawn_at,
        wake_at=row.wake_at,
    )
