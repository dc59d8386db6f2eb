"""One value of a report in words: what it is, how much, and where it was measured."""

from collections.abc import Mapping

from bot.domain.items import Item, Parts
from bot.domain.words import Words

REPEAT = "repeat"
"""Where an answer keeps its second reading."""


def told(item: Item, parts: Parts, key: str, choice: str | None = None) -> Words:
    """Return the words for one value; of several choices only `choice`, of what is private nothing."""
    part, value, name = item.part(key), parts[key], Words(item.seen_key(key))
    if part.private:
        return Words("rule.seen.private")
    if part.kind in ("temperature", "number", "blood_pressure"):
        return _measured(item, parts, key, name)
    raw = ("yes" if value else "no") if part.kind == "yes_no" else choice or str(value)
    label = dict(part.options).get(raw)
    return Words("rule.seen.choice", {"item": name, "value": Words(label) if label else raw})


def second_words(item: Item, answer: Mapping[str, object]) -> Words | None:
    """Return the second reading of an answer in words; None where it failed or never came."""
    second = answer.get(REPEAT)
    if second is None:
        return None
    first = {key: value for key, value in answer.items() if key != REPEAT}
    parts = item.read({**first, **second} if isinstance(second, Mapping) else second)
    return told(item, parts, item.main_key)


def _measured(item: Item, parts: Parts, key: str, name: Words) -> Words:
    value, unit = parts[key], item.unit_of(key)
    number = value if isinstance(value, int | float) else str(value)
    if unit is None:
        return Words("rule.seen.choice", {"item": name, "value": number})
    values: dict[str, str | int | float | Words] = {
        "item": name,
        "value": number,
        "unit": Words(f"item.unit.{unit}"),
    }
    if item.bands_by is None:
        return Words("rule.seen.number", values)
    place = dict(item.part(item.bands_by).options).get(str(parts.get(item.bands_by)), "choice.unknown")
    return Words("rule.seen.number_at", values | {"place": Words(place)})
