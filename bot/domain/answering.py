"""One step of a check-in and what was tapped or typed for it: taken, asked again, or refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain import units
from bot.domain.items import NONE, Item, Part, Parts, PartValue
from bot.errors import BadInput, StaleTap

Answers = Mapping[str, object]
"""Canonical answers by item: what is absent was not asked, null was skipped."""

SKIP = "skip"
AGAIN = "!"
REPEAT = "~"


@dataclass(frozen=True, slots=True)
class Question:
    """One step of a check-in.

    `again`: an implausible value was just given for it. `repeat`: it asks for
    the second reading of a measurement.
    """

    item: Item
    part: Part
    number: int
    of: int
    again: bool = False
    repeat: bool = False

    @property
    def token(self) -> str:
        """Return the step's name in rows and buttons: `Q1.place`, again `Q1.value!`, repeat `Q9.value~`."""
        marks = (REPEAT if self.repeat else "") + (AGAIN if self.again else "")
        return f"{self.item.id}.{self.part.key}{marks}"

    @property
    def ask_key(self) -> str:
        """Return the catalog key of the question."""
        return self.item.ask_key(self.part)

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Return (raw answer, catalog key) for each button; none where something is typed."""
        return self.part.options

    @property
    def typed(self) -> bool:
        """Return whether the answer is typed instead of tapped."""
        return self.part.kind in ("temperature", "number", "blood_pressure", "text")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer fits. `value` is the item's whole canonical answer as it now stands.

    `done`: nothing more is asked about the item. `judge`: rules may look at it
    now; a temperature without its place has to wait for the place.
    """

    item: str
    value: object
    done: bool
    judge: bool


@dataclass(frozen=True, slots=True)
class AskAgain:
    """The value is implausible: the same question once more, then it is taken as it is."""

    question: Question
    key: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer cannot be used; the catalog key says why."""

    key: str
    values: Mapping[str, object]


def parts_of(item: Item, answers: Answers) -> Parts:
    """Return what was answered of an item so far."""
    return item.read(answers[item.id]) if item.id in answers else {}


def applicable(item: Item, parts: Parts) -> Iterator[Part]:
    """Yield the parts of the item that its answers so far call for."""
    for part in item.parts:
        if part.when is None or part.when.holds(parts):
            yield part


def repeat_question(item: Item) -> Question:
    """Return the step that asks for the second reading of a measurement."""
    return Question(item, item.parts[0], 1, 1, repeat=True)


def repeat_missed(item_id: str, answers: Answers) -> object:
    """Return the item's answer when its second reading never came."""
    first = answers[item_id]
    return {**first, "repeat": None} if isinstance(first, Mapping) else first


def accept_answer(
    question: Question, raw: str | Sequence[str], answers: Answers
) -> Accepted | AskAgain | Refused:
    """Take one answer, tapped (`yes`, `3`, `axillary`, `skip`, several codes) or typed, into its item.

    Answering a step anew drops the follow-ups after it, because they followed
    from the old answer.
    """
    try:
        stored = _stored(question, raw)
    except BadInput as bad:
        return Refused(bad.key, dict(bad.values))
    if isinstance(stored, AskAgain):
        return stored
    if question.repeat:
        return _second_reading(question, stored, answers)
    return _accepted(question, stored, answers)


def _second_reading(question: Question, stored: dict[str, PartValue], answers: Answers) -> Accepted:
    first = answers.get(question.item.id)
    if not isinstance(first, Mapping):
        raise StaleTap(f"no first reading of {question.item.id}")
    second = None if all(value is None for value in stored.values()) else question.item.write(stored)
    return Accepted(question.item.id, {**first, "repeat": second}, done=True, judge=True)


def _accepted(question: Question, stored: dict[str, PartValue], answers: Answers) -> Accepted:
    item = question.item
    kept = _before(item, question.part, parts_of(item, answers)) | stored
    missing = [part for part in applicable(item, kept) if not any(k in kept for k in part.stored_keys)]
    skipped = all(value is None for value in kept.values())
    value = None if skipped and not missing else item.write(kept)
    return Accepted(item.id, value, not missing, not any(part.decides for part in missing))


def _before(item: Item, part: Part, parts: Parts) -> dict[str, PartValue]:
    earlier = item.parts[: item.parts.index(part)]
    return {key: parts[key] for each in earlier for key in each.stored_keys if key in parts}


def _stored(question: Question, raw: str | Sequence[str]) -> dict[str, PartValue] | AskAgain:
    part = question.part
    if raw == SKIP:
        if not part.optional:
            raise BadInput("item.refused.needed")
        return dict.fromkeys(part.stored_keys)
    if part.kind == "several":
        return {part.key: _several(part, raw)}
    if not isinstance(raw, str):
        raise BadInput("item.refused.one_choice")
    if question.typed and part.kind != "text":
        return _measured(question, raw)
    return {part.key: _said(part, raw)}


def _measured(question: Question, raw: str) -> dict[str, PartValue] | AskAgain:
    values = units.read(question.part, raw)
    odd = None if question.again else units.implausible(question.part, values)
    if odd is None:
        return dict(values)
    return AskAgain(replace(question, again=True), "item.again.implausible", {"value": odd})


def _several(part: Part, raw: str | Sequence[str]) -> tuple[str, ...]:
    given = raw.split(",") if isinstance(raw, str) else list(raw)
    chosen = [code.strip() for code in given if code.strip() not in ("", NONE)]
    if any(code not in part.choices for code in chosen):
        raise BadInput("item.refused.one_choice")
    return tuple(code for code in part.choices if code in chosen)


_YES_NO = {
    "yes": True,
    "y": True,
    "是": True,
    "有": True,
    "no": False,
    "n": False,
    "否": False,
    "没有": False,
}


def _said(part: Part, raw: str) -> PartValue:
    text = raw.strip()
    if part.kind == "yes_no":
        return _choice(_YES_NO.get(text.lower()))
    if part.kind == "severity":
        return _choice(int(text) if text in ("0", "1", "2", "3", "4") else None)
    if part.kind == "one_of":
        return _choice(text if text in part.choices else None)
    return _choice(text or None)


def _choice(value: PartValue) -> PartValue:
    if value is None:
        raise BadInput("item.refused.one_choice")
    return value
