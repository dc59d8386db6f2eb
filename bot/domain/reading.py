"""Answers as triage reads them: their parts when a rule asks, and second readings."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.conditions import Compare, Sign
from bot.domain.findings import Answers, Clinical
from bot.domain.items import Item, Parts
from bot.domain.rules import Rule, walk

_REPEAT = "repeat"


class Read(Mapping[str, Parts]):
    """The parts of answered items, read when a rule asks: most rules never look at most of a history."""

    def __init__(self, answers: Answers, items: Mapping[str, Item]) -> None:
        self._answers = answers
        self._items = items
        self._parts: dict[str, Parts] = {}

    def __getitem__(self, name: str) -> Parts:
        parts: Parts | None = self.get(name)
        if parts is None:
            raise KeyError(name)
        return parts

    def __contains__(self, name: object) -> bool:
        return name in self._answers and name in self._items

    def get(self, name: str, default: Any = None) -> Any:
        """Return the parts of an item, or the default where it was not asked: most were not."""
        parts = self._parts.get(name)
        if parts is not None:
            return parts
        if name not in self:
            return default
        parts = self._parts[name] = self._items[name].read(self._answers[name])
        return parts

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._answers if name in self._items)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A second reading, empty where it failed or never came, and how long after the first it is asked."""

    parts: Parts
    after_hours: float


def repeats_in(answers: Answers, protocol: Clinical) -> dict[str, Repeat]:
    """Return the second readings by item."""
    given = {}
    for name, answer in answers.items():
        if name in protocol.items and isinstance(answer, Mapping) and _REPEAT in answer:
            parts = _repeated(protocol.items[name], answer, answer[_REPEAT])
            given[name] = Repeat(parts, _asked_again_after(name, protocol.rules.values()))
    return given


def signs_in(items: Mapping[str, Parts], repeats: Collection[str]) -> frozenset[Sign]:
    """Return what was answered; what was measured twice counts as more than no, whatever it was at first."""
    signs = {(name, says_yes) for name in repeats for says_yes in (False, True)}
    for name in items:
        parts = items[name]
        if parts:
            signs.add((name, False))
            if any(parts.values()):
                signs.add((name, True))
    return frozenset(signs)


def _asked_again_after(item: str, rules: Iterable[Rule]) -> float:
    minutes = [
        rule.remeasure.after_minutes
        for rule in rules
        if rule.remeasure is not None
        and any(isinstance(c, Compare) and c.item.split(".")[0] == item for c in walk(rule.when))
    ]
    return min(minutes, default=0) / 60


def _repeated(item: Item, first: Mapping[str, object], second: object) -> Parts:
    """Read a second reading; the place and unit of the first hold where it names none."""
    if second is None:
        return {}
    given = second if isinstance(second, Mapping) else {item.main_key: second}
    shared = {key: first[key] for key in ("unit", item.bands_by) if key is not None and key in first}
    read = item.read({**shared, **given})
    measured = {key for part in item.parts if part.kind not in ("one_of", "text") for key in part.stored_keys}
    return read if any(read.get(key) is not None for key in measured) else {}
