"""Updates as Telegram might send them some day: made from the Bot API's schema, then spoilt."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from bot.sandbox.trim import SHIPPED

PUBLISHED = Path(__file__).parents[3] / "shared" / "telegram" / "bot-api-10.1.json"
ASKED_FOR = ("message", "edited_message", "callback_query", "my_chat_member")
_DEEPEST = 5
_STRANGE: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 10**30, 1e308,
    "", "\0", "x" * 5_000, "𐏿" * 90, "\ud800", [], {}, [[]], {"": {}},
)  # fmt: skip
_WORDS = (
    "谢谢",
    "hello",
    "/report",
    "/start",
    "/start x",
    "/help",
    "38.6",
    "<b>&",
    "help:1",
    "ans:1:1:x",
    "private",
)


def types() -> dict[str, Any]:
    """Return the types of the API, whole where the published schema is at hand: fields by type and name."""
    source = PUBLISHED if PUBLISHED.exists() else SHIPPED
    raw = json.loads(source.read_text(encoding="utf-8"))["types"]
    return {name: one | {"fields": _by_name(one.get("fields", {}))} for name, one in raw.items()}


def _by_name(fields: Any) -> dict[str, Any]:
    return fields if isinstance(fields, dict) else {field["name"]: field for field in fields}


class Maker:
    """Makes updates; `ids` are chats and people that there are."""

    def __init__(self, rng: Random, ids: list[int]) -> None:
        self._rng, self._types, self._ids = rng, types(), ids
        self._kinds = [name for name in self._types["Update"]["fields"] if name != "update_id"]

    def update(self, update_id: int) -> dict[str, Any]:
        """Return one update of any kind, three of four spoilt somewhere."""
        rng = self._rng
        kind = rng.choice(ASKED_FOR) if rng.random() < 0.7 else rng.choice(self._kinds)
        payload = self._value(self._types["Update"]["fields"][kind]["types"], kind, 0)
        update: dict[str, Any] = {kind: payload}
        if rng.random() < 0.75:
            self._spoil(update)
        if rng.random() < 0.03:
            update = {f"{kind}_of_tomorrow": payload}
        return {"update_id": update_id} | update

    def _value(self, names: list[str], field: str, depth: int) -> Any:
        name = self._rng.choice(names)
        if name.startswith("Array of "):
            inner = [name.removeprefix("Array of ")]
            return [self._value(inner, field, depth + 1) for _ in range(self._rng.randrange(3))]
        plain: dict[str, Callable[[], Any]] = {
            "Integer": lambda: self._integer(field),
            "Float": self._rng.random,
            "String": lambda: self._rng.choice(_WORDS),
            "Boolean": lambda: True,
            "True": lambda: True,
            "InputFile": lambda: "file",
        }
        return plain[name]() if name in plain else self._object(name, depth)

    def _integer(self, field: str) -> int:
        if field == "id" or field.endswith("_id"):
            return self._rng.choice(self._ids)
        return self._rng.choice((0, 1, 1_796_000_000))

    def _object(self, name: str, depth: int) -> Any:
        kind = self._types[name]
        if kind.get("subtypes"):
            return self._value(kind["subtypes"], "", depth)
        made = {}
        for field, about in kind["fields"].items():
            wanted = 1.0 if about.get("required") else (0.25 if depth < 2 else 0.05)
            if depth < _DEEPEST and self._rng.random() < wanted:
                made[field] = about.get("constant") or self._value(about["types"], field, depth + 1)
        if name == "Chat" and self._rng.random() < 0.8:
            made["type"] = "private"
        return made

    def _spoil(self, inside: Any) -> None:
        """Drop, replace or add something, somewhere within."""
        rng = self._rng
        places = list(inside) if isinstance(inside, dict) else range(len(inside))
        if not places:
            return
        place = rng.choice(list(places))
        if isinstance(inside[place], dict | list) and inside[place] and rng.random() < 0.7:
            self._spoil(inside[place])
        elif isinstance(inside, dict) and rng.random() < 0.4:
            del inside[place]
        elif isinstance(inside, dict) and rng.random() < 0.2:
            inside["field_of_tomorrow"] = rng.choice(_STRANGE)
        else:
            inside[place] = rng.choice(_STRANGE)
