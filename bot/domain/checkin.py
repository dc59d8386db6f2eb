"""The flow of a check-in: the next question, taking an answer, going back, the same as last time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain import units
from bot.domain.items import NONE, Form, Item, Part, Parts, PartValue
from bot.errors import BadInput, StaleTap

Answers = Mapping[str, object]
"""Canonical answers by item: what is absent was not asked, null was skipped."""

SKIP = "skip"
_AGAIN = "!"
_REPEAT = "~"


@dataclass(frozen=True, slots=True)
class Who:
    """What decides whether an item is asked: flags, and the hours since each item was asked last."""

    flags: frozenset[str] = frozenset()
    hours_since_asked: Mapping[str, float] = field(default_factory=dict)


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
        marks = (_REPEAT if self.repeat else "") + (_AGAIN if self.again else "")
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
    for number, item in enumerate(shown, start=1):
        for part in applicable(item, _parts(item, answers)):
            yield Question(item, part, number, len(shown))


def _parts(item: Item, answers: Answers) -> Parts:
    return item.read(answers[item.id]) if item.id in answers else {}


def applicable(item: Item, parts: Parts) -> Iterator[Part]:
    """Yield the parts of the item that its answers so far call for."""
    for part in item.parts:
        if part.when is None or part.when.holds(parts):
            yield part


def _is_open(question: Question, answers: Answers) -> bool:
    item = question.item
    if item.id in answers and answers[item.id] is None:
        return False
    parts = _parts(item, answers)
    return not any(key in parts for key in question.part.stored_keys)


def question_at(token: str, form: Form, items: Mapping[str, Item], answers: Answers, who: Who) -> Question:
    """Return the step that a stored token or a button names; StaleTap where this form has no such step."""
    name, again = token.removesuffix(_AGAIN), token.endswith(_AGAIN)
    steps = _steps(form, items, answers, who)
    if name.endswith(_REPEAT):
        steps = (repeat_question(items[item_id]) for item_id in answers if item_id in items)
    for q in steps:
        if q.token == name:
            return replace(q, again=again)
    raise StaleTap(f"no step {token} in form {form.id}")


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
    kept = _before(item, question.part, _parts(item, answers)) | stored
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


def back(
    form: Form, items: Mapping[str, Item], answers: Answers, who: Who, at: str | None
) -> Question | None:
    """Return the answered step before the token `at` (None: before the end), or None at the first one."""
    done: Question | None = None
    for step in _steps(form, items, answers, who):
        if at is not None and step.token == at.removesuffix(_AGAIN):
            break
        done = step
    return done


def same_as_last(form: Form, items: Mapping[str, Item], last: Answers, who: Who) -> dict[str, object]:
    """Return the answers of the last report that one tap repeats; vital items are measured anew.

    Empty where the form does not offer it, or the last report lacks them all.
    """
    if not form.same_as_last:
        return {}
    return {item.id: last[item.id] for item in asked(form, items, who) if not item.vital and item.id in last}
