"""The Bot API's own schema: parameters are read by it, and answers and updates are checked against it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.sandbox.refusals import Refusal, bad_request

_FILE = Path(__file__).with_name("bot_api.json")
_ARRAY = "Array of "
_DIGITS = re.compile(r"-?[0-9]{1,18}")
_TRUE = {"true", "yes", "1"}
_FALSE = {"false", "no", "0", ""}


@dataclass(frozen=True)
class Upload:
    """A file that came as a part of a multipart body."""

    name: str
    mime_type: str
    content: bytes


class Schema:
    """Methods and types of the Bot API, as far as the sandbox serves them."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.version: str = raw["version"]
        self.methods: dict[str, Any] = raw["methods"]
        self.types: dict[str, Any] = raw["types"]
        self.not_served: frozenset[str] = frozenset(raw["not_served"])
        # Method names are matched without regard to case, as Telegram does.
        self._names = {name.lower(): name for name in [*self.methods, *self.not_served]}

    def method_name(self, name: str) -> str | None:
        """Return the method as the schema spells it, or None where there is none."""
        return self._names.get(name.lower())

    def parameters(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters with their types; a 400 for what is unknown, missing or of a wrong type.

        Strings are read as Telegram reads them: numbers and booleans by their
        digits and words, objects and arrays as JSON.
        """
        fields = self.methods[method]["fields"]
        read = {}
        for name, value in given.items():
            if name not in fields:
                raise bad_request(f"unknown parameter {name!r} of {method}")
            read[name] = self._parameter(name, fields[name]["types"], value)
        missing = [name for name, field in fields.items() if field.get("required") and name not in read]
        if missing:
            raise _missing(missing[0])
        return read

    def _parameter(self, name: str, types: list[str], value: Any) -> Any:
        if isinstance(value, Upload):
            if "InputFile" not in types:
                raise bad_request(f"parameter {name!r} is not a file")
            return value
        value = _from_text(name, types, value) if isinstance(value, str) else value
        problem = self.problem(types, value, name)
        if problem:
            raise bad_request(f"can't parse {problem}")
        return value

    def problem(self, types: list[str], value: Any, path: str) -> str | None:
        """Return where and why `value` is none of `types`, or None when it is one of them."""
        problems = []
        for name in types:
            problem = self._problem(name, value, path)
            if problem is None:
                return None
            problems.append(problem)
        # With several possible types the deepest complaint is of the one that was meant.
        return max(problems, key=lambda found: len(found.partition(": ")[0]))

    def _problem(self, name: str, value: Any, path: str) -> str | None:
        fits = _PRIMITIVES.get(name)
        if fits is not None:
            return None if fits(value) else f"{path}: expected {name}"
        if name.startswith(_ARRAY):
            return self._array_problem(name.removeprefix(_ARRAY), value, path)
        entry = self.types[name]
        if "subtypes" in entry:
            return self.problem(entry["subtypes"], value, path)
        return self._object_problem(name, entry["fields"], value, path)

    def _array_problem(self, name: str, value: Any, path: str) -> str | None:
        if not isinstance(value, list):
            return f"{path}: expected an Array"
        found = (self._problem(name, item, f"{path}[{place}]") for place, item in enumerate(value))
        return next((problem for problem in found if problem), None)

    def _object_problem(self, name: str, fields: dict[str, Any], value: Any, path: str) -> str | None:
        if not isinstance(value, dict):
            return f"{path}: expected {name}"
        for key, item in value.items():
            if key not in fields:
                return f'{path}: field "{key}" is not one of {name}'
            problem = self._field_problem(fields[key], item, f"{path}.{key}")
            if problem:
                return problem
        missing = (key for key, field in fields.items() if field.get("required") and key not in value)
        return next((f'{path}: Can\'t find field "{key}" of {name}' for key in missing), None)

    def _field_problem(self, field: dict[str, Any], value: Any, path: str) -> str | None:
        if "constant" in field and value != field["constant"]:
            return f'{path}: expected "{field["constant"]}"'
        return self.problem(field["types"], value, path)

    def answer_problem(self, method: str, result: Any) -> str | None:
        """Return what is wrong with a method's result, or None."""
        return self.problem(self.methods[method]["returns"], result, method)

    def update_problem(self, update: Any) -> str | None:
        """Return what is wrong with an update, or None."""
        return self._problem("Update", update, "update")


def _missing(name: str) -> Refusal:
    # Telegram has its own words where the first thing that it looks for is empty.
    words = {"chat_id": "chat_id is empty", "text": "message text is empty"}
    return bad_request(words.get(name, f"parameter {name!r} is required"))


def _from_text(name: str, types: list[str], value: str) -> Any:
    if "Integer" in types and _DIGITS.fullmatch(value):
        return int(value)
    if "String" in types or "InputFile" in types:
        return value
    if "Boolean" in types:
        return _boolean(name, value)
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(f"can't parse {name}: {' or '.join(types)} expected") from None


def _boolean(name: str, value: str) -> bool:
    if value.lower() not in _TRUE | _FALSE:
        raise bad_request(f"can't parse {name}: Boolean expected")
    return value.lower() in _TRUE


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_PRIMITIVES: dict[str, Callable[[Any], bool]] = {
    "Integer": _is_integer,
    "Float": lambda value: _is_integer(value) or isinstance(value, float),
    "String": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "InputFile": lambda value: isinstance(value, str | Upload),
}


@cache
def schema() -> Schema:
    """Return the shipped schema, read once."""
    return Schema(json.loads(_FILE.read_text("utf-8")))
