"""A task of several steps in one message: where one is, the question, the choices, back and cancel."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.screens.common import marked
from bot.screens.taps import Do, tap
from bot.texts import Button, Day, Phrase, Rows, Screen, say

DAYS_IN_A_ROW = 3
# What may stand in a button as a participant's code; anything else is asked for again.
_CODE = re.compile(r"[A-Za-z0-9-]{1,12}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One button of a step; `word` comes back when it is pressed."""

    label: Phrase
    word: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What one step asks; `confirm` labels the button that ends the task, `extra` are buttons of others."""

    lines: tuple[Phrase | None, ...]
    rows: tuple[tuple[Choice, ...], ...] = ()
    confirm: Phrase | None = None
    extra: Rows = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Which step of which task: counted from 1, with the version that the buttons carry."""

    title: str
    number: int
    of: int
    version: int


def frame(place: Place, question: Question, problem: Phrase | None = None) -> Screen:
    """Show a step, with what was wrong about the last input."""
    lines: list[Phrase | None] = [_title(place), None]
    if problem is not None:
        lines += [say("wizard.problem", text=problem), None]
    rows = [tuple(_button(place, choice) for choice in row) for row in question.rows]
    if question.confirm is not None:
        rows.append((Button(question.confirm, tap(Do.CONFIRM, place.version)),))
    return Screen((*lines, *question.lines), (*rows, *question.extra, _ways_out(place)), protect=True)


def _title(place: Place) -> Phrase:
    return say("wizard.title", title=Phrase(place.title), number=place.number, of=place.of)


def _button(place: Place, choice: Choice) -> Button:
    label = marked(choice.label, chosen=choice.chosen)
    return Button(label, tap(Do.CHOOSE, place.version, choice.word))


def _ways_out(place: Place) -> tuple[Button, ...]:
    cancel = Button(say("wizard.cancel"), tap(Do.CANCEL, place.version))
    if place.number == 1:
        return (cancel,)
    return (Button(say("wizard.back"), tap(Do.STEP, place.version)), cancel)


def busy(held: Place, wanted: str, wanted_title: str, argument: int, code: str = "") -> Screen:
    """Ask whether to drop the task in hand for another one, about the same participant."""
    about = (code,) if _CODE.fullmatch(code) else ()
    line = say("wizard.busy", held=Phrase(held.title), number=held.number, of=held.of)
    drop = Button(
        say("wizard.drop", title=Phrase(wanted_title)),
        tap(Do.TASK, "drop", held.version, wanted, argument, *about),
    )
    go_on = Button(say("wizard.go_on", title=Phrase(held.title)), tap(Do.TASK, "go"))
    return Screen((line,), ((drop,), (go_on,)))


def cancelled(title: str) -> Screen:
    """Say that a task was left, and nothing of it kept."""
    return Screen((say("wizard.cancelled", title=Phrase(title)),))


def over() -> Screen:
    """Stand where a step stood that is over."""
    return Screen((say("wizard.over"),))


def in_rows(choices: Sequence[Choice], width: int) -> tuple[tuple[Choice, ...], ...]:
    """Return choices as rows of a keyboard."""
    return tuple(tuple(choices[first : first + width]) for first in range(0, len(choices), width))


def days(dates: Iterable[date], chosen: date | None = None) -> tuple[tuple[Choice, ...], ...]:
    """Return a keyboard of dates, each with its weekday."""
    found = [Choice(say("wizard.day", day=Day(on)), on.isoformat(), chosen=on == chosen) for on in dates]
    return in_rows(found, DAYS_IN_A_ROW)


def from_day(first: date, count: int) -> list[date]:
    """Return `count` dates in a row; a negative count goes back in time."""
    step = 1 if count > 0 else -1
    return [first + timedelta(days=n) for n in range(0, count, step)]
