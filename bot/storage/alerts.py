"""Alerts: opened with their findings, open until a named human has dealt with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import BindParameter, Integer, Text, bindparam, func, insert, select, update

from bot.domain.escalation import AlertFacts, AlertState
from bot.storage.db import Line, Tx
from bot.storage.tables import alerts
from bot.storage.types import Instant, fixed

AlertTier = Literal["red", "amber"]
UNPAGED = -1


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert's row; `…_by` are ids of staff, `facts` is what the page says, as it was at the opening."""

    id: int
    participant_id: int
    tier: AlertTier
    hours: int | None
    state: AlertState
    opened_at: datetime
    tier_since: datetime
    acknowledged_at: datetime | None
    acknowledged_by: int | None
    contacted_at: datetime | None
    contacted_by: int | None
    closed_at: datetime | None
    closed_by: int | None
    outcome: str | None
    note: str | None
    round: int
    step: int
    paged_at: datetime | None
    participant_asked_at: datetime | None
    wake_at: datetime | None
    protocol_version: str
    facts: Mapping[str, Any]

    @property
    def chain_facts(self) -> AlertFacts:
        """Return what the next move follows from."""
        return AlertFacts(
            tier=self.tier,
            hours=self.hours,
            state=self.state,
            tier_since=self.tier_since,
            acknowledged_at=self.acknowledged_at,
            paged_at=self.paged_at,
            round=self.round,
            step=self.step,
            participant_asked_at=self.participant_asked_at,
        )


_NOW = bindparam("now_", type_=Instant)
_AT = bindparam("at_", type_=Instant)
_BY: BindParameter[int] = bindparam("by_", type_=Integer)
_ID = alerts.c.id == bindparam("id_")
_LIVE = alerts.c.state != fixed("closed")
_GET = select(alerts).where(_ID)
_OPEN_FOR = (
    select(alerts).where(_LIVE, alerts.c.participant_id == bindparam("participant_")).order_by(alerts.c.id)
)
_ALL_LIVE = select(alerts).where(_LIVE).order_by(alerts.c.opened_at, alerts.c.id)
_SINCE = select(alerts).where(alerts.c.opened_at >= bindparam("since_", type_=Instant)).order_by(alerts.c.id)
_DUE = (
    select(alerts)
    .where(alerts.c.wake_at <= _NOW)
    .order_by(alerts.c.wake_at, alerts.c.id)
    .limit(bindparam("limit_"))
)
_NEXT_WAKE = select(func.min(alerts.c.wake_at))
_ACKNOWLEDGE = (
    update(alerts)
    .where(_ID, alerts.c.state == "open")
    .values(state="acknowledged", acknowledged_at=_NOW, acknowledged_by=_BY)
    .returning(*alerts.c)
)
_CONTACT = (
    update(alerts)
    .where(_ID, alerts.c.state.in_(("open", "acknowledged")))
    .values(
        state="contacted",
        contacted_at=_AT,
        contacted_by=_BY,
        # Who reaches the participant has taken the alert, pressed or not.
        acknowledged_at=func.coalesce(alerts.c.acknowledged_at, _AT),
        acknowledged_by=func.coalesce(alerts.c.acknowledged_by, _BY),
    )
    .returning(*alerts.c)
)
_CLOSE = (
    update(alerts)
    .where(_ID, _LIVE)
    .values(
        state="closed",
        closed_at=_NOW,
        closed_by=_BY,
        outcome=bindparam("outcome_", type_=Text),
        note_box=bindparam("note_"),
        wake_at=None,
    )
    .returning(*alerts.c)
)
_RAISE = (
    update(alerts)
    .where(_ID, _LIVE)
    .values(
        tier=bindparam("tier_", type_=Text),
        hours=bindparam("hours_"),
        tier_since=_NOW,
        # Whoever had it had something else: what is graver must be taken, and reached, anew.
        state="open",
        acknowledged_at=None,
        acknowledged_by=None,
        contacted_at=None,
        contacted_by=None,
        step=UNPAGED,
        facts_box=bindparam("facts_"),
        wake_at=_NOW,
    )
    .returning(*alerts.c)
)
_EASE = (
    update(alerts)
    .where(_ID, _LIVE, alerts.c.tier == "amber")
    .values(hours=bindparam("hours_"), wake_at=_NOW)
    .returning(*alerts.c)
)
_CONTACTED_SINCE = select(func.count()).where(
    alerts.c.participant_id == bindparam("participant_"),
    alerts.c.contacted_at >= bindparam("since_", type_=Instant),
)
_SET_STEP = (
    update(alerts)
    .where(_ID, _LIVE)
    .values(
        round=bindparam("round_"),
        step=bindparam("step_"),
        paged_at=func.coalesce(bindparam("paged_at_", type_=Instant), alerts.c.paged_at),
        participant_asked_at=func.coalesce(
            bindparam("asked_at_", type_=Instant), alerts.c.participant_asked_at
        ),
        wake_at=bindparam("wake_at_", type_=Instant),
    )
)
_LOWER = (
    update(alerts)
    .where(_ID, _LIVE)
    # Whoever had it has it; the limits count from when it got its graver tier, as they did.
    .values(tier=bindparam("tier_", type_=Text), hours=bindparam("hours_"), step=UNPAGED, wake_at=_NOW)
    .returning(*alerts.c)
)
_CLOSED = alerts.c.state == fixed("closed")
_WAKE_FORM = update(alerts).where(_ID, _CLOSED).values(wake_at=bindparam("wake_at_", type_=Instant))
_FORMS_DUE = (
    select(alerts).where(_CLOSED, alerts.c.wake_at.is_not(None)).order_by(alerts.c.closed_at, alerts.c.id)
)
_SET_WAKE = update(alerts).where(_ID, _LIVE).values(wake_at=bindparam("wake_at_", type_=Instant))


async def open_(
    tx: Tx,
    *,
    participant_id: int,
    tier: AlertTier,
    hours: int | None,
    facts: Mapping[str, Any],
    protocol_version: str,
    now: datetime,
    wake_at: datetime | None = None,
) -> Alert:
    """Open an alert, not paged yet; `wake_at` is when its chain is looked at, at once unless given."""
    values = {
        "participant_id": participant_id,
        "tier": tier,
        "hours": hours,
        "tier_since": now,
        "state": "open",
        "opened_at": now,
        "round": 0,
        "step": UNPAGED,
        "wake_at": wake_at or now,
        "protocol_version": protocol_version,
        "facts_box": tx.vault.seal_json(dict(facts)),
    }
    tx.wake_set = True
    return _alert(tx, (await tx.execute(insert(alerts).returning(*alerts.c), values)).one())


async def get(tx: Tx, alert_id: int) -> Alert | None:
    """Return an alert by id."""
    row = (await tx.execute(_GET, {"id_": alert_id})).first()
    return None if row is None else _alert(tx, row)


async def open_for(tx: Tx, participant_id: int) -> list[Alert]:
    """Return the participant's alerts that are not closed, the oldest first."""
    return [_alert(tx, row) for row in await tx.execute(_OPEN_FOR, {"participant_": participant_id})]


async def ever_for(tx: Tx, participant_id: int) -> list[Alert]:
    """Return every alert of a participant, closed ones too, the oldest first."""
    statement = select(alerts).where(alerts.c.participant_id == participant_id).order_by(alerts.c.id)
    return [_alert(tx, row) for row in await tx.execute(statement)]


async def all_live(tx: Tx) -> list[Alert]:
    """Return every alert that is not closed, the oldest first."""
    return [_alert(tx, row) for row in await tx.execute(_ALL_LIVE)]


async def opened_since(tx: Tx, since: datetime) -> list[Alert]:
    """Return every alert opened since an instant, whatever became of it."""
    return [_alert(tx, row) for row in await tx.execute(_SINCE, {"since_": since})]


async def due(tx: Tx, now: datetime, limit: int = 100) -> list[Alert]:
    """Return the alerts whose wake-up hint has passed, the longest waiting first."""
    return [_alert(tx, row) for row in await tx.execute(_DUE, {"now_": now, "limit_": limit})]


async def next_wake(tx: Tx) -> datetime | None:
    """Return the earliest wake-up hint; it may have passed."""
    return cast("datetime | None", (await tx.execute(_NEXT_WAKE)).scalar())


async def acknowledge(tx: Tx, alert_id: int, staff_id: int, now: datetime) -> Alert | None:
    """Take an open alert; None when it is not open (any more): `get` tells who has it."""
    return await _changed(tx, _ACKNOWLEDGE, alert_id, now_=now, by_=staff_id)


async def contact(tx: Tx, alert_id: int, staff_id: int, at: datetime) -> Alert | None:
    """Record when the participant was reached; None when that was done, or the alert is closed."""
    return await _changed(tx, _CONTACT, alert_id, at_=at, by_=staff_id)


async def close(
    tx: Tx, alert_id: int, staff_id: int, now: datetime, *, outcome: str, note: str | None = None
) -> Alert | None:
    """Close an alert with its coded outcome, never to be woken again; None when it was closed before."""
    box = None if note is None else tx.seal(note)
    return await _changed(tx, _CLOSE, alert_id, now_=now, by_=staff_id, outcome_=outcome, note_=box)


async def raise_(
    tx: Tx, alert: Alert, tier: AlertTier, hours: int | None, facts: Mapping[str, Any], now: datetime
) -> Alert | None:
    """Open a live alert anew with its graver tier: its chain starts again at once. None when it is closed."""
    box = tx.vault.seal_json(dict(facts))
    return await _changed(tx, _RAISE, alert.id, now_=now, tier_=tier, hours_=hours, facts_=box)


async def lower(tx: Tx, alert_id: int, tier: AlertTier, hours: int | None, now: datetime) -> Alert | None:
    """Give a live alert a milder tier; None when it is closed."""
    return await _changed(tx, _LOWER, alert_id, now_=now, tier_=tier, hours_=hours)


async def wake_form(tx: Tx, alert_id: int, at: datetime | None) -> None:
    """Set when to remind of the form of a closed alert; None once it was sent."""
    await tx.execute(_WAKE_FORM, {"id_": alert_id, "wake_at_": at})
    tx.wake_set = True


async def forms_due(tx: Tx) -> list[Alert]:
    """Return the closed alerts whose form was not recorded as sent, the longest closed first."""
    return [_alert(tx, row) for row in await tx.execute(_FORMS_DUE)]


async def ease(tx: Tx, alert_id: int, hours: int, now: datetime) -> Alert | None:
    """Give a live AMBER alert another number of hours, counted from when it got its tier; None otherwise."""
    return await _changed(tx, _EASE, alert_id, now_=now, hours_=hours)


async def contacted_since(tx: Tx, participant_id: int, since: datetime) -> bool:
    """Tell whether somebody recorded contact with the participant at or after an instant."""
    values = {"participant_": participant_id, "since_": since}
    return int((await tx.execute(_CONTACTED_SINCE, values)).scalar_one()) > 0


async def set_step(
    tx: Tx,
    alert_id: int,
    *,
    round_: int,
    step: int,
    wake_at: datetime | None,
    paged_at: datetime | None = None,
    participant_asked_at: datetime | None = None,
) -> None:
    """Write back a move of the chain; an instant that is None stays as it was, `wake_at` does not."""
    values = {
        "id_": alert_id,
        "round_": round_,
        "step_": step,
        "wake_at_": wake_at,
        "paged_at_": paged_at,
        "asked_at_": participant_asked_at,
    }
    await tx.execute(_SET_STEP, values)
    tx.wake_set = True


async def set_wake(tx: Tx, alert_id: int, at: datetime | None) -> None:
    """Set when to look at the chain again; a closed alert sleeps for good."""
    await tx.execute(_SET_WAKE, {"id_": alert_id, "wake_at_": at})
    tx.wake_set = True


async def _changed(tx: Tx, statement: Any, alert_id: int, **values: Any) -> Alert | None:
    row = (await tx.execute(statement, {"id_": alert_id, **values})).first()
    if row is None:
        return None
    tx.wake_set = True
    return _alert(tx, row)


_PLAIN = tuple(name for name in Alert.__slots__ if name not in ("facts", "note"))


def _alert(tx: Tx, row: Line) -> Alert:
    plain = {name: getattr(row, name) for name in _PLAIN}
    note = None if row.note_box is None else tx.open(row.note_box)
    return Alert(**plain, note=note, facts=tx.vault.open_json(row.facts_box))
