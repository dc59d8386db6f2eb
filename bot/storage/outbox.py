"""What shall go out: queued in the transaction that causes it, under a key of its own.

The sending side (claims, settling, crashes) is in dispatch.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import Text, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.people import PersonKind, PersonRef
from bot.storage.db import Line, Tx
from bot.storage.tables import outbox
from bot.storage.types import Instant, Subject, fixed

Channel = Literal["telegram", "second"]
State = Literal["queued", "sending", "sent", "failed", "expired", "skipped", "uncertain"]

URGENT, REPLY, REMINDER, BROADCAST = range(4)


@dataclass(frozen=True, slots=True)
class Intent:
    """A message that shall go out once for its `key`; `params` hold ids and text keys, never words.

    Without `not_before` it may go at once, without `expires_at` it never goes
    stale. `to` is None only for the second channel's own addresses.
    """

    key: str
    kind: str
    priority: int
    to: PersonRef | None
    params: Mapping[str, Any] = field(default_factory=dict)
    not_before: datetime | None = None
    expires_at: datetime | None = None
    subject: Subject | None = None
    channel: Channel = "telegram"


@dataclass(frozen=True, slots=True)
class Message:
    """An outbox row; `attempts` counts the one in hand, `repeats` those that perhaps arrived before.

    `text` is what was sent, once it was.
    """

    id: int
    key: str
    kind: str
    channel: Channel
    priority: int
    to: PersonRef | None
    params: Mapping[str, Any]
    not_before: datetime
    expires_at: datetime | None
    state: State
    attempts: int
    repeats: int
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None
    method: str | None
    message_id: int | None
    text: str | None
    subject: Subject | None


# PostgreSQL's and SQLite's ON CONFLICT are the same, and this construct compiles for both.
_INSERT = insert(outbox).on_conflict_do_nothing(index_elements=["key"]).returning(outbox.c.id)
_BY_SUBJECT = (outbox.c.subject_kind == bindparam("kind_")) & (outbox.c.subject_id == bindparam("id_"))
_COPIES = (
    select(outbox)
    .where(_BY_SUBJECT, outbox.c.state.in_(("sent", "uncertain")), outbox.c.message_id.is_not(None))
    .order_by(outbox.c.id)
)
_OF_SUBJECT = select(outbox).where(_BY_SUBJECT).order_by(outbox.c.id)
_SUBJECT_COUNTS = select(outbox.c.state, func.count()).where(_BY_SUBJECT).group_by(outbox.c.state)
_QUEUED = _OF_SUBJECT.where(outbox.c.state == fixed("queued"))
_CANCEL = (
    update(outbox)
    .where(outbox.c.id == bindparam("message_"), outbox.c.state == fixed("queued"))
    .values(
        state="skipped",
        last_error=bindparam("reason_", type_=Text),
        settled_at=bindparam("now_", type_=Instant),
    )
)
_CANCEL_SUBJECT = (
    update(outbox)
    .where(_BY_SUBJECT, outbox.c.state == fixed("queued"))
    .values(
        state="skipped",
        last_error=bindparam("reason_", type_=Text),
        settled_at=bindparam("now_", type_=Instant),
    )
)
_CANCEL_KINDS = _CANCEL_SUBJECT.where(outbox.c.kind.in_(bindparam("kinds_", expanding=True)))
_KEYS = select(outbox.c.key).where(
    outbox.c.person_kind == bindparam("kind_"),
    outbox.c.person_id == bindparam("id_"),
    outbox.c.kind == bindparam("what_"),
)
_TO_SINCE = (
    select(outbox)
    .where(
        outbox.c.person_kind == bindparam("kind_"),
        outbox.c.person_id == bindparam("id_"),
        outbox.c.kind == bindparam("what_"),
        outbox.c.created_at >= bindparam("since_", type_=Instant),
    )
    .order_by(outbox.c.id)
)
_SENT_TO = (
    select(outbox)
    .where(outbox.c.person_kind == bindparam("kind_"), outbox.c.person_id == bindparam("id_"))
    .where(outbox.c.sent_at.is_not(None))
    .order_by(outbox.c.sent_at, outbox.c.id)
)
_SETTLED = (
    select(outbox.c.state, outbox.c.sent_at, outbox.c.not_before)
    .where(outbox.c.state.in_(("sent", "expired", "failed")), outbox.c.person_kind == fixed("participant"))
    .where(outbox.c.settled_at >= bindparam("since_", type_=Instant))
    .where(outbox.c.settled_at < bindparam("until_", type_=Instant))
)
_NEXT_DUE = select(func.min(outbox.c.not_before)).where(outbox.c.state == fixed("queued"))
_NEXT_DUE_BY = _NEXT_DUE.where(outbox.c.channel == bindparam("channel_"))
_COUNTS = select(outbox.c.state, func.count()).group_by(outbox.c.state)


async def enqueue(tx: Tx, intent: Intent, now: datetime) -> bool:
    """Queue a message; False, and nothing changes, when its key was used before."""
    return await enqueue_many(tx, [intent], now) == 1


async def enqueue_many(tx: Tx, intents: Sequence[Intent], now: datetime) -> int:
    """Queue those whose keys are new; return how many that were."""
    if not intents:
        return 0
    added = (await tx.execute(_INSERT, [_values(intent, now) for intent in intents])).all()
    if added:
        tx.outbox_written = True
    return len(added)


def _values(intent: Intent, now: datetime) -> dict[str, Any]:
    to, subject = intent.to, intent.subject
    return {
        "key": intent.key,
        "kind": intent.kind,
        "channel": intent.channel,
        "priority": intent.priority,
        "person_kind": to.kind if to else None,
        "person_id": to.id if to else None,
        "params": dict(intent.params),
        "not_before": intent.not_before or now,
        "expires_at": intent.expires_at,
        "state": "queued",
        "attempts": 0,
        "repeats": 0,
        "created_at": now,
        "subject_kind": subject.kind if subject else None,
        "subject_id": subject.id if subject else None,
    }


async def get(tx: Tx, message_id: int) -> Message | None:
    """Return a message by the id of its row."""
    row = (await tx.execute(select(outbox).where(outbox.c.id == message_id))).first()
    return None if row is None else message(tx, row)


async def by_key(tx: Tx, key: str) -> Message | None:
    """Return a message by its key."""
    row = (await tx.execute(select(outbox).where(outbox.c.key == key))).first()
    return None if row is None else message(tx, row)


async def latest(tx: Tx, limit: int = 100) -> list[Message]:
    """Return the newest messages, the newest first: for the sandbox's log and the exports."""
    rows = await tx.execute(select(outbox).order_by(outbox.c.id.desc()).limit(limit))
    return [message(tx, row) for row in rows]


async def of_subject(tx: Tx, subject: Subject) -> list[Message]:
    """Return every message about a subject, in the order of queuing."""
    rows = await tx.execute(_OF_SUBJECT, {"kind_": subject.kind, "id_": subject.id})
    return [message(tx, row) for row in rows]


async def sent_copies(tx: Tx, subject: Subject, *kinds: str) -> list[Message]:
    """Return what stands in chats about a subject: sent, or perhaps sent, with a message id."""
    rows = await tx.execute(_COPIES, {"kind_": subject.kind, "id_": subject.id})
    return [message(tx, row) for row in rows if not kinds or row.kind in kinds]


async def queued_about(tx: Tx, subject: Subject, *kinds: str) -> list[Message]:
    """Return what still waits about a subject, in the order of queuing."""
    rows = await tx.execute(_QUEUED, {"kind_": subject.kind, "id_": subject.id})
    return [message(tx, row) for row in rows if not kinds or row.kind in kinds]


async def cancel(tx: Tx, message_id: int, reason: str, now: datetime) -> bool:
    """Skip a message that is still queued; False when it is not."""
    values = {"message_": message_id, "reason_": reason, "now_": now}
    return (await tx.execute(_CANCEL, values)).rowcount == 1


async def keys_to(tx: Tx, person: PersonRef, kind: str) -> frozenset[str]:
    """Return the keys of every message of a kind to a person, whatever its state."""
    rows = await tx.execute(_KEYS, {"kind_": person.kind, "id_": person.id, "what_": kind})
    return frozenset(row.key for row in rows)


async def to_since(tx: Tx, person: PersonRef, kind: str, since: datetime) -> list[Message]:
    """Return every message of a kind to a person that was queued since an instant, in order."""
    values = {"kind_": person.kind, "id_": person.id, "what_": kind, "since_": since}
    return [message(tx, row) for row in await tx.execute(_TO_SINCE, values)]


async def cancel_subject(tx: Tx, subject: Subject, reason: str, now: datetime, *kinds: str) -> int:
    """Skip what is still queued about a subject; return how many that were."""
    about = {"kind_": subject.kind, "id_": subject.id, "reason_": reason, "now_": now}
    found = await (
        tx.execute(_CANCEL_KINDS, {**about, "kinds_": list(kinds)})
        if kinds
        else tx.execute(_CANCEL_SUBJECT, about)
    )
    return found.rowcount


async def troubles(
    tx: Tx, since: datetime, until: datetime, late_after: timedelta = timedelta(minutes=15)
) -> tuple[int, int]:
    """Return how many messages to participants went out late in a span of time, and how many never did."""
    rows = await tx.execute(_SETTLED, {"since_": since, "until_": until})
    late = dropped = 0
    for row in rows:
        if row.state == "sent":
            late += row.sent_at - row.not_before > late_after
        else:
            dropped += 1
    return late, dropped


async def requeue_subject(
    tx: Tx, subject: Subject, reason: str, now: datetime, expires_at: datetime | None
) -> int:
    """Queue again what about a subject was skipped for this reason; return how many that were.

    A skipped message was never sent: nobody gets a second copy.
    """
    statement = (
        update(outbox)
        .where(outbox.c.state == fixed("skipped"), outbox.c.last_error == reason)
        .where(outbox.c.subject_kind == subject.kind, outbox.c.subject_id == subject.id)
        .values(state="queued", last_error=None, settled_at=None, not_before=now, expires_at=expires_at)
    )
    count = (await tx.execute(statement)).rowcount
    if count:
        tx.outbox_written = True
    return count


async def sent_to(tx: Tx, person: PersonRef) -> list[Message]:
    """Return what went out to a person, the oldest first."""
    rows = await tx.execute(_SENT_TO, {"kind_": person.kind, "id_": person.id})
    return [message(tx, row) for row in rows]


async def cancel_to(tx: Tx, person: PersonRef, reason: str, now: datetime) -> int:
    """Skip whatever is still queued for a person; return how many that were."""
    statement = (
        update(outbox)
        .where(outbox.c.state == fixed("queued"))
        .where(outbox.c.person_kind == person.kind, outbox.c.person_id == person.id)
        .values(state="skipped", last_error=reason, settled_at=now)
    )
    return (await tx.execute(statement)).rowcount


async def counts(tx: Tx) -> dict[State, int]:
    """Return how many messages are in each state."""
    return {row[0]: row[1] for row in await tx.execute(_COUNTS)}


async def subject_counts(tx: Tx, subject: Subject) -> dict[State, int]:
    """Return how many messages about a subject are in each state."""
    rows = await tx.execute(_SUBJECT_COUNTS, {"kind_": subject.kind, "id_": subject.id})
    return {row[0]: row[1] for row in rows}


async def next_due_at(tx: Tx, channel: Channel | None = None) -> datetime | None:
    """Return the first instant at which a queued message may go out (by a channel); it may have passed."""
    if channel is None:
        return cast("datetime | None", (await tx.execute(_NEXT_DUE)).scalar())
    return cast("datetime | None", (await tx.execute(_NEXT_DUE_BY, {"channel_": channel})).scalar())


def message(tx: Tx, row: Line) -> Message:
    """Build a message from its row."""
    return Message(
        id=row.id,
        key=row.key,
        kind=row.kind,
        channel=row.channel,
        priority=row.priority,
        to=_person(row.person_kind, row.person_id),
        params=row.params,
        not_before=row.not_before,
        expires_at=row.expires_at,
        state=row.state,
        attempts=row.attempts,
        repeats=row.repeats,
        last_error=row.last_error,
        created_at=row.created_at,
        sent_at=row.sent_at,
        method=row.method,
        message_id=row.message_id,
        text=None if row.text_box is None else tx.open(row.text_box),
        subject=None if row.subject_kind is None else Subject(row.subject_kind, row.subject_id),
    )


def _person(kind: PersonKind | None, person_id: int | None) -> PersonRef | None:
    return None if kind is None or person_id is None else PersonRef(kind, person_id)
