"""The questions of an item: what kind they are, what is possible, and when a follow-up is asked."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from bot.domain.definition import Strict

PartValue = bool | int | float | str | tuple[str, ...] | None
Parts = Mapping[str, PartValue]

Kind = Literal["temperature", "number", "blood_pressure", "yes_no", "severity", "several", "one_of", "text"]
BLOOD_PRESSURE_KEYS = ("sbp", "dbp", "pulse")
NONE = "none"
"""The raw answer to a question of several for which nothing applies."""


class Range(Strict):
    """What a number may be: outside `refuse` it is impossible, outside `plausible` it is asked once more."""

    plausible: tuple[float, float]
    refuse: tuple[float, float]

    @model_validator(mode="after")
    def _nested(self) -> Self:
        (low, high), (lowest, highest) = self.plausible, self.refuse
        if not lowest <= low < high <= highest:
            raise ValueError("refuse must enclose plausible, and low must be below high")
        return self


class AskWhen(Strict):
    """A follow-up is asked only where an earlier part of the same item says so."""

    part: str
    equals: bool | str | None = Field(default=None, alias="is")
    at_least: float | None = None
    has: str | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if sum(x is not None for x in (self.equals, self.at_least, self.has)) != 1:
            raise ValueError("needs exactly one of is, at_least, has")
        return self

    def holds(self, parts: Parts) -> bool:
        """Return whether what was answered so far calls for the follow-up."""
        value = parts.get(self.part)
        if self.equals is not None:
            return value == self.equals
        if self.has is not None:
            return isinstance(value, tuple) and self.has in value
        return isinstance(value, int | float) and value >= (self.at_least or 0)


class Part(Strict):
    """One question of an item. `decides`: the item waits for it to be judged; `private`: no page tells it.

    `quick`: the usual answers to a number, to be tapped instead of typed.
    `words` chooses how yes and no are worded, where "have" does not fit the question.
    """

    key: str = "value"
    kind: Kind
    choices: tuple[str, ...] = ()
    range: Range | None = None
    quick: tuple[int, ...] = ()
    ranges: dict[str, Range] = Field(default_factory=dict)
    unit: str | None = None
    units: dict[str, str] = Field(default_factory=dict)
    digits: int = 0
    optional: bool = False
    words: Literal["can", "is"] | None = None
    decides: bool = False
    private: bool = False
    when: AskWhen | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind in ("several", "one_of")) != bool(self.choices):
            raise ValueError("choices belong to several and one_of, and only to them")
        if (self.kind in ("temperature", "number")) != (self.range is not None):
            raise ValueError("a range belongs to temperature and number, and only to them")
        if self.quick and (self.kind != "number" or not self._all_plausible(self.quick)):
            raise ValueError("quick belongs to a number, and holds only what is plausible")
        if (self.kind == "blood_pressure") != (set(self.ranges) == set(BLOOD_PRESSURE_KEYS)):
            raise ValueError("ranges for sbp, dbp and pulse belong to blood_pressure, and only to it")
        return self

    def _all_plausible(self, values: tuple[int, ...]) -> bool:
        low, high = self.range.plausible if self.range is not None else (0.0, -1.0)
        return all(low <= value <= high for value in values)

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """Return (raw answer, catalog key) for each thing to tap; none where something is typed."""
        if self.kind == "yes_no":
            kind = f".{self.words}" if self.words else ""
            return (("yes", f"choice.yes{kind}"), ("no", f"choice.no{kind}"))
        if self.kind == "severity":
            return tuple((str(n), f"choice.severity.{n}") for n in range(5))
        named = tuple((code, f"choice.{code}") for code in self.choices)
        return (*named, (NONE, "choice.none")) if self.kind == "several" else named

    def limits(self, key: str) -> Range | None:
        """Return what a number under this key may be; None where this part has none."""
        return self.range if self.range is not None and key == self.key else self.ranges.get(key)

    @property
    def measured(self) -> bool:
        """Return whether it is a reading that may be left out: never copied from the last report."""
        return self.optional and self.kind in ("temperature", "number", "blood_pressure")

    @property
    def stored_keys(self) -> tuple[str, ...]:
        """Return the keys under which the answer is kept."""
        return BLOOD_PRESSURE_KEYS if self.kind == "blood_pressure" else (self.key,)
