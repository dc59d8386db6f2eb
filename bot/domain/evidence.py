"""Whether one condition holds for a report, and on which values: the part of triage that reads answers."""

from collections.abc import Callable, Iterable, Sequence
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
from bot.domain.items import Item, Parts
from bot.domain.scene import SLACK, Evidence, Reading, Scene, Seen, number_of, seen, values_of, without
from bot.domain.trends import gain_of, rise_of
from bot.domain.words import Words

__all__ = ["Evidence", "Reading", "Scene", "Seen", "holds", "seen", "threshold_at", "values_of", "without"]

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "at_least": ge,
    "above": gt,
    "at_most": le,
    "below": lt,
}


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
    value = number_of(scene.now.value(item, key))
    if value is None:
        return None
    if isinstance(condition, AgainstBaseline):
        baseline = scene.baseline.get(condition.baseline)
        fell = baseline is not None and baseline - value >= condition.below_by - SLACK
        return (*seen(scene, scene.now, item, key), _usual(baseline)) if fell else None
    if isinstance(condition, Rise):
        return rise_of(condition, scene, item, key)
    return gain_of(condition, scene, item, key, value)


def _usual(baseline: float | None) -> Words:
    return Words("rule.baseline", {"value": baseline or 0.0})


def _compare(compare: Compare, scene: Scene, item: str, key: str) -> Evidence | None:
    if compare.earlier is None:
        return seen(scene, scene.now, item, key, compare.has) if _fits(compare, scene, scene.now) else None
    first = compare.earlier.at_least_hours - SLACK
    last = compare.earlier.within_hours + SLACK
    for past in scene.history:
        if first <= past.hours_ago <= last and _fits(compare, scene, past):
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
    number = number_of(value)
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
