"""Baselines of a participant: what each makes the rules alert at, and that they only ever tighten."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.domain.conditions import AgainstBaseline, Gain
from bot.domain.protocol import Protocol
from bot.domain.rules import split
from bot.errors import BadInput

# Which way a baseline must move to alert sooner.
Tighter = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True)
class Limit:
    """What a baseline makes a rule alert at: the item, `below` or `above`, and the value."""

    item: str
    side: Literal["below", "above"]
    value: float


def limits(name: str, value: float, protocol: Protocol) -> tuple[Limit, ...]:
    """Return at which values the rules alert because of a baseline, beside their own thresholds."""
    found = dict.fromkeys(_limits(name, value, protocol))
    return tuple(found)


def _limits(name: str, value: float, protocol: Protocol) -> Iterator[Limit]:
    for rule in protocol.rules.values():
        for condition in rule.conditions():
            if isinstance(condition, AgainstBaseline) and condition.baseline == name:
                yield Limit(condition.item, "below", round(value - condition.below_by, 1))
            elif isinstance(condition, Gain) and condition.baseline == name:
                yield Limit(condition.item, "above", round(value + condition.gain, 1))


def tighter(name: str, protocol: Protocol) -> Tighter | None:
    """Return which way a baseline alerts sooner; None where no rule reads it."""
    sides = {limit.side for limit in limits(name, 0, protocol)}
    if not sides:
        return None
    return "higher" if "below" in sides else "lower"


def check_baseline(name: str, value: float, before: float | None, protocol: Protocol) -> None:
    """Raise BadInput for a value that nobody has, or one that would alert later than the one before."""
    check_plausible(name, value, protocol)
    if before is not None and is_looser(name, value, before, protocol):
        raise BadInput("care.refused.looser", before=before)


def check_plausible(name: str, value: float, protocol: Protocol) -> None:
    """Raise BadInput for a baseline that the protocol does not know, or a value that nobody has."""
    if name not in protocol.baselines:
        raise BadInput("care.refused.unknown")
    low, high = plausible(name, protocol)
    if not low <= value <= high:
        raise BadInput("care.refused.range", low=low, high=high)


def is_looser(name: str, value: float, before: float, protocol: Protocol) -> bool:
    """Tell whether a baseline would make alerts come later than the one before."""
    way = tighter(name, protocol)
    return (way == "higher" and value < before) or (way == "lower" and value > before)


def plausible(name: str, protocol: Protocol) -> tuple[float, float]:
    """Return the range in which a measurement of this kind is believed."""
    item_id, key = path(name, protocol)
    part = protocol.items[item_id].part(key)
    allowed = part.ranges[key] if part.ranges else part.range
    return allowed.plausible if allowed is not None else (0, 1000)


def path(name: str, protocol: Protocol) -> tuple[str, str]:
    """Return item and stored key of what a baseline is compared with; BadInput where there is none."""
    for limit in limits(name, 0, protocol):
        return split(limit.item, protocol.items)
    for item in protocol.items.values():
        if item.has_part(name):
            return item.id, name
    raise BadInput("care.refused.unknown")
