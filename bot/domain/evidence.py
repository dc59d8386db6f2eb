"""Whether one condition holds for a report, and on which values: the part of triage that reads answers."""

from collections.abc import Callable, Iterable, Sequence
from operator import ge, gt, le, lt
from typing import Any

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
    return _JUDGES[type(condition)](condition, scene)


def _at_least(n: int, conditions: Sequence[Condition], scene: Scene) -> Evidence | None:
    may_fail = len(conditions) - n
    found: list[Evidence] = []
    for condition in conditions:
        evidence = _JUDGES[type(condition)](condition, scene)
        if evidence is not None:
            found.append(evidence)
        elif (may_fail := may_fail - 1) < 0:
            return None
    return found[0] if len(found) == 1 else _each_once(each for e in found for each in e)


def _each_once(evidence: Iterable[Seen | Words]) -> Evidence:
    once: list[Seen | Words] = []
    for each in evidence:
        if each not in once:
            once.append(each)
    return tuple(once)


def _flag(condition: Flag, scene: Scene) -> Evidence | None:
    # Flags may be HBV, HCV or pregnancy: a page never tells them, so they leave no words.
    return () if condition.flag in scene.flags else None


def _study_days(condition: StudyDays, scene: Scene) -> Evidence | None:
    first, last = condition.study_days
    return () if scene.study_day is not None and first <= scene.study_day <= last else None


def _heard(condition: Heard, scene: Scene) -> Evidence | None:
    return (Words(condition.words_key),) if condition.heard in scene.heard else None


def _since(condition: Since, scene: Scene) -> Evidence | None:
    within = [
        (infusion, hours)
        for infusion in condition.since
        if (hours := scene.hours_since.get(infusion)) is not None and 0 <= hours <= condition.within_hours
    ]
    if not within:
        return None
    return tuple(Words(since_key(infusion), {"hours": round(hours, 1)}) for infusion, hours in within)


def _against_baseline(condition: AgainstBaseline, scene: Scene) -> Evidence | None:
    item, key = scene.path(condition.item)
    value, baseline = number_of(scene.now.value(item, key)), scene.baseline.get(condition.baseline)
    if value is None or baseline is None or baseline - value < condition.below_by - SLACK:
        return None
    return (*seen(scene, scene.now, item, key), Words("rule.baseline", {"value": baseline}))


def _rise(condition: Rise, scene: Scene) -> Evidence | None:
    item, key = scene.path(condition.item)
    if number_of(scene.now.value(item, key)) is None:
        return None
    return rise_of(condition, scene, item, key)


def _gain(condition: Gain, scene: Scene) -> Evidence | None:
    item, key = scene.path(condition.item)
    value = number_of(scene.now.value(item, key))
    return None if value is None else gain_of(condition, scene, item, key, value)


def _compare(compare: Compare, scene: Scene) -> Evidence | None:
    item, key = scene.path(compare.item)
    if compare.earlier is None:
        fits = _fits(compare, scene, scene.now, item, key)
        return seen(scene, scene.now, item, key, compare.has) if fits else None
    first = compare.earlier.at_least_hours - SLACK
    last = compare.earlier.within_hours + SLACK
    for past in scene.history:
        if past.hours_ago > last:
            break  # the latest come first
        if past.hours_ago >= first and _fits(compare, scene, past, item, key):
            return seen(scene, past, item, key, compare.has)
    return None


def _fits(compare: Compare, scene: Scene, reading: Reading, item: str, key: str) -> bool:
    value = reading.value(item, key)
    if value is None:
        return False
    if compare.equals is not None and value != compare.equals:
        return False
    if compare.has is not None and not (isinstance(value, tuple) and compare.has in value):
        return False
    if not compare.thresholds:
        return True
    number = number_of(value)
    return number is not None and _is_within(compare, number, scene.known[item], reading.items[item])


def _is_within(compare: Compare, number: float, item: Item, parts: Parts) -> bool:
    for name, threshold in compare.thresholds.items():
        if not _OPERATORS[name](number, threshold_at(item, parts, threshold)):
            return False
    return True


def threshold_at(item: Item, parts: Parts, threshold: float | str) -> float:
    """Return the number of a threshold; a band depends on another part, `unknown` while it is not told."""
    if not isinstance(threshold, str):
        return threshold
    place, band = parts.get(item.bands_by or ""), item.bands[threshold]
    return band[place if isinstance(place, str) and place in band else "unknown"]


# By the kind of the condition: this is asked some hundred times for each answer, and isinstance is slow.
_JUDGES: dict[type, Callable[[Any, Scene], Evidence | None]] = {
    All: lambda condition, scene: _at_least(len(condition.all), condition.all, scene),
    AnyOf: lambda condition, scene: _at_least(1, condition.any, scene),
    AtLeast: lambda condition, scene: _at_least(condition.n, condition.of, scene),
    Not: lambda condition, scene: () if holds(condition.no, scene) is None else None,
    Compare: _compare,
    AgainstBaseline: _against_baseline,
    Rise: _rise,
    Gain: _gain,
    Since: _since,
    StudyDays: _study_days,
    Flag: _flag,
    CheckinIs: lambda condition, scene: () if scene.checkin == condition.checkin else None,
    Heard: _heard,
    Hit: lambda condition, scene: () if condition.rule in scene.hits else None,
}
