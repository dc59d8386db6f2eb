"""Findings that staff have closed as known: no worse than they were, they raise nothing until that day."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.known import is_no_worse
from bot.domain.people import Participant
from bot.services.alerts.chain import record
from bot.storage import findings, known
from bot.storage.db import Tx
from bot.storage.findings import KeptFinding
from bot.study import Study

AGAIN = "known_again"


async def without_known(
    study: Study, tx: Tx, participant: Participant, new: Sequence[KeptFinding], now: datetime
) -> list[KeptFinding]:
    """Return the findings that are news; the others are kept with the alert that they are known from.

    What somebody writes in words of danger is news however often it was written.
    """
    if not new:
        return []
    before = [
        (alert_id, each)
        for alert_id in await known.in_force(tx, participant.id, now)
        for each in await findings.of_alert(tx, alert_id)
    ]
    news = []
    for each in new:
        of_alert = next((alert_id for alert_id, old in before if _same(study, each, old)), None)
        if of_alert is None:
            news.append(each)
            continue
        await findings.set_alert(tx, each.id, of_alert)
        await record(study, tx, of_alert, AGAIN, now, by=participant.ref, after={"rules": [each.what.rule]})
    return news


def _same(study: Study, new: KeptFinding, old: KeptFinding) -> bool:
    if new.what.rule != old.what.rule or new.what.source.startswith("text:"):
        return False
    if _gravity(new) > _gravity(old):
        return False
    rule = study.protocol.rules.get(new.what.rule)
    return is_no_worse(new.what.detail.get("values", {}), old.what.detail.get("values", {}), rule)


def _gravity(each: KeptFinding) -> tuple[int, int]:
    return (1 if each.what.tier == "red" else 0, -(each.what.hours or 0))
