"""Drafts: what someone has typed and tapped so far in a task of several steps; one for each person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.people import PersonRef
from bot.storage.db import Line, Tx
from bot.storage.tables import drafts
from bot.storage.types import Instant


@dataclass(frozen=True, slots=True)
class Draft:
    """A task in hand; `version` rises with every change and goes on when a new task takes its place."""

    person: PersonRef
    task: str
    step: str
    data: Mapping[str, Any]
    message_id: int | None
    version: int
    updated_at: datetime


_OF = (drafts.c.person_kind == bindparam("kind_")) & (drafts.c.person_id == bindparam("id_"))
_GET = select(drafts).where(_OF)
_DROP = delete(drafts).where(_OF)
_NEW = insert(drafts)
_START = _NEW.on_conflict_do_update(
    index_elements=["person_kind", "person_id"],
    set_={
        "task": _NEW.excluded.task,
        "step": _NEW.excluded.step,
        "data_box": _NEW.excluded.data_box,
        "message_id": None,
        # An old button of the task before must not fit the new one.
        "version": drafts.c.version + 1,
        "updated_at": _NEW.excluded.updated_at,
    },
).returning(*drafts.c)
_STEP = (
    update(drafts)
    .where(_OF, drafts.c.version == bindparam("version_"))
    .values(
        step=bindparam("step_"),
        data_box=bindparam("data_"),
        version=drafts.c.version + 1,
        updated_at=bindparam("now_", type_=Instant),
    )
    .returning(*drafts.c)
)
_SET_MESSAGE = update(drafts).where(_OF).values(message_id=bindparam("message_id_"))


async def start(
    tx: Tx, person: PersonRef, task: str, step: str, data: Mapping[str, Any], now: datetime
) -> Draft:
    """Begin a task, in place of whatever the person had in hand."""
    values = {
        "person_kind": person.kind,
        "person_id": person.id,
        "task": task,
        "step": step,
        "data_box": tx.vault.seal_json(dict(data)),
        "version": 1,
        "updated_at": now,
    }
    return _draft(tx, (await tx.execute(_START, values)).one())


async def get(tx: Tx, person: PersonRef) -> Draft | None:
    """Return what the person has in hand."""
    row = (await tx.execute(_GET, _key(person))).first()
    return None if row is None else _draft(tx, row)


async def advance(tx: Tx, draft: Draft, step: str, data: Mapping[str, Any], now: datetime) -> Draft | None:
    """Go to a step with its data; None when the draft is not as given any more."""
    values = {"step_": step, "data_": tx.vault.seal_json(dict(data)), "version_": draft.version, "now_": now}
    row = (await tx.execute(_STEP, {**_key(draft.person), **values})).first()
    return None if row is None else _draft(tx, row)


async def set_message(tx: Tx, person: PersonRef, message_id: int) -> None:
    """Remember the message to edit; the version stays."""
    await tx.execute(_SET_MESSAGE, {**_key(person), "message_id_": message_id})


async def drop(tx: Tx, person: PersonRef) -> bool:
    """Forget the task, done or cancelled; False when there was none."""
    return (await tx.execute(_DROP, _key(person))).rowcount == 1


def _key(person: PersonRef) -> dict[str, Any]:
    return {"kind_": person.kind, "id_": person.id}


def _draft(tx: Tx, row: Line) -> Draft:
    return Draft(
        person=PersonRef(row.person_kind, row.person_id),
        task=row.task,
        step=row.step,
        data=tx.vault.open_json(row.data_box),
        message_id=row.message_id,
        version=row.version,
        updated_at=row.updated_at,
    )
