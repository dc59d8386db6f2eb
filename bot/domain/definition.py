"""What protocol and site files have in common: strict models, and errors that name file and key."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, StringConstraints
from pydantic import ValidationError as PydanticError
from pydantic_core import CoreSchema, ErrorDetails, core_schema

from bot.errors import ProtocolError


class Problem(NamedTuple):
    """One thing that is wrong in a file: the dotted path of the key, and the reason."""

    key: str
    reason: str


class ProtocolErrors(ProtocolError):
    """Everything that is wrong in one file: a line each; `key` and `reason` are those of the first."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(file, first.key, first.reason)
        self.args = ("\n".join(f"{file}: {one.key}: {one.reason}" for one in self.problems),)


class Strict(BaseModel):
    """A part of a definition file: it cannot change, and a key that it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Sourced(Strict):
    """A part that says where its numbers come from: [R] registration, [L] literature, [D] our own default."""

    tag: Literal["R", "L", "D"]
    source: Annotated[str, StringConstraints(min_length=3)]


Model = TypeVar("Model", bound=Strict)


class TextKey(str):
    """The key of a text in the catalogs, such as `visit.D14.name`: its own type, so that it can be found."""

    __slots__ = ()
    pattern = r"^[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)+$"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept a string of the right shape only."""
        checked = core_schema.str_schema(strict=True)
        return core_schema.no_info_after_validator_function(cls._check, checked)

    @classmethod
    def _check(cls, value: str) -> "TextKey":
        if not re.match(cls.pattern, value):
            raise ValueError("not a text key: two or more names joined by dots, such as visit.D14.name")
        return cls(value)


def _clock_time(value: Any) -> time:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError('a time of day is written "HH:MM"')
    return time.fromisoformat(value)


ClockTime = Annotated[time, BeforeValidator(_clock_time)]
"""A local time of day, written "HH:MM" in the file."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=32)]
"""A name that goes into keys and button data."""


def _zone_name(value: Any) -> Any:
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise ValueError(f"is not a time zone: {value!r}") from error


ZoneName = Annotated[str, BeforeValidator(_zone_name)]
"""The IANA name of a time zone that exists."""


def with_ids(table: Any) -> Any:
    """Give each part of a table of parts the name under which it stands as its `id`."""
    if not isinstance(table, Mapping):
        return table
    return {name: _with_id(name, part) for name, part in table.items()}


def _with_id(name: str, part: Any) -> Any:
    if not isinstance(part, Mapping):
        return part
    if "id" in part:
        raise ValueError(f"{name} has an id already: the name of its table")
    return {"id": name, **part}


def text_keys_in(part: Any) -> Iterator[str]:
    """Yield every text key below `part`, in the order of the file."""
    if isinstance(part, TextKey):
        yield str(part)
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from text_keys_in(getattr(part, name))
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from text_keys_in(value)
    elif isinstance(part, tuple | list | frozenset):
        for value in part:
            yield from text_keys_in(value)


def read_definition(path: Path) -> tuple[dict[str, Any], str]:
    """Return the table of a TOML file and the SHA-256 of its bytes; ProtocolError where there is none."""
    raw = read_raw(path)
    return parsed(raw, path.name), hashlib.sha256(raw).hexdigest()


def read_raw(path: Path) -> bytes:
    """Return the bytes of a file; ProtocolError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ProtocolError(path.name, "file", f"cannot be read: {error.strerror}") from error


def parsed(raw: bytes, name: str) -> dict[str, Any]:
    """Return the table of TOML bytes; ProtocolError, which names the file, where they are none."""
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ProtocolError(name, "file", "is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(name, "file", f"is not TOML: {error}") from error


def validated(
    model: type[Model], table: Mapping[str, Any], file: str, check: Callable[[Model], Iterable[Problem]]
) -> Model:
    """Return the model of a table, or raise everything that is wrong with it at once.

    `check` looks at what crosses from one part to another; it is asked only
    when every part is sound by itself.
    """
    try:
        built = model.model_validate(table)
    except PydanticError as error:
        raise ProtocolErrors(file, _explained(error, table)) from error
    problems = tuple(check(built))
    if problems:
        raise ProtocolErrors(file, problems)
    return built


def _explained(error: PydanticError, table: Mapping[str, Any]) -> Iterator[Problem]:
    found = [(_path_in(table, one["loc"]), one) for one in error.errors(include_url=False)]
    for path, one in found:
        # A list that lost a bad member is then called too short: once is enough.
        below = any(other is not one and there[: len(path)] == path for there, other in found)
        if not (one["type"] == "too_short" and below):
            yield Problem(".".join(str(step) for step in path) or "file", _reason(one))


def _path_in(table: Any, loc: tuple[int | str, ...]) -> list[int | str]:
    """Leave out of a location what pydantic adds to it, such as the branch of a union."""
    path: list[int | str] = []
    here = table
    for position, step in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(here, Mapping) and (step in here or last):
            path.append(step)
            here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int):
            path.append(step)
            here = here[step] if step < len(here) else None
    return path


def _reason(one: ErrorDetails) -> str:
    plain = {
        "extra_forbidden": "unknown key",
        "missing": "is missing",
        "too_short": "must not be empty",
        "union_tag_not_found": "is of no known shape",
    }
    if one["type"] in plain:
        return plain[one["type"]]
    if one["type"] == "union_tag_invalid":
        known = one["ctx"]
        return (
            f"unknown {known['discriminator'].strip(chr(39))} {known['tag']!r}, not {known['expected_tags']}"
        )
    words = one["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return words[:1].lower() + words[1:] if words[1:2].islower() else words
