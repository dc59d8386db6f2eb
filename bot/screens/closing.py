"""Closing an alert, step by step, and what has happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from bot.domain.outcomes import HELD, OUTCOMES, PREGNANCY, Outcome
from bot.screens.alert_view import AlertView
from bot.screens.alerts import first_line, sae_lines
from bot.screens.taps import Do, tap
from bot.texts import Button, Day, Phrase, Screen, key, say, say_n

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


Waits = Literal["note", "check", "known"]
# Stands for what was typed instead of one of the other answers.
TYPED = "d"


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed about a closing: the note, when to look again, the last day that it is known."""

    note: str | None = None
    check: datetime | None = None
    known: date | None = None

    def holds(self, question: str) -> bool:
        """Tell whether the answer to a question was typed."""
        return getattr(self, question, None) is not None


@dataclass(frozen=True, slots=True)
class Choice:
    """What the physician has chosen so far; None is not chosen yet.

    `check` and `known` are the letters of `CHECKS` and `KNOWN`: when to look
    again, and for how long the same finding, no worse, shall raise nothing.
    """

    outcome: Outcome
    adverse: bool | None = None
    serious: bool | None = None
    check: str | None = None
    known: str | None = None
    typed: Typed = field(default_factory=Typed)

    @classmethod
    def read(cls, code: str, flags: str = "", typed: Typed | None = None) -> "Choice | None":
        """Read a button: the code, and a letter for each question answered; None for nonsense.

        A question whose typed answer is not at hand any more is asked again.
        """
        typed = typed or Typed()
        if code not in OUTCOMES:
            return None
        outcome = OUTCOMES[code]
        answers: dict[str, str] = {}
        for (name, letters), flag in zip(_questions(outcome), flags, strict=False):
            if flag not in letters:
                return None
            if flag == TYPED and not typed.holds(name):
                flags = flags[: len(answers)]
                break
            answers[name] = flag
        if len(flags) > len(answers):
            return None
        return cls(
            outcome,
            _yes(answers.get("adverse")),
            _yes(answers.get("serious")) if outcome.serious == "ask" else outcome.serious == "yes",
            "n" if outcome.final else answers.get("check"),
            "n" if outcome.final or outcome.without_contact else answers.get("known"),
            typed,
        )

    @property
    def note(self) -> str | None:
        """Return the assessment, or what was tried and is planned."""
        return self.typed.note

    @property
    def flags(self) -> str:
        """Return the answers as `read` takes them."""
        said: dict[str, str | None] = {
            "adverse": _letter(self.adverse),
            "serious": _letter(self.serious),
            "check": self.check,
            "known": self.known,
        }
        return "".join(said[name] or "" for name, _ in _questions(self.outcome))

    @property
    def asks(self) -> str | None:
        """Return the question that comes next; None where all are answered."""
        answered = len(self.flags)
        questions = [name for name, _ in _questions(self.outcome)]
        return questions[answered] if answered < len(questions) else None


CHECKS: Mapping[str, str] = {
    "n": key("close.check_none"),
    "h": key("close.check_4h"),
    "t": key("close.check_tomorrow"),
    "2": key("close.check_2d"),
    "w": key("close.check_7d"),
    TYPED: key("close.check_typed"),
}
KNOWN: Mapping[str, int] = {"n": 0, "7": 7, "f": 14, "m": 28}


def _questions(outcome: Outcome) -> tuple[tuple[str, str], ...]:
    """Return the questions of an outcome in their order, each with the letters of its answers."""
    asked = [("adverse", "yn")]
    if outcome.serious == "ask":
        asked.append(("serious", "yn"))
    if not outcome.final:
        asked.append(("check", "".join(CHECKS)))
        if not outcome.without_contact:
            asked.append(("known", "".join(KNOWN) + TYPED))
    return tuple(asked)


def _yes(letter: str | None) -> bool | None:
    return None if letter is None else letter == "y"


def _letter(answer: bool | None) -> str | None:
    return None if answer is None else "y" if answer else "n"


def outcomes(view: AlertView) -> Screen:
    """Ask for the outcome; before contact was made, only that nobody could be reached."""
    allowed = [each for each in OUTCOMES.values() if view.reached is not None or each.without_contact]
    lines: list[Phrase | None] = [first_line(view), None]
    lines.append(say("close.ask_outcome") if view.reached is not None else say("close.contact_first"))
    rows = tuple(
        (Button(outcome_named(each), tap(Do.OUTCOME, view.id, view.version, each.code)),) for each in allowed
    )
    back = (Button(say("alert.button_back"), tap(Do.OPEN_ALERT, view.id)),)
    return Screen(tuple(lines), (*rows, back), protect=True)


def outcome_named(outcome: Outcome) -> Phrase:
    """Return the code and the name of an outcome."""
    return say("close.outcome", code=outcome.code, name=Phrase(OUTCOME_NAMES[outcome.code]))


def ask(view: AlertView, choice: Choice) -> Screen:
    """Ask what is still open about a choice, or show it whole, to be confirmed."""
    match choice.asks:
        case "adverse":
            return _question(view, choice, say("close.ask_adverse"), _YES_NO)
        case "serious":
            return _question(view, choice, say("close.ask_serious"), _YES_NO)
        case "check":
            answers = {letter: Phrase(words) for letter, words in CHECKS.items()}
            return _question(view, choice, say("close.ask_check"), answers)
        case "known":
            return _question(view, choice, say("close.ask_known"), _known_answers())
        case _:
            return _summary(view, choice)


_YES_NO = {"y": say("close.yes"), "n": say("close.no")}


def _known_answers() -> dict[str, Phrase]:
    fixed = {
        letter: say_n("close.known_days", days) if days else say("close.known_no")
        for letter, days in KNOWN.items()
    }
    return {**fixed, TYPED: say("close.known_typed")}


def _question(view: AlertView, choice: Choice, question: Phrase, answers: Mapping[str, Phrase]) -> Screen:
    buttons = [Button(label, _answer(view, choice, letter)) for letter, label in answers.items()]
    rows = (tuple(buttons),) if len(buttons) == len(_YES_NO) else tuple((button,) for button in buttons)
    back = (Button(say("alert.button_back"), tap(Do.CLOSE, view.id, view.version)),)
    return Screen(
        (first_line(view), outcome_named(choice.outcome), None, question), (*rows, back), protect=True
    )


def _answer(view: AlertView, choice: Choice, letter: str) -> str:
    if letter == TYPED:
        return _tap(view, choice, choice.flags, choice.asks or "")
    return _tap(view, choice, choice.flags + letter)


def _tap(view: AlertView, choice: Choice, flags: str, *more: str) -> str:
    return tap(Do.OUTCOME, view.id, view.version, choice.outcome.code, flags, *more)


def _summary(view: AlertView, choice: Choice) -> Screen:
    lines: list[Phrase | None] = [first_line(view), say("close.summary"), None, outcome_named(choice.outcome)]
    lines.append(say("close.adverse_yes") if choice.adverse else say("close.adverse_no"))
    if choice.serious:
        lines.append(say("close.serious"))
    if choice.outcome.code == PREGNANCY:
        lines.append(say("close.pregnancy"))
    if choice.outcome.code == HELD:
        lines.append(say("close.will_hold"))
    lines += _afterwards(view, choice)
    if choice.note:
        lines.append(say("close.note", note=choice.note))
    needs_note = lacks_note(view, choice)
    if needs_note:
        lines += [
            None,
            say("close.plan_needed") if choice.outcome.without_contact else say("close.note_needed"),
        ]
    note = Button(say("close.button_note"), _tap(view, choice, choice.flags, "note"))
    confirm = Button(say("close.button_confirm"), _tap(view, choice, choice.flags, "ok"))
    back = Button(say("alert.button_back"), tap(Do.CLOSE, view.id, view.version))
    rows = ((note,), (back,)) if needs_note else ((confirm,), (note, back))
    return Screen(tuple(lines), rows, protect=True)


def _afterwards(view: AlertView, choice: Choice) -> list[Phrase | None]:
    lines: list[Phrase | None] = []
    if choice.check == TYPED and choice.typed.check is not None:
        lines.append(say("close.check", when=view.time(choice.typed.check)))
    elif choice.check is not None and choice.check != "n":
        lines.append(say("close.check", when=Phrase(CHECKS[choice.check])))
    if choice.known == TYPED and choice.typed.known is not None:
        lines.append(say("close.known_until", on=Day(choice.typed.known)))
    elif days := KNOWN.get(choice.known or "n", 0):
        lines.append(say_n("close.known", days))
    return lines


def lacks_note(view: AlertView, choice: Choice) -> bool:
    """Tell whether the assessment, or what was tried and is planned, must still be written down."""
    return (view.clinical or choice.outcome.without_contact) and not choice.note


def form_due(view: AlertView, now: datetime) -> Screen:
    """Remind of the form of a potential serious adverse event."""
    sent = Button(say("alert.button_sae_sent"), tap(Do.CLOSE, view.id, view.version, "sent"))
    opened = Button(say("alert.button_open"), tap(Do.OPEN_ALERT, view.id))
    return Screen((first_line(view), *sae_lines(view, now)), ((sent,), (opened,)), protect=True)


def check_due(view: AlertView) -> Screen:
    """Say that the next check is due."""
    opened = Button(say("alert.button_open"), tap(Do.OPEN_ALERT, view.id))
    who = Button(say("card.button", code=view.code), tap(Do.CARD, view.code))
    name = view.closed.name if view.closed else ""
    at = view.time(view.closed.at if view.closed else view.opened_at)
    return Screen(
        (first_line(view), None, say("check.due", name=name, at=at)), ((opened, who),), protect=True
    )


ASKED: Mapping[Waits, str] = {
    "note": key("close.ask_note"),
    "check": key("close.type_check"),
    "known": key("close.type_known"),
}


def ask_typed(view: AlertView, choice: Choice, what: Waits) -> Screen:
    """Ask for a note, or for a day, to be typed."""
    back = (Button(say("alert.button_back"), _tap(view, choice, choice.flags)),)
    lines = (first_line(view), outcome_named(choice.outcome), None, Phrase(ASKED[what]))
    return Screen(lines, (back,), protect=True)
