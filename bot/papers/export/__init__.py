"""What an export holds, whatever it is written as: sheets of facts, each field documented."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Literal

Cell = str | int | float | bool | date | datetime | None
Plain = str | int | float | None
FieldKind = Literal["text", "integer", "float", "yes_no", "date", "instant"]

# What neither XML 1.0 nor a spreadsheet can hold is shown as lost, not dropped in silence.
_LOST = "\ufffd"


@dataclass(frozen=True, slots=True)
class Field:
    """A column: `about` is the catalog key of its description, `choices` map codes to catalog keys.

    `unit` and `loinc` belong to measurements. Instants are written in UTC, ISO 8601.
    """

    name: str
    kind: FieldKind
    about: str
    unit: str | None = None
    loinc: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of facts; `subject` names the field with the participant's code, where there is one."""

    name: str
    about: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Plain, ...], ...] = ()
    subject: str | None = "subject"

    def filled(self, rows: Sequence[Mapping[str, Cell]]) -> "Sheet":
        """Return the sheet with these rows; KeyError for a field that a row does not name."""
        return replace(self, rows=tuple(tuple(plain(row[f.name]) for f in self.fields) for row in rows))


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything that is exported, as it was at `made_at` (aware UTC)."""

    study: str
    title: str
    protocol_version: str
    made_at: datetime
    sheets: tuple[Sheet, ...]


def plain(cell: Cell) -> Plain:
    """Return a cell as every format writes it: ISO dates, Y or N, no characters that cannot be kept."""
    if isinstance(cell, bool):
        return "Y" if cell else "N"
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(cell, date):
        return cell.isoformat()
    return "".join(map(_kept, cell)) if isinstance(cell, str) else cell


def _kept(character: str) -> str:
    if character in "\t\n\r":
        return character
    code = ord(character)
    return _LOST if code < 0x20 or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF) else character
