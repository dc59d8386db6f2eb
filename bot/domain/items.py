"""The items of a protocol and the forms that ask them: models of its `[items]` and `[forms]`."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from bot.domain.definition import Identifier, Sourced, Strict
from bot.domain.parts import BLOOD_PRESSURE_KEYS, NONE, AskWhen, Part, Parts, PartValue, Range

__all__ = [
    "BLOOD_PRESSURE_KEYS",
    "NONE",
    "AskWhen",
    "Form",
    "Item",
    "Part",
    "PartValue",
    "Parts",
    "Range",
    "celsius",
]


class Item(Sourced):
    """One item of the protocol.

    `shape` is how its answer is written down: `scalar` the value alone,
    `flag` `false` or an object, `object` always an object. `vital` items are
    measured anew and never copied from the last report. `bands` are named
    thresholds by the answer of another part: a temperature by its place.
    """

    id: Identifier
    hazard: str
    shape: Literal["scalar", "flag", "object"] = "scalar"
    parts: tuple[Part, ...] = Field(min_length=1)
    loinc: dict[str, str] = Field(default_factory=dict)
    vital: bool = False
    private: bool = False
    flags_any: tuple[str, ...] = ()
    every_hours: float | None = None
    bands_by: str | None = None
    bands: dict[str, dict[str, float]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        keys = [key for part in self.parts for key in part.stored_keys]
        if len(set(keys)) != len(keys):
            raise ValueError("two parts share a key")
        if self.shape == "scalar" and keys != ["value"]:
            raise ValueError("a scalar item has the one part `value`")
        if self.shape == "flag" and (keys[0] != "value" or self.parts[0].kind != "yes_no"):
            raise ValueError("a flag item begins with the yes_no part `value`")
        for n, part in enumerate(self.parts):
            earlier = [key for before in self.parts[:n] for key in before.stored_keys]
            if part.when and part.when.part not in earlier:
                raise ValueError(f"{part.key}: when names {part.when.part}, which is not an earlier part")
        self._bands_fit()
        return self

    def _bands_fit(self) -> None:
        if bool(self.bands) != (self.bands_by is not None):
            raise ValueError("bands and bands_by go together")
        if self.bands_by is None:
            return
        places = set(self.part(self.bands_by).choices)
        if "unknown" not in places:
            raise ValueError(f"{self.bands_by} needs the choice `unknown`: bands hold before it is answered")
        for name, band in self.bands.items():
            if set(band) != places:
                raise ValueError(f"bands.{name} must name exactly {', '.join(sorted(places))}")

    def part(self, key: str) -> Part:
        """Return the part that stores `key`; ValueError where there is none."""
        for part in self.parts:
            if key in part.stored_keys or key == part.key:
                return part
        raise ValueError(f"{self.id} has no part {key}")

    def has_part(self, key: str) -> bool:
        """Return whether some part stores `key`."""
        return key in self.keys

    @cached_property
    def keys(self) -> frozenset[str]:
        """All keys under which its parts are kept; asked a hundred times for each answer."""
        return frozenset(key for part in self.parts for key in part.stored_keys)

    @cached_property
    def numbered(self) -> frozenset[str]:
        """The parts that count as questions: what only follows from an answer shares its number."""
        first, *more = self.parts
        return frozenset((first.key, *(part.key for part in more if part.when is None and not part.decides)))

    def limits(self, key: str) -> Range | None:
        """Return what a number under this key may be; None where it is no number of the item."""
        return next((found for part in self.parts if (found := part.limits(key)) is not None), None)

    def unit_of(self, key: str) -> str | None:
        """Return the code of the unit in which `key` is kept, None for a bare number."""
        part = self.part(key)
        return part.units.get(key) or part.unit

    @cached_property
    def main_key(self) -> str:
        """Return the key that a bare value stands for."""
        return self.parts[0].stored_keys[0]

    @property
    def name_key(self) -> str:
        """Return the catalog key of the item's short name."""
        return f"item.{self.id}.name"

    def ask_key(self, part: Part) -> str:
        """Return the catalog key of the question for one part."""
        return f"item.{self.id}.ask" if part is self.parts[0] else f"item.{self.id}.{part.key}.ask"

    def seen_key(self, key: str) -> str:
        """Return the catalog key of the short name of one stored value."""
        bare = key == self.main_key and key in ("value", "severity")
        return self.name_key if bare else f"item.{self.id}.{key}.name"

    def text_keys(self) -> Iterator[str]:
        """Yield every catalog key that asking or telling of this item needs."""
        yield self.name_key
        for part in self.parts:
            yield self.ask_key(part)
            yield from (self.seen_key(key) for key in part.stored_keys)
            yield from (text for _, text in part.options)
            yield from (f"item.unit.{unit}" for unit in (part.unit, *part.units.values()) if unit)

    def read(self, answer: object) -> dict[str, PartValue]:
        """Return the parts of a canonical answer; null is an item that was skipped.

        Temperatures given in °F are converted and rounded to 0.1 °C.
        """
        if answer is None:
            return {}
        if not isinstance(answer, Mapping):
            return {self.main_key: _plain(answer)}
        known = {key: _plain(value) for key, value in answer.items() if self.has_part(key)}
        if self.parts[0].kind == "temperature" and answer.get("unit") == "F":
            known[self.main_key] = celsius(known[self.main_key])
        return known

    def write(self, parts: Parts) -> object:
        """Return the canonical answer of these parts, as it is stored and exported."""
        if self.shape == "scalar":
            return _json(parts.get("value"))
        if self.shape == "flag" and parts.get("value") in (False, None):
            return parts.get("value")
        written = {key: _json(value) for key, value in parts.items()}
        if self.parts[0].kind == "temperature":
            written["unit"] = "C"
        return written


def celsius(fahrenheit: PartValue) -> float | None:
    """Return °C rounded to 0.1, so that what is compared is what is shown."""
    if not isinstance(fahrenheit, int | float):
        return None
    return round((fahrenheit - 32) * 5 / 9 + 1e-9, 1)


def _plain(value: object) -> PartValue:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Sequence):
        return tuple(str(each) for each in value)
    raise ValueError(f"an answer cannot hold {value!r}")


def _json(value: PartValue) -> object:
    return list(value) if isinstance(value, tuple) else value


class Form(Strict):
    """The items that one check-in asks, in order: what can be RED comes first."""

    id: Identifier
    items: tuple[str, ...] = Field(min_length=1)
    same_as_last: bool = False
    """Whether one tap may repeat the last report, the vital items aside."""
    stay_home: bool = False
    """Whether it is asked before an infusion: an AMBER end means not to travel yet."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.items)) != len(self.items):
            raise ValueError("an item stands twice in the form")
        return self

    @property
    def name_key(self) -> str:
        """Return the catalog key of the form's name."""
        return f"item.form.{self.id}"

    def text_keys(self) -> Iterator[str]:
        """Yield every catalog key of this form."""
        yield self.name_key
