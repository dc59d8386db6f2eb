"""Findings: which rule fired, on what, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.storage.db import Line, Tx
from bot.storage.tables import findings
from bot.storage.types import Instant


@dataclass(frozen=True, slots=True)
class NewFinding:
    """A rule that fired. `source` names what it fired on (`answer:5`, `text:7`): once for each rule.

    `detail` is the reason as keys and values, sealed at rest.
    """

    participant_id: int
    source: str
    rule: str
    rule_version: int
    tier: Literal["red", "amber", "green"]
    hours: int | None
    protocol_version: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    checkin_id: int | None = None
    answer_id: int | None = None
    alert_id: int | None = None


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A finding with its row's id and instant."""

    id: int
    found_at: datetime
    what: NewFinding


_ADD = insert(findings).on_conflict_do_nothing(index_elements=["source", "rule"]).returning(findings.c.id)
_OF_ALERT = select(findings).where(findings.c.alert_id == bindparam("alert_")).order_by(findings.c.id)
_SINCE = (
    select(findings)
    .where(findings.c.participant_id == bindparam("participant_"))
    .where(findings.c.found_at >= bindparam("since_", type_=Instant))
    .order_by(findings.c.found_at, findings.c.id)
)
_LINK = update(findings).where(findings.c.id == bindparam("id_")).values(alert_id=bindparam("alert_"))


async def add(tx: Tx, found: NewFinding, now: datetime) -> int | None:
    """Keep a finding and return its id; None when this rule fired on this source before."""
    values = {
        "participant_id": found.participant_id,
        "checkin_id": found.checkin_id,
        "answer_id": found.answer_id,
        "rule": found.rule,
        "rule_version": found.rule_version,
        "tier": found.tier,
        "hours": found.hours,
        "detail_box": tx.vault.seal_json(dict(found.detail)),
        "protocol_version": found.protocol_version,
        "found_at": now,
        "alert_id": found.alert_id,
        "source": found.source,
    }
    row = (await tx.execute(_ADD, values)).first()
    return None if row is None else int(row.id)


async def set_alert(tx: Tx, finding_id: int, alert_id: int) -> None:
    """Say to which alert a finding belongs."""
    await tx.execute(_LINK, {"id_": finding_id, "alert_": alert_id})


async def of_alert(tx: Tx, alert_id: int) -> list[KeptFinding]:
    """Return the findings behind an alert, in the order found."""
    return [_kept(tx, row) for row in await tx.execute(_OF_ALERT, {"alert_": alert_id})]


async def since(tx: Tx, participant_id: int, since: datetime) -> list[KeptFinding]:
    """Return the participant's findings since an instant, in the order found."""
    rows = await tx.execute(_SINCE, {"participant_": participant_id, "since_": since})
    return [_kept(tx, row) for row in rows]


def _kept(tx: Tx, row: Line) -> KeptFinding:
    what = NewFinding(
        participant_id=row.participant_id,
        source=row.source,
        rule=row.rule,
        rule_version=row.rule_version,
        tier=row.tier,
        hours=row.hours,
        protocol_version=row.protocol_version,
        detail=_detail(tx, row),
        checkin_id=row.checkin_id,
        answer_id=row.answer_id,
        alert_id=row.alert_id,
    )
    return KeptFinding(row.id, row.found_at, what)


def _detail(tx: Tx, row: Line) -> Mapping[str, Any]:
    """Open what was found; it never changes, and an alert shows it again and again."""
    name = ("finding", row.id, row.detail_box)
    known: Mapping[str, Any] | None = tx.recall(name)
    if known is None:
        known = tx.vault.open_json(row.detail_box)
        tx.remember(name, known)
    return known
