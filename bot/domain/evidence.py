"""Whether one condition holds for a report, and on which values: the part of triage that reads answers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from operator import ge, gt, le, lt

from bot.domain.conditions import (
    AgainstBaseline,
    All,
    AnyOf,
    AtLeast,
    CheckinIs,
    Compare,
    Condition,
    Flag,
    Gain,
    Heard,
    Hit,
    Not,
    Rise,
    Since,
    StudyDays,
    since_key,
)
from bot.domain.items import Item, Parts, PartValue
from bot.domain.rules import EACH, split
from bot.domain.telling import told
from bot.domain.words import Words

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "at_least": ge,
    "above": gt,
    "at_most": le,
    "below": lt,
}
# Values and thresholds are decimal; their differences are not exact in binary.
_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Reading:
    """One report as triage reads it: its age in hours, and the parts of each item."""

    hours_ago: float
    items: Mapping[str, Parts]

    def value(self, item: str, key: str) -> PartValue:
        """Return one stored value, or None where it was not asked, skipped, or failed."""
        return self.items.get(item, {}).get(key)


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
        return split(self.each if name == EACH and self.each else name, self.known)


def holds(condition: Condition, scene: Scene) -> Evidence | None:
    """Return the evidence where the condition holds, None where it does not.

    What was not asked holds no comparison, so that its negation holds.
    """
    if isinstance(condition, All | AnyOf | AtLeast | Not):
        return _composed(condition, scene)
    if isinstance(condition, Compare | AgainstBaseline | Rise | Gain):
        return _on_values(condition, scene)
    return _on_facts(condition, scene)


def _composed(condition: All | AnyOf | AtLeast | Not, scene: Scene) -> Evidence | None:
    if isinstance(condition, Not):
        return () if holds(condition.no, scene) is None else None
    if isinstance(condition, All):
        return _at_least(len(condition.all), condition.all, scene)
    if isinstance(condition, AnyOf):
        return _at_least(1, condition.any, scene)
    return _at_least(condition.n, condition.of, scene)


def _at_least(n: int, conditions: Sequence[Condition], scene: Scene) -> Evidence | None:
    found = [e for e in (holds(c, scene) for c in conditions) if e is not None]
    return _each_once(each for e in found for each in e) if len(found) >= n else None


def _each_once(evidence: Iterable[Seen | Words]) -> Evidence:
    once: list[Seen | Words] = []
    for each in evidence:
        if each not in once:
            once.append(each)
    return tuple(once)


def _on_facts(condition: Since | StudyDays | Flag | CheckinIs | Heard | Hit, scene: Scene) -> Evidence | None:
    if isinstance(condition, Since):
        return _since(condition, scene)
    if isinstance(condition, StudyDays):
        first, last = condition.study_days
        return () if scene.study_day is not None and first <= scene.study_day <= last else None
    if isinstance(condition, Flag):
        # Flags may be HBV, HCV or pregnancy: a page never tells them, so they leave no words.
        return () if condition.flag in scene.flags else None
    if isinstance(condition, CheckinIs):
        return () if scene.checkin == condition.checkin else None
    if isinstance(condition, Heard):
        return (Words(condition.words_key),) if condition.heard in scene.heard else None
    return () if condition.rule in scene.hits else None


def _since(condition: Since, scene: Scene) -> Evidence | None:
    within = [
        (infusion, hours)
        for infusion in condition.since
        if (hours := scene.hours_since.get(infusion)) is not None and 0 <= hours <= condition.within_hours
    ]
    if not within:
        return None
    return tuple(Words(since_key(infusion), {"hours": round(hours, 1)}) for infusion, hours in within)


def _on_values(condition: Compare | AgainstBaseline | Rise | Gain, scene: Scene) -> Evidence | None:
    item, key = scene.path(condition.item)
    if isinstance(condition, Compare):
        return _compare(condition, scene, item, key)
    value = _number(scene.now.value(item, key))
    if value is None:
        return None
    if isinstance(condition, AgainstBaseline):
        baseline = scene.baseline.get(condition.baseline)
        fell = baseline is not None and baseline - value >= condition.below_by - _SLACK
        return (*seen(scene, scene.now, item, key), _usual(baseline)) if fell else None
    if isinstance(condition, Rise):
        return _rise(condition, scene, item, key)
    return _gain(condition, scene, item, key, value)


def _usual(baseline: float | None) -> Words:
    return Words("rule.baseline", {"value": baseline or 0.0})


def _compare(compare: Compare, scene: Scene, item: str, key: str) -> Evidence | None:
    if compare.earlier is None:
        return seen(scene, scene.now, item, key, compare.has) if _fits(compare, scene, scene.now) else None
    between = compare.earlier
    for past in scene.history:
        age = past.hours_ago - scene.now.hours_ago
        if between.at_least_hours - _SLACK <= age <= between.within_hours + _SLACK and _fits(
            compare, scene, past
        ):
            return seen(scene, past, item, key, compare.has)
    return None


def _fits(compare: Compare, scene: Scene, reading: Reading) -> bool:
    item, key = scene.path(compare.item)
    value = reading.value(item, key)
    if value is None:
        return False
    if compare.equals is not None and value != compare.equals:
        return False
    if compare.has is not None and not (isinstance(value, tuple) and compare.has in value):
        return False
    number = _number(value)
    if compare.thresholds and number is None:
        return False
    return all(
        _OPERATORS[name](number or 0.0, threshold_at(scene.known[item], reading.items[item], threshold))
        for name, threshold in compare.thresholds.items()
    )


def threshold_at(item: Item, parts: Parts, threshold: float | str) -> float:
    """Return the number of a threshold; a band depends on another part, `unknown` while it is not told."""
    if not isinstance(threshold, str):
        return threshold
    place, band = parts.get(item.bands_by or ""), item.bands[threshold]
    return band[place if isinstance(place, str) and place in band else "unknown"]


def _rise(rise: Rise, scene: Scene, item: str, key: str) -> Evidence | None:
    """Judge each step of the climb against the report before it that holds the item."""
    chain = [scene.now, *(past for past in scene.history if _number(past.value(item, key)) is not None)]
    if len(chain) <= rise.reports:
        return None
    for later, earlier in pairwise(chain[: rise.reports + 1]):
        if not _rose(rise, later, earlier, item, key):
            return None
    return tuple(each for r in chain[: rise.reports + 1] for each in seen(scene, r, item, key))


def _rose(rise: Rise, later: Reading, earlier: Reading, item: str, key: str) -> bool:
    if earlier.hours_ago - later.hours_ago > rise.within_hours + _SLACK:
        return False
    if rise.same and later.value(item, rise.same) != earlier.value(item, rise.same):
        return False
    after, before = _number(later.value(item, key)), _number(earlier.value(item, key))
    return after is not None and before is not None and after - before >= rise.rise - _SLACK


def _gain(gain: Gain, scene: Scene, item: str, key: str, value: float) -> Evidence | None:
    recent = _recent(scene, item, key, gain.within_hours)
    lowest = min(recent, default=None)
    if not _recent(scene, item, key, gain.baseline_after_hours):
        lowest = scene.baseline.get(gain.baseline)
    if lowest is None or value - lowest < gain.gain - _SLACK:
        return None
    return (*seen(scene, scene.now, item, key), Words("rule.lowest", {"value": lowest}))


def _recent(scene: Scene, item: str, key: str, within_hours: float) -> list[float]:
    return [
        number
        for past in scene.history
        if past.hours_ago - scene.now.hours_ago <= within_hours + _SLACK
        and (number := _number(past.value(item, key))) is not None
    ]


def _number(value: PartValue) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


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
