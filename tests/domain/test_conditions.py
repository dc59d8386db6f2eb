"""Conditions by themselves, on a small protocol of another trial: no rule of ours is needed to prove them."""

from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.domain.conditions import Condition
from bot.domain.evidence import Reading, Scene, holds
from bot.domain.items import Item
from bot.domain.rules import Combination, Rule
from bot.domain.triage import Clocks, Context, Report, assess

SOURCE: dict[str, Any] = {"tag": "D", "source": "another trial"}
RANGE: dict[str, Any] = {"plausible": [0, 100], "refuse": [0, 1000]}
ITEM_TABLES: dict[str, dict[str, Any]] = {
    "pain": {"parts": [{"kind": "severity"}]},
    "sugar": {"shape": "object", "parts": [{"kind": "number", "digits": 1, "range": RANGE}]},
    "seen": {"parts": [{"kind": "several", "choices": ["light", "dark"]}]},
    "dizzy": {"parts": [{"kind": "yes_no"}]},
}
ITEMS = {
    name: Item.model_validate({"id": name, "hazard": "x", **SOURCE, **table})
    for name, table in ITEM_TABLES.items()
}
READ: TypeAdapter[Condition] = TypeAdapter(Condition)


def scene(
    answers: dict[str, Any] | None = None, *history: tuple[float, dict[str, Any]], **facts: Any
) -> Scene:
    def reading(age: float, given: dict[str, Any]) -> Reading:
        return Reading(age, {name: ITEMS[name].read(value) for name, value in given.items()})

    past = tuple(reading(age, given) for age, given in history)
    return Scene(ITEMS, reading(0, answers or {}), past, **facts)


def true(condition: dict[str, Any], where: Scene) -> bool:
    return holds(READ.validate_python(condition), where) is not None


@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        ("at_least", False, True, True),
        ("above", False, False, True),
        ("at_most", True, True, False),
        ("below", True, False, False),
    ],
)
def test_each_comparison_on_both_sides_of_its_threshold(comparison, below, at, above):
    found = [
        true({"item": "sugar", comparison: 7}, scene({"sugar": {"value": value}})) for value in (6.9, 7, 7.1)
    ]
    assert found == [below, at, above]


def test_what_was_not_asked_holds_nothing_and_its_negation_holds():
    asked = {"item": "dizzy", "is": False}
    assert not true(asked, scene())
    assert true({"not": asked}, scene())
    assert not true({"item": "pain", "below": 2}, scene({"pain": None}))


@pytest.mark.parametrize("value", ["much", True, ("light",)])
def test_what_is_no_number_has_no_order(value):
    where = scene()
    odd = Scene(ITEMS, Reading(0, {"sugar": {"value": value}}))
    assert not true({"item": "sugar", "at_least": 0}, odd)
    assert not true({"item": "sugar", "above": -5}, where)


def test_all_any_and_at_least_n():
    parts = [{"item": "pain", "at_least": 1}, {"item": "dizzy", "is": True}, {"item": "seen", "has": "dark"}]
    one, two = scene({"pain": 1, "dizzy": False}), scene({"pain": 1, "seen": ["dark"]})
    three = scene({"pain": 1, "seen": ["light", "dark"], "dizzy": True})
    for condition, expected in (
        ({"any": parts}, [True, True, True]),
        ({"n": 2, "of": parts}, [False, True, True]),
        ({"all": parts}, [False, False, True]),
    ):
        assert [true(condition, where) for where in (one, two, three)] == expected


def test_facts_that_are_no_answers():
    assert true({"flag": "TALL"}, scene(flags=frozenset({"TALL"})))
    assert not true({"flag": "TALL"}, scene())
    assert true({"rule": "A"}, scene(hits=frozenset({"A"})))
    assert not true({"rule": "A"}, scene(hits=frozenset({"B"})))
    assert true({"checkin": "short"}, scene(checkin="short"))
    assert not true({"checkin": "short"}, scene(checkin="long"))
    assert true({"heard": "grief"}, scene(heard=frozenset({"grief"})))
    assert not true({"heard": "grief"}, scene())


@pytest.mark.parametrize(("day", "expected"), [(None, False), (1, False), (2, True), (5, True), (6, False)])
def test_study_days_include_both_ends(day, expected):
    assert true({"study_days": [2, 5]}, scene(study_day=day)) is expected


@pytest.mark.parametrize(
    ("product", "hours", "expected"),
    [
        ("other", 9.0, False),
        ("dose", 0.0, True),
        ("dose", 10.0, True),
        ("dose", 10.1, False),
        ("dose", -0.1, False),
    ],
)
def test_a_clock_counts_from_the_infusion_and_includes_the_instant(product, hours, expected):
    within = {"since": ["dose"], "within_hours": 10}
    assert true(within, scene(hours_since={product: hours})) is expected
    assert not true(within, scene())


@pytest.mark.parametrize(("age", "expected"), [(0.9, False), (1.0, True), (24.0, True), (24.1, False)])
def test_an_earlier_reading_lies_between_its_ages(age, expected):
    earlier = {"item": "pain", "at_least": 2, "earlier": {"at_least_hours": 1, "within_hours": 24}}
    assert true(earlier, scene({}, (age, {"pain": 2}))) is expected
    assert not true(earlier, scene({"pain": 2}, (age, {"pain": 1})))


@pytest.mark.parametrize(("value", "expected"), [(77.1, False), (77.0, True), (50, True)])
def test_a_baseline_tightens_a_threshold(value, expected):
    below = {"item": "sugar", "baseline": "usual", "below_by": 3}
    assert true(below, scene({"sugar": {"value": value}}, baseline={"usual": 80.0})) is expected
    assert not true(below, scene({"sugar": {"value": value}}))


def test_a_gain_is_measured_against_the_lowest_or_else_the_baseline():
    gain = {"item": "sugar", "gain": 2, "within_hours": 72, "baseline": "usual", "baseline_after_hours": 168}
    now = {"sugar": {"value": 62.0}}

    def past(age: float, value: float) -> tuple[float, dict[str, Any]]:
        return age, {"sugar": {"value": value}}

    assert true(gain, scene(now, past(10, 61), past(72, 60)))
    assert not true(gain, scene(now, past(10, 61), past(72.1, 60)))
    assert true(gain, scene(now, baseline={"usual": 60.0}))
    assert not true(gain, scene(now, baseline={"usual": 60.1}))
    assert true(gain, scene(now, past(168.1, 62), baseline={"usual": 60.0}))
    assert not true(gain, scene(now, past(168, 62), baseline={"usual": 60.0}))
    assert not true(gain, scene({}, past(10, 20)))


def test_a_climb_needs_every_step():
    climb = {"item": "pain", "rise": 1, "reports": 2, "within_hours": 24}
    now = {"pain": 3}
    assert true(climb, scene(now, (24, {"pain": 2}), (48, {"pain": 1})))
    assert not true(climb, scene(now, (24.1, {"pain": 2}), (48, {"pain": 1})))
    assert not true(climb, scene(now, (24, {"pain": 2}), (48.1, {"pain": 1})))
    assert not true(climb, scene(now, (24, {"pain": 2}), (48, {"pain": 2})))
    assert not true(climb, scene(now, (24, {"pain": 2})))
    assert not true(climb, scene({}, (24, {"pain": 2}), (48, {"pain": 1})))


@pytest.mark.parametrize(
    "condition",
    [
        {},
        {"item": "pain"},
        {"all": []},
        {"n": 1, "of": [{"flag": "A"}, {"flag": "B"}]},
        {"item": "pain", "at_leest": 1},
        {"since": [], "within_hours": 1},
        {"study_days": [1]},
        {"not": {"item": "pain"}},
        "pain > 2",
        {"item": "pain", "at_least": 1, "flag": "A"},
    ],
)
def test_a_condition_that_is_none_is_refused(condition):
    with pytest.raises(ValidationError):
        READ.validate_python(condition)


@dataclass(frozen=True)
class Small:
    """Another trial's rules."""

    items: dict[str, Item]
    rules: dict[str, Rule]
    combination: Combination


def rule(name: str, when: dict[str, Any], **rest: Any) -> Rule:
    return Rule.model_validate({"id": name, "tier": "amber", "hours": 24, "when": when, **SOURCE, **rest})


def trial(*rules: Rule) -> Small:
    combination = Combination.model_validate({"id": "TWO", "one_within_hours": 4, **SOURCE})
    return Small(ITEMS, {each.id: each for each in rules}, combination)


def fired(protocol: Small, answers: dict[str, Any], **context: Any) -> list[str]:
    return [found.rule for found in assess(answers, Context(**context), protocol).findings]


def test_a_rule_may_rest_on_another_or_give_way_to_it():
    sore = rule("SORE", {"item": "pain", "at_least": 1})
    on = rule("ON", {"all": [{"rule": "SORE"}, {"item": "dizzy", "is": True}]})
    instead = rule("INSTEAD", {"item": "dizzy", "is": True}, not_with=["SORE"])
    protocol = trial(sore, on, instead)
    assert fired(protocol, {"pain": 1, "dizzy": True}) == ["SORE", "ON"]
    assert fired(protocol, {"pain": 0, "dizzy": True}) == ["INSTEAD"]


def test_a_rule_for_each_item_finds_each_by_itself():
    each = rule("EVERY", {"item": "EACH", "at_least": 2}, each=["pain", "sugar"])
    found = assess({"pain": 2, "sugar": {"value": 9}}, Context(), trial(each)).findings
    assert [set(finding.values) for finding in found] == [{"pain.value"}, {"sugar.value"}]


def test_a_second_reading_is_judged_with_the_first_as_its_history():
    jump = rule("JUMP", {"item": "sugar", "rise": 5, "within_hours": 1})
    assert fired(trial(jump), {"sugar": {"value": 10, "repeat": 15}}) == ["JUMP"]
    assert fired(trial(jump), {"sugar": {"value": 10, "repeat": 14.9}}) == []


def test_a_second_reading_that_never_came_matters_only_to_what_was_to_be_measured_again():
    high = rule("HIGH", {"item": "sugar", "above": 9})
    assert fired(trial(high), {"sugar": {"value": 8, "repeat": None}}) == []
    assert fired(trial(high), {"sugar": {"value": 10, "repeat": None}}) == ["HIGH"]


def test_reports_and_clocks_reach_the_conditions():
    late = rule(
        "LATE",
        {"all": [{"since": ["dose"], "within_hours": 5}, {"item": "pain", "rise": 1, "within_hours": 9}]},
    )
    context = {"clocks": Clocks(1, {"dose": 5.0}), "history": (Report(9, {"pain": 0}),)}
    assert fired(trial(late), {"pain": 1}, **context) == ["LATE"]
    assert fired(trial(late), {"pain": 0}, **context) == []
