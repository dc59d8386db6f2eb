"""What the domain says to people: a key of the catalogs and its values, never a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Words:
    """One text by its catalog key; a value may itself be words, as the name of a place is."""

    key: str
    values: "dict[str, str | int | float | Words]" = field(default_factory=dict)

    def text_keys(self) -> Iterator[str]:
        """Yield every catalog key in here, its own first."""
        yield self.key
        for value in self.values.values():
            if isinstance(value, Words):
                yield from value.text_keys()

    def as_json(self) -> dict[str, object]:
        """Return plain data for a `reason` column; `from_json` takes it back."""
        return {
            "key": self.key,
            "values": {k: v.as_json() if isinstance(v, Words) else v for k, v in self.values.items()},
        }

    @classmethod
    def from_json(cls, data: dict[str, object]) -> "Words":
        """Take back what `as_json` gave."""
        values = data["values"]
        if not isinstance(values, dict):
            raise TypeError("words need a mapping of values")
        return cls(
            str(data["key"]),
            {k: cls.from_json(v) if isinstance(v, dict) else v for k, v in values.items()},
        )
