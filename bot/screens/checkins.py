"""A check-in on the screen: one message, edited from question to question."""

from dataclasses import dataclass
from typing import Literal

from bot.domain.checkin import Question
from bot.domain.items import NONE
from bot.domain.site import Site
from bot.domain.words import Words
from bot.screens.common import HOME, OPEN_REPORT, call_numbers, phrase
from bot.screens.taps import Do, tap
from bot.texts import Button, Phrase, Rows, Screen, say

Tier = Literal["red", "amber", "green"]

# Kinds whose few short labels stand side by side.
IN_ONE_ROW = frozenset({"yes_no"})
# Numbers to tap: four in a row are wide enough for any thumb.
NUMBERS_IN_A_ROW = 4


@dataclass(frozen=True, slots=True)
class CheckinView:
    """A check-in as it stands: the question to show, or how it ended.

    `chosen`: what is ticked so far where several may be. `note`: why the last
    answer was not taken. `same`: whether one tap may repeat the last report.
    `stay_home`: an AMBER end means not to travel to the site yet.
    """

    checkin_id: int
    version: int
    form: str
    state: Literal["open", "done", "missed", "superseded"]
    question: Question | None = None
    chosen: tuple[str, ...] = ()
    note: Words | None = None
    is_red: bool = False
    same: bool = False
    can_go_back: bool = False
    tier: Tier | None = None
    call_120: bool = False
    stay_home: bool = False


def checkin(view: CheckinView, site: Site) -> Screen:
    """Show the open question, or how the check-in ended."""
    if view.state == "open" and view.question is not None:
        return Screen(
            _question_lines(view, view.question, site), _question_buttons(view, view.question), True
        )
    if view.state == "done":
        return Screen((say("checkin.first"), None, *_end_lines(view, site)), HOME, True)
    return Screen((say("checkin.closed"),), ((OPEN_REPORT,),))


def _question_lines(view: CheckinView, question: Question, site: Site) -> tuple[Phrase | None, ...]:
    first = say("checkin.first")
    progress = say("checkin.progress", number=question.number, of=question.of)
    lines: list[Phrase | None] = [first, progress, None]
    if view.is_red:
        lines += [say("checkin.red_go_on"), None]
    if view.note is not None:
        lines += [phrase(view.note), None]
    lines.append(say("checkin.ask", question=Phrase(question.ask_key)))
    if question.part.kind == "several":
        lines.append(say("checkin.pick_several"))
    return (*lines, None, say("checkin.emergency", **call_numbers(site)))


def _question_buttons(view: CheckinView, question: Question) -> Rows:
    rows = _answers(view, question)
    if question.part.optional:
        rows = (*rows, (Button(say("checkin.skip"), _tap(Do.SKIP, view, question)),))
    if view.same:
        rows = (*rows, (Button(say("checkin.same"), _tap(Do.SAME, view, question)),))
    if view.can_go_back:
        rows = (*rows, (Button(say("checkin.back"), _tap(Do.BACK, view, question)),))
    return rows


def _answers(view: CheckinView, question: Question) -> Rows:
    if question.part.kind == "several":
        return _several(view, question)
    return _quick(view, question) if question.part.quick else _choices(view, question)


def _quick(view: CheckinView, question: Question) -> Rows:
    numbers = question.part.quick
    buttons = tuple(
        Button(say("checkin.number", number=each), _tap(Do.ANSWER, view, question, str(each)))
        for each in numbers
    )
    rows = range(0, len(numbers), NUMBERS_IN_A_ROW)
    return tuple(buttons[first : first + NUMBERS_IN_A_ROW] for first in rows)


def _choices(view: CheckinView, question: Question) -> Rows:
    buttons = tuple(
        Button(Phrase(label), _tap(Do.ANSWER, view, question, raw)) for raw, label in question.choices
    )
    return (buttons,) if question.part.kind in IN_ONE_ROW else tuple((button,) for button in buttons)


def _several(view: CheckinView, question: Question) -> Rows:
    rows = []
    for code, label in question.choices:
        if code == NONE:
            continue
        ticked = code in view.chosen
        shown = say("checkin.chosen", label=Phrase(label)) if ticked else Phrase(label)
        wanted = "off" if ticked else "on"
        rows.append((Button(shown, _tap(Do.TOGGLE, view, question, code, wanted)),))
    last = say("checkin.done") if view.chosen else say("checkin.none")
    return (*rows, (Button(last, _tap(Do.DONE, view, question)),))


def _tap(do: Do, view: CheckinView, question: Question, *more: str) -> str:
    return tap(do, view.checkin_id, view.version, question.token, *more)


def _end_lines(view: CheckinView, site: Site) -> tuple[Phrase | None, ...]:
    numbers = call_numbers(site)
    if view.tier == "red":
        return (
            say("checkin.end_red_120", **numbers) if view.call_120 else say("checkin.end_red_ed", **numbers),
        )
    if view.tier == "amber":
        end = say("checkin.end_amber", **numbers)
        return (say("checkin.travel"), None, end) if view.stay_home else (end,)
    return (say("checkin.end_green"),)
