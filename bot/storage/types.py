"""Column types that read the same on SQLite (STRICT tables) and on PostgreSQL."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Double, Integer, Text, literal_column
from sqlalchemy.engine import Dialect
from sqlalchemy.types import REAL, TypeDecorator, TypeEngine

# STRICT tables know INTEGER, REAL, TEXT and BLOB only.
BIG = BigInteger().with_variant(Integer(), "sqlite")
NUMBER: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a message or an audit row is about: the kind of thing and its id."""

    kind: str
    id: int


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fixed(value: str) -> ColumnElement[str]:
    """Return a word that stands in the statement itself.

    A bound value hides the condition of a partial index from SQLite, which then
    reads every row instead of those that wait.
    """
    return literal_column(f"'{value}'", Text)


# The same instant is written in many rows: it is `now` wherever one tap leads.
@lru_cache(maxsize=1024)
def instant_text(at: datetime) -> str:
    """Write an aware instant as 27 characters of UTC, so that text order is time order."""
    if at.tzinfo is None:
        raise ValueError("an instant must be aware")
    # Not strftime, which is slow, and writes the year 1 with one digit.
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:-6] + "Z"


def canonical_json(value: Any) -> str:
    """Write JSON in the one way that hashes and comparisons rely on."""
    return _CANONICAL.encode(value)


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept as fixed-width ISO text in UTC."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Refuse a naive instant; write the others in UTC."""
        return None if value is None else instant_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return an aware instant in UTC."""
        return None if value is None else datetime.fromisoformat(value)


class Day(TypeDecorator[date]):
    """A date without a zone, kept as ISO text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        """Refuse an instant, which would silently lose its time."""
        if isinstance(value, datetime):
            raise ValueError("a date is wanted, not an instant")
        return None if value is None else value.isoformat()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> date | None:
        """Return the date."""
        return None if value is None else date.fromisoformat(value)


class TimeOfDay(TypeDecorator[time]):
    """A time on the wall, in the participant's own zone, kept as HH:MM."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: time | None, dialect: Dialect) -> str | None:
        """Write hours and minutes."""
        return None if value is None else value.strftime("%H:%M")

    def process_result_value(self, value: Any | None, dialect: Dialect) -> time | None:
        """Return the time, without a zone."""
        return None if value is None else time.fromisoformat(value)


class Flag(TypeDecorator[bool]):
    """Yes or no, kept as 1 or 0."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:
        """Write 1 or 0."""
        return None if value is None else int(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bool | None:
        """Return the truth value."""
        return None if value is None else bool(value)


class Json(TypeDecorator[Any]):
    """A JSON value, kept as canonical text; None is SQL NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        """Write canonical JSON."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:
        """Return the value."""
        return None if value is None else json.loads(value)
