"""Rows as they are, for the export: one participant, or one page of a table, at a time."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, bindparam, select

from bot.domain.people import PersonRef
from bot.storage.db import Line, Tx
from bot.storage.tables import (
    alerts,
    answers,
    caregivers,
    checkins,
    consents,
    findings,
    inbound_texts,
    outbox,
    replies,
    staff,
    visits,
)

PAGE = 500

_OF_PARTICIPANT = {
    table.name: select(table).where(table.c.participant_id == bindparam("id_")).order_by(table.c.id)
    for table in (alerts, caregivers, checkins, findings, inbound_texts, replies, visits)
}
_ANSWERS = (
    select(answers, checkins.c.form, checkins.c.key)
    .join(checkins, answers.c.checkin_id == checkins.c.id)
    .where(checkins.c.participant_id == bindparam("id_"))
    .order_by(answers.c.id)
)
_CONSENTS = (
    select(consents)
    .where(consents.c.person_kind == bindparam("kind_"), consents.c.person_id == bindparam("id_"))
    .order_by(consents.c.id)
)
_STAFF = select(staff).order_by(staff.c.id)


_MESSAGES = select(outbox).where(outbox.c.id > bindparam("after_")).order_by(outbox.c.id).limit(PAGE)


async def of_participant(tx: Tx, table: Table, participant_id: int) -> list[dict[str, Any]]:
    """Return the rows of a table about one participant, sealed columns opened: `…_box` becomes `…`."""
    rows = await tx.execute(_OF_PARTICIPANT[table.name], {"id_": participant_id})
    return [_opened(tx, row) for row in rows]


async def answers_of(tx: Tx, participant_id: int) -> list[dict[str, Any]]:
    """Return every answer of a participant, superseded ones too, with `form` and `key` of its check-in."""
    return [_opened(tx, row) for row in await tx.execute(_ANSWERS, {"id_": participant_id})]


async def caregivers_of(tx: Tx, participant_id: int) -> list[PersonRef]:
    """Return whoever was invited to answer for a participant, those who left too."""
    rows = await tx.execute(_OF_PARTICIPANT[caregivers.name], {"id_": participant_id})
    return [PersonRef("caregiver", row.id) for row in rows]


async def consents_of(tx: Tx, people: Iterable[PersonRef]) -> list[dict[str, Any]]:
    """Return every decision about a consent of these people."""
    found = [(await tx.execute(_CONSENTS, {"kind_": each.kind, "id_": each.id})).all() for each in people]
    return [dict(row._mapping) for rows in found for row in rows]


async def staff_members(tx: Tx) -> list[dict[str, Any]]:
    """Return the staff, those who left too."""
    return [dict(row._mapping) for row in await tx.execute(_STAFF)]


async def messages(tx: Tx, after: int) -> list[dict[str, Any]]:
    """Return the next messages behind the id `after`, at most a page; what was sent is not opened."""
    rows = [dict(row._mapping) for row in await tx.execute(_MESSAGES, {"after_": after})]
    for row in rows:
        kind, number = row["person_kind"], row["person_id"]
        row["to"] = None if kind is None else PersonRef(kind, number)
    return rows


def _opened(tx: Tx, row: Line) -> dict[str, Any]:
    found = dict(row._mapping)
    for name in [name for name in found if name.endswith("_box")]:
        box = found.pop(name)
        found[name.removesuffix("_box")] = None if box is None else tx.open(box)
    return found
