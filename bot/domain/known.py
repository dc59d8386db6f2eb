"""Whether a finding is no worse than one that staff have closed as known."""

from collections.abc import Collection, Iterator, Mapping

from bot.domain.conditions import Compare
from bot.domain.rules import EACH, Rule, walk

Values = Mapping[str, object]


def is_no_worse(values: Values, known: Values, rule: Rule | None) -> bool:
    """Tell whether every value is the same as the known one, or on its better side.

    Which side is better follows from the comparisons of the rule: it fires
    from a threshold upwards, or downwards. Where that cannot be told, or a
    value is new, only the same value is no worse.
    """
    low, high = frozenset(_paths(rule, upwards=False)), frozenset(_paths(rule, upwards=True))
    return all(
        path in known and _is_no_worse(value, known[path], _direction(path, low, high))
        for path, value in values.items()
    )


def _direction(path: str, low: Collection[str], high: Collection[str]) -> int:
    """Return 1 where more is worse, -1 where less is, 0 where neither or both are."""
    return (path in high) - (path in low)


def _is_no_worse(value: object, known: object, direction: int) -> bool:
    if value == known:
        return True
    if isinstance(value, list) and isinstance(known, list):
        return all(each in known for each in value)
    if _is_number(value) and _is_number(known):
        return bool(direction) and (float(str(value)) - float(str(known))) * direction < 0
    return False


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _paths(rule: Rule | None, *, upwards: bool) -> Iterator[str]:
    """Yield the paths whose values fire the rule from a threshold upwards, or else downwards."""
    for condition in walk(rule.when) if rule is not None else ():
        if isinstance(condition, Compare) and condition.thresholds and _goes_up(condition) == upwards:
            for item in (rule.each if rule is not None else ()) or (EACH,):
                path = condition.item.replace(EACH, item)
                yield path
                # A rule may leave out the only part of an item; its values never do.
                yield f"{path}.value"


def _goes_up(compare: Compare) -> bool:
    # A band from a threshold up to another one is left upwards into the graver rule.
    return bool(compare.thresholds.keys() & {"at_least", "above"})
