"""Alerts: opened in the transaction of the answer, and looked after by the tick."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from bot.domain.people import Participant
from bot.domain.triage import Assessment
from bot.services.alerts.chain import RAISED, advance, page_holder, record
from bot.services.alerts.copies import refresh_copies
from bot.services.alerts.earlier import earlier_values
from bot.services.alerts.forms_due import look_at_form
from bot.services.alerts.known import without_known
from bot.services.facts import clocks_of, course_of
from bot.storage import alerts, findings
from bot.storage.alerts import Alert
from bot.storage.checkins import Checkin
from bot.storage.db import Tx
from bot.storage.findings import KeptFinding
from bot.study import Study

log = logging.getLogger(__name__)

OPENED, JOINED = "open_alert", "join_alert"
BATCH = 100

Gravity = tuple[int, int]


async def raise_alert(
    tx: Tx,
    study: Study,
    participant: Participant,
    checkin: Checkin | None,
    assessment: Assessment,
    now: datetime,
) -> Alert | None:
    """Bring what was found to a human: open an alert, or let it join the participant's open one.

    In the caller's transaction, after the findings were kept: those that
    belong to no alert yet are tied to this one. A graver finding, or a new one
    after contact was made, starts the chain again at once. None where there is
    nothing new, or nothing above GREEN.
    """
    loose = await _loose(tx, participant, checkin, now)
    new = await without_known(study, tx, participant, loose, now)
    if assessment.tier == "green" or not new:
        return None
    open_ones = await alerts.open_for(tx, participant.id)
    if open_ones:
        alert = await _join(tx, study, participant, open_ones[0], new, now)
    else:
        alert = await _open(tx, study, participant, new, now)
    for each in new:
        await findings.set_alert(tx, each.id, alert.id)
    await advance(study, tx, alert, now)
    await refresh_copies(tx, alert.id, now)
    return await alerts.get(tx, alert.id)


async def _loose(
    tx: Tx, participant: Participant, checkin: Checkin | None, now: datetime
) -> list[KeptFinding]:
    """Return the findings of this report that belong to no alert yet."""
    since = now if checkin is None else min(checkin.opened_at, now)
    return [
        each
        for each in await findings.since(tx, participant.id, since)
        if each.what.alert_id is None
        and each.what.tier != "green"
        and (checkin is None or each.what.checkin_id == checkin.id)
    ]


async def _open(
    tx: Tx, study: Study, participant: Participant, new: Sequence[KeptFinding], now: datetime
) -> Alert:
    tier, hours = _tier(new)
    facts = await _facts(study, tx, participant, new, now)
    alert = await alerts.open_(
        tx,
        participant_id=participant.id,
        tier=tier,
        hours=hours,
        facts=facts,
        protocol_version=study.protocol.version,
        now=now,
    )
    after = {"participant": participant.id, "tier": tier, "hours": hours, "rules": _rules(new)}
    await record(study, tx, alert.id, OPENED, now, by=participant.ref, after=after)
    return alert


async def _join(
    tx: Tx, study: Study, participant: Participant, alert: Alert, new: Sequence[KeptFinding], now: datetime
) -> Alert:
    known = {each.what.rule for each in await findings.of_alert(tx, alert.id)}
    tier, hours = _tier(new)
    is_graver = _gravity(tier, hours) > _gravity(alert.tier, alert.hours)
    is_new = not {each.what.rule for each in new} <= known or any(map(_is_always_news, new))
    after = {"tier": tier, "hours": hours, "rules": _rules(new)}
    if is_graver or (is_new and alert.state == "contacted"):
        return await _raise(tx, study, participant, alert, new, now, after)
    await record(study, tx, alert.id, JOINED, now, by=participant.ref, after=after)
    if is_new and alert.acknowledged_by is not None:
        await page_holder(tx, alert, [alert.acknowledged_by], f"found:{new[-1].id}", now)
    return alert


async def _raise(
    tx: Tx,
    study: Study,
    participant: Participant,
    alert: Alert,
    new: Sequence[KeptFinding],
    now: datetime,
    after: dict[str, Any],
) -> Alert:
    tier, hours = max(_tier(new), (alert.tier, alert.hours), key=lambda pair: _gravity(*pair))
    facts = await _facts(study, tx, participant, new, now)
    raised = await alerts.raise_(tx, alert, tier, hours, facts, now)
    if raised is None:
        raise RuntimeError(f"alert {alert.id} was closed inside the transaction that found it open")
    before = {"tier": alert.tier, "hours": alert.hours, "state": alert.state}
    await record(study, tx, alert.id, RAISED, now, by=participant.ref, before=before, after=after)
    return raised


async def _facts(
    study: Study, tx: Tx, participant: Participant, new: Sequence[KeptFinding], now: datetime
) -> dict[str, Any]:
    """Return what the page says beside the findings: clocks, and the values of the reports before."""
    clocks = clocks_of(study, await course_of(tx, participant), now)
    return {
        "at": now.isoformat(),
        "study_day": clocks.study_day,
        "hours": dict(clocks.hours_since),
        "earlier": await earlier_values(study, tx, participant, new, now),
    }


def _tier(new: Iterable[KeptFinding]) -> tuple[Literal["red", "amber"], int | None]:
    gravest = max(new, key=lambda each: _gravity(each.what.tier, each.what.hours)).what
    return ("red", None) if gravest.tier == "red" else ("amber", gravest.hours)


def _is_always_news(found: KeptFinding) -> bool:
    """Tell whether somebody wrote of danger, or fell silent again: news however often it was so before."""
    if found.what.source.startswith("missed:"):
        return True
    return found.what.tier == "red" and found.what.source.startswith("text:")


def _gravity(tier: str, hours: int | None) -> Gravity:
    return (1 if tier == "red" else 0, -(hours or 0))


def _rules(new: Iterable[KeptFinding]) -> list[str]:
    return sorted({each.what.rule for each in new})


async def tick(study: Study) -> int:
    """Look at every alert whose hint has passed, each in a transaction of its own; return how many were.

    One that fails is logged and left where it is, for the next tick and the
    watcher: it must not keep the others from being paged.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        due = await alerts.due(tx, now, BATCH)
    looked = 0
    for each in due:
        try:
            await _look(study, each.id, now)
            looked += 1
        except Exception:
            log.exception("alert %d could not be looked at", each.id)
    return looked


async def _look(study: Study, alert_id: int, now: datetime) -> None:
    async with study.db.begin() as tx:
        alert = await alerts.get(tx, alert_id)
        if alert is None or alert.wake_at is None or alert.wake_at > now:
            return
        if alert.state == "closed":
            await look_at_form(study, tx, alert, now)
        else:
            await advance(study, tx, alert, now)


__all__ = ["raise_alert", "tick"]
