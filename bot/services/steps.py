"""What a task of several steps is made of: steps as data, each a question and the ways to answer it.

A step's functions are pure: they get the facts that the task has loaded and
what was chosen so far, and return the question, or the data with the answer.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from bot.domain.attachment import Attachment
from bot.domain.people import Action, PersonRef, StaffMember
from bot.errors import BadInput
from bot.screens.wizard import Question
from bot.storage.db import Tx
from bot.storage.drafts import Draft
from bot.study import Study
from bot.texts import Screen

F = TypeVar("F")
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """The data with an answer in it; `stay` asks the same step again, as for a list to tick."""

    data: Data
    stay: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """A task is done: what its message shows now, and whose join link to hand over, if any.

    `closes`: an older message about the same thing, whose buttons are void now.
    """

    screen: Screen
    invite: PersonRef | None = None
    closes: int | None = None


def no_file(facts: Any, data: Data, file: Attachment) -> Taken:
    """Refuse a picture or a document at a step that wants none."""
    raise BadInput("wizard.no_file")


def no_buttons(facts: Any, data: Data, word: str) -> Taken:
    """Refuse a button at a step that has none."""
    raise BadInput("wizard.type_it")


def no_words(facts: Any, data: Data, text: str) -> Taken:
    """Refuse what is typed at a step that has only buttons."""
    raise BadInput("wizard.use_buttons")


def always(data: Data) -> bool:
    """Ask a step whatever was chosen before."""
    return True


@dataclass(frozen=True, slots=True)
class Step(Generic[F]):
    """One question; `pick` takes the word of a button, `read` what was typed, `file` a file that was sent.

    Each may raise BadInput. `applies` tells from what was chosen before whether it is asked at all.
    """

    name: str
    ask: Callable[[F, Data], Question]
    pick: Callable[[F, Data, str], Taken] = no_buttons
    read: Callable[[F, Data, str], Taken] = no_words
    file: Callable[[F, Data, Attachment], Taken] = no_file
    applies: Callable[[Data], bool] = always
    # What is typed here shall not stay in the chat.
    private: bool = False


Load = Callable[[Study, Tx, Data, datetime], Awaitable[F]]
Finish = Callable[[Study, StaffMember, Draft], Awaitable[Finished]]


@dataclass(frozen=True, slots=True)
class Task(Generic[F]):
    """A task of several steps, the last of which confirms; `finish` runs in transactions of its own.

    `finish` may run twice for the same draft, after a crash: it must do its
    deed once. It may raise BadInput, which leaves the draft as it is.
    """

    name: str
    title: str
    action: Action
    steps: tuple[Step[F], ...]
    load: Load[F]
    finish: Finish

    def asked(self, data: Data) -> list[str]:
        """Return the names of the steps that are asked, as far as is known by now."""
        return [each.name for each in self.steps if each.applies(data)]

    def place_of(self, step: str) -> int:
        """Return the place of a step, from 0."""
        return next(place for place, each in enumerate(self.steps) if each.name == step)
