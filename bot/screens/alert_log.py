"""What has happened to an alert, as staff and inspectors read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.outcomes import HELD, OUTCOMES, PREGNANCY
from bot.screens.alert_view import AlertView
from bot.screens.alerts import HELP_ANSWERS, HOW, first_line, named
from bot.screens.closing import outcome_named
from bot.screens.taps import Do, tap
from bot.texts import Button, Joined, Moment, Phrase, Screen, Value, key, say, say_n


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an alert: an action of the audit trail, who, when, and its codes."""

    action: str
    at: datetime
    who: str
    values: Mapping[str, str]


EVENTS: Mapping[str, str] = {
    "open_alert": key("log.open_alert"),
    "join_alert": key("log.join_alert"),
    "raise_alert": key("log.raise_alert"),
    "page_alert": key("log.page_alert"),
    "acknowledge_alert": key("log.acknowledge_alert"),
    "contact_alert": key("log.contact_alert"),
    "help_answer": key("log.help_answer"),
    "call_tried": key("log.call_tried"),
    "ease_alert": key("log.ease_alert"),
    "propose_downgrade": key("log.propose_downgrade"),
    "downgrade": key("log.downgrade"),
    "decline_downgrade": key("log.decline_downgrade"),
    "withdraw_downgrade": key("log.withdraw_downgrade"),
    "close_alert": key("log.close_alert"),
    "known_again": key("log.known_again"),
    "sae_sent": key("log.sae_sent"),
    "by_phone_now": key("log.by_phone_now"),
    "words_came": key("log.words_came"),
}
LOG_LINES = 30
TRIED: Mapping[str, str] = {
    "participant": key("tried.participant"),
    "caregiver": key("tried.caregiver"),
    "no_caregiver": key("tried.no_caregiver"),
}


def log(view: AlertView, events: Sequence[Event], note: str | None) -> Screen:
    """Show what has happened to an alert, the newest last; of very many the newest."""
    lines: list[Phrase | None] = [first_line(view), say("log.title"), None]
    shown = _merged(events)
    if len(shown) > LOG_LINES:
        lines.append(say_n("log.earlier", len(shown) - LOG_LINES))
    lines += [_event(view, each) for each in shown[-LOG_LINES:]]
    if view.outcome is not None:
        lines += [None, outcome_named(OUTCOMES[view.outcome]), *_what_follows(view.outcome)]
    if note:
        lines.append(say("close.note", note=note))
    back = (Button(say("alert.button_back"), tap(Do.OPEN_ALERT, view.id)),)
    return Screen(tuple(lines), (back,), protect=True)


def _what_follows(outcome: str) -> list[Phrase | None]:
    """Say what an outcome still asks of the site; nothing of it stands on the page itself."""
    if outcome == PREGNANCY:
        return [say("close.pregnancy")]
    return [say("close.held")] if outcome == HELD else []


def _merged(events: Sequence[Event]) -> list[Event]:
    """Return the events, rounds of pages to the same people in a row as one: a night of pages is one line."""
    merged: list[Event] = []
    for each in events:
        last = merged[-1] if merged else None
        if last is not None and each.action == last.action == "page_alert" and each.who == last.who:
            first = last.values["round"].partition("–")[0]
            merged[-1] = replace(last, values={**last.values, "round": f"{first}–{each.values['round']}"})
        else:
            merged.append(each)
    return merged


def _made_at(view: AlertView, event: Event) -> Moment:
    return view.time(datetime.fromisoformat(event.values["made_at"]))


def _event(view: AlertView, event: Event) -> Phrase:
    values: dict[str, Value] = {**event.values, "name": event.who}
    if event.action == "page_alert":
        values["name"] = Joined(tuple(event.who.split(", ")))
    if "rules" in event.values:
        values["rules"] = Joined(tuple(named(rule) for rule in event.values["rules"].split(", ")))
    if event.action == "contact_alert":
        values["how"] = Phrase(HOW.get(event.values.get("how", ""), HOW["phone"]))
        if "made_at" in event.values:
            values["how"] = say("log.made_at", how=values["how"], at=_made_at(view, event))
    if event.action == "help_answer":
        values["answer"] = Phrase(HELP_ANSWERS.get(event.values.get("answer", ""), HELP_ANSWERS["no"]))
    if "who" in event.values:
        values["who"] = Phrase(TRIED.get(event.values["who"], TRIED["participant"]))
    utc = Moment(event.at, "UTC", "time")
    return say("log.line", at=view.time(event.at), utc=utc, what=Phrase(EVENTS[event.action], values))
