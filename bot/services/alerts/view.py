"""An alert as it is now, ready to be shown: loaded afresh from its row, its findings and its trail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.domain.outcomes import sae_due_at
from bot.domain.people import Action
from bot.domain.words import Words
from bot.errors import StaleTap
from bot.screens.alert_log import EVENTS, Event
from bot.screens.alert_view import AlertView, Deed, EarlierView, FoundView, Proposal
from bot.services import people
from bot.services.alerts.chain import PAGED, RAISED, about, deadlines
from bot.storage import alerts, audit, findings, media, staff
from bot.storage.alerts import Alert
from bot.storage.audit import Entry
from bot.storage.db import Tx
from bot.storage.findings import KeptFinding
from bot.study import Study

ACKNOWLEDGED, CONTACTED, CLOSED = "acknowledge_alert", "contact_alert", "close_alert"
BY_PHONE_NOW = "by_phone_now"
SAID = "words_came"
HELP_ANSWERED, SAE_SENT, TRIED = "help_answer", "sae_sent", "call_tried"
PROPOSED, LOWERED, DECLINED = "propose_downgrade", "downgrade", "decline_downgrade"
WITHDRAWN = "withdraw_downgrade"


async def alert_of(tx: Tx, alert_id: int) -> Alert:
    """Return an alert that must be there; StaleTap otherwise."""
    found = await alerts.get(tx, alert_id)
    if found is None:
        raise StaleTap(f"no alert {alert_id}")
    return found


# What was sent some hours before an alert may be what it is about.
FILES_BEFORE = timedelta(hours=24)


async def view_of(study: Study, tx: Tx, alert: Alert) -> AlertView:
    """Return an alert as its screens show it: a code and no name, no arm, no dose, no flags."""
    trail = await audit.about_without(tx, about(alert.id), PAGED)
    participant = await people.participant(tx, alert.participant_id)
    take_by, reach_by = deadlines(study, alert)
    closing = _last(trail, CLOSED)
    kept = await findings.of_alert(tx, alert.id)
    files = await media.since(tx, alert.participant_id, alert.opened_at - FILES_BEFORE)
    return AlertView(
        id=alert.id,
        files=len(files),
        version=len(trail),
        by_phone=_last(trail, BY_PHONE_NOW) is not None,
        code=participant.code,
        tier=alert.tier,
        hours=alert.hours,
        state=alert.state,
        zone=study.site.zone,
        opened_at=alert.opened_at,
        take_by=take_by,
        reach_by=reach_by,
        study_day=alert.facts.get("study_day"),
        hours_since=alert.facts.get("hours", {}),
        found=_found(study, kept),
        earlier=tuple(_earlier(each) for each in alert.facts.get("earlier", ())),
        protocol_version=alert.protocol_version,
        taken=await _deed(tx, alert.acknowledged_by, alert.acknowledged_at),
        reached=await _deed(tx, alert.contacted_by, alert.contacted_at),
        how=_value(_last(trail, CONTACTED), "how"),
        closed=await _deed(tx, alert.closed_by, alert.closed_at),
        outcome=alert.outcome,
        clinical=any(not each.what.source.startswith("missed:") for each in kept),
        aware_at=aware_at(trail, closing) if closing is not None and closing.after["serious"] else None,
        sae_due_at=_sae_due_at(study, trail, closing),
        check_at=_instant(closing, "check_at"),
        known_until=_instant(closing, "known_until"),
        calls=_calls(trail),
        caregiver_tried=any(e.after["who"] != "participant" for e in trail if e.action == TRIED),
        proposal=await _proposal(tx, trail),
        raised_at=_at(_last(trail, RAISED)),
        sae_sent=await _deed_of(tx, _last(trail, SAE_SENT)),
        help_answer=_help(_last(trail, HELP_ANSWERED)),
        has_words=any(each.what.source.startswith("text:") for each in kept)
        or _last(trail, SAID) is not None,
        said_at=said.at if (said := _last(trail, SAID)) else None,
    )


def _found(study: Study, kept: Sequence[KeptFinding]) -> tuple[FoundView, ...]:
    """Return each rule once, as it was found last; the gravest first."""
    latest = {each.what.rule: each for each in kept}
    ordered = sorted(
        latest.values(), key=lambda each: (each.what.tier != "red", each.what.hours or 0, each.id)
    )
    return tuple(_found_view(study, each) for each in ordered)


def _found_view(study: Study, kept: KeptFinding) -> FoundView:
    detail = kept.what.detail
    return FoundView(
        rule=kept.what.rule,
        version=kept.what.rule_version,
        tier=kept.what.tier,
        reason=Words.from_json(detail["reason"]),
        evidence=tuple(Words.from_json(each) for each in detail.get("evidence", ())),
        notes=tuple(Words.from_json(each) for each in detail.get("notes", ())),
        at=kept.found_at,
        private=any(_is_private(study, path) for path in detail.get("values", {})),
    )


def _is_private(study: Study, path: str) -> bool:
    """Tell whether a value must not stand on a page, as pregnancy must not."""
    name, _, part = path.partition(".")
    item = study.protocol.items.get(name)
    if item is None:
        return False
    return item.private or (item.has_part(part) and item.part(part).private)


def _earlier(each: dict[str, Any]) -> EarlierView:
    return EarlierView(Words.from_json(each["words"]), datetime.fromisoformat(each["at"]))


async def _deed(tx: Tx, staff_id: int | None, at: datetime | None) -> Deed | None:
    if staff_id is None or at is None:
        return None
    member = await staff.get(tx, staff_id)
    return Deed(member.name if member else "?", at)


async def _deed_of(tx: Tx, entry: Entry | None) -> Deed | None:
    return None if entry is None else await _deed(tx, entry.actor_id, entry.at)


def _last(trail: Sequence[Entry], action: str) -> Entry | None:
    return next((entry for entry in reversed(trail) if entry.action == action), None)


def _value(entry: Entry | None, name: str) -> str | None:
    return None if entry is None else str(entry.after[name])


def _at(entry: Entry | None) -> datetime | None:
    return None if entry is None else entry.at


def _help(entry: Entry | None) -> tuple[str, datetime] | None:
    return None if entry is None else (str(entry.after["answer"]), entry.at)


def _instant(entry: Entry | None, name: str) -> datetime | None:
    value = None if entry is None else entry.after.get(name)
    return None if value is None else datetime.fromisoformat(value)


def _calls(trail: Sequence[Entry]) -> tuple[datetime, ...]:
    return tuple(e.at for e in trail if e.action == TRIED and e.after["who"] == "participant")


async def _proposal(tx: Tx, trail: Sequence[Entry]) -> Proposal | None:
    """Return the downgrade that waits for a second person; whatever changed the tier since then voids it."""
    settled = (PROPOSED, LOWERED, DECLINED, WITHDRAWN, RAISED, CLOSED)
    last = next((entry for entry in reversed(trail) if entry.action in settled), None)
    if last is None or last.action != PROPOSED or last.actor_id is None:
        return None
    by = await staff.get(tx, last.actor_id)
    return Proposal(
        last.id,
        last.actor_id,
        by.name if by else "?",
        int(last.after["hours"]),
        last.reason or "",
        last.at,
        by_physician=by is not None and by.may(Action.CLOSE),
    )


def aware_at(trail: Sequence[Entry], closing: Entry) -> datetime:
    """Return when staff became aware: the first of them who took the alert, at the latest who closed it.

    Contact that was recorded afterwards counts from when it was made.
    """
    known = [_made_at(entry) for entry in trail if entry.action in (ACKNOWLEDGED, CONTACTED)]
    return min(known, default=closing.at)


def _made_at(entry: Entry) -> datetime:
    made = entry.after.get("at")
    return entry.at if made is None else datetime.fromisoformat(made)


def _sae_due_at(study: Study, trail: Sequence[Entry], closing: Entry | None) -> datetime | None:
    if closing is None or not closing.after["serious"]:
        return None
    return sae_due_at(aware_at(trail, closing), study.protocol.practice)


async def events_of(study: Study, tx: Tx, alert: Alert) -> list[Event]:
    """Return what has happened to an alert, the oldest first, with the names of staff."""
    participant = await people.participant(tx, alert.participant_id)
    names = {member.id: member.name for member in await staff.all_(tx)}
    shown = [entry for entry in await audit.about(tx, about(alert.id)) if entry.action in EVENTS]
    return [_event(entry, participant.code, names) for entry in shown]


def _event(entry: Entry, code: str, names: dict[int, str]) -> Event:
    who = code if entry.actor_kind in ("participant", "caregiver") else names.get(entry.actor_id or 0, "")
    after = entry.after or {}
    if entry.action == PAGED:
        who = ", ".join(names.get(staff_id, "?") for staff_id in after["staff"])
    codes = ("how", "answer", "round", "who", "hours")
    values = {name: str(after[name]) for name in codes if after.get(name) is not None}
    at = _made_at(entry) if entry.action == CONTACTED else entry.at
    if at != entry.at:
        values["made_at"] = at.isoformat()
    if entry.reason:
        values["reason"] = entry.reason
    if "rules" in after:
        values["rules"] = ", ".join(after["rules"])
    return Event(entry.action, entry.at, who, values)
