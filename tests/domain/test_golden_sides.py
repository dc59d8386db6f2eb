"""The golden table has a line on either side of every threshold and clock of the rules: found by moving each.

Each number of a rule is moved by its smallest step, up and down; each yes, choice,
flag and period is made to hold never, and always. A move that changes nothing for
any line of the table is a side on which the table has no line.
"""

import tomllib
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.domain.conditions import Condition
from bot.domain.evidence import holds
from bot.domain.items import Item
from bot.domain.protocol import SHIPPED, Protocol, load_protocol
from bot.domain.scene import Scene
from bot.domain.triage import scene_of
from tests.domain.cases import Case, expected, golden, outcome

PROTOCOL = load_protocol(anchor="rituximab")
TABLE = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
CASES = tuple(golden())
READ: TypeAdapter[Condition] = TypeAdapter(Condition)
NEVER = {"flag": "NOBODY"}
ALWAYS = {"not": NEVER}

Path = tuple[str | int, ...]
# A temperature, a weight and an age in hours have a decimal; everything else is counted.
FINE = ("Q1", "Q19.weight_kg")
HOURS = ("within_hours", "at_least_hours", "baseline_after_hours")
NAMES = ("at_least", "above", "at_most", "below", "below_by", "rise", "reports", "gain", "n", *HOURS)


def _nodes(condition: Any, at: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield every condition inside one, itself first, with the way to it."""
    yield at, condition
    for name in ("all", "any", "of"):
        for n, each in enumerate(condition.get(name, ())):
            yield from _nodes(each, (*at, name, n))
    if "not" in condition:
        yield from _nodes(condition["not"], (*at, "not"))


def _put(condition: Any, at: Path, value: Any) -> Any:
    moved = deepcopy(condition)
    if not at:
        return value
    place = moved
    for step in at[:-1]:
        place = place[step]
    place[at[-1]] = value
    return moved


def _moves(condition: Any) -> Iterator[tuple[str, Any]]:
    """Yield every condition that lies one step beside this one, and what was moved."""
    for at, node in _nodes(condition):
        yield from _numbers(condition, at, node)
        if node.keys().isdisjoint(("all", "any", "of", "not")):
            said = " ".join(f"{name}={value}" for name, value in node.items())
            yield f"{said}: never", _put(condition, at, NEVER)
            yield f"{said}: always", _put(condition, at, ALWAYS)


def _numbers(condition: Any, at: Path, node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    places: list[tuple[Path, Any]] = [((name,), value) for name, value in node.items() if name in NAMES]
    places += [(("earlier", name), value) for name, value in node.get("earlier", {}).items()]
    places += [(("study_days", n), value) for n, value in enumerate(node.get("study_days", ()))]
    for way, value in places:
        if isinstance(value, str):
            continue
        step = 0.1 if way[-1] in HOURS or (node.get("item") in FINE and way[-1] != "reports") else 1
        for moved in (round(value - step, 1), round(value + step, 1)):
            said = f"{node.get('item', '')} {'.'.join(map(str, way))} {value} -> {moved}".strip()
            yield said, _put(condition, (*at, *way), int(moved) if step == 1 else moved)


def _conditions(rule: str) -> Iterator[tuple[str, Any, str]]:
    """Yield the conditions of a rule by their name; one that holds for each of several items, for each."""
    part = TABLE["rules"][rule]
    yield from ((rule, _of(part["when"], item), item) for item in part.get("each", ("",)))
    yield from ((f"{rule}, note", note["when"], "") for note in part.get("notes", ()))
    if "unless" in part.get("remeasure", {}):
        yield f"{rule}, at once", part["remeasure"]["unless"], ""


def _of(condition: Any, item: str) -> Any:
    moved = deepcopy(condition)
    for _, node in _nodes(moved):
        if node.get("item") == "EACH":
            node["item"] = item
    return moved


@cache
def _scenes() -> tuple[Scene, ...]:
    return tuple(scene_of(case.answers, case.context, PROTOCOL) for case in CASES)


def _judged(condition: Any) -> tuple[bool, ...]:
    read = READ.validate_python(condition)
    return tuple(holds(read, scene) is not None for scene in _scenes())


# Two clocks of one length: where one has run out, the baseline has taken over, and the other adds nothing.
NO_LINE_CAN = {
    "A_WEIGHT": {
        "Q19.weight_kg within_hours 168 -> 168.1",
        "Q19.weight_kg baseline_after_hours 168 -> 168.1",
    }
}


def _unseen(condition: Any) -> set[str]:
    """Return the moves that no line notices."""
    before = _judged(condition)
    return {said for said, moved in _moves(condition) if _read(moved) and _judged(moved) == before}


def _read(condition: Any) -> bool:
    try:
        READ.validate_python(condition)
    except ValidationError:
        # Moved out of what can be said at all.
        return False
    return True


@pytest.mark.parametrize("rule", [*TABLE["rules"]])
def test_every_threshold_clock_and_choice_of_a_rule_has_a_line_on_either_side(rule):
    unseen: dict[str, list[set[str]]] = {}
    for name, condition, item in _conditions(rule):
        found = {said.replace(item, "EACH") if item else said for said in _unseen(condition)}
        unseen.setdefault(name, []).append(found)
    for name, sides in unseen.items():
        # The numbers of a rule for several items are the same for all of them: one item shows them.
        by_one = {said for said in set.union(*sides) if "->" not in said}
        found = by_one | set.intersection(*sides)
        assert (name, sorted(found - NO_LINE_CAN.get(name, set()))) == (name, [])


def _bands() -> Iterator[tuple[str, str, str, float]]:
    for item, part in TABLE["items"].items():
        for band, places in part.get("bands", {}).items():
            for place, value in places.items():
                for moved in (round(value - 0.1, 1), round(value + 0.1, 1)):
                    yield item, band, place, moved


@pytest.mark.parametrize(("item", "band", "place", "moved"), [*_bands()])
def test_every_limit_of_every_place_of_measuring_has_a_line_on_either_side(item, band, place, moved):
    part = deepcopy(TABLE["items"][item]) | {"id": item}
    part["bands"][band][place] = moved
    items = {**PROTOCOL.items, item: Item.model_validate(part)}
    changed = PROTOCOL.model_copy(update={"items": items})
    assert _some_line_fails(changed, lambda case: _near(case, item, place, moved))


def _near(case: Case, item: str, place: str, value: float) -> bool:
    said = case.answers.get(item)
    return isinstance(said, dict) and said.get("place") == place and abs(said["value"] - value) < 0.15


def _some_line_fails(changed: Protocol, likely: Callable[[Case], bool] = lambda case: False) -> bool:
    """Tell whether a line notices; the likely ones are tried first, since one is enough."""
    tried = sorted(CASES, key=likely, reverse=True)
    return any(outcome(case, changed) != expected(case) for case in tried)


def _decisions() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield what a rule says beside its condition, each thing said otherwise."""
    for name, rule in PROTOCOL.rules.items():
        if rule.hours is not None:
            yield name, "hours", {"hours": 24 if rule.hours != 24 else 4}
        if rule.tier == "red":
            yield name, "call 120", {"call_120": not rule.call_120}
        for other in rule.not_with:
            yield name, f"not with {other}", {"not_with": [each for each in rule.not_with if each != other]}
        if (again := rule.remeasure) is not None:
            for hours in ("first_hours", "cleared_hours"):
                moved = {hours: 2 if getattr(again, hours) == 1 else 1}
                yield name, hours, {"remeasure": again.model_copy(update=moved)}


@pytest.mark.parametrize(
    ("rule", "said"), [pytest.param(rule, said, id=f"{rule} {what}") for rule, what, said in _decisions()]
)
def test_every_decision_of_a_rule_has_a_line(rule, said):
    rules = {**PROTOCOL.rules, rule: PROTOCOL.rules[rule].model_copy(update=said)}
    named = {rule, *PROTOCOL.rules[rule].not_with}
    changed = PROTOCOL.model_copy(update={"rules": rules})
    assert _some_line_fails(changed, lambda case: bool(named & case.rules))


@pytest.mark.parametrize("hours", [2, 24])
def test_the_hours_that_make_two_amber_red_have_a_line_on_either_side(hours):
    moved = PROTOCOL.combination.model_copy(update={"one_within_hours": hours})
    assert _some_line_fails(PROTOCOL.model_copy(update={"combination": moved}))
