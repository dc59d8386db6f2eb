"""What conditions are judged against: this report, those before it, clocks, flags and baselines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.items import Item, Parts, PartValue
from bot.domain.rules import EACH, split
from bot.domain.telling import told
from bot.domain.words import Words

# Values and thresholds are decimal; their differences are not exact in binary.
SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Reading:
    """One report as triage reads it: its age in hours, and the parts of each item."""

    hours_ago: float
    items: Mapping[str, Parts]

    def value(self, item: str, key: str) -> PartValue:
        """Return one stored value, or None where it was not asked, skipped, or failed."""
        parts = self.items.get(item)
        return None if parts is None else parts.get(key)


@dataclass(frozen=True, slots=True)
class Seen:
    """One value that a rule rests on; `hours_ago` is 0 for this report."""

    item: str
    key: str
    value: PartValue
    hours_ago: float
    words: Words


Evidence = tuple[Seen | Words, ...]
"""What made a condition hold: values, and facts that are no answers (a clock, a flag)."""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that conditions are judged against."""

    known: Mapping[str, Item]
    now: Reading
    history: Sequence[Reading] = ()
    """Earlier reports, the latest first."""
    hours_since: Mapping[str, float] = field(default_factory=dict)
    study_day: int | None = None
    flags: frozenset[str] = frozenset()
    baseline: Mapping[str, float] = field(default_factory=dict)
    checkin: str | None = None
    heard: frozenset[str] = frozenset()
    hits: frozenset[str] = frozenset()
    each: str | None = None

    def path(self, name: str) -> tuple[str, str]:
        """Return (item, key) of a path in a condition."""
        if name == EACH and self.each:
            name = self.each
        item = self.known.get(name)
        return split(name, self.known) if item is None else (name, item.main_key)

    def about(self, each: str | None) -> "Scene":
        """Return the scene in which `EACH` stands for an item; written out, for it is made for each rule."""
        if each is None:
            return self
        return Scene(
            self.known,
            self.now,
            self.history,
            self.hours_since,
            self.study_day,
            self.flags,
            self.baseline,
            self.checkin,
            self.heard,
            self.hits,
            each,
        )


def seen(scene: Scene, reading: Reading, item: str, key: str, choice: str | None = None) -> tuple[Seen, ...]:
    """Return one value of a report with its words: what it is, how much, where and when."""
    value = reading.value(item, key)
    words = told(scene.known[item], reading.items[item], key, choice)
    age = reading.hours_ago
    if age > 0:
        words = Words("rule.seen.earlier", {"what": words, "hours": round(age, 1)})
    return (Seen(item, key, value, age, words),)


def without(scene: Scene, item: str, parts: Parts) -> Scene:
    """Return the scene in which one item was answered so: what a repeated measurement is judged in."""
    return replace(scene, now=replace(scene.now, items={**scene.now.items, item: parts}))


def values_of(evidence: Iterable[Seen | Words]) -> dict[str, object]:
    """Return the values of this report by path, as a finding stores them."""
    return {
        f"{each.item}.{each.key}": list(each.value) if isinstance(each.value, tuple) else each.value
        for each in evidence
        if isinstance(each, Seen) and each.hours_ago == 0
    }


def number_of(value: PartValue) -> float | None:
    """Return a value as a number, None where it is none: yes is no number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
