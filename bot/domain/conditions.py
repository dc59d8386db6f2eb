"""Conditions of rules as structured data: never code, so that each reference can be checked and printed."""

from functools import cached_property
from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, model_validator

from bot.domain.definition import Identifier, Strict


class Earlier(Strict):
    """Look at earlier reports instead of this one: those between the two ages, both ends included."""

    at_least_hours: float = 0
    within_hours: float


class Compare(Strict):
    """Compare one value of an item, named `Q5` or `Q8.sbp`; a threshold may be the name of a band."""

    item: str
    equals: bool | str | None = Field(default=None, alias="is")
    has: str | None = None
    at_least: float | str | None = None
    above: float | str | None = None
    at_most: float | str | None = None
    below: float | str | None = None
    earlier: Earlier | None = None

    @model_validator(mode="after")
    def _compares(self) -> Self:
        if not self.thresholds and self.equals is None and self.has is None:
            raise ValueError("needs one of is, has, at_least, above, at_most, below")
        return self

    @cached_property
    def thresholds(self) -> dict[str, float | str]:
        """Return the thresholds that are set, by the name of the comparison."""
        named = {"at_least": self.at_least, "above": self.above, "at_most": self.at_most, "below": self.below}
        return {name: value for name, value in named.items() if value is not None}


class AgainstBaseline(Strict):
    """The value lies `below_by` or more under the participant's own baseline."""

    item: str
    baseline: str
    below_by: float = Field(gt=0)


class Rise(Strict):
    """The value rose by `rise` or more against the last report within `within_hours`.

    With `reports = 2` it rose so on two reports running. `same` is a part that
    must be equal for two values to be compared: the place of a temperature.
    """

    item: str
    rise: float = Field(gt=0)
    reports: int = Field(default=1, ge=1, le=5)
    within_hours: float = Field(gt=0)
    same: str | None = None


class Gain(Strict):
    """The value lies `gain` or more over the lowest of the last hours.

    The baseline counts where no report of the last `baseline_after_hours` holds the item.
    """

    item: str
    gain: float = Field(gt=0)
    within_hours: float = Field(gt=0)
    baseline: str
    baseline_after_hours: float = Field(gt=0)


class Since(Strict):
    """The actual end of the last infusion of such a product is at most so long ago, that instant included."""

    since: tuple[Identifier, ...] = Field(min_length=1)
    within_hours: float = Field(gt=0)


class StudyDays(Strict):
    """The study day lies between the two, both included; days count from the first rituximab."""

    study_days: tuple[int, int]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.study_days[0] > self.study_days[1] or 0 in self.study_days:
            raise ValueError("study_days go from a first to a last day, and Day 0 does not exist")
        return self


class Flag(Strict):
    """The participant carries the flag."""

    flag: str


class CheckinIs(Strict):
    """The answers were given in this form."""

    checkin: str


class Hit(Strict):
    """Another rule, listed earlier, was hit."""

    rule: str


class Heard(Strict):
    """Free text was read as this hazard."""

    heard: str

    @property
    def words_key(self) -> str:
        """Return the catalog key that tells what was heard."""
        return f"rule.heard.{self.heard}"


class All(Strict):
    """Every condition holds."""

    all: tuple["Condition", ...] = Field(min_length=1)


class AnyOf(Strict):
    """At least one condition holds."""

    any: tuple["Condition", ...] = Field(min_length=1)


class Not(Strict):
    """The condition does not hold; what was not asked does not hold."""

    no: "Condition" = Field(alias="not")


class AtLeast(Strict):
    """At least `n` of the conditions hold."""

    n: int = Field(ge=2)
    of: tuple["Condition", ...] = Field(min_length=2)


_KINDS = {
    "all": "all",
    "any": "any",
    "not": "not",
    "of": "of",
    "below_by": "baseline",
    "rise": "rise",
    "gain": "gain",
    "since": "since",
    "study_days": "study_days",
    "flag": "flag",
    "checkin": "checkin",
    "rule": "rule",
    "heard": "heard",
    "item": "item",
}


def _kind(raw: object) -> str | None:
    names = raw if isinstance(raw, dict) else type(raw).model_fields if isinstance(raw, Strict) else {}
    if "no" in names:
        return "not"
    return next((kind for name, kind in _KINDS.items() if name in names), None)


Condition = Annotated[
    Annotated[All, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[AtLeast, Tag("of")]
    | Annotated[AgainstBaseline, Tag("baseline")]
    | Annotated[Rise, Tag("rise")]
    | Annotated[Gain, Tag("gain")]
    | Annotated[Since, Tag("since")]
    | Annotated[StudyDays, Tag("study_days")]
    | Annotated[Flag, Tag("flag")]
    | Annotated[CheckinIs, Tag("checkin")]
    | Annotated[Hit, Tag("rule")]
    | Annotated[Heard, Tag("heard")]
    | Annotated[Compare, Tag("item")],
    Discriminator(_kind),
]

for _model in (All, AnyOf, Not, AtLeast):
    _model.model_rebuild()


def children(condition: Condition) -> tuple[Condition, ...]:
    """Return the conditions inside this one, none for a leaf."""
    if isinstance(condition, All):
        return condition.all
    if isinstance(condition, AnyOf):
        return condition.any
    if isinstance(condition, AtLeast):
        return condition.of
    return (condition.no,) if isinstance(condition, Not) else ()


def since_key(product: str) -> str:
    """Return the catalog key that tells the hours since an infusion of this product."""
    return f"rule.since.{product}"


MOST_HOURS_BACK = 15 * 24
"""How old the reports are that a rule is given: a rule that asks for older ones is refused."""


def hours_back(condition: Condition) -> float:
    """Return how old a report may be that this one condition looks at; 0 for what is asked now."""
    if isinstance(condition, Compare):
        return 0 if condition.earlier is None else condition.earlier.within_hours
    if isinstance(condition, Rise):
        return condition.within_hours * condition.reports
    return max(condition.within_hours, condition.baseline_after_hours) if isinstance(condition, Gain) else 0


Sign = tuple[str, bool]
"""An item that was answered; True where its answer is more than no, none and nought."""


def rests_on(condition: Condition) -> frozenset[Sign] | None:
    """Return the signs of which one must be there for this to hold; None where it may hold without."""
    if isinstance(condition, Compare):
        return None if condition.earlier is not None else _sign_of(condition, says_yes=_wants_more(condition))
    if isinstance(condition, AgainstBaseline | Rise | Gain):
        return _sign_of(condition)
    inside = [rests_on(child) for child in children(condition)]
    some = [signs for signs in inside if signs is not None]
    if isinstance(condition, All):
        return min(some, key=_found_at, default=None)
    is_of_items = isinstance(condition, AnyOf | AtLeast) and len(some) == len(inside)
    return frozenset().union(*some) if is_of_items else None


def _sign_of(
    condition: Compare | AgainstBaseline | Rise | Gain, *, says_yes: bool = False
) -> frozenset[Sign]:
    return frozenset(((condition.item.partition(".")[0], says_yes),))


def _wants_more(compare: Compare) -> bool:
    """Tell whether no answer of no, none or nought can hold it."""
    low = compare.thresholds.get("at_least"), compare.thresholds.get("above")
    is_over = any(isinstance(least, int | float) and least > 0 for least in low)
    return is_over or compare.has is not None or compare.equals is True or isinstance(compare.equals, str)


def _found_at(signs: frozenset[Sign]) -> tuple[int, int]:
    """Return a key by which those that are seldom there come first."""
    return sum(not says_yes for _, says_yes in signs), len(signs)
