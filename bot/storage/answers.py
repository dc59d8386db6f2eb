"""Answers to the items of check-ins; an answer given anew supersedes the one before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from bot.storage.checkins import Tier
from bot.storage.db import Line, Tx
from bot.storage.tables import answers, checkins
from bot.storage.types import Instant

NEVER = datetime.min.replace(tzinfo=UTC)
WORDS = "text"
"""The part of an answer that holds the person's own words, and is sealed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A canonical answer to an item; a value of None says that it was skipped."""

    id: int
    checkin_id: int
    item: str
    value: Any
    answered_at: datetime
    answered_by: str


@dataclass(frozen=True, slots=True)
class PastReport:
    """The answers of one check-in as they stand, and when the last of them was given.

    `tier`: how it ended, None where it was not finished.
    """

    checkin_id: int
    form: str
    due_at: datetime
    answered_at: datetime
    answers: Mapping[str, Any]
    tier: Tier | None


_ADD = insert(answers).returning(*answers.c)
_ADD_IN_ORDER = insert(answers).returning(*answers.c, sort_by_parameter_order=True)
_LIVE = answers.c.superseded_at.is_(None)
_CURRENT = select(answers).where(answers.c.checkin_id == bindparam("id_"), _LIVE).order_by(answers.c.id)
_EVER = select(answers).where(answers.c.checkin_id == bindparam("id_")).order_by(answers.c.id)
_SUPERSEDE = (
    update(answers)
    .where(answers.c.checkin_id == bindparam("id_"), answers.c.item == bindparam("item_"), _LIVE)
    .values(superseded_at=bindparam("now_", type_=Instant))
)
_OF_PARTICIPANT = answers.c.checkin_id.in_(
    select(checkins.c.id).where(checkins.c.participant_id == bindparam("participant_"))
)
_REPORTS = (
    select(
        checkins.c.id,
        checkins.c.form,
        checkins.c.state,
        checkins.c.version,
        checkins.c.due_at,
        checkins.c.tier,
    )
    .where(checkins.c.participant_id == bindparam("participant_"))
    .where(checkins.c.due_at >= bindparam("since_", type_=Instant))
    .order_by(checkins.c.due_at, checkins.c.id)
)
_OF_REPORTS = (
    select(answers)
    .where(answers.c.checkin_id.in_(bindparam("ids_", expanding=True)), _LIVE)
    .order_by(answers.c.id)
)
_BY_UPDATE = select(func.count()).where(_OF_PARTICIPANT, answers.c.update_id == bindparam("update_"))
_LAST_ASKED = (
    select(answers.c.item, func.max(answers.c.answered_at))
    .where(_OF_PARTICIPANT, answers.c.item.in_(bindparam("items_", expanding=True)))
    .where(answers.c.answered_at >= bindparam("since_", type_=Instant))
    .where(answers.c.answered_at < bindparam("before_", type_=Instant))
    .group_by(answers.c.item)
)


async def add(
    tx: Tx,
    *,
    checkin_id: int,
    item: str,
    value: Any,
    now: datetime,
    answered_by: str,
    update_id: int | None = None,
    first: bool = False,
) -> Answer:
    """Keep an answer, superseding the one before it; IntegrityError where `first` is said and is not so."""
    if not first:
        await supersede(tx, checkin_id, item, now)
    values = _values(tx, checkin_id, item, value, now, answered_by, update_id)
    return _answer(tx, (await tx.execute(_ADD, values)).one())


async def add_all(
    tx: Tx, *, checkin_id: int, values: Mapping[str, Any], now: datetime, answered_by: str
) -> list[Answer]:
    """Keep the first answers to several items, in their order; IntegrityError where one has an answer."""
    rows = [_values(tx, checkin_id, item, value, now, answered_by, None) for item, value in values.items()]
    return [_answer(tx, row) for row in await tx.execute(_ADD_IN_ORDER, rows)] if rows else []


def _values(
    tx: Tx, checkin_id: int, item: str, value: Any, now: datetime, answered_by: str, update_id: int | None
) -> dict[str, Any]:
    plain, words = _parted(value)
    return {
        "checkin_id": checkin_id,
        "item": item,
        "value": plain,
        "text_box": None if words is None else tx.seal(words),
        "answered_at": now,
        "answered_by": answered_by,
        "update_id": update_id,
    }


async def supersede(tx: Tx, checkin_id: int, item: str, now: datetime) -> bool:
    """Take an answer back; False when there is none."""
    return (await tx.execute(_SUPERSEDE, {"id_": checkin_id, "item_": item, "now_": now})).rowcount > 0


async def current(tx: Tx, checkin_id: int) -> dict[str, Answer]:
    """Return the answers of a check-in as they stand, by item, in the order given."""
    found = [_answer(tx, row) for row in await tx.execute(_CURRENT, {"id_": checkin_id})]
    return {answer.item: answer for answer in found}


async def ever(tx: Tx, checkin_id: int) -> list[Answer]:
    """Return every answer of a check-in, superseded ones too, in the order given."""
    return [_answer(tx, row) for row in await tx.execute(_EVER, {"id_": checkin_id})]


async def history(
    tx: Tx, participant_id: int, since: datetime, *, but: int | None = None
) -> list[PastReport]:
    """Return the check-ins due since an instant that have answers, with these, the oldest first.

    `but`: a check-in to leave out.

    A report that is over changes only together with its version: what was read
    of it before need not be read again.
    """
    found = await tx.execute(_REPORTS, {"participant_": participant_id, "since_": since})
    rows = [row for row in found if row.id != but]
    known = {row.id: _recalled(tx, row) for row in rows}
    read = await _reports(tx, [row for row in rows if known[row.id] is None])
    reports = [known[row.id] or read[row.id] for row in rows]
    return [report for report in reports if report.answers]


def _recalled(tx: Tx, row: Line) -> PastReport | None:
    found: PastReport | None = None if row.state == "open" else tx.recall(("report", row.id, row.version))
    return found


async def _reports(tx: Tx, rows: Sequence[Line]) -> dict[int, PastReport]:
    if not rows:
        return {}
    given: dict[int, list[Answer]] = {row.id: [] for row in rows}
    for line in await tx.execute(_OF_REPORTS, {"ids_": list(given)}):
        given[line.checkin_id].append(_answer(tx, line))
    reports = {row.id: _report(row, given[row.id]) for row in rows}
    for row in rows:
        if row.state != "open":
            tx.remember(("report", row.id, row.version), reports[row.id])
    return reports


async def given_by_update(tx: Tx, participant_id: int, update_id: int) -> bool:
    """Tell whether an update of this participant was taken as an answer before: a handler may run twice."""
    values = {"participant_": participant_id, "update_": update_id}
    return int((await tx.execute(_BY_UPDATE, values)).scalar_one()) > 0


async def last_asked(
    tx: Tx, participant_id: int, items: Collection[str], since: datetime, before: datetime
) -> dict[str, datetime]:
    """Return when each of these items was answered last within a time, superseded answers included."""
    values = {"participant_": participant_id, "items_": list(items), "since_": since, "before_": before}
    return {row[0]: row[1] for row in await tx.execute(_LAST_ASKED, values)}


def _report(row: Line, given: list[Answer]) -> PastReport:
    latest = max((answer.answered_at for answer in given), default=NEVER)
    values = {answer.item: answer.value for answer in given}
    tier = row.tier if row.state == "done" else None
    return PastReport(row.id, row.form, row.due_at, latest, values, tier)


def _parted(value: Any) -> tuple[Any, str | None]:
    if isinstance(value, Mapping) and isinstance(value.get(WORDS), str):
        return {key: part for key, part in value.items() if key != WORDS}, value[WORDS]
    return value, None


def _answer(tx: Tx, row: Line) -> Answer:
    value = row.value
    if row.text_box is not None:
        value = {**value, WORDS: tx.open(row.text_box)}
    return Answer(row.id, row.checkin_id, row.item, value, row.answered_at, row.answered_by)
