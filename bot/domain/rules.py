"""The rules of a protocol, models of its `[rules]`, and the check of every reference in them."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from bot.domain.conditions import (
    MOST_HOURS_BACK,
    AgainstBaseline,
    CheckinIs,
    Compare,
    Condition,
    Flag,
    Gain,
    Heard,
    Hit,
    Rise,
    Sign,
    Since,
    children,
    hours_back,
    rests_on,
    since_key,
)
from bot.domain.definition import Identifier, Problem, Sourced, Strict
from bot.domain.items import Form, Item, Part

Tier = Literal["red", "amber"]
Hours = Literal[1, 2, 4, 24]


class Remeasure(Strict):
    """A first reading opens the alert as AMBER and is asked for once more.

    A second bad one, or none within `within_minutes`, makes it RED; a normal
    one leaves AMBER with `cleared_hours`. Where `unless` holds there is no
    second reading: RED at once.
    """

    after_minutes: int = Field(gt=0)
    within_minutes: int = Field(gt=0)
    first_hours: Hours
    cleared_hours: Hours
    unless: Condition | None = None

    @model_validator(mode="after")
    def _asked_before_it_is_late(self) -> Self:
        if self.after_minutes >= self.within_minutes:
            raise ValueError("a repeat must be asked before it is missed")
        return self


class StaffNote(Strict):
    """A line for staff, never shown to the participant, where the condition holds."""

    text: str
    when: Condition


class Rule(Sourced):
    """One rule: the condition, what it means, and where its numbers come from.

    With `each`, the rule is judged for each of those items by itself, and
    `EACH` in its condition stands for the item. `reason`, `rationale`: catalog
    keys, `rule.<id>` and `rule.<id>.why` unless the file names others.
    """

    id: Identifier
    tier: Tier
    hours: Hours | None = None
    call_120: bool = False
    remeasure: Remeasure | None = None
    each: tuple[str, ...] = ()
    when: Condition
    not_with: tuple[str, ...] = ()
    """Rules, listed earlier, whose hit makes this one say nothing new."""
    notes: tuple[StaffNote, ...] = ()
    serious_prompt: Condition | None = None
    """Where it holds, staff are asked for the serious-event form at once."""
    stay_home: bool = False
    """A hit before an infusion: the participant is told not to travel yet."""
    trend: bool = False
    """A trend adds nothing on an item that already fired."""
    version: int = Field(default=1, ge=1)
    reason: str = ""
    rationale: str = ""

    @model_validator(mode="after")
    def _tier_fits(self) -> Self:
        if (self.tier == "amber") != (self.hours is not None):
            raise ValueError("AMBER needs hours, RED has none")
        if self.tier == "amber" and self.call_120:
            raise ValueError("only RED says to call 120")
        return self

    @property
    def reason_key(self) -> str:
        """Return the catalog key of what the rule says."""
        return self.reason or f"rule.{self.id}"

    @property
    def rationale_key(self) -> str:
        """Return the catalog key of why the rule is there."""
        return self.rationale or f"rule.{self.id}.why"

    def targets(self, signs: frozenset[Sign]) -> list[str | None]:
        """Return for what it is worth judging, item by item with `each`: elsewhere it cannot hold."""
        return [each for each, wanted in self._rests_on if wanted is None or not wanted.isdisjoint(signs)]

    @cached_property
    def _rests_on(self) -> tuple[tuple[str | None, frozenset[Sign] | None], ...]:
        signs = rests_on(self.when)
        if not self.each:
            return ((None, signs),)
        return tuple((each, _in_place_of_each(signs, each)) for each in self.each)

    def text_keys(self) -> Iterator[str]:
        """Yield every catalog key of this rule."""
        yield self.reason_key
        yield self.rationale_key
        yield from (note.text for note in self.notes)
        for condition in self.conditions():
            if isinstance(condition, Since):
                yield from (since_key(product) for product in condition.since)
            if isinstance(condition, Heard):
                yield condition.words_key

    def conditions(self) -> Iterator[Condition]:
        """Yield every condition of this rule, those inside others too."""
        yield from walk(self.when)
        for note in self.notes:
            yield from walk(note.when)
        if self.serious_prompt is not None:
            yield from walk(self.serious_prompt)
        if self.remeasure and self.remeasure.unless is not None:
            yield from walk(self.remeasure.unless)


class Combination(Sourced):
    """Two AMBER rules that rest on different items, one of them within `one_within_hours`, make RED."""

    id: Identifier
    one_within_hours: Hours
    one_item: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """By form: the items that count there as one."""
    version: int = Field(default=1, ge=1)

    @property
    def reason_key(self) -> str:
        """Return the catalog key of what the rule says."""
        return f"rule.{self.id}"

    def text_keys(self) -> Iterator[str]:
        """Yield every catalog key of this rule."""
        yield from (f"rule.{self.id}", f"rule.{self.id}.why")


def walk(condition: Condition) -> Iterator[Condition]:
    """Yield the condition and every condition inside it."""
    yield condition
    for child in children(condition):
        yield from walk(child)


EACH = "EACH"


def _in_place_of_each(signs: frozenset[Sign] | None, each: str) -> frozenset[Sign] | None:
    item, _, _ = each.partition(".")
    if signs is None:
        return None
    return frozenset((item if name == EACH else name, says_yes) for name, says_yes in signs)


@dataclass(frozen=True, slots=True)
class Known:
    """What a rule may refer to."""

    items: Mapping[str, Item]
    forms: Mapping[str, Form]
    flags: frozenset[str]
    baselines: frozenset[str]
    products: frozenset[str]


def check_rules(known: Known, rules: Mapping[str, Rule], combination: Combination) -> Iterator[Problem]:
    """Yield every reference that leads nowhere, among items, forms, rules and the combination."""
    for item in known.items.values():
        yield from _unknown(f"items.{item.id}.flags_any", "flag", item.flags_any, known.flags)
    for form in known.forms.values():
        yield from _unknown(f"forms.{form.id}.items", "item", form.items, known.items)
    before: set[str] = set()
    for rule in rules.values():
        yield from _rule_problems(rule, before, known)
        before.add(rule.id)
    yield from _unknown("combination.one_item", "form", combination.one_item, known.forms)
    for form_id, names in combination.one_item.items():
        yield from _unknown(f"combination.one_item.{form_id}", "item", names, known.items)


def _unknown(key: str, what: str, names: Iterable[str], known: Container[str]) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield Problem(key, f"unknown {what} {name}")


def _rule_problems(rule: Rule, before: set[str], known: Known) -> Iterator[Problem]:
    where = f"rules.{rule.id}"
    for name in (*rule.not_with, *(c.rule for c in rule.conditions() if isinstance(c, Hit))):
        if name not in before:
            yield Problem(where, f"refers to rule {name}, which is not listed before it")
    yield from _unknown(f"{where}.each", "item", (name.split(".")[0] for name in rule.each), known.items)
    for condition in rule.conditions():
        for target in rule.each or (EACH,):
            for reason in _condition_problems(condition, target, known):
                yield Problem(f"{where}.when", reason)


def check_condition(condition: Condition, known: Known) -> Iterator[str]:
    """Yield a reason for every reference in a condition that leads nowhere."""
    for one in walk(condition):
        yield from _condition_problems(one, EACH, known)


def _condition_problems(condition: Condition, each: str, known: Known) -> Iterator[str]:
    if hours_back(condition) > MOST_HOURS_BACK:
        yield f"looks back further than {MOST_HOURS_BACK} h"
    if isinstance(condition, Flag) and condition.flag not in known.flags:
        yield f"unknown flag {condition.flag}"
    if isinstance(condition, Since):
        yield from (f"unknown product {name}" for name in condition.since if name not in known.products)
    if isinstance(condition, CheckinIs) and condition.checkin not in known.forms:
        yield f"unknown form {condition.checkin}"
    if isinstance(condition, AgainstBaseline | Gain) and condition.baseline not in known.baselines:
        yield f"unknown baseline {condition.baseline}"
    if isinstance(condition, Compare | AgainstBaseline | Gain | Rise):
        yield from _path_problems(condition, each if condition.item == EACH else condition.item, known)


def _path_problems(
    condition: Compare | AgainstBaseline | Gain | Rise, path: str, known: Known
) -> Iterator[str]:
    item_id, key = split(path, known.items)
    item = known.items.get(item_id)
    if item is None or not item.has_part(key):
        yield f"unknown item or part {path}"
        return
    if isinstance(condition, Rise) and condition.same and not item.has_part(condition.same):
        yield f"{item_id} has no part {condition.same}"
    if isinstance(condition, Compare):
        yield from _comparison_problems(condition, item, item.part(key))


def _comparison_problems(compare: Compare, item: Item, part: Part) -> Iterator[str]:
    for threshold in compare.thresholds.values():
        if isinstance(threshold, str) and threshold not in item.bands:
            yield f"{item.id} has no band {threshold}"
    numeric = part.kind in ("temperature", "number", "blood_pressure", "severity")
    if bool(compare.thresholds) and not numeric:
        yield f"{compare.item} is {part.kind} and has no order"
    if compare.has is not None and compare.has not in part.choices:
        yield f"{compare.item} has no choice {compare.has}"
    if isinstance(compare.equals, bool) and part.kind != "yes_no":
        yield f"{compare.item} is {part.kind}, not yes_no"
    if isinstance(compare.equals, str) and (part.kind != "one_of" or compare.equals not in part.choices):
        yield f"{compare.item} has no choice {compare.equals}"


def split(path: str, items: Mapping[str, Item]) -> tuple[str, str]:
    """Return (item, stored key) of a path; a bare item stands for its main value."""
    item_id, _, key = path.partition(".")
    if key:
        return item_id, key
    item = items.get(item_id)
    return item_id, item.main_key if item else "value"
