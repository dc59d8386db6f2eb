"""The audit trail: written in the transaction it tells of, append-only, each row hashed over the last one."""

import hashlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Text, bindparam, insert, select, type_coerce
from sqlalchemy.exc import DBAPIError

from bot.domain.people import PersonRef
from bot.storage import audit_words
from bot.storage.db import Line, Tx
from bot.storage.tables import audit
from bot.storage.tables import audit_words as words_table
from bot.storage.types import Subject, canonical_json, instant_text
from bot.storage.vault import Unreadable

GENESIS = "0" * 64
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, when it is neither a participant nor staff: the system, or an operator by name."""

    kind: Literal["system", "operator"]
    name: str | None = None


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the trail."""

    id: int
    at: datetime
    zone: str
    actor_kind: str
    actor_id: int | None
    actor_name: str | None
    action: str
    subject_kind: str | None
    subject_id: int | None
    before: Any
    after: Any
    reason: str | None
    prev_hash: str
    hash: str


_HASHED = (
    "id", "at", "zone", "actor_kind", "actor_id", "actor_name", "action",
    "subject_kind", "subject_id", "before", "after", "reason", "prev_hash",
)  # fmt: skip
_HEAD = select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)
_ADD = insert(audit)
_ADD_WORDS = insert(words_table)
_TOLD = select(audit, words_table.c.words_box).outerjoin(words_table, words_table.c.id == audit.c.id)
_ABOUT = _TOLD.where(
    audit.c.subject_kind == bindparam("kind_"), audit.c.subject_id == bindparam("id_")
).order_by(audit.c.id)
_ABOUT_WITHOUT = _ABOUT.where(audit.c.action != bindparam("action_"))
_PAGE_OF = _TOLD.where(audit.c.id > bindparam("after_")).order_by(audit.c.id).limit(_PAGE)
_DONE = select(audit.c.action).where(audit.c.action.in_(bindparam("actions_", expanding=True))).distinct()
# As the bytes are, not as they read: what reads the same is still a change.
_TEXTS = ("at", "before", "after")
_RAW = (
    select(
        *(type_coerce(c, Text).label(c.name) if c.name in _TEXTS else c for c in audit.c),
        words_table.c.words_box,
    )
    .outerjoin(words_table, words_table.c.id == audit.c.id)
    .where(audit.c.id > bindparam("after_"))
    .order_by(audit.c.id)
    .limit(_PAGE)
)


async def record(
    tx: Tx,
    actor: Actor | PersonRef,
    action: str,
    subject: Subject | PersonRef | None,
    now: datetime,
    *,
    before: Any = None,
    after: Any = None,
    reason: str | None = None,
    zone: str = "UTC",
) -> int:
    """Add a row and return its id.

    `before` and `after` are JSON of codes and numbers; what staff typed (the
    reason, and under the keys of `audit_words.TYPED`) is sealed beside the row,
    which is hashed over what proves it. `zone` is the one in which the actor
    read the clock.
    """
    last_id, last_hash = await _head_for_writing(tx)
    before, after, words = audit_words.parted(reason, before, after)
    told = None if words is None else audit_words.written(words)
    values = {
        "id": last_id + 1,
        "at": now,
        "zone": zone,
        "actor_kind": actor.kind,
        "actor_id": actor.id if isinstance(actor, PersonRef) else None,
        "actor_name": None if isinstance(actor, PersonRef) else actor.name,
        "action": action,
        "subject_kind": None if subject is None else subject.kind,
        "subject_id": None if subject is None else subject.id,
        "before": before,
        "after": after,
        "reason": None if told is None else audit_words.proof(told),
        "prev_hash": last_hash,
    }
    digest = _hash({**values, "at": instant_text(now), "before": _json(before), "after": _json(after)})
    await tx.execute(_ADD, {**values, "hash": digest})
    if told is not None:
        await tx.execute(_ADD_WORDS, {"id": last_id + 1, "words_box": tx.seal(told)})
    tx.audit_head = (last_id + 1, digest)
    return last_id + 1


async def head(tx: Tx) -> tuple[int, str]:
    """Return id and hash of the last row: kept outside, they show a trail that was cut or written anew."""
    row = (await tx.execute(_HEAD)).first()
    return (0, GENESIS) if row is None else (row.id, row.hash)


async def verify(tx: Tx, *anchors: tuple[int, str]) -> list[str]:
    """Return what is wrong with the trail, row by row; nothing when it is whole.

    `anchors`: heads that were kept outside; each must still be in the trail.
    """
    problems: list[str] = []
    last_id, last_hash = 0, GENESIS
    missing = set(anchors) - {(0, GENESIS)}
    try:
        async for row in _raw(tx):
            problems += _problems(row, last_id, last_hash) + _problems_of_words(tx, row)
            last_id, last_hash = row.id, row.hash
            missing.discard((last_id, last_hash))
    except DBAPIError as error:
        problems.append(f"after row {last_id}: cannot be read: {type(error.orig).__name__}")
    problems += [f"row {row} is not in the trail as it was anchored" for row, _ in sorted(missing)]
    return problems


async def about(tx: Tx, subject: Subject | PersonRef) -> list[Entry]:
    """Return the rows about a subject, the oldest first."""
    rows = await tx.execute(_ABOUT, {"kind_": subject.kind, "id_": subject.id})
    return [_entry(tx, row) for row in rows]


async def about_without(tx: Tx, subject: Subject | PersonRef, action: str) -> list[Entry]:
    """Return the rows about a subject, the oldest first, but for one action that repeats itself."""
    values = {"kind_": subject.kind, "id_": subject.id, "action_": action}
    rows = await tx.execute(_ABOUT_WITHOUT, values)
    return [_entry(tx, row) for row in rows]


async def done(tx: Tx, actions: Collection[str]) -> frozenset[str]:
    """Return which of these actions the trail tells of, by whomever and however long ago."""
    return frozenset(row.action for row in await tx.execute(_DONE, {"actions_": list(actions)}))


async def page(tx: Tx, after: int = 0) -> list[Entry]:
    """Return the next rows behind the id `after`, at most 500: for the export."""
    return [_entry(tx, row) for row in await tx.execute(_PAGE_OF, {"after_": after})]


async def _head_for_writing(tx: Tx) -> tuple[int, str]:
    if tx.audit_head is not None:
        return tx.audit_head
    # Transactions run one at a time (see db.py): between this look and the row nobody else writes.
    return await head(tx)


async def _raw(tx: Tx) -> AsyncIterator[Line]:
    after = 0
    while rows := (await tx.execute(_RAW, {"after_": after})).all():
        for row in rows:
            yield row
        after = rows[-1].id


def _problems(row: Line, last_id: int, last_hash: str) -> list[str]:
    found = []
    if row.id != last_id + 1:
        found.append(f"row {row.id}: follows row {last_id}, so rows are missing")
    if row.prev_hash != last_hash:
        found.append(f"row {row.id}: does not continue row {last_id}")
    if row.hash != _hash({name: getattr(row, name) for name in _HASHED}):
        found.append(f"row {row.id}: was changed")
    return found


def _hash(values: dict[str, Any]) -> str:
    return hashlib.sha256(canonical_json([values[name] for name in _HASHED]).encode()).hexdigest()


def _json(value: Any) -> str | None:
    return None if value is None else canonical_json(value)


def _problems_of_words(tx: Tx, row: Line) -> list[str]:
    """Hold the words of a row against what the trail says of them; rows from before 0012 hold their own."""
    is_proof = audit_words.is_proof(row.reason)
    if row.words_box is None or not is_proof:
        return [] if is_proof == (row.words_box is not None) else [f"row {row.id}: its words are not its own"]
    try:
        told = tx.open(row.words_box)
    except Unreadable:
        return [f"row {row.id}: its words cannot be opened"]
    return [] if audit_words.proof(told) == row.reason else [f"row {row.id}: its words were changed"]


def _entry(tx: Tx, row: Line) -> Entry:
    values = {name: getattr(row, name) for name in Entry.__slots__}
    if row.words_box is not None:
        told = audit_words.joined(row.before, row.after, tx.open(row.words_box))
        values["before"], values["after"], values["reason"] = told
    return Entry(**values)
