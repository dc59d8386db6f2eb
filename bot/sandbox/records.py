"""What the page shows of the bot's own records: outbox, next event, and how far the story has come."""

from datetime import datetime
from typing import Any

from bot.domain.people import PersonRef
from bot.sandbox.story import NEWCOMER
from bot.services.alerts import duty
from bot.storage import alerts as stored_alerts
from bot.storage import audit, broadcasts, outbox, participants, staff
from bot.storage.db import Tx
from bot.storage.outbox import Message
from bot.study import Study

_ROWS = 200

_NAMES = {
    "participant": {"en": "{who}: reminder or check-in", "zh": "{who}：提醒或健康报告"},
    "alert": {"en": "Alert {who}: page again", "zh": "预警 {who}：再次呼叫"},
    "duty": {"en": "A look at the rota", "zh": "查看值班表"},
    "message": {"en": "A message goes out", "zh": "发送消息"},
}


async def outbox_log(study: Study) -> list[dict[str, Any]]:
    """Return the newest outbox messages, the newest first, each with whom it is for."""
    async with study.db.begin() as tx:
        names = await _names(tx)
        return [_line(message, names) for message in await outbox.latest(tx, _ROWS)]


async def next_event_name(study: Study) -> dict[str, str] | None:
    """Say in both languages what the bot will do next by itself; None where nothing is ahead."""
    async with study.db.begin() as tx:
        coming = [event for event in await _coming(tx) if event[0] is not None]
    if not coming:
        return None
    _, kind, who = min(coming, key=lambda event: (event[0], event[1]))
    return {language: words.format(who=who) for language, words in _NAMES[kind].items()}


async def milestones(study: Study) -> frozenset[str]:
    """Return which steps of the story the records show as done since it began."""
    async with study.db.begin() as tx:
        everyone = await participants.all_(tx)
        done = await audit.done(tx, _STEPS)
        sent = await broadcasts.latest(tx, 1)
    found = set()
    if any(one.code == NEWCOMER.code and one.consented_at for one in everyone):
        found.add("consented")
    found |= {step for action, step in _STEPS.items() if action in done}
    if any(one.state in ("sending", "done") for one in sent):
        found.add("broadcast")
    return frozenset(found)


_STEPS = {"finish_checkin": "checked_in", "acknowledge_alert": "alert_taken"}


async def _coming(tx: Tx) -> list[tuple[datetime | None, str, str]]:
    everyone = await participants.all_(tx)
    events: list[tuple[datetime | None, str, str]] = [(p.wake_at, "participant", p.code) for p in everyone]
    codes = {p.id: p.code for p in everyone}
    for alert in await stored_alerts.all_live(tx):
        events.append((alert.wake_at, "alert", codes.get(alert.participant_id, "")))
    events.append((await outbox.next_due_at(tx), "message", ""))
    events.append((await duty.wake_at(tx), "duty", ""))
    return events


async def _names(tx: Tx) -> dict[PersonRef, str]:
    names = {p.ref: p.code for p in await participants.all_(tx)}
    return names | {member.ref: member.name for member in await staff.all_(tx)}


def _line(message: Message, names: dict[PersonRef, str]) -> dict[str, Any]:
    return {
        "id": message.id,
        "kind": message.kind,
        "priority": message.priority,
        "state": message.state,
        "person": names.get(message.to, "") if message.to else "",
        "due_at": message.not_before.isoformat(),
        "sent_at": message.sent_at.isoformat() if message.sent_at else None,
        "attempts": message.attempts,
        "error": message.last_error,
    }
