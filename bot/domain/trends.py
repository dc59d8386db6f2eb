"""Conditions that compare a report with those before it."""

from itertools import takewhile

from bot.domain.conditions import Gain, Rise
from bot.domain.scene import SLACK, Evidence, Reading, Scene, number_of, seen
from bot.domain.words import Words


def rise_of(rise: Rise, scene: Scene, item: str, key: str) -> Evidence | None:
    """Return the evidence of a climb; each step is judged against the report before that holds the item."""
    chain = [scene.now]
    for past in scene.history:
        if number_of(past.value(item, key)) is None:
            continue
        if not _rose(rise, chain[-1], past, item, key):
            return None
        chain.append(past)
        if len(chain) > rise.reports:
            return tuple(each for reading in chain for each in seen(scene, reading, item, key))
    return None


def _rose(rise: Rise, later: Reading, earlier: Reading, item: str, key: str) -> bool:
    if earlier.hours_ago - later.hours_ago > rise.within_hours + SLACK:
        return False
    if rise.same and later.value(item, rise.same) != earlier.value(item, rise.same):
        return False
    after, before = number_of(later.value(item, key)), number_of(earlier.value(item, key))
    return after is not None and before is not None and after - before >= rise.rise - SLACK


def gain_of(gain: Gain, scene: Scene, item: str, key: str, value: float) -> Evidence | None:
    """Return the evidence of a gain over the lowest value of the last hours."""
    recent = _recent(scene, item, key, gain.within_hours)
    lowest = min(recent, default=None)
    if not _recent(scene, item, key, gain.baseline_after_hours):
        lowest = scene.baseline.get(gain.baseline)
    if lowest is None or value - lowest < gain.gain - SLACK:
        return None
    return (*seen(scene, scene.now, item, key), Words("rule.lowest", {"value": lowest}))


def _recent(scene: Scene, item: str, key: str, within_hours: float) -> list[float]:
    return [
        number
        for past in takewhile(lambda past: past.hours_ago <= within_hours + SLACK, scene.history)
        if (number := number_of(past.value(item, key))) is not None
    ]
