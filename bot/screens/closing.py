"""Closing an alert, step by step, and what has happened to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.outcomes import OUTCOMES, Outcome
from bot.screens.alerts import HELP_ANSWERS, HOW, AlertView, first_line
from bot.screens.taps import Do, tap
from bot.texts import Button, Phrase, Screen, key, say

OUTCOME_NAMES: Mapping[str, str] = {
    "00": key("outcome.00"),
    "10": key("outcome.10"),
    "20": key("outcome.20"),
    "30": key("outcome.30"),
    "40": key("outcome.40"),
    "50": key("outcome.50"),
    "60": key("outcome.60"),
    "70": key("outcome.70"),
    "80": key("outcome.80"),
    "85": key("outcome.85"),
    "90": key("outcome.90"),
    "95": key("outcome.95"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What the physician has chosen so far; None is not chosen yet."""

    outcome: Outcome
    adverse: bool | None = None
    serious: bool | None = None
    note: str | None = None

    @classmethod
    def read(cls, code: str, flags: str = "", note: str | None = None) -> "Choice | None":
        """Read what a button carries: the code, and y or n for each question answered; None for nonsense."""
        if code not in OUTCOMES or len(flags) > 2 or set(flags) - {"y", "n"}:
            return None
        answers: list[bool | None] = [flag == "y" for flag in flags]
        adverse, asked = [*answers, None, None][:2]
        kind = OUTCOMES[code].serious
        return cls(OUTCOMES[code], adverse, asked if kind == "ask" else kind == "yes", note)

    @property
    def flags(self) -> str:
        """Return the answers as `read` takes them."""
        asked = self.serious if self.outcome.serious == "ask" else None
        return "".join("y" if flag else "n" for flag in (self.adverse, asked) if flag is not None)

    @property
    def needs_note(self) -> bool:
        """Tell whether it must be written down what was tried."""
        return self.outcome.without_contact and not self.note


def outcomes(view: AlertView) -> Screen:
    """Ask for the outcome; before contact was made, only that nobody could be reached."""
    allowed = [each for each in OUTCOMES.values() if view.reached is not None or each.without_contact]
    lines: list[Phrase | None] = [first_line(view), None]
    lines.append(say("close.ask_outcome") if view.reached is not None else say("close.contact_first"))
    rows = tuple(
        (Button(_named(each), tap(Do.OUTCOME, view.id, view.version, each.code)),) for each in allowed
    )
    back = (Button(say("alert.button_back"), tap(Do.OPEN_ALERT, view.id)),)
    return Screen(tuple(lines), (*rows, back), protect=True)


def _named(outcome: Outcome) -> Phrase:
    return say("close.outcome", code=outcome.code, name=Phrase(OUTCOME_NAMES[outcome.code]))


def ask(view: AlertView, choice: Choice) -> Screen:
    """Ask what is still open about a choice, or show it whole, to be confirmed."""
    if choice.adverse is None:
        return _yes_no(view, choice, say("close.ask_adverse"))
    if choice.serious is None:
        return _yes_no(view, choice, say("close.ask_serious"))
    return _summary(view, choice)


def _yes_no(view: AlertView, choice: Choice, question: Phrase) -> Screen:
    yes, no = (
        Button(label, _tap(view, choice, choice.flags + flag))
        for label, flag in ((say("close.yes"), "y"), (say("close.no"), "n"))
    )
    back = (Button(say("alert.button_back"), tap(Do.CLOSE, view.id, view.version)),)
    return Screen((first_line(view), _named(choice.outcome), None, question), ((yes, no), back), protect=True)


def _tap(view: AlertView, choice: Choice, flags: str, *more: str) -> str:
    return tap(Do.OUTCOME, view.id, view.version, choice.outcome.code, flags, *more)


def _summary(view: AlertView, choice: Choice) -> Screen:
    lines: list[Phrase | None] = [first_line(view), say("close.summary"), None, _named(choice.outcome)]
    lines.append(say("close.adverse_yes") if choice.adverse else say("close.adverse_no"))
    if choice.serious:
        lines.append(say("close.serious"))
    if choice.note:
        lines.append(say("close.note", note=choice.note))
    if choice.needs_note:
        lines += [None, say("close.note_needed")]
    note = Button(say("close.button_note"), _tap(view, choice, choice.flags, "note"))
    confirm = Button(say("close.button_confirm"), _tap(view, choice, choice.flags, "ok"))
    back = Button(say("alert.button_back"), tap(Do.CLOSE, view.id, view.version))
    rows = ((note,), (back,)) if choice.needs_note else ((confirm,), (note, back))
    return Screen(tuple(lines), rows, protect=True)


def ask_note(view: AlertView, choice: Choice) -> Screen:
    """Ask for the note to be typed."""
    back = (Button(say("alert.button_back"), _tap(view, choice, choice.flags)),)
    lines = (first_line(view), _named(choice.outcome), None, say("close.ask_note"))
    return Screen(lines, (back,), protect=True)


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
    "close_alert": key("log.close_alert"),
    "sae_sent": key("log.sae_sent"),
}
LOG_LINES = 40


def log(view: AlertView, events: Sequence[Event], note: str | None) -> Screen:
    """Show what has happened to an alert, the newest last; of very many the newest."""
    lines: list[Phrase | None] = [first_line(view), say("log.title"), None]
    lines += [_event(view, each) for each in events[-LOG_LINES:]]
    if view.outcome is not None:
        lines += [None, _named(OUTCOMES[view.outcome])]
    if note:
        lines.append(say("close.note", note=note))
    back = (Button(say("alert.button_back"), tap(Do.OPEN_ALERT, view.id)),)
    return Screen(tuple(lines), (back,), protect=True)


def _event(view: AlertView, event: Event) -> Phrase:
    values: dict[str, str | Phrase] = {**event.values, "name": event.who}
    if event.action == "contact_alert":
        values["how"] = Phrase(HOW.get(event.values.get("how", ""), HOW["phone"]))
    if event.action == "help_answer":
        values["answer"] = Phrase(HELP_ANSWERS.get(event.values.get("answer", ""), HELP_ANSWERS["no"]))
    return say("log.line", at=view.time(event.at), what=Phrase(EVENTS[event.action], values))
