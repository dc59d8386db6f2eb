"""Decisions about the two consents; none is ever changed or removed."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select

from bot.domain.consent import Consent, ConsentKind, Decision
from bot.domain.people import PersonRef
from bot.storage.db import Tx
from bot.storage.tables import consents

_OF = (
    select(consents)
    .where(consents.c.person_kind == bindparam("kind_"), consents.c.person_id == bindparam("id_"))
    .order_by(consents.c.id)
)


async def add(
    tx: Tx,
    person: PersonRef,
    kind: ConsentKind,
    decision: Decision,
    now: datetime,
    *,
    version: str,
    language: str,
) -> None:
    """Keep a decision, with the edition of the text and the language in which it was read."""
    values = {
        "person_kind": person.kind,
        "person_id": person.id,
        "kind": kind,
        "version": version,
        "language": language,
        "decision": decision,
        "at": now,
    }
    await tx.execute(insert(consents), values)


async def of_person(tx: Tx, person: PersonRef) -> list[Consent]:
    """Return every decision of a person, the oldest first."""
    rows = await tx.execute(_OF, {"kind_": person.kind, "id_": person.id})
    return [Consent(row.kind, row.version, row.language, row.decision, row.at) for row in rows]
