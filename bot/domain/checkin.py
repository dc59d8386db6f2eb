"""The flow of a check-in: the next question, going back, the same as last time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.domain.answering import (
    AGAIN,
    REPEAT,
    SKIP,
    Accepted,
    Answers,
    AskAgain,
    Question,
    Refused,
    accept_answer,
    applicable,
    parts_of,
    repeat_missed,
    repeat_question,
)
from bot.domain.items import NONE, Form, Item
from bot.errors import StaleTap

__all__ = [
    "NONE",
    "SKIP",
    "Accepted",
    "Answers",
    "AskAgain",
    "Question",
    "Refused",
    "Who",
    "accept_answer",
    "applicable",
    "asked",
    "back",
    "next_question",
    "question_at",
    "repeat_missed",
    "repeat_question",
    "same_as_last",
]


@dataclass(frozen=True, slots=True)
class Who:
    """What decides whether an item is asked: flags, and the hours since each item was asked last."""

    flags: frozenset[str] = frozenset()
    hours_since_asked: Mapping[str, float] = field(default_factory=dict)


def asked(form: Form, items: Mapping[str, Item], who: Who) -> tuple[Item, ...]:
    """Return the items that this form asks of this participant now, in order."""
    return tuple(items[name] for name in form.items if _is_asked(items[name], who))


def _is_asked(item: Item, who: Who) -> bool:
    if item.flags_any and not who.flags.intersection(item.flags_any):
        return False
    since = who.hours_since_asked.get(item.id)
    return item.every_hours is None or since is None or since >= item.every_hours


def next_question(form: Form, items: Mapping[str, Item], answers: Answers, who: Who) -> Question | None:
    """Return the first step that has no answer yet, or None when the form is done."""
    return next((q for q in _steps(form, items, answers, who) if _is_open(q, answers)), None)


def _steps(form: Form, items: Mapping[str, Item], answers: Answers, who: Who) -> Iterator[Question]:
    shown = asked(form, items, who)
    of, number = sum(len(item.numbered) for item in shown), 0
    for item in shown:
        for part in applicable(item, parts_of(item, answers)):
            number += part.key in item.numbered
            yield Question(item, part, number, of)


def _is_open(question: Question, answers: Answers) -> bool:
    item = question.item
    if item.id in answers and answers[item.id] is None:
        return False
    parts = parts_of(item, answers)
    return not any(key in parts for key in question.part.stored_keys)


def question_at(token: str, form: Form, items: Mapping[str, Item], answers: Answers, who: Who) -> Question:
    """Return the step that a stored token or a button names; StaleTap where this form has no such step."""
    name, again = token.removesuffix(AGAIN), token.endswith(AGAIN)
    steps = _steps(form, items, answers, who)
    if name.endswith(REPEAT):
        steps = (repeat_question(items[item_id]) for item_id in answers if item_id in items)
    for q in steps:
        if q.token == name:
            return replace(q, again=again)
    raise StaleTap(f"no step {token} in form {form.id}")


def back(
    form: Form, items: Mapping[str, Item], answers: Answers, who: Who, at: str | None
) -> Question | None:
    """Return the answered step before the token `at` (None: before the end), or None at the first one."""
    done: Question | None = None
    for step in _steps(form, items, answers, who):
        if at is not None and step.token == at.removesuffix(AGAIN):
            break
        done = step
    return done


def same_as_last(form: Form, items: Mapping[str, Item], last: Answers, who: Who) -> dict[str, object]:
    """Return the answers of the last report that one tap repeats; what was measured is measured anew.

    A measurement that may be left out and was left out is left out again.
    Empty where the form does not offer it, or the last report lacks them all.
    """
    if not form.same_as_last:
        return {}
    known = [item for item in asked(form, items, who) if item.id in last]
    return {item.id: _repeated(item, last) for item in known if _may_repeat(item, last)}


def _may_repeat(item: Item, last: Answers) -> bool:
    was_left_out = last[item.id] is None and all(part.optional for part in item.parts)
    return was_left_out or not item.vital


def _repeated(item: Item, last: Answers) -> object:
    """Return the last answer without the readings in it, so that these are asked anew."""
    parts = parts_of(item, last)
    readings = {key for part in item.parts if part.measured for key in part.stored_keys}
    kept = {key: value for key, value in parts.items() if value is None or key not in readings}
    return last[item.id] if kept == parts else item.write(kept)
